"""Announcements: heard on the speaker they are for, and everything is as before."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.sonos import announce
from tests.household import Json, SimulatedHousehold
from tests.sonos.conftest import until

OWN = "http://127.0.0.1:8123/api/tts_proxy"
BELL = f"{OWN}/bell.mp3"
DOOR = f"{OWN}/door.mp3"


@pytest.fixture
def household(loopback_sockets: None, soco_clean: None) -> Iterator[SimulatedHousehold]:
    """Living Room and Office mix clips; Kitchen, an older player, does not."""
    with SimulatedHousehold(models="one,play1,one") as running:
        yield running


@pytest.fixture
async def players(
    household: SimulatedHousehold, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[str]]:
    """Return the entity ids of the three players, in the household's order."""
    monkeypatch.setattr(announce, "_ASK_SECONDS", 0.02)
    hass.config.internal_url = "http://127.0.0.1:8123"
    entry = MockConfigEntry(
        domain=DOMAIN, data={"host": household.hosts[0]}, unique_id=household.household_id
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    registry = er.async_get(hass)
    found = [registry.async_get_entity_id("media_player", DOMAIN, uid) for uid in household.uids]
    yield [entity_id for entity_id in found if entity_id is not None]
    await hass.config_entries.async_unload(entry.entry_id)


async def say(hass: HomeAssistant, player: str, media_id: str = BELL, **extra: Any) -> None:
    await hass.services.async_call(
        "media_player",
        "play_media",
        {
            "entity_id": player,
            "media_content_id": media_id,
            "media_content_type": "music",
            "announce": True,
            "extra": extra,
        },
        blocking=True,
    )


def as_it_was(state: Json) -> Json:
    """Return what an announcement must leave alone."""
    transport = state["transport"]
    return {
        "queue": [item["uri"] for item in state["queue"]["items"]],
        "uri": transport["uri"],
        # A player cannot be told to pause: it stops where it was
        "plays": transport["state"] == "PLAYING",
        "track": transport["track_number"],
        "volume": state["volume"],
    }


async def clips(household: SimulatedHousehold, speaker: int) -> list[tuple[str, str]]:
    """Return the names and the fates of a speaker's clips."""
    return [
        (clip["url"].removeprefix(f"{OWN}/"), clip["status"])
        for clip in (await household.speaker(speaker))["clips"]
    ]


async def test_a_clip_sounds_over_the_music(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await household.demo(1)
    await household.wait_playing()
    before = as_it_was(await household.speaker(1))
    await say(hass, players[0], volume=35)
    [clip] = (await household.speaker(1))["clips"]
    assert (clip["url"], clip["volume"], clip["status"]) == (BELL, 35, "ACTIVE")
    assert as_it_was(await household.speaker(1)) == before
    await household.clock(advance=5)
    assert await clips(household, 1) == [("bell.mp3", "DONE")]


async def test_a_member_of_a_group_announces_alone(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await household.topology([["1", "3"]])
    await say(hass, players[2])
    assert await clips(household, 1) == []
    assert await clips(household, 3) == [("bell.mp3", "ACTIVE")]


async def test_a_media_source_is_announced(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    """So `tts.speak` says it, whose speech is a media source."""
    assert await async_setup_component(hass, "media_source", {})
    await say(hass, players[0], "media-source://media_source/local/bell.mp3")
    [clip] = (await household.speaker(1))["clips"]
    assert clip["url"].startswith("http://127.0.0.1:8123/media/local/bell.mp3?authSig=")


async def test_two_announcements_follow_each_other(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await say(hass, players[0])
    second = asyncio.create_task(say(hass, players[0], DOOR))
    await say(hass, players[2], DOOR)  # another speaker's do not wait
    await asyncio.sleep(0.1)
    assert await clips(household, 1) == [("bell.mp3", "ACTIVE")]
    await household.clock(advance=5)
    await second
    assert await clips(household, 1) == [("bell.mp3", "DONE"), ("door.mp3", "ACTIVE")]


@pytest.mark.parametrize("playing", [True, False])
async def test_an_older_player_stops_and_goes_on(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str], playing: bool
) -> None:
    await household.demo(2)
    await household.wait_playing(2)
    await household.user(2, "next")
    if not playing:
        await household.user(2, "pause")
    await until(
        lambda: hass.states.get(players[1]).state == ("playing" if playing else "paused")  # type: ignore[union-attr]
    )
    before = as_it_was(await household.speaker(2))
    await say(hass, players[1], volume=50)
    during = await household.speaker(2)
    assert (during["transport"]["uri"], during["volume"]) == (BELL, 50)
    await household.clock(advance=200)
    after = await household.wait_until(lambda state: as_it_was(state) == before, speaker=2)
    assert after["clips"] == []


async def test_a_sound_is_over_before_an_older_player_is_asked(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    players: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(announce, "_ASK_SECONDS", 0.3)
    await household.catalog(tracks={BELL: {"duration": 0.05}})
    before = as_it_was(await household.speaker(2))
    await say(hass, players[1])
    assert "SetAVTransportURI" in [call["action"] for call in await household.calls()]
    await household.wait_until(lambda state: as_it_was(state) == before, speaker=2)


@pytest.mark.parametrize("leads", [True, False])
async def test_an_older_player_steps_out_of_its_group(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str], leads: bool
) -> None:
    await household.topology([["2", "1"]] if leads else [["1", "2"]])
    leader = 2 if leads else 1
    await household.demo(leader)
    await household.wait_playing(leader)
    queue = await household.queue_uris(leader)
    await until(
        lambda: len(hass.states.get(players[0]).attributes["group_members"]) == 2  # type: ignore[union-attr]
    )
    await say(hass, players[1], volume=50)
    music = await household.speaker(1)
    assert music["transport"]["state"] == "PLAYING"
    assert music["transport"]["uri"].startswith("x-rincon-queue:")
    assert (await household.speaker(2))["transport"]["uri"] == BELL
    await household.clock(advance=190)

    def together(state: Json) -> bool:
        return any(len(group["members"]) == 2 for group in state["groups"])

    await household.wait_until(together)
    state = await household.speaker(1)
    assert [item["uri"] for item in state["queue"]["items"]] == queue
    assert state["transport"]["state"] == "PLAYING"
    await household.wait_until(lambda state: state["volume"] == 20, speaker=2)


async def test_other_files_than_a_player_mixes(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    before = as_it_was(await household.speaker(1))
    await say(hass, players[0], f"{OWN}/bell.flac")
    state = await household.speaker(1)
    assert (state["clips"], state["transport"]["uri"]) == ([], f"{OWN}/bell.flac")
    await household.clock(advance=200)
    await household.wait_until(lambda state: as_it_was(state) == before, speaker=1)


async def test_a_station_goes_on_after_an_older_players_announcement(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await household.user(2, "play_uri", uri="x-sonosapi-stream:s90001?sid=254&flags=8224&sn=0")
    await until(lambda: hass.states.get(players[1]).state == "playing")  # type: ignore[union-attr]
    await say(hass, players[1])
    await household.clock(advance=200)
    await household.wait_until(
        lambda state: (
            state["transport"]["uri"].startswith("x-sonosapi-stream:")
            and state["transport"]["state"] == "PLAYING"
        ),
        speaker=2,
    )


async def test_what_is_being_queued_is_not_lost(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await household.settings(per_track_ms=20)
    await hass.services.async_call(
        "media_player",
        "play_media",
        {
            "entity_id": players[1],
            "media_content_id": "A:ALBUM/Salt",
            "media_content_type": "album",
        },
        blocking=True,
    )
    await say(hass, players[1])
    await household.user(2, "enqueue", uris=["spotify:track:0000000000000000000001"])
    await household.clock(advance=200)
    await household.wait_until(
        lambda state: state["transport"]["uri"].startswith("x-rincon-queue:"), speaker=2
    )
    assert len(await household.queue_uris(2)) == 7


async def test_unloading_cuts_an_announcement_short(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await household.demo(2)
    await household.wait_playing(2)
    await until(lambda: hass.states.get(players[1]).state == "playing")  # type: ignore[union-attr]
    before = as_it_was(await household.speaker(2))
    await say(hass, players[0])
    await say(hass, players[1])
    [entry] = hass.config_entries.async_entries(DOMAIN)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert await clips(household, 1) == [("bell.mp3", "DISMISSED")]
    await household.wait_until(lambda state: as_it_was(state) == before, speaker=2)


@pytest.mark.parametrize(
    ("media_id", "extra", "fault", "key"),
    [
        (BELL, {"volume": 0}, None, "announcement_volume"),
        (BELL, {"volume": 101}, None, "announcement_volume"),
        (BELL, {"volume": "loud"}, None, "not_a_number"),
        ("spotify:track:0000000000000000000001", {}, None, "unsupported_media"),
        ("http://127.0.0.1:1/bell.mp3", {}, None, "media_unreachable"),
        (BELL, {}, {"kind": "garbage"}, "announcement_failed"),
        (BELL, {}, {"kind": "drop_after"}, "announcement_failed"),
    ],
)
async def test_errors_name_the_cause(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    players: list[str],
    media_id: str,
    extra: dict[str, Any],
    fault: dict[str, Any] | None,
    key: str,
) -> None:
    if fault:
        await household.fault(**fault, service="WEBSOCKET", action="loadAudioClip")
    with pytest.raises(HomeAssistantError) as caught:
        await say(hass, players[0], media_id, **extra)
    assert (caught.value.translation_domain, caught.value.translation_key) == (DOMAIN, key)
    await household.clear_faults()
    await say(hass, players[0])  # nothing stands in its way


@pytest.mark.parametrize("speaker", [1, 2])
async def test_a_file_no_player_can_play(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str], speaker: int
) -> None:
    await household.demo(speaker)
    await household.wait_playing(speaker)
    player = players[speaker - 1]
    await until(lambda: hass.states.get(player).state == "playing")  # type: ignore[union-attr]
    before = as_it_was(await household.speaker(speaker))
    await household.catalog(unplayable=[BELL])
    with pytest.raises(HomeAssistantError) as caught:
        await say(hass, player)
    assert caught.value.translation_key == "announcement_failed"
    await household.wait_until(lambda state: as_it_was(state) == before, speaker=speaker)


@pytest.mark.parametrize("fault", [{"kind": "http", "status": 401}, {"kind": "drop"}])
async def test_a_player_that_lets_nobody_in_does_it_the_old_way(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    players: list[str],
    fault: dict[str, Any],
) -> None:
    await household.fault(**fault, service="WEBSOCKET", action="CONNECT")
    await say(hass, players[0])
    assert (await household.speaker(1))["transport"]["uri"] == BELL


async def test_a_speaker_that_is_cut_off_meanwhile(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    players: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What cannot be brought back is logged; the next announcement is not held up."""
    await say(hass, players[1])
    await household.fault("error", speaker="2", action="GetTransportInfo", code=501, count=1)
    await household.fault("error", speaker="2", action="Browse", code=501, count=1)
    await until(lambda: "Kitchen is not as it was before" in caplog.text)
    await household.clear_faults()
    await say(hass, players[1])
    await household.offline(1)
    with pytest.raises(HomeAssistantError) as caught:
        await say(hass, players[0])
    assert caught.value.translation_key == "speaker_unreachable"


async def test_a_clip_whose_end_is_never_told(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    players: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(announce, "LONGEST_SECONDS", 0.1)
    await household.catalog(tracks={BELL: {"duration": 3600}})
    await say(hass, players[0])
    await say(hass, players[0], DOOR)
    assert [name for name, _ in await clips(household, 1)] == ["bell.mp3", "door.mp3"]


async def test_a_player_that_leaves_while_a_clip_plays(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await say(hass, players[0])
    await household.reboot(1, seconds=0.1)
    await until(lambda: hass.states.get(players[0]).state == "unavailable")  # type: ignore[union-attr]
    await until(lambda: hass.states.get(players[0]).state != "unavailable", seconds=8)  # type: ignore[union-attr]
    await say(hass, players[0], DOOR)
    assert (await clips(household, 1))[-1] == ("door.mp3", "ACTIVE")
