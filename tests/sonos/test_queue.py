"""Queueing, as the simulated players see it: which calls, which order, what a lost reply does."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from homeassistant.core import HomeAssistant
import pytest

from custom_components.rhythmiq.sonos import editing, filling
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


async def commands(household: SimulatedHousehold) -> list[str]:
    """Return what was called, without what is asked after an event."""
    calls = [call["action"] for call in await household.calls()]
    return [action for action in calls if action != "GetPositionInfo"]


async def calm(household: SimulatedHousehold) -> None:
    """Wait until the position that events left out has been asked for; then forget all calls."""
    while await household.calls():
        await household.clear_calls()
        await asyncio.sleep(0.3)


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again soon."""
    monkeypatch.setattr(filling, "_RETRY_SECONDS", 0.05)
    monkeypatch.setattr(editing, "_LOOK_AGAIN_SECONDS", 0.05)


@pytest.fixture
def impatient(brief: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up soon."""
    monkeypatch.setattr(filling, "_PATIENCE_SECONDS", 0.3)


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
    await household.user(1, "enqueue", uris=[TRACKS[0].uri, TRACKS[1].uri])
    await household.user(1, "play_uri", uri="http://127.0.0.1/a.mp3")
    await until(lambda: speaker.state.source == "track")
    await calm(household)
    started = await play_tracks(speaker, TRACKS[:length], Enqueue.REPLACE)
    assert started.queued == 1
    await household.wait_playing()
    calls = await commands(household)
    assert calls[: calls.index("Play") + 1] == [
        "AddURIToQueue",
        "SetAVTransportURI",
        "Seek",
        "Play",
    ]
    finished = await started.finished
    assert (finished.queued, finished.skipped, finished.complete) == (length, (), True)
    assert await queued(household) == uris(TRACKS[:length])
    first = (await household.speaker())["queue"]["items"][0]
    assert first["title"]


@pytest.mark.parametrize("length", [1, 20, 50])
async def test_us_household_needs_one_call_more_once(
    household: SimulatedHousehold, ours: Household, speaker: Speaker, length: int
) -> None:
    await household.services(spotify="us")
    await household.clear_calls()
    started = await play_tracks(speaker, TRACKS[:length], Enqueue.REPLACE)
    await household.wait_playing()
    calls = [call["action"] for call in await household.calls()]
    assert calls.index("Play") == 2
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
    calls = await commands(household)
    assert sorted(calls[:2]) == ["Browse", "GetTransportSettings"]
    assert calls[2:5] == ["AddURIToQueue", "Seek", "Play"]
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
    calls = await commands(household)
    assert sorted(calls[:2]) == ["Browse", "GetMediaInfo"]
    assert calls[2:6] == ["AddURIToQueue", "SetAVTransportURI", "Seek", "Play"]
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
    assert len(calls[3 : calls.index("Play") + 1]) <= 5
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
    monkeypatch.setattr(editing, "BATCH_SECONDS", 0.3)
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


async def test_a_lost_reply_about_an_unknown_queue(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    """What stands where the track went tells whether it arrived."""
    await household.user(1, "enqueue", uris=[TRACKS[0].uri])
    for fault, track in (("drop_after", TRACKS[1]), ("drop", TRACKS[2])):
        await household.fault(fault, action="AddURIToQueue", count=1)
        await (await play_tracks(speaker, [track], Enqueue.ADD)).finished
    assert await queued(household) == uris(TRACKS[:3])


@pytest.mark.parametrize("action", ["AddURIToQueue", "SetAVTransportURI", "Seek", "Play"])
@pytest.mark.parametrize("enqueue", [Enqueue.REPLACE, Enqueue.PLAY])
async def test_a_request_that_is_called_off_leaves_the_queue_as_it_was(
    household: SimulatedHousehold, speaker: Speaker, action: str, enqueue: Enqueue
) -> None:
    await household.user(1, "enqueue", uris=uris(TRACKS[:2]))
    await household.user(1, "play_uri", uri="http://127.0.0.1/a.mp3")
    await until(lambda: speaker.state.source == "track")
    await household.fault("delay", action=action, count=1, ms=200)
    request = asyncio.ensure_future(play_tracks(speaker, TRACKS[10:30], enqueue, keep=True))
    async with asyncio.timeout(5):
        while action not in await commands(household):  # noqa: ASYNC110 (there is no event to wait for)
            await asyncio.sleep(0.01)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
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


async def test_after_an_outage_the_queue_is_filled_on(
    household: SimulatedHousehold, speaker: Speaker, brief: None
) -> None:
    """Whatever was sent last, arrived or not: nothing is missing, nothing there twice."""
    for batch in (1, 16):
        await household.settings(max_multi_add=batch, soap_ms=40)
        started = await play_tracks(speaker, TRACKS, Enqueue.REPLACE)
        await household.wait_until(lambda now: len(now["queue"]["items"]) > 3, speaker=1)
        for action in ("Add*", "Browse"):
            await household.fault("drop", action=action)
        await asyncio.sleep(0.2)
        assert not started.finished.done()
        await household.clear_faults()
        assert (await started.finished).complete
        assert await queued(household) == uris(TRACKS)
        await until(lambda: speaker.available)
        speaker.filling.batches = True


async def test_a_long_outage_ends_the_background_part(
    household: SimulatedHousehold,
    speaker: Speaker,
    caplog: pytest.LogCaptureFixture,
    impatient: None,
) -> None:
    await household.settings(max_multi_add=1, soap_ms=40)
    started = await play_tracks(speaker, TRACKS, Enqueue.REPLACE)
    await household.offline(1)
    finished = await started.finished
    assert not finished.complete
    assert "Queueing on Living Room stopped after" in caplog.text


async def test_joining_another_group_ends_the_background_part(
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


async def test_what_was_there_before_is_removed_once_music_plays(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await (await play_tracks(speaker, TRACKS[:20], Enqueue.REPLACE)).finished
    await household.wait_playing()
    await calm(household)
    started = await play_tracks(speaker, TRACKS[30:40], Enqueue.REPLACE)
    await started.finished
    calls = await commands(household)
    assert calls[:3] == ["AddURIToQueue", "Seek", "Play"]
    assert "RemoveTrackRangeFromQueue" in calls[3:]
    assert await queued(household) == uris(TRACKS[30:40])
    assert (await household.wait_playing())["transport"]["track_number"] == 1


async def test_a_refusal_to_remove_is_insisted_on_then_told(
    household: SimulatedHousehold,
    speaker: Speaker,
    caplog: pytest.LogCaptureFixture,
    impatient: None,
) -> None:
    await household.user(1, "enqueue", uris=uris(TRACKS[:5]))
    await household.fault("error", action="RemoveTrackRangeFromQueue", code=501, count=1)
    finished = await (await play_tracks(speaker, TRACKS[10:12], Enqueue.REPLACE)).finished
    assert finished.complete
    assert await queued(household) == uris(TRACKS[10:12])
    await household.fault("error", action="RemoveTrackRangeFromQueue", code=501)
    finished = await (await play_tracks(speaker, TRACKS[20:22], Enqueue.REPLACE)).finished
    assert not finished.complete
    assert "Queueing on Living Room stopped after 1 tracks" in caplog.text


async def test_garbage_is_not_taken_for_a_refused_track(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.user(1, "enqueue", uris=uris(TRACKS[:2]))
    fault = {"kind": "garbage", "action": "AddURIToQueue"}
    await household.fault(**fault, count=1)
    started = await play_tracks(speaker, TRACKS[10:13], Enqueue.REPLACE)
    assert started.skipped == ()
    await started.finished
    assert await queued(household) == uris(TRACKS[10:13])
    await household.fault(**fault)
    with pytest.raises(PlaybackError) as caught:
        await play_tracks(speaker, TRACKS[20:23], Enqueue.REPLACE)
    assert caught.value.key == "speaker_confused"
    assert await queued(household) == uris(TRACKS[10:13])


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


async def test_a_garbled_answer_to_a_single_adds_nothing_twice(
    household: SimulatedHousehold, speaker: Speaker, brief: None
) -> None:
    await household.settings(max_multi_add=1)
    await household.fault("garbage", action="AddURIToQueue", skip=4, count=1)
    finished = await (await play_tracks(speaker, TRACKS[:20], Enqueue.REPLACE)).finished
    assert finished.complete
    assert finished.skipped == ()
    assert await queued(household) == uris(TRACKS[:20])


async def test_a_speaker_that_is_off_is_said(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.offline(1)
    with pytest.raises(SpeakerUnreachableError):
        await play_tracks(speaker, TRACKS[:1], Enqueue.REPLACE)
    await until(lambda: not speaker.available)


async def test_the_queue_is_followed_to_the_new_coordinator(
    household: SimulatedHousehold, ours: Household, speaker: Speaker, brief: None
) -> None:
    """The one who led leaves, and takes nothing along."""
    await household.topology([["1", "2", "3"]])
    kitchen = ours.speakers[household.uids[1]]
    await until(lambda: len(speaker.members) == 3)
    await household.settings(soap_ms=40, per_track_ms=30)
    started = await play_tracks(speaker, TRACKS, Enqueue.REPLACE)
    await household.wait_playing()
    await household.user(1, "leave")
    assert (await started.finished).complete
    assert kitchen.coordinator is kitchen
    assert await queued(household, 2) == uris(TRACKS)
    assert (await household.wait_playing(2))["transport"]["track_number"] == 1


async def test_the_coordinator_that_stays_keeps_its_queue(
    household: SimulatedHousehold, ours: Household, speaker: Speaker, brief: None
) -> None:
    await household.topology([["1", "2"], ["3"]])
    await until(lambda: len(speaker.members) == 2)
    await household.settings(soap_ms=40, per_track_ms=30)
    started = await play_tracks(speaker, TRACKS, Enqueue.REPLACE)
    await household.wait_playing()
    await household.user(2, "leave")
    assert (await started.finished).complete
    assert await queued(household) == uris(TRACKS)
    assert await queued(household, 2) == []


async def test_what_undo_needs_is_asked_while_the_first_track_is_added(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.user(1, "enqueue", uris=uris(TRACKS[:5]))
    await calm(household)
    started = await play_tracks(speaker, TRACKS[10:13], Enqueue.REPLACE, keep=True)
    calls = await commands(household)
    assert sorted(calls[:3]) == ["AddURIToQueue", "Browse", "GetTransportSettings"]
    assert calls[3:5] == ["Seek", "Play"]
    assert started.before is not None
    assert len(started.before.queue) == 5


async def test_what_cannot_be_kept_keeps_no_music_from_playing(
    household: SimulatedHousehold, speaker: Speaker, caplog: pytest.LogCaptureFixture
) -> None:
    await household.fault("http", action="Browse", count=1)
    started = await play_tracks(speaker, TRACKS[:3], Enqueue.REPLACE, keep=True)
    assert started.before is None
    assert "does not tell what it plays" in caplog.text
    await household.wait_playing()


async def test_refused_tracks_are_replaced_where_they_would_have_been(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    bad = [TRACKS[0], TRACKS[7], TRACKS[20], TRACKS[40]]
    asked: list[list[str]] = []
    others = iter(TRACKS[40:])

    async def replace(refused: Sequence[Playable]) -> list[Playable]:
        asked.append(uris(list(refused)))
        return [next(others) for _ in refused]

    await household.catalog(unavailable=uris(bad))
    started = await play_tracks(speaker, TRACKS[:30], Enqueue.REPLACE, replace=replace)
    assert started.skipped == (TRACKS[0],)
    finished = await started.finished
    assert asked == [[TRACKS[0].uri], [TRACKS[40].uri, TRACKS[7].uri], [TRACKS[20].uri]]
    assert finished.skipped == (TRACKS[0], TRACKS[40], TRACKS[7], TRACKS[20])
    assert set(finished.replaced) == {TRACKS[41], TRACKS[42], TRACKS[43]}
    queue = await queued(household)
    assert len(queue) == 30
    assert queue[0] == TRACKS[1].uri


async def test_replacing_ends_where_everything_is_refused(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    async def replace(refused: Sequence[Playable]) -> list[Playable]:
        return [Playable(track.uri.replace("track:0", "track:9")) for track in refused]

    await household.fault("error", code=800, action="Add*", skip=1)
    started = await play_tracks(speaker, TRACKS[:4], Enqueue.REPLACE, replace=replace)
    finished = await started.finished
    assert (finished.queued, finished.replaced, finished.complete) == (1, (), True)


async def test_shuffled_players_play_in_order(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.user(1, "play_mode", mode="SHUFFLE")
    await (await play_tracks(speaker, TRACKS[:10], Enqueue.REPLACE)).finished
    assert (await household.speaker())["transport"]["play_mode"] == "REPEAT_ALL"
    await household.user(1, "play_mode", mode="REPEAT_ONE")
    await (await play_tracks(speaker, TRACKS[:10], Enqueue.ADD)).finished
    assert (await household.speaker())["transport"]["play_mode"] == "REPEAT_ONE"
    await household.fault("error", action="SetPlayMode", code=712)
    assert (await (await play_tracks(speaker, TRACKS[:3], Enqueue.PLAY)).finished).complete


async def test_what_does_not_start_leaves_the_queue_as_it_was(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.user(1, "enqueue", uris=uris(TRACKS[:5]))
    for action in ("Seek", "Play"):
        await household.fault("error", action=action, code=701)
        with pytest.raises(PlaybackError):
            await play_tracks(speaker, TRACKS[10:20], Enqueue.REPLACE)
        assert await queued(household) == uris(TRACKS[:5])
        await household.clear_faults()


async def test_a_source_chosen_a_moment_ago_is_left_for_the_queue(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.user(1, "enqueue", uris=uris(TRACKS[:5]))
    await household.settings(event_ms=5000)
    await household.user(1, "play_uri", uri="http://127.0.0.1/a.mp3")
    await (await play_tracks(speaker, TRACKS[10:20], Enqueue.REPLACE)).finished
    assert await queued(household) == uris(TRACKS[10:20])
    assert (await household.wait_playing())["transport"]["track_number"] == 1


async def test_a_person_who_edits_meanwhile_keeps_the_last_word(
    household: SimulatedHousehold, speaker: Speaker, brief: None
) -> None:
    """After an outage the rest goes behind the last of ours; a queue cleared by hand stays."""
    await household.settings(max_multi_add=1, soap_ms=40)
    started = await play_tracks(speaker, TRACKS[:20], Enqueue.REPLACE)
    await household.wait_until(lambda now: len(now["queue"]["items"]) > 6, speaker=1)
    await household.fault("drop", action="AddURIToQueue", count=2)
    await household.fault("drop", action="Browse", count=3)
    await household.user(1, "remove", track=3)
    assert (await started.finished).complete
    assert await queued(household) == uris([*TRACKS[:2], *TRACKS[3:20]])
    await household.settings(soap_ms=100)
    started = await play_tracks(speaker, TRACKS[20:40], Enqueue.REPLACE)
    await household.wait_until(lambda now: len(now["queue"]["items"]) > 3, speaker=1)
    await household.fault("drop", action="AddURIToQueue", count=2)
    await household.fault("drop", action="Browse", count=3)
    await household.user(1, "clear_queue")
    assert not (await started.finished).complete
    assert await queued(household) == []


@pytest.mark.parametrize("batch", [1, 16])
async def test_a_queue_that_somebody_replaces_meanwhile_is_theirs(
    household: SimulatedHousehold, speaker: Speaker, brief: None, batch: int
) -> None:
    await household.settings(max_multi_add=batch, soap_ms=40, per_track_ms=20)
    started = await play_tracks(speaker, TRACKS[:40], Enqueue.REPLACE)
    await household.wait_until(lambda now: len(now["queue"]["items"]) > 3, speaker=1)
    await household.user(1, "clear_queue")
    await household.user(1, "enqueue", uris=[TRACKS[45].uri])
    assert not (await started.finished).complete
    assert await queued(household) == [TRACKS[45].uri]


FAULTS: list[dict[str, Any]] = [
    {"kind": "drop"},
    {"kind": "drop_after"},
    {"kind": "garbage"},
    {"kind": "http", "status": 500},
    {"kind": "hang_after", "ms": 400},
    *({"kind": "error", "code": code} for code in (402, 701, 711, 712, 800, 804)),
]


@pytest.mark.parametrize(
    "stage",
    [
        "Browse",
        "AddURIToQueue",
        "Seek",
        "Play",
        "GetTransportSettings",
        "RemoveTrackRangeFromQueue",
        "AddMultipleURIsToQueue",
    ],
)
async def test_one_fault_in_any_stage(
    household: SimulatedHousehold,
    speaker: Speaker,
    stage: str,
    brief: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The whole list is in the queue, but what was refused; or nothing changed, and it is said."""
    monkeypatch.setattr(editing, "ADD_SECONDS", 0.3)
    monkeypatch.setattr(editing, "BATCH_SECONDS", 0.3)
    for fault in FAULTS:
        await household.user(1, "clear_queue")
        await household.user(1, "enqueue", uris=uris(TRACKS[40:45]))
        await household.user(1, "play_queue", track=2)
        await household.fault(**fault, action=stage, count=1)
        try:
            started = await play_tracks(speaker, TRACKS[:30], Enqueue.REPLACE, keep=True)
        except PlaybackError, SpeakerUnreachableError:
            assert await queued(household) == uris(TRACKS[40:45]), fault
        else:
            finished = await started.finished
            left = [track for track in TRACKS[:30] if track not in finished.skipped]
            assert finished.complete, fault
            assert await queued(household) == uris(left), fault
            assert len(finished.skipped) <= (fault.get("code") == 800), fault
        await household.clear_faults()
        await until(lambda: speaker.available)
