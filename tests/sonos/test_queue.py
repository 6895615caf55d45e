"""Queueing, as the simulated players see it: which calls, which order, what a lost reply does."""

import asyncio
from urllib.parse import unquote

from homeassistant.core import HomeAssistant
import pytest

from custom_components.rhythmiq.sonos import queue
from custom_components.rhythmiq.sonos.errors import PlaybackError, SpeakerUnreachableError
from custom_components.rhythmiq.sonos.household import Household
from custom_components.rhythmiq.sonos.media import UnsupportedMediaError
from custom_components.rhythmiq.sonos.queue import Enqueue, Playable, play_tracks
from custom_components.rhythmiq.sonos.speaker import Speaker
from tests.household import SimulatedHousehold

from .conftest import Connect, until

TRACKS = [Playable(f"spotify:track:{number:022d}", f"Song {number}") for number in range(50)]


async def queued(household: SimulatedHousehold, speaker: str | int = 1) -> list[str]:
    """Uris in the queue as they were asked for, without what the player adds."""
    return [
        unquote(uri).removeprefix("x-sonos-spotify:").partition("?")[0]
        for uri in await household.queue_uris(speaker)
    ]


def uris(tracks: list[Playable]) -> list[str]:
    return [track.uri for track in tracks]


async def calm(household: SimulatedHousehold) -> None:
    """Wait until the position that events left out has been asked for; then forget all calls."""
    while await household.calls():
        await household.clear_calls()
        await asyncio.sleep(0.3)


@pytest.fixture
async def ours(connect: Connect) -> Household:
    return await connect()


@pytest.fixture
def speaker(ours: Household, household: SimulatedHousehold) -> Speaker:
    return ours.speakers[household.uids[0]]


@pytest.mark.parametrize("length", [1, 20, 50])
async def test_music_starts_after_four_calls(
    household: SimulatedHousehold, speaker: Speaker, length: int
) -> None:
    await household.clear_calls()
    started = await play_tracks(speaker, TRACKS[:length], Enqueue.REPLACE)
    assert started.queued == 1
    await household.wait_playing()
    calls = [call["action"] for call in await household.calls()]
    assert calls[: calls.index("Play") + 1] == [
        "RemoveAllTracksFromQueue",
        "AddURIToQueue",
        "SetAVTransportURI",
        "Play",
    ]
    finished = await started.finished
    assert (finished.queued, finished.skipped, finished.complete) == (length, (), True)
    assert await queued(household) == uris(TRACKS[:length])
    first = (await household.speaker())["queue"]["items"][0]
    assert first["title"]


@pytest.mark.parametrize("length", [1, 20, 50])
async def test_us_household_starts_after_five_calls_and_is_remembered(
    household: SimulatedHousehold, ours: Household, speaker: Speaker, length: int
) -> None:
    await household.services(spotify="us")
    await household.clear_calls()
    started = await play_tracks(speaker, TRACKS[:length], Enqueue.REPLACE)
    await household.wait_playing()
    calls = [call["action"] for call in await household.calls()]
    assert calls.index("Play") == 4
    await started.finished
    assert ours.spotify_service == 3079
    assert await queued(household) == uris(TRACKS[:length])
    await household.clear_calls()
    await (await play_tracks(speaker, TRACKS[:2], Enqueue.REPLACE)).finished
    calls = [call["action"] for call in await household.calls()]
    assert calls.count("AddURIToQueue") == 2 - calls.count("AddMultipleURIsToQueue")


async def test_play_goes_behind_the_current_track_and_jumps_there(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await (await play_tracks(speaker, TRACKS[:5], Enqueue.REPLACE)).finished
    await household.wait_playing()
    await household.user(1, "next")
    await household.wait_until(lambda now: now["transport"]["track_number"] == 2, speaker=1)
    await until(lambda: speaker.state.queue_position == 2)
    await calm(household)
    started = await play_tracks(speaker, TRACKS[30:50], Enqueue.PLAY)
    calls = [call["action"] for call in await household.calls()]
    assert calls[:3] == ["AddURIToQueue", "Seek", "Play"]
    await started.finished
    assert await queued(household) == uris(TRACKS[:2] + TRACKS[30:50] + TRACKS[2:5])
    now = await household.wait_playing()
    assert now["transport"]["track_number"] == 3


async def test_play_from_another_source_goes_to_the_end(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.user(1, "enqueue", uris=[TRACKS[0].uri, TRACKS[1].uri])
    await household.user(1, "airplay")
    await until(lambda: speaker.state.source == "airplay")
    await calm(household)
    started = await play_tracks(speaker, TRACKS[10:30], Enqueue.PLAY)
    calls = [call["action"] for call in await household.calls()]
    assert calls[:4] == ["AddURIToQueue", "SetAVTransportURI", "Seek", "Play"]
    await started.finished
    assert await queued(household) == uris(TRACKS[:2] + TRACKS[10:30])
    assert (await household.wait_playing())["transport"]["track_number"] == 3


async def test_without_events_the_player_is_asked_where_it_is(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await (await play_tracks(speaker, TRACKS[:5], Enqueue.REPLACE)).finished
    await household.wait_playing()
    await calm(household)
    speaker.transport_uri = None
    started = await play_tracks(speaker, TRACKS[30:33], Enqueue.PLAY)
    calls = [call["action"] for call in await household.calls()]
    assert len(calls[: calls.index("Play") + 1]) <= 5
    await started.finished
    assert await queued(household) == uris(TRACKS[:1] + TRACKS[30:33] + TRACKS[1:5])


async def test_next_and_add_leave_the_music_alone(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await (await play_tracks(speaker, TRACKS[:3], Enqueue.REPLACE)).finished
    await household.wait_playing()
    await until(lambda: speaker.state.queue_position == 1)
    await (await play_tracks(speaker, TRACKS[10:30], Enqueue.NEXT)).finished
    await (await play_tracks(speaker, TRACKS[40:45], Enqueue.ADD)).finished
    assert await queued(household) == uris(TRACKS[:1] + TRACKS[10:30] + TRACKS[1:3] + TRACKS[40:45])
    assert (await household.speaker())["transport"]["track_number"] == 1


async def test_next_on_an_idle_player_goes_to_the_front(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.user(1, "enqueue", uris=[TRACKS[0].uri])
    await household.user(1, "play_uri", uri="http://127.0.0.1/a.mp3")
    await until(lambda: speaker.state.source == "track")
    await (await play_tracks(speaker, TRACKS[10:12], Enqueue.NEXT)).finished
    assert await queued(household) == uris([*TRACKS[10:12], TRACKS[0]])


async def test_unavailable_tracks_are_skipped_and_counted(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    bad = [TRACKS[0], TRACKS[7], TRACKS[8], TRACKS[25]]
    await household.catalog(unavailable=uris(bad))
    started = await play_tracks(speaker, TRACKS[:30], Enqueue.REPLACE)
    assert started.skipped == (TRACKS[0],)
    finished = await started.finished
    assert (finished.queued, finished.skipped, finished.complete) == (26, tuple(bad), True)
    assert await queued(household) == uris([each for each in TRACKS[:30] if each not in bad])
    await household.wait_playing()
    assert speaker.filling.batches


async def test_nothing_playable_is_said(household: SimulatedHousehold, speaker: Speaker) -> None:
    await household.services(spotify="none")
    await household.clear_calls()
    with pytest.raises(PlaybackError) as caught:
        await play_tracks(speaker, TRACKS, Enqueue.ADD)
    assert caught.value.key == "nothing_playable"
    assert caught.value.placeholders == {
        "speaker": "Living Room",
        "code": "800",
        "track": "Song 0",
    }
    assert (await household.call_counts())["AVTransport.AddURIToQueue"] == 10


async def test_a_player_that_takes_no_batches_gets_singles(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.settings(max_multi_add=1)
    finished = await (await play_tracks(speaker, TRACKS[:40], Enqueue.REPLACE)).finished
    assert (finished.queued, finished.complete) == (40, True)
    assert await queued(household) == uris(TRACKS[:40])
    counts = await household.call_counts()
    assert counts["AVTransport.AddMultipleURIsToQueue"] == 1
    assert not speaker.filling.batches


@pytest.mark.parametrize("fault", ["drop", "drop_after"])
@pytest.mark.parametrize("action", ["AddURIToQueue", "AddMultipleURIsToQueue"])
async def test_a_lost_reply_adds_nothing_twice(
    household: SimulatedHousehold, speaker: Speaker, fault: str, action: str
) -> None:
    await household.fault(fault, action=action, count=1)
    finished = await (await play_tracks(speaker, TRACKS[:40], Enqueue.REPLACE)).finished
    assert (finished.queued, finished.complete) == (40, True)
    assert await queued(household) == uris(TRACKS[:40])


async def test_a_reply_that_never_comes_adds_nothing_twice(
    household: SimulatedHousehold, speaker: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "BATCH_SECONDS", 0.3)
    await household.fault("hang_after", action="AddMultipleURIsToQueue", count=1, ms=3000)
    finished = await (await play_tracks(speaker, TRACKS[:40], Enqueue.REPLACE)).finished
    assert (finished.queued, finished.complete) == (40, True)
    assert await queued(household) == uris(TRACKS[:40])


async def test_a_lost_reply_behind_the_current_track(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await (await play_tracks(speaker, TRACKS[:3], Enqueue.REPLACE)).finished
    await household.wait_playing()
    await until(lambda: speaker.state.queue_position == 1)
    await household.settings(max_multi_add=1)
    await household.fault("drop_after", action="AddURIToQueue", skip=2, count=1)
    await (await play_tracks(speaker, TRACKS[10:16], Enqueue.PLAY)).finished
    assert await queued(household) == uris(TRACKS[:1] + TRACKS[10:16] + TRACKS[1:3])


async def test_an_unknown_outcome_is_not_tried_again(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.user(1, "enqueue", uris=[TRACKS[0].uri])
    await household.fault("drop_after", action="AddURIToQueue", count=1)
    with pytest.raises(SpeakerUnreachableError):
        await play_tracks(speaker, TRACKS[1:2], Enqueue.ADD)
    assert await queued(household) == uris(TRACKS[:2])


async def test_the_next_request_ends_the_one_before(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.settings(max_multi_add=1, soap_ms=40)
    first = await play_tracks(speaker, TRACKS[:40], Enqueue.REPLACE)
    await asyncio.sleep(0.3)
    second = await play_tracks(speaker, TRACKS[40:45], Enqueue.REPLACE)
    assert not (await first.finished).complete
    assert (await second.finished).complete
    assert await queued(household) == uris(TRACKS[40:45])


async def test_stopping_ends_the_background_part(
    household: SimulatedHousehold, ours: Household, speaker: Speaker
) -> None:
    await household.settings(max_multi_add=1, soap_ms=40)
    started = await play_tracks(speaker, TRACKS, Enqueue.REPLACE)
    await ours.stop()
    finished = await started.finished
    assert not finished.complete
    length = len(await queued(household))
    await asyncio.sleep(0.2)
    assert len(await queued(household)) == length == finished.queued


async def test_an_outage_ends_the_background_part(
    household: SimulatedHousehold, speaker: Speaker, caplog: pytest.LogCaptureFixture
) -> None:
    await household.settings(max_multi_add=1, soap_ms=40)
    started = await play_tracks(speaker, TRACKS, Enqueue.REPLACE)
    await household.offline(1)
    finished = await started.finished
    assert not finished.complete
    assert "Queueing on Living Room stopped after" in caplog.text


async def test_regrouping_ends_the_background_part(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.settings(max_multi_add=1, soap_ms=40)
    started = await play_tracks(speaker, TRACKS, Enqueue.REPLACE)
    await household.user(1, "join", to="2")
    assert not (await started.finished).complete


async def test_members_of_a_group_play_through_their_coordinator(
    household: SimulatedHousehold, ours: Household, speaker: Speaker
) -> None:
    await household.topology([["2", "1"]])
    kitchen = ours.speakers[household.uids[1]]
    await until(lambda: speaker.coordinator is kitchen)
    await (await play_tracks(speaker, TRACKS[:3], Enqueue.REPLACE)).finished
    assert await queued(household, 2) == uris(TRACKS[:3])
    await household.wait_playing(2)
    await until(lambda: speaker.state.state == "playing" and bool(speaker.state.title))
    assert speaker.state.title == kitchen.state.title


async def test_clearing_what_is_empty_may_be_refused(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.settings(clear_empty_error=True)
    await play_tracks(speaker, TRACKS[:1], Enqueue.REPLACE)
    await household.wait_playing()


async def test_a_refusal_to_clear_is_passed_on(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.fault("error", action="RemoveAllTracksFromQueue", code=501)
    with pytest.raises(PlaybackError) as caught:
        await play_tracks(speaker, TRACKS[:1], Enqueue.REPLACE)
    assert (caught.value.key, caught.value.code) == ("speaker_refused", 501)


async def test_garbage_is_not_taken_for_a_refused_track(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.fault("garbage", action="AddURIToQueue", count=1)
    with pytest.raises(PlaybackError) as caught:
        await play_tracks(speaker, TRACKS[:3], Enqueue.REPLACE)
    assert caught.value.key == "speaker_confused"


async def test_files_and_other_services(household: SimulatedHousehold, speaker: Speaker) -> None:
    tracks = [
        Playable("http://127.0.0.1:8/some file.mp3", "Tom & <Jerry>"),
        Playable("x-file-cifs://nas/music/one.flac"),
        Playable("x-sonos-spotify:spotify%3atrack%3a0000000000000000000009?sid=9&flags=8224&sn=7"),
    ]
    await household.services(link=[174, 2, 204])
    finished = await (await play_tracks(speaker, tracks, Enqueue.REPLACE)).finished
    assert finished.skipped == ()
    items = (await household.speaker())["queue"]["items"]
    assert [item["uri"].partition("?")[0] for item in items] == [
        "http://127.0.0.1:8/some%20file.mp3",
        "x-file-cifs://nas/music/one.flac",
        "x-sonos-spotify:spotify%3atrack%3a0000000000000000000009",
    ]
    assert items[0]["title"] == "Tom & <Jerry>"


@pytest.mark.parametrize("uri", ["", "ftp://127.0.0.1/a.mp3", "nonsense", "x-rincon:RINCON_1"])
async def test_unsupported_media_changes_nothing(
    household: SimulatedHousehold, speaker: Speaker, uri: str
) -> None:
    await household.clear_calls()
    with pytest.raises(UnsupportedMediaError):
        await play_tracks(speaker, [TRACKS[0], Playable(uri)], Enqueue.REPLACE)
    with pytest.raises(UnsupportedMediaError):
        await play_tracks(speaker, [], Enqueue.REPLACE)
    assert await household.calls() == []


async def test_an_album_is_one_call_among_tracks(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.catalog(
        tracks={"spotify:album:abc": {"title": "Album", "tracks": uris(TRACKS[30:33])}}
    )
    tracks = [TRACKS[0], Playable("https://open.spotify.com/album/abc"), TRACKS[1]]
    finished = await (await play_tracks(speaker, tracks, Enqueue.REPLACE)).finished
    assert finished.queued == 5
    assert await queued(household) == uris([TRACKS[0], *TRACKS[30:33], TRACKS[1]])


async def test_the_loop_is_never_blocked(
    household: SimulatedHousehold, hass: HomeAssistant, speaker: Speaker
) -> None:
    """Sixteen lookups take the player 1.6 s; the event loop goes on meanwhile."""
    await household.settings(per_track_ms=100)
    longest, before = 0.0, hass.loop.time()
    started = await play_tracks(speaker, TRACKS[:17], Enqueue.REPLACE)
    while not started.finished.done():
        await asyncio.sleep(0.005)
        longest, before = max(longest, hass.loop.time() - before), hass.loop.time()
    assert longest < 0.5


async def test_a_garbled_answer_to_a_batch_adds_nothing_twice(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.fault("garbage", action="AddMultipleURIsToQueue", count=1)
    finished = await (await play_tracks(speaker, TRACKS[:20], Enqueue.REPLACE)).finished
    assert (finished.queued, finished.complete) == (20, True)
    assert await queued(household) == uris(TRACKS[:20])


async def test_a_garbled_answer_to_a_single_ends_the_background_part(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.settings(max_multi_add=1)
    await household.fault("garbage", action="AddURIToQueue", skip=4, count=1)
    finished = await (await play_tracks(speaker, TRACKS[:20], Enqueue.REPLACE)).finished
    assert not finished.complete
    assert finished.skipped == ()
    assert await queued(household) == uris(TRACKS[:4])


async def test_a_speaker_that_is_off_is_said(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.offline(1)
    with pytest.raises(SpeakerUnreachableError):
        await play_tracks(speaker, TRACKS[:1], Enqueue.REPLACE)
    await until(lambda: not speaker.available)
