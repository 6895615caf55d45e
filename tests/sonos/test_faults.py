"""What the network does to a household, and that in the end we know what the speakers know."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
import resource
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from soco import SoCo, services

from custom_components.rhythmiq.sonos import (
    control as control_module,
    events,
    household as household_module,
    speaker as speaker_module,
)
from custom_components.rhythmiq.sonos.discovery import contact
from custom_components.rhythmiq.sonos.errors import (
    NotASonosError,
    PlaybackError,
    SonosError,
    SpeakerUnreachableError,
    UpnpDisabledError,
)
from custom_components.rhythmiq.sonos.household import Household
from custom_components.rhythmiq.sonos.speaker import Speaker
from tests.household import SimulatedHousehold
from tests.quality.source import read_json

from .conftest import Connect, until

MESSAGES = read_json("translations/en.json")["exceptions"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for what never comes."""
    monkeypatch.setattr(events, "POLL_SECONDS", 0.3)
    monkeypatch.setattr(events, "FIRST_EVENT_SECONDS", 0.6)
    monkeypatch.setattr(events, "RESUBSCRIBE_SECONDS", 0.5)
    monkeypatch.setattr(events, "_UNSUBSCRIBE_SECONDS", 0.3)
    monkeypatch.setattr(events, "_NEWS_SECONDS", 0.5)
    monkeypatch.setattr(events, "_CATCH_UP_SECONDS", 0.1)
    monkeypatch.setattr(household_module, "_AGREE_SECONDS", 0.5)
    monkeypatch.setattr(speaker_module, "_RETRY_SECONDS", 0.2)
    monkeypatch.setattr(speaker_module, "_RETRY_SECONDS_MAX", 0.4)


def told(speaker: Speaker) -> tuple[object, ...]:
    state = speaker.state
    return (
        speaker.name,
        speaker.available,
        speaker.host,
        state.volume,
        state.muted,
        state.state.value,
        state.uri,
        state.title,
        {member.name for member in speaker.members},
        speaker.coordinator.name,
    )


def true(speaker: dict[str, Any], leader: dict[str, Any]) -> tuple[object, ...]:
    """Return what the simulator says of a speaker, whose group plays what its leader plays."""
    transport = leader["transport"]
    track = transport["track"]
    playing = transport["state"] in ("PLAYING", "TRANSITIONING")
    state = "playing" if playing else "paused" if track else "idle"
    return (
        speaker["name"],
        speaker["online"],
        speaker["ip"],
        speaker["volume"] / 100,
        speaker["mute"],
        state,
        track and track["uri"],
        track and track["title"],
        set(speaker["group_members"]),
        speaker["coordinator"],
    )


async def until_we_know(
    simulated: SimulatedHousehold, ours: Household, seconds: float = 10
) -> None:
    """Wait until we know of every speaker what is true of it."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        speakers = {each["name"]: each for each in (await simulated.state())["speakers"]}
        truth = [true(each, speakers[each["coordinator"]]) for each in speakers.values()]
        known = [told(each) for each in ours.speakers.values()]
        if known == truth:
            return
        if asyncio.get_running_loop().time() > deadline:
            assert known == truth
        await asyncio.sleep(0.05)


async def evening(household: SimulatedHousehold) -> None:
    """Do what people do in an evening."""
    await household.demo(1)
    await household.user(2, "volume", volume=33)
    await household.user(2, "join", to="1")
    await household.user(1, "next")
    await household.user(3, "mute", mute=True)
    await household.user(3, "play_uri", uri="http://127.0.0.1/radio.mp3")
    await household.user(1, "volume", volume=41)
    await household.user(2, "leave")
    await household.user(1, "pause")
    await household.user(2, "rename", name="Larder")


# -- events ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "delay", "ms": 150},
        {"kind": "duplicate"},
        {"kind": "reorder", "probability": 0.5},
        {"kind": "drop", "probability": 0.4},
    ],
    ids=["late", "twice", "out of order", "lost"],
)
async def test_events_that_come_late_twice_out_of_order_or_not_at_all(
    household: SimulatedHousehold, connect: Connect, fault: dict[str, Any]
) -> None:
    ours = await connect()
    await household.fault(**fault, action="NOTIFY")
    await evening(household)
    await household.clear_faults()
    for number in (1, 2, 3):  # what comes next shows that something is missing
        await household.user(number, "volume", volume=25)
        await household.user(number, "mute", mute=False)
    await household.user(1, "play")
    await until_we_know(household, ours)


async def test_a_lost_last_word_about_groups_is_noticed(
    household: SimulatedHousehold, connect: Connect
) -> None:
    ours = await connect()
    await household.topology([["1", "2", "3"]])
    await until_we_know(household, ours)
    # What the first speaker says last is lost, and what it said before comes after the others'
    of_the_first = {"speaker": "1", "service": "ZoneGroupTopology", "action": "NOTIFY"}
    await household.fault("delay", **of_the_first, ms=1500, count=1)
    await household.fault("drop", **of_the_first)
    await household.topology([["1", "2"]])
    await asyncio.sleep(0.3)
    await household.topology([["2", "3"]])
    await until_we_know(household, ours)
    await household.wait_event("ZoneGroupTopology", "suppressed")
    await until_we_know(household, ours)


async def test_a_lost_event_is_noticed_at_the_next_one(
    household: SimulatedHousehold, connect: Connect
) -> None:
    ours = await connect()
    await household.fault("drop", speaker="2", service="RenderingControl", action="NOTIFY", count=1)
    await household.user(2, "mute", mute=True)
    await household.wait_event("RenderingControl", "suppressed")
    await household.user(2, "volume", volume=34)
    await until_we_know(household, ours)


async def test_what_a_command_changed_is_known_without_its_event(
    household: SimulatedHousehold, connect: Connect
) -> None:
    ours = await connect()
    kitchen = ours.speakers[household.uids[1]]
    await household.fault("drop", action="NOTIFY")
    await kitchen.set_volume(0.47)
    await until(lambda: kitchen.state.volume == 0.47)


async def test_a_first_event_that_is_lost_is_asked_for(
    household: SimulatedHousehold, connect: Connect, hass: HomeAssistant
) -> None:
    await household.fault("drop", action="NOTIFY", service="RenderingControl")
    ours = await connect()
    await until_we_know(household, ours)
    assert not ir.async_get(hass).issues
    await household.clear_faults()
    await household.user(2, "volume", volume=70)
    await until_we_know(household, ours)


# -- the connection -------------------------------------------------------------------------------

SPOILT: list[dict[str, Any]] = [
    {"kind": "delay", "ms": 300},
    {"kind": "drop", "probability": 0.5},
    {"kind": "drop_after", "probability": 0.5},
    {"kind": "http", "status": 500, "probability": 0.5},
    {"kind": "http", "status": 403, "probability": 0.5},
    {"kind": "garbage", "probability": 0.5},
    {"kind": "empty", "probability": 0.5},
    {"kind": "redirect", "probability": 0.5},
    {"kind": "error", "code": 501, "probability": 0.5},
]


@pytest.mark.parametrize(
    "fault", SPOILT, ids=lambda fault: f"{fault['kind']}-{fault.get('status')}"
)
async def test_a_speaker_that_answers_badly_is_known_in_the_end(
    household: SimulatedHousehold, connect: Connect, hass: HomeAssistant, fault: dict[str, Any]
) -> None:
    ours = await connect()
    living_room, kitchen, _ = ours.speakers.values()
    await household.fault(**fault, speaker="2")
    await household.drop_subscriptions(2)
    kitchen.reconnect()
    began = hass.loop.time()
    for volume in (0.31, 0.32, 0.33, 0.34):
        with suppress(SonosError):
            await kitchen.set_volume(volume)
        # The others do not notice
        await living_room.set_volume(volume)
    assert hass.loop.time() - began < 4
    await household.clear_faults()
    await evening(household)
    await until_we_know(household, ours)


@pytest.mark.parametrize(
    ("kind", "ms"), [("hang", 3000), ("hang_after", 3000), ("trickle", 200), ("flood", 200)]
)
async def test_no_call_takes_longer_than_its_own_timeout(
    household: SimulatedHousehold, connect: Connect, hass: HomeAssistant, kind: str, ms: int
) -> None:
    speaker = next(iter((await connect()).speakers.values()))
    await household.fault(kind, action="GetVolume", ms=ms)
    began = hass.loop.time()
    with pytest.raises(SpeakerUnreachableError):
        await speaker.control.call("renderingControl", "GetVolume", VOLUME, 0.5)
    assert 0.4 < hass.loop.time() - began < 1


VOLUME: list[tuple[str, object]] = [("InstanceID", 0), ("Channel", "Master")]


async def test_an_endless_answer_is_not_swallowed(
    household: SimulatedHousehold,
    connect: Connect,
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(control_module, "_ANSWER_LIMIT", 256 * 1024)
    speaker = next(iter((await connect()).speakers.values()))
    await household.fault("flood", action="GetVolume")
    with pytest.raises(PlaybackError) as caught:
        await speaker.control.call("renderingControl", "GetVolume", VOLUME)
    assert caught.value.key == "speaker_confused"


async def test_a_gigabyte_takes_no_gigabyte(
    household: SimulatedHousehold, connect: Connect
) -> None:
    speaker = next(iter((await connect()).speakers.values()))
    await household.fault("flood", action="GetVolume")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SonosError):
        await speaker.control.call("renderingControl", "GetVolume", VOLUME)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * 1024  # kilobytes; the simulator runs in the same process


async def test_a_redirect_is_not_followed(household: SimulatedHousehold, connect: Connect) -> None:
    speaker = next(iter((await connect()).speakers.values()))
    target = f"http://{household.hosts[1]}:1400/MediaRenderer/RenderingControl/Control"
    await household.fault("redirect", speaker="1", action="GetVolume", location=target)
    await household.clear_calls()
    with pytest.raises(PlaybackError) as caught:
        await speaker.control.call("renderingControl", "GetVolume", VOLUME)
    assert caught.value.key == "speaker_confused"
    assert [call["speaker"] for call in await household.calls()] == ["Living Room"]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("redirect", NotASonosError),
        ("flood", NotASonosError),
        ("trickle", SpeakerUnreachableError),
        ("http", UpnpDisabledError),
    ],
)
async def test_a_description_that_is_none_is_refused(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    kind: str,
    error: type[SonosError],
) -> None:
    await household.fault(kind, service="HTTP", action="/xml/*", ms=20, status=403)
    began = hass.loop.time()
    with pytest.raises(error) as caught:
        await contact(hass, household.hosts[0])
    assert caught.value.key in MESSAGES
    assert hass.loop.time() - began < 5


async def test_upnp_that_is_switched_off_is_said_once(
    household: SimulatedHousehold, connect: Connect, hass: HomeAssistant
) -> None:
    ours = await connect()
    kitchen = ours.speakers[household.uids[1]]
    for service in ("*", "HTTP"):
        await household.fault("http", speaker="2", service=service, status=403)
    with pytest.raises(UpnpDisabledError):
        await kitchen.set_volume(0.4)
    kitchen.reconnect()
    await until(lambda: not kitchen.available)
    [issue] = ir.async_get(hass).issues.values()
    assert issue.translation_key == "upnp_disabled"
    assert issue.translation_placeholders == {"speakers": "Kitchen"}
    await household.clear_faults()
    await until(lambda: kitchen.available and not ir.async_get(hass).issues)


# -- the household --------------------------------------------------------------------------------


async def test_a_reboot_with_a_new_address_while_things_happen(
    household: SimulatedHousehold, connect: Connect
) -> None:
    ours = await connect()
    new = household.hosts[1].rpartition(".")[0] + ".78"
    await household.reboot(2, seconds=0.3, new_ip=new)
    await household.demo(1)
    await household.user(3, "volume", volume=12)
    await until_we_know(household, ours)


async def test_a_speaker_that_comes_back_while_we_start(
    household: SimulatedHousehold, connect: Connect
) -> None:
    await household.offline(3)
    gone = household.uids[2]
    await household.wait_until(lambda state: gone not in state["published_topology"])
    await household.fault("delay", speaker="2", service="RenderingControl", action="*", ms=500)
    await household.fault("delay", speaker="2", action="SUBSCRIBE", ms=500)
    starting = asyncio.ensure_future(connect())
    await household.wait_until(lambda state: state["subscriptions"] >= 3)
    await household.online(3)
    ours = await starting
    await until(lambda: all(uid in ours.speakers for uid in household.uids))


async def test_flapping_groups_come_to_rest(
    household: SimulatedHousehold, connect: Connect
) -> None:
    ours = await connect()
    await household.demo(1)
    for _ in range(4):
        for groups in ([["1", "2", "3"]], [["3", "2"]], [["2", "1"]], [["1"]], [["1", "3"]]):
            await household.topology(groups)
            await asyncio.sleep(0.02)
    await until_we_know(household, ours)


@pytest.mark.parametrize("mode", ["refuse", "hang", "blackhole"])
async def test_a_dead_speaker_delays_nobody(
    household: SimulatedHousehold, connect: Connect, hass: HomeAssistant, mode: str
) -> None:
    ours = await connect()
    living_room, kitchen, office = ours.speakers.values()
    await household.offline(2, mode=mode)
    began = hass.loop.time()
    waiting = asyncio.ensure_future(kitchen.set_volume(0.5))
    for volume in (0.51, 0.52, 0.53):
        await asyncio.gather(living_room.set_volume(volume), office.set_volume(volume))
    assert hass.loop.time() - began < 2
    with pytest.raises(SpeakerUnreachableError):
        await waiting
    assert hass.loop.time() - began < control_module.COMMAND_SECONDS + 1
    await until(lambda: living_room.state.volume == office.state.volume == 0.53)
    await household.online(2)
    await until_we_know(household, ours, 15)


# -- refusals -------------------------------------------------------------------------------------


def known_codes() -> list[tuple[str, str, int]]:
    """Return every UPnP error that SoCo knows, with a service's name in SoCo and on the network."""
    player = SoCo("127.0.0.1")
    found = []
    for attribute, service in sorted(vars(player).items()):
        if isinstance(service, services.Service):
            found += [
                (attribute, service.service_type, code) for code in sorted(service.UPNP_ERRORS)
            ]
    assert {name for _, name, _ in found} >= {"AVTransport", "ContentDirectory", "AlarmClock"}
    return found


async def test_every_refusal_has_words(household: SimulatedHousehold, connect: Connect) -> None:
    speaker = next(iter((await connect()).speakers.values()))
    codes = known_codes()
    sonos = [("avTransport", "AVTransport", code) for code in (800, 804, 999)]
    keys: dict[tuple[str, int], str] = {}
    for attribute, service, code in (*codes, *sonos):
        await household.fault("error", service=service, action="Anything", code=code, count=1)
        with pytest.raises(PlaybackError) as caught:
            await speaker.control.call(attribute, "Anything", [])
        assert caught.value.code == code
        assert caught.value.placeholders == {"speaker": "Living Room", "code": str(code)}
        assert caught.value.key in MESSAGES
        keys[service, code] = caught.value.key
    assert keys["AVTransport", 701] == "not_now"
    assert keys["ContentDirectory", 701] == "no_such_item"
    assert keys["AVTransport", 714] == keys["AVTransport", 800] == "media_refused"
    assert keys["RenderingControl", 601] == "value_refused"
    assert keys["AVTransport", 999] == "speaker_refused"


type Command = Callable[[Speaker], Awaitable[None]]


@pytest.mark.parametrize(
    ("action", "command"),
    [
        ("SetVolume", lambda speaker: speaker.set_volume(0.4)),
        ("SetMute", lambda speaker: speaker.set_muted(True)),
        ("Play", lambda speaker: speaker.play()),
    ],
)
async def test_a_command_whose_answer_is_lost_is_known(
    household: SimulatedHousehold, connect: Connect, action: str, command: Command
) -> None:
    await household.demo(1)
    await household.user(1, "pause")
    ours = await connect()
    speaker = next(iter(ours.speakers.values()))
    await household.fault("drop_after", action=action, count=1)
    with pytest.raises(SpeakerUnreachableError):
        await command(speaker)
    await until_we_know(household, ours)
