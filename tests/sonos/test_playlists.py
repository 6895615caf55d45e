"""Sonos playlists that are written here, as the simulated household keeps them."""

from typing import Any

import pytest

from custom_components.rhythmiq.sonos.errors import PlaybackError
from custom_components.rhythmiq.sonos.household import Household
from custom_components.rhythmiq.sonos.identity import track_name
from custom_components.rhythmiq.sonos.queue import Playable
from custom_components.rhythmiq.sonos.speaker import Speaker
from tests.household import SimulatedHousehold

from .conftest import Connect

TRACKS = [Playable(f"spotify:track:{number:022d}", f"Song {number}") for number in range(20)]


@pytest.fixture
async def ours(connect: Connect) -> Household:
    return await connect()


@pytest.fixture
def speaker(ours: Household, household: SimulatedHousehold) -> Speaker:
    return ours.speakers[household.uids[0]]


async def saved(household: SimulatedHousehold) -> dict[str, list[Any]]:
    """Return the household's playlists: titles and tracks by id."""
    playlists: list[dict[str, Any]] = (await household.state())["saved_queues"]
    return {
        each["id"]: [each["title"], [track_name(item["uri"]) for item in each["items"]]]
        for each in playlists
    }


async def test_a_playlist_keeps_its_id(household: SimulatedHousehold, speaker: Speaker) -> None:
    before = await saved(household)
    playlists = speaker.household.playlists
    first = await playlists.write(speaker, "Café & <Co>", TRACKS[:5], "one", 1)
    second = await playlists.write(speaker, "Café & <Co>", TRACKS[3:12], "two", 2)
    assert first.id == second.id
    assert await saved(household) == before | {
        first.id: ["Café & <Co>", [track.uri for track in TRACKS[3:12]]]
    }
    assert playlists.named_by(first.uri) == second
    assert (second.note, second.written) == ("two", 2)
    assert playlists.named_by(None) is None


async def test_what_was_written_is_known_after_a_restart(
    household: SimulatedHousehold, speaker: Speaker, connect: Connect
) -> None:
    first = await speaker.household.playlists.write(speaker, "Now", TRACKS[:2], "one", 1)
    again = await connect()
    other = again.speakers[household.uids[1]]
    assert await again.playlists.write(other, "Now", TRACKS[2:4], "two", 2) != first
    assert (await saved(household))[first.id][1] == [track.uri for track in TRACKS[2:4]]
    await again.forget()


async def test_a_persons_own_playlist_of_the_same_name_stays(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    own = await speaker.control.transport(
        "CreateSavedQueue", ("Title", "Now"), ("EnqueuedURI", ""), ("EnqueuedURIMetaData", "")
    )
    written = await speaker.household.playlists.write(speaker, "Now", TRACKS[:2], "", 1)
    assert written.id != own["AssignedObjectID"]
    assert (await saved(household))[own["AssignedObjectID"]][1] == []


async def test_one_that_was_deleted_is_made_anew(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    playlists = speaker.household.playlists
    first = await playlists.write(speaker, "Now", TRACKS[:2], "", 1)
    await speaker.control.call("contentDirectory", "DestroyObject", [("ObjectID", first.id)])
    second = await playlists.write(speaker, "Now", TRACKS[:2], "", 2)
    assert len((await saved(household))[second.id][1]) == 2


async def test_refused_tracks_are_left_out_and_us_services_found(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.services(spotify="us")
    await household.catalog(unavailable=[TRACKS[1].uri])
    written = await speaker.household.playlists.write(speaker, "Now", TRACKS[:3], "", 1)
    assert (await saved(household))[written.id][1] == [TRACKS[0].uri, TRACKS[2].uri]


@pytest.mark.parametrize("kind", ["drop", "drop_after", "garbage"])
@pytest.mark.parametrize(
    "action", ["CreateSavedQueue", "AddURIToSavedQueue", "ReorderTracksInSavedQueue"]
)
async def test_a_lost_reply_changes_nothing(
    household: SimulatedHousehold, speaker: Speaker, action: str, kind: str
) -> None:
    playlists = speaker.household.playlists
    before = await saved(household)
    if action != "CreateSavedQueue":
        await playlists.write(speaker, "Now", TRACKS[:3], "", 1)
    await household.fault(kind, action=action, count=1)
    try:
        written = await playlists.write(speaker, "Now", TRACKS[5:9], "", 2)
    except Exception:  # noqa: BLE001
        assert action == "CreateSavedQueue"
        assert kind != "drop_after"
        assert await saved(household) == before
        return
    now = await saved(household)
    assert len(now) == len(before) + 1
    assert now[written.id][1] == [track.uri for track in TRACKS[5:9]]


async def test_one_that_broke_off_is_put_right(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    playlists = speaker.household.playlists
    first = await playlists.write(speaker, "Now", TRACKS[:3], "one", 1)
    await household.fault("garbage", action="AddURIToSavedQueue", skip=2)
    with pytest.raises(PlaybackError):
        await playlists.write(speaker, "Now", TRACKS[5:9], "two", 2)
    assert playlists.get("Now") is not None
    assert playlists.get("Now") != first
    await household.clear_faults()
    await playlists.write(speaker, "Now", TRACKS[5:9], "two", 3)
    assert (await saved(household))[first.id][1] == [track.uri for track in TRACKS[5:9]]
