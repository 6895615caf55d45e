"""Bringing back what played, queue and all, as the simulated players see it."""

from collections.abc import Sequence
import json
from typing import Any

import pytest

from custom_components.rhythmiq.sonos import editing, filling
from custom_components.rhythmiq.sonos.errors import PlaybackError, SpeakerUnreachableError
from custom_components.rhythmiq.sonos.household import Household
from custom_components.rhythmiq.sonos.snapshot import Restored, Snapshot, restore, take
from custom_components.rhythmiq.sonos.speaker import Speaker
from custom_components.rhythmiq.sonos.state import Source
from tests.household import SimulatedHousehold

from .conftest import Connect, until

SPOTIFY = [f"spotify:track:{number:022d}" for number in range(60)]
MIXED = [
    *SPOTIFY[:3],
    "http://127.0.0.1/some%20file.mp3",
    "x-file-cifs://nas/music/one.flac",
    SPOTIFY[1],
]


@pytest.fixture
async def ours(connect: Connect) -> Household:
    return await connect()


@pytest.fixture
def speaker(ours: Household, household: SimulatedHousehold) -> Speaker:
    return ours.speakers[household.uids[0]]


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again soon."""
    monkeypatch.setattr(filling, "_RETRY_SECONDS", 0.05)
    monkeypatch.setattr(editing, "_LOOK_AGAIN_SECONDS", 0.05)


async def enqueue(household: SimulatedHousehold, uris: Sequence[str], speaker: int = 1) -> None:
    await household.user(speaker, "enqueue", uris=list(uris))


async def situation(household: SimulatedHousehold, speaker: int = 1) -> dict[str, Any]:
    """Everything that a restored speaker has in common with what it was."""
    state = await household.speaker(speaker)
    transport = state["transport"]
    return {
        "queue": state["queue"]["items"],
        "volume": state["volume"],
        "mute": state["mute"],
        "members": state["group_members"],
        **{key: transport[key] for key in ("uri", "track_number", "play_mode", "crossfade")},
        "playing": transport["state"] == "PLAYING",
        "position": transport["position"] // 5,
    }


async def finish(restored: Sequence[Restored]) -> None:
    for each in restored:
        assert (await each.finished).complete


async def something_else(household: SimulatedHousehold) -> None:
    """Let a person change everything there is to change."""
    await household.user(1, "clear_queue")
    await enqueue(household, SPOTIFY[40:45])
    await household.user(1, "play_queue", track=2)
    await household.user(1, "play_mode", mode="NORMAL")
    await household.user(1, "volume", volume=55)
    await household.user(1, "mute", mute=True)


@pytest.mark.parametrize("playing", [True, False])
@pytest.mark.parametrize("track", [1, 3, 6])
async def test_a_replaced_queue_comes_back(
    household: SimulatedHousehold, speaker: Speaker, track: int, playing: bool
) -> None:
    await household.catalog(tracks={MIXED[3]: {"title": "Tom & <Jerry>", "artist": "Ä"}})
    await enqueue(household, MIXED)
    await household.user(1, "play_mode", mode="SHUFFLE")
    await household.user(1, "play_queue", track=track)
    await household.wait_playing()
    await household.user(1, "seek", position=42)
    if not playing:
        await household.user(1, "pause")
    before = await situation(household)
    snapshot = await take(speaker)
    await something_else(household)
    restored = await restore(snapshot)
    await finish(restored)
    if playing:
        await household.wait_playing()
    assert await situation(household) == before
    assert restored[0].lost is None


async def test_music_comes_back_before_the_rest_of_its_queue(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await enqueue(household, SPOTIFY[:50])
    await household.user(1, "play_queue", track=20)
    await household.wait_playing()
    snapshot = await take(speaker)
    await something_else(household)
    await household.settings(per_track_ms=20)
    restored = await restore(snapshot)
    assert len(await household.queue_uris()) == 6
    await household.clear_calls()
    await finish(restored)
    counts = await household.call_counts()
    assert counts["AVTransport.AddMultipleURIsToQueue"] == 4
    assert "AVTransport.AddURIToQueue" not in counts
    assert (await household.wait_playing())["transport"]["track_number"] == 20


@pytest.mark.parametrize(
    ("change", "calls"),
    [
        ({}, 0),
        ({"enqueue": {"uris": SPOTIFY[40:44], "position": 3}}, 1),
        ({"enqueue": {"uris": SPOTIFY[40:44]}}, 1),
        ({"remove": {"track": 2, "count": 3}}, 1),
        ({"remove": {"track": 8, "count": 3}}, 1),
        ({"clear_queue": {}}, 2),
        ({"reorder": {"start": 1, "count": 2, "before": 6}}, 2),
    ],
)
async def test_what_is_still_there_stays(
    household: SimulatedHousehold,
    speaker: Speaker,
    change: dict[str, dict[str, Any]],
    calls: int,
) -> None:
    """Bringing back costs as few changes of the queue as it takes."""
    await enqueue(household, SPOTIFY[:10])
    await household.user(1, "play_queue", track=5)
    await household.wait_playing()
    before = await situation(household)
    snapshot = await take(speaker)
    for action, data in change.items():
        await household.user(1, action, **data)
    await household.user(1, "play_uri", uri="http://127.0.0.1/a.mp3")
    await until(lambda: speaker.state.source is Source.TRACK)
    await household.clear_calls()
    await finish(await restore(snapshot))
    edits = [call for call in await household.calls() if "Queue" in call["action"]]
    assert len(edits) <= calls + 1
    assert bool(edits) == bool(calls)
    await household.wait_playing()
    assert await situation(household) == before


@pytest.mark.parametrize(
    ("speaker_number", "uri"),
    [
        (1, "x-rincon-mp3radio://stream.example/one"),
        (1, "http://127.0.0.1/a.mp3"),
        (2, "x-rincon-stream:{uid}"),
    ],
)
async def test_other_sources_come_back(
    loopback_sockets: None, soco_clean: None, hass: Any, speaker_number: int, uri: str
) -> None:
    with SimulatedHousehold(models="one,five,one") as household:
        ours = Household(hass, household.household_id, household.hosts[:1])
        await ours.start()
        uid = household.uids[speaker_number - 1]
        speaker = ours.speakers[uid]
        await enqueue(household, SPOTIFY[:3], speaker_number)
        await household.user(speaker_number, "play_uri", uri=uri.format(uid=uid))
        await household.wait_playing(speaker_number)
        before = await situation(household, speaker_number)
        snapshot = await take(speaker)
        await household.user(speaker_number, "clear_queue")
        await enqueue(household, SPOTIFY[10:13], speaker_number)
        await household.user(speaker_number, "play_queue")
        await household.wait_playing(speaker_number)
        await until(lambda: speaker.state.source is Source.QUEUE)
        await finish(await restore(snapshot))
        await household.wait_playing(speaker_number)
        assert await situation(household, speaker_number) == before
        await ours.stop()


@pytest.mark.parametrize(
    ("takeover", "source"),
    [("airplay", Source.AIRPLAY), ("spotify_connect", Source.SPOTIFY_CONNECT)],
)
async def test_what_another_app_streamed_is_said_to_be_lost(
    household: SimulatedHousehold, speaker: Speaker, takeover: str, source: Source
) -> None:
    await enqueue(household, SPOTIFY[:3])
    await household.user(1, takeover)
    snapshot = await take(speaker)
    await something_else(household)
    (restored,) = await restore(snapshot)
    assert restored.lost is source
    await restored.finished
    state = await household.speaker()
    assert state["transport"]["state"] == "STOPPED"
    assert len(state["queue"]["items"]) == 3
    assert state["volume"] == 20


async def test_an_empty_queue_comes_back(household: SimulatedHousehold, speaker: Speaker) -> None:
    before = await situation(household)
    snapshot = await take(speaker)
    await something_else(household)
    await finish(await restore(snapshot))
    assert await situation(household) == before


async def test_groups_come_back(
    household: SimulatedHousehold, ours: Household, speaker: Speaker
) -> None:
    kitchen, office = (ours.speakers[uid] for uid in household.uids[1:])
    await household.topology([["1", "2"], ["3"]])
    await until(lambda: kitchen.coordinator is speaker)
    await enqueue(household, SPOTIFY[:5])
    await household.user(1, "play_queue", track=2)
    await household.user(2, "volume", volume=33)
    await household.wait_playing()
    before = [await situation(household, number) for number in (1, 2)]
    snapshot = await take(kitchen)
    assert len(snapshot.groups) == 1
    await household.topology([["3", "2"], ["1"]])
    await until(lambda: kitchen.coordinator is office)
    await household.user(2, "volume", volume=5)
    await finish(await restore(snapshot))
    await household.wait_playing()
    assert [await situation(household, number) for number in (1, 2)] == before
    assert office.members == (office,)


async def test_a_member_that_is_gone_is_named(
    household: SimulatedHousehold, ours: Household, speaker: Speaker
) -> None:
    await household.topology([["1", "2"], ["3"]])
    kitchen = ours.speakers[household.uids[1]]
    await until(lambda: kitchen.coordinator is speaker)
    await enqueue(household, SPOTIFY[:5])
    snapshot = await take(speaker)
    await household.offline(2, reason="powered off")
    await until(lambda: not kitchen.available)
    (restored,) = await restore(snapshot)
    assert restored.missing == (kitchen.uid,)
    await household.offline(1, reason="powered off")
    await until(lambda: not speaker.available)
    with pytest.raises(SpeakerUnreachableError):
        await restore(snapshot)


async def test_long_queues_are_read_page_by_page(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    uris = [f"spotify:track:{number:022d}" for number in range(1000)]
    await enqueue(household, uris)
    await household.user(1, "play_queue", track=700)
    before = await situation(household)
    await household.clear_calls()
    snapshot = await take(speaker)
    assert (await household.call_counts())["ContentDirectory.Browse"] == 3
    await household.user(1, "clear_queue")
    await finish(await restore(snapshot))
    await household.wait_playing()
    after = await situation(household)
    assert after.pop("queue") == before.pop("queue")
    assert after == before | {"playing": True}


async def test_snapshots_are_json(household: SimulatedHousehold, speaker: Speaker) -> None:
    await enqueue(household, MIXED)
    snapshot = await take(speaker)
    text = json.dumps(snapshot.to_json())
    assert Snapshot.from_json(speaker.household, json.loads(text)) == snapshot


async def test_tracks_that_are_gone_are_left_out(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await enqueue(household, SPOTIFY[:10])
    await household.user(1, "play_queue", track=4)
    snapshot = await take(speaker)
    await household.user(1, "clear_queue")
    await household.catalog(unavailable=[SPOTIFY[3], SPOTIFY[8]])
    (restored,) = await restore(snapshot)
    finished = await restored.finished
    assert len(finished.skipped) == 2
    state = await household.wait_playing()
    assert len(state["queue"]["items"]) == 8
    assert state["transport"]["track_number"] == 4


FAULTS: list[dict[str, Any]] = [
    {"kind": "drop"},
    {"kind": "drop_after"},
    {"kind": "garbage"},
    {"kind": "http", "status": 500},
    *({"kind": "error", "code": code} for code in (402, 701, 711, 712, 800, 804)),
]
STAGES = [
    "Browse",
    "AddURIToQueue",
    "SetAVTransportURI",
    "Seek",
    "Play",
    "RemoveTrackRangeFromQueue",
    "AddMultipleURIsToQueue",
]


@pytest.mark.parametrize("stage", STAGES)
async def test_one_fault_in_any_stage_changes_nothing(
    household: SimulatedHousehold, speaker: Speaker, stage: str, brief: None
) -> None:
    """Either everything comes back, or the error is clear and the queue what it was."""
    await enqueue(household, SPOTIFY[:40])
    await household.user(1, "play_queue", track=20)
    await household.wait_playing()
    snapshot = await take(speaker)
    wanted = await household.queue_uris()
    for fault in FAULTS:
        await household.user(1, "clear_queue")
        await enqueue(household, SPOTIFY[50:55])
        other = await household.queue_uris()
        await household.fault(**fault, action=stage, count=1)
        try:
            (restored,) = await restore(snapshot)
        except PlaybackError, SpeakerUnreachableError:
            assert await household.queue_uris() == other, fault
        else:
            finished = await restored.finished
            skipped = {track.uri for track in finished.skipped}
            assert await household.queue_uris() == [uri for uri in wanted if uri not in skipped], (
                fault
            )
            assert len(skipped) <= (stage == "AddURIToQueue" and fault.get("code") == 800), fault
        await household.clear_faults()
        await until(lambda: speaker.available)
