"""The household as it comes and goes, over real SOAP and real events."""

import asyncio
import logging
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from soco import config, events_asyncio

from custom_components.rhythmiq.sonos import (
    events,
    household as household_module,
    speaker as speaker_module,
)
from custom_components.rhythmiq.sonos.errors import (
    PlaybackError,
    SonosError,
    SpeakerUnreachableError,
)
from custom_components.rhythmiq.sonos.household import Household
from custom_components.rhythmiq.sonos.speaker import Speaker
from custom_components.rhythmiq.sonos.state import Playback, Source
from tests.household import SimulatedHousehold

from .conftest import Connect, until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for what never comes."""
    monkeypatch.setattr(events, "POLL_SECONDS", 0.2)
    monkeypatch.setattr(events, "FIRST_EVENT_SECONDS", 0.4)
    monkeypatch.setattr(events, "RESUBSCRIBE_SECONDS", 0.3)
    monkeypatch.setattr(events, "_UNSUBSCRIBE_SECONDS", 0.3)
    monkeypatch.setattr(household_module, "_TOPOLOGY_SECONDS", 0.2)
    monkeypatch.setattr(speaker_module, "POLL_SECONDS", 0.2)
    monkeypatch.setattr(speaker_module, "_RETRY_SECONDS", 0.2)
    monkeypatch.setattr(speaker_module, "_RETRY_SECONDS_MAX", 0.4)


def first(ours: Household) -> Speaker:
    return next(iter(ours.speakers.values()))


async def test_every_speaker_is_met_with_its_state(
    household: SimulatedHousehold, connect: Connect
) -> None:
    await household.demo(1)
    await household.wait_playing()
    ours = await connect()
    assert {uid: each.name for uid, each in ours.speakers.items()} == dict(
        zip(household.uids, household.names, strict=True)
    )
    assert [each.model for each in ours.speakers.values()] == ["One", "Era 100", "Five"]
    living_room, kitchen, _ = ours.speakers.values()
    assert living_room.version
    await until(lambda: living_room.state.position is not None)
    state = living_room.state
    assert (state.state, state.source, state.queue_position) == (
        Playback.PLAYING,
        Source.QUEUE,
        1,
    )
    assert state.title
    assert state.artist
    assert state.album
    assert state.duration
    assert state.uri
    assert state.artwork
    assert state.artwork.startswith(f"http://{living_room.host}:1400/getaa?")
    assert (kitchen.state.state, kitchen.state.volume, kitchen.state.muted) == (
        Playback.IDLE,
        0.2,
        False,
    )


async def test_what_people_do_shows(household: SimulatedHousehold, connect: Connect) -> None:
    speaker = first(await connect())
    told: list[Playback] = []
    stop = speaker.add_listener(lambda: told.append(speaker.state.state))
    await household.demo(1)
    await until(lambda: speaker.state.state is Playback.PLAYING)
    await household.user(1, "pause")
    await until(lambda: speaker.state.state is Playback.PAUSED)
    await household.user(1, "volume", volume=37)
    await household.user(1, "mute", mute=True)
    await until(lambda: (speaker.state.volume, speaker.state.muted) == (0.37, True))
    await household.user(1, "seek", position=60)
    await until(lambda: speaker.state.position == 60)
    await household.user(1, "next")
    await until(lambda: speaker.state.queue_position == 2)
    assert Playback.PLAYING in told
    stop()
    told.clear()
    await household.user(1, "volume", volume=20)
    await until(lambda: speaker.state.volume == 0.2)
    assert told == []


async def test_a_track_that_starts_over_in_a_queue_that_changes(
    household: SimulatedHousehold, connect: Connect
) -> None:
    """One event tells of both; only the transition says that the position is another."""
    speaker = first(await connect())
    await household.demo(1)
    await household.wait_playing()
    await household.user(1, "seek", position=60)
    await until(lambda: speaker.state.position == 60)
    await household.user(1, "seek", track=1)
    await household.user(1, "enqueue", uris=["http://127.0.0.1/a.mp3"])
    await until(lambda: speaker.state.position == 0)


async def test_a_seek_that_one_event_tells_with_a_changed_queue(
    household: SimulatedHousehold, connect: Connect
) -> None:
    speaker = first(await connect())
    await household.demo(1)
    await household.wait_playing()
    await until(lambda: speaker.state.position == 0)
    await household.settings(event_ms=150)
    await household.user(1, "enqueue", uris=["http://127.0.0.1/a.mp3"])
    await speaker.seek(60)
    await until(lambda: speaker.state.position == 60)


@pytest.mark.parametrize(
    ("action", "source"),
    [("airplay", Source.AIRPLAY), ("spotify_connect", Source.SPOTIFY_CONNECT)],
)
async def test_takeovers_are_told_apart(
    household: SimulatedHousehold, connect: Connect, action: str, source: Source
) -> None:
    speaker = first(await connect())
    await household.user(1, action)
    await until(lambda: speaker.state.source is source)
    assert speaker.state.queue_position is None
    assert speaker.state.title


async def test_no_soap_call_while_events_live(
    household: SimulatedHousehold, connect: Connect, hass: HomeAssistant
) -> None:
    await connect()
    await until_quiet(household)
    await household.clear_calls()
    await household.user(2, "volume", volume=50)
    await until_quiet(household)
    assert await household.calls() == []


async def test_no_soap_call_as_tracks_follow_each_other(
    household: SimulatedHousehold, connect: Connect
) -> None:
    speaker = first(await connect())
    await household.demo(1)
    await until(lambda: speaker.state.state is Playback.PLAYING)
    await until_quiet(household)
    await household.clear_calls()
    for number in (2, 3):
        length = speaker.state.duration
        assert length
        await household.clock(advance=length)
        await until(lambda number=number: speaker.state.queue_position == number)  # type: ignore[misc]
        assert speaker.state.position == 0
    await until_quiet(household)
    assert await household.calls() == []


async def until_quiet(household: SimulatedHousehold) -> None:
    """Wait until the household has not been called for half a second."""
    count = -1
    while (now := len(await household.calls())) != count:
        count = now
        await asyncio.sleep(0.5)


async def test_groups_share_music_but_not_volume(
    household: SimulatedHousehold, connect: Connect
) -> None:
    ours = await connect()
    living_room, kitchen, office = ours.speakers.values()
    await household.demo(1)
    await household.user(2, "volume", volume=44)
    await household.topology([["1", "2"]])
    await until(lambda: kitchen.coordinator is living_room)
    await until(lambda: kitchen.state.title == living_room.state.title is not None)
    assert kitchen.state.volume == 0.44
    assert office.coordinator is office
    await until(lambda: kitchen.transport_uri is None)
    assert [each.uid for each in kitchen.members] == household.uids[:2]
    assert [each.uid for each in living_room.members] == household.uids[:2]
    assert [each.uid for each in office.members] == household.uids[2:]
    await household.clear_calls()
    await kitchen.pause()
    await kitchen.set_volume(0.11)
    calls = await household.calls()
    assert [(call["speaker"], call["action"]) for call in calls if "Get" not in call["action"]] == [
        ("Living Room", "Pause"),
        ("Kitchen", "SetVolume"),
    ]
    await household.user(2, "leave")
    await until(lambda: kitchen.coordinator is kitchen)
    await until(lambda: kitchen.state.title is None)
    assert [each.uid for each in kitchen.members] == household.uids[1:2]


async def test_a_change_of_members_is_told_to_all_of_them(
    household: SimulatedHousehold, connect: Connect
) -> None:
    living_room, kitchen, office = (await connect()).speakers.values()
    told: dict[Speaker, tuple[Speaker, ...]] = {}
    for speaker in (living_room, kitchen, office):
        speaker.add_listener(lambda speaker=speaker: told.update({speaker: speaker.members}))  # type: ignore[misc]
    await household.topology([["3", "1", "2"]])
    await until(lambda: set(told.values()) == {(office, living_room, kitchen)} and len(told) == 3)
    await household.topology([["2", "3"]])
    await until(lambda: told[office] == told[kitchen] == (kitchen, office))
    await until(lambda: told[living_room] == (living_room,))


async def test_bonded_players_are_hidden(household: SimulatedHousehold, connect: Connect) -> None:
    ours = await connect()
    office = ours.speakers[household.uids[2]]
    pair = f"{household.uids[0]}:LF,LF;{household.uids[2]}:RF,RF"
    control = first(ours).control
    await control.call("deviceProperties", "CreateStereoPair", [("ChannelMapSet", pair)])
    await until(lambda: not office.available)
    await control.call("deviceProperties", "SeparateStereoPair", [("ChannelMapSet", pair)])
    await until(lambda: office.available)


async def test_an_old_view_brings_no_bonded_speaker_into_a_group(
    household: SimulatedHousehold, connect: Connect
) -> None:
    ours = await connect()
    living_room, kitchen, office = ours.speakers.values()
    await household.topology([["1", "2"]])
    await until(lambda: kitchen.coordinator is living_room)
    before = await living_room.control.topology()
    await household.topology([["1"], ["2"]])
    await household.bond(1, {"2": "RF"})
    await household.sell(3)
    await until(lambda: kitchen.bonded and not office.available)
    ours.confirm(before)
    assert living_room.members == (living_room,)


async def test_a_speaker_off_at_the_start_is_met_when_it_returns(
    household: SimulatedHousehold, connect: Connect
) -> None:
    await household.offline(2, reason="powered off")
    await asyncio.sleep(0.2)  # the others publish it a moment later
    ours = await connect()
    assert list(ours.speakers) == [household.uids[0], household.uids[2]]
    met: list[int] = []
    stop = ours.add_listener(lambda: met.append(len(ours.speakers)))
    await household.online(2)
    await until(lambda: len(ours.speakers) == 3)
    assert met == [3]
    await until(lambda: ours.speakers[household.uids[1]].available)
    stop()


@pytest.mark.parametrize("reason", ["powered off", None])
async def test_an_outage_is_noticed_and_logged_once_each_way(
    household: SimulatedHousehold,
    connect: Connect,
    caplog: pytest.LogCaptureFixture,
    reason: str | None,
) -> None:
    ours = await connect()
    living_room, kitchen, _ = ours.speakers.values()
    caplog.set_level(logging.INFO, "custom_components.rhythmiq.sonos")
    await household.offline(2, reason=reason)
    await until(lambda: not kitchen.available)
    assert living_room.available
    assert kitchen.followed_by == "nobody"
    await household.online(2)
    await until(lambda: kitchen.available)
    await household.user(2, "volume", volume=61)
    await until(lambda: kitchen.state.volume == 0.61)
    messages = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.rhythmiq.sonos")
        and record.levelno >= logging.INFO
    ]
    assert len(messages) == 2
    assert messages[0].startswith("Kitchen is unavailable: ")
    assert messages[1] == "Kitchen is back"


async def test_a_command_notices_an_outage(household: SimulatedHousehold, connect: Connect) -> None:
    ours = await connect()
    kitchen = ours.speakers[household.uids[1]]
    await household.fault("drop", service="ZoneGroupTopology", action="NOTIFY")
    await household.offline(2)
    with pytest.raises(SpeakerUnreachableError):
        await kitchen.set_volume(0.5)
    await until(lambda: not kitchen.available)
    assert kitchen.state.volume == 0.2
    await household.clear_faults()
    await household.online(2)
    await until(lambda: kitchen.available)


async def test_a_hanging_speaker_delays_nobody(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await household.offline(2, mode="hang")
    ours = Household(hass, household.household_id, household.hosts[:1])
    began = hass.loop.time()
    await ours.start()
    living_room = first(ours)
    await living_room.set_volume(0.7)
    await until(lambda: living_room.state.volume == 0.7)
    assert hass.loop.time() - began < 7
    await ours.stop()


async def test_a_reboot_with_a_new_address_is_followed(
    household: SimulatedHousehold, connect: Connect
) -> None:
    ours = await connect()
    kitchen = ours.speakers[household.uids[1]]
    new = kitchen.host.rpartition(".")[0] + ".77"
    await household.reboot(2, new_ip=new)
    await until(lambda: kitchen.host == new and kitchen.available, 5)
    await household.user(2, "volume", volume=61)
    await until(lambda: kitchen.state.volume == 0.61)


async def test_a_forgotten_subscription_is_renewed(
    household: SimulatedHousehold, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "SUBSCRIPTION_SECONDS", 1)
    ours = await connect()
    kitchen = ours.speakers[household.uids[1]]
    await household.drop_subscriptions(2)
    await household.user(2, "volume", volume=62)
    await until(lambda: kitchen.state.volume == 0.62, 5)


async def test_losing_a_subscription_and_the_speaker_at_once_leaves_none_behind(
    household: SimulatedHousehold, connect: Connect
) -> None:
    """What is cleaned up for the one reason is cleaned up to the end when the other comes."""
    speaker = first(await connect())

    def subscriptions() -> list[events_asyncio.Subscription]:
        known = events_asyncio.subscriptions_map.subscriptions.values()
        return [each for each in known if each.service.soco.ip_address == speaker.host]

    await until(lambda: speaker.followed_by == "events")
    await until(lambda: len(subscriptions()) >= 3)
    followed = len(subscriptions())
    before: list[events_asyncio.Subscription] = []

    def is_subscribed_anew() -> bool:
        return len(set(subscriptions()).difference(before)) == 3

    for turns in range(12):
        before[:] = subscriptions()
        before[0].auto_renew_fail(OSError("gone"))
        for _ in range(turns):
            await asyncio.sleep(0)
        speaker.reconnect()
        await until(is_subscribed_anew)
        await until(lambda: speaker.followed_by == "events")
        assert len(subscriptions()) == followed


async def test_without_events_speakers_are_asked_until_events_come(
    household: SimulatedHousehold, connect: Connect, hass: HomeAssistant
) -> None:
    await household.fault("drop", action="NOTIFY")
    await household.demo(1)
    await household.wait_playing()
    await household.topology([["1", "3"]])
    ours = await connect()
    living_room, kitchen, office = (ours.speakers[uid] for uid in household.uids)
    await until(lambda: living_room.state.state is Playback.PLAYING)
    issues = ir.async_get(hass).issues
    [(domain, issue_id)] = issues
    assert domain == "rhythmiq"
    assert issue_id.startswith("no_events_")
    assert household.household_id not in issue_id
    placeholders = issues[domain, issue_id].translation_placeholders
    assert placeholders
    assert placeholders["address"].startswith("127.")
    assert living_room.state.title
    assert living_room.state.queue_position == 1
    assert living_room.transport_uri is None
    assert living_room.followed_by == "asking"
    await until(lambda: office.coordinator is living_room)
    await household.user(2, "volume", volume=63)
    await until(lambda: kitchen.state.volume == 0.63)
    await household.clear_faults()
    for number in (1, 2, 3):
        await household.user(number, "volume", volume=30)
    await until(lambda: not issues, 5)
    await until_quiet(household)
    assert living_room.transport_uri is not None


async def test_nobody_is_warned_of_speakers_that_are_gone(
    household: SimulatedHousehold, connect: Connect, hass: HomeAssistant
) -> None:
    await household.fault("drop", action="NOTIFY", speaker="2")
    kitchen = (await connect()).speakers[household.uids[1]]
    issues = ir.async_get(hass).issues
    assert len(issues) == 1
    await household.offline(2)
    await until(lambda: not kitchen.available)
    assert not issues
    await household.online(2)
    await until(lambda: kitchen.available and len(issues) == 1)


async def test_nobody_is_told_to_open_an_unknown_address(
    household: SimulatedHousehold,
    connect: Connect,
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(config, "EVENT_LISTENER_IP", "192.0.2.1")
    monkeypatch.setattr(events_asyncio.event_listener, "address", ())
    ours = await connect()
    assert all(speaker.available for speaker in ours.speakers.values())
    assert not ir.async_get(hass).issues


async def test_refused_subscriptions_are_tried_again(
    household: SimulatedHousehold, connect: Connect
) -> None:
    await household.fault("http", action="SUBSCRIBE", status=403)
    ours = await connect()
    kitchen = ours.speakers[household.uids[1]]
    assert kitchen.available
    await household.clear_faults()
    await until_subscribed(household, 9)


# Whatever concerns the household as a whole is heard from one player
OWN_SERVICES = ("AVTransport", "RenderingControl", "ZoneGroupTopology")


async def until_subscribed(household: SimulatedHousehold, count: int) -> None:
    async with asyncio.timeout(5):
        while True:
            live = await household.subscriptions()
            if sum(each["service"] in OWN_SERVICES for each in live) == count:
                return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("service", ["avTransport", "renderingControl", "zoneGroupTopology"])
async def test_what_an_odd_event_should_have_told_is_asked_for(
    household: SimulatedHousehold, connect: Connect, service: str
) -> None:
    kitchen = (await connect()).speakers[household.uids[1]]
    subscription = next(
        each
        for each in events_asyncio.subscriptions_map.subscriptions.values()
        if each.service is getattr(kitchen.control.soco, service)
    )
    await household.fault("drop", action="NOTIFY", speaker="2")
    for number, variables in enumerate(
        (
            {},
            {"volume": {"Master": "loud"}},
            {"zone_group_state": "<!DOCTYPE x><x/>"},
            {"zone_group_state": "<unfinished"},
            {"transport_state": "PLAYING", "current_track": "?"},
        ),
        1,
    ):
        await household.user(2, "volume", volume=60 + number)
        subscription.send_event(events_asyncio.Event("", str(number), None, 0, variables))
    if service != "zoneGroupTopology":
        await until(lambda: kitchen.state.volume == 0.65)


async def test_commands(household: SimulatedHousehold, connect: Connect) -> None:
    speaker = first(await connect())
    await household.demo(1)
    await household.wait_playing()
    await speaker.pause()
    await until(lambda: speaker.state.state is Playback.PAUSED)
    await speaker.pause()
    await speaker.play()
    await until(lambda: speaker.state.state is Playback.PLAYING)
    await speaker.next()
    await until(lambda: speaker.state.queue_position == 2)
    await speaker.previous()
    await until(lambda: speaker.state.queue_position == 1)
    await speaker.stop_playing()
    await speaker.change_volume(0.05)
    await until(lambda: speaker.state.volume == 0.25)
    await speaker.set_muted(True)
    await until(lambda: speaker.state.muted is True)


async def test_playing_nothing_is_refused(household: SimulatedHousehold, connect: Connect) -> None:
    speaker = first(await connect())
    with pytest.raises(PlaybackError) as caught:
        await speaker.play()
    assert caught.value.code == 701
    assert caught.value.placeholders["speaker"] == "Living Room"


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ({"kind": "error", "code": 501}, "speaker_refused"),
        ({"kind": "http", "status": 500}, "speaker_confused"),
        ({"kind": "http", "status": 403}, "upnp_disabled"),
        ({"kind": "http", "status": 302}, "speaker_confused"),
        ({"kind": "garbage"}, "speaker_confused"),
        ({"kind": "empty"}, "speaker_confused"),
        ({"kind": "drop"}, "speaker_unreachable"),
    ],
)
async def test_every_failure_is_one_of_ours(
    household: SimulatedHousehold, connect: Connect, fault: dict[str, str], key: str
) -> None:
    speaker = first(await connect())
    await household.fault(**fault, action="SetVolume", count=1)
    with pytest.raises(SonosError) as caught:
        await speaker.set_volume(0.4)
    assert caught.value.key == key
    assert "Living Room" in str(caught.value)


async def test_a_household_that_is_off_cannot_start(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await household.offline("*")
    ours = Household(hass, household.household_id, household.hosts)
    with pytest.raises(SpeakerUnreachableError):
        await ours.start()
    await ours.stop()


async def test_a_speaker_met_before_leads_to_the_household(
    household: SimulatedHousehold,
    hass_storage: dict[str, Any],
    hass: HomeAssistant,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(household_module, "_SAVE_SECONDS", 0)
    await (await connect()).stop()
    await until(lambda: any(key.startswith("rhythmiq.") for key in hass_storage))
    [stored] = [key for key in hass_storage if key.startswith("rhythmiq.")]
    assert household.household_id not in stored
    assert hass_storage[stored]["data"] == dict(zip(household.uids, household.hosts, strict=True))

    await household.offline(1)
    kitchen = (await connect()).speakers[household.uids[1]]
    assert kitchen.available


async def test_another_household_at_the_address_is_not_ours(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    ours = Household(hass, "Sonos_somebodyelses", household.hosts[:1])
    with pytest.raises(SpeakerUnreachableError):
        await ours.start()
    await ours.stop()


async def test_stopping_leaves_nothing_behind(
    household: SimulatedHousehold, connect: Connect
) -> None:
    ours = await connect()
    await until_subscribed(household, 9)
    await ours.stop()
    assert await household.subscriptions() == []
    assert not events_asyncio.subscriptions_map.subscriptions


async def test_a_household_at_new_addresses_is_found_again(
    loopback_sockets: None,
    soco_clean: None,
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise OSError("no adapters here")

    monkeypatch.setattr("homeassistant.components.network.util.ifaddr.get_adapters", fail)
    monkeypatch.setattr("soco.discovery._find_ipv4_addresses", lambda: {"127.0.0.1"})
    with SimulatedHousehold(ssdp=True) as announced:
        ours = Household(hass, announced.household_id, ["127.0.0.250", "127.0.0.251"])
        await ours.start()
        assert list(ours.speakers) == announced.uids
        await ours.stop()


async def test_a_household_whose_addresses_all_change_is_searched_for(
    loopback_sockets: None,
    soco_clean: None,
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise OSError("no adapters here")

    monkeypatch.setattr("homeassistant.components.network.util.ifaddr.get_adapters", fail)
    monkeypatch.setattr("soco.discovery._find_ipv4_addresses", lambda: {"127.0.0.1"})
    monkeypatch.setattr(household_module, "_SEARCH_SECONDS", 0.5)
    with SimulatedHousehold(speakers=1, ssdp=True) as announced:
        ours = Household(hass, announced.household_id, announced.hosts)
        await ours.start()
        [speaker] = ours.speakers.values()
        new = speaker.host.rpartition(".")[0] + ".80"
        await announced.fault("drop", action="NOTIFY")
        await announced.reboot(1, new_ip=new)
        with pytest.raises(SpeakerUnreachableError):
            await speaker.set_volume(0.5)
        await until(lambda: speaker.available and speaker.host == new, 10)
        await ours.stop()


async def test_a_speaker_that_tells_no_position_is_followed_nevertheless(
    household: SimulatedHousehold, connect: Connect
) -> None:
    speaker = first(await connect())
    await household.fault("error", action="GetPositionInfo", code=501)
    await household.demo(1)
    await until(lambda: speaker.state.state is Playback.PLAYING)
    await household.user(1, "next")
    await until(lambda: speaker.state.queue_position == 2)
    await household.clear_faults()
    await household.user(1, "seek", position=30)
    await until(lambda: speaker.state.position == 30)


async def test_music_commands_notice_an_outage(
    household: SimulatedHousehold, connect: Connect
) -> None:
    speaker = first(await connect())
    await household.fault("drop", service="ZoneGroupTopology", action="NOTIFY")
    await household.offline(1)
    with pytest.raises(SpeakerUnreachableError):
        await speaker.pause()
    await until(lambda: not speaker.available)


async def test_numbers_that_are_none_make_no_sense(
    household: SimulatedHousehold, connect: Connect
) -> None:
    control = first(await connect()).control
    for answer in ({}, {"Track": "many"}):
        with pytest.raises(PlaybackError) as caught:
            control.number(answer, "Track")
        assert caught.value.key == "speaker_confused"


async def test_a_renamed_room_is_told(household: SimulatedHousehold, connect: Connect) -> None:
    kitchen = (await connect()).speakers[household.uids[1]]
    await household.user(2, "rename", name="Larder")
    await until(lambda: kitchen.name == "Larder")
    assert kitchen.control.name == "Larder"
