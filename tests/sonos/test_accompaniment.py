"""What goes along with music: falling silent, and a stream after the last song."""

import asyncio

import pytest

from custom_components.rhythmiq.sonos import accompaniment
from custom_components.rhythmiq.sonos.accompaniment import Plan
from custom_components.rhythmiq.sonos.household import Household
from custom_components.rhythmiq.sonos.queue import Enqueue, Playable, play_tracks
from custom_components.rhythmiq.sonos.snapshot import restore, take
from custom_components.rhythmiq.sonos.speaker import Speaker
from custom_components.rhythmiq.sonos.state import Playback, Source
from custom_components.rhythmiq.sonos.stream import Stream, play_stream
from tests.household import SimulatedHousehold

from .conftest import Connect, until

SONGS = [Playable(f"spotify:track:song{number:018d}") for number in range(3)]
RAIN = Stream("x-sonosapi-stream:s90002?sid=254&flags=8224&sn=0", "Night Jazz & More")
SLEEP = Plan(ends=12, fade=12)
NAP = Plan(ends=1.5, fade=1.2)


@pytest.fixture
async def ours(household: SimulatedHousehold, connect: Connect) -> Household:
    """Return the household; Living Room and Kitchen are a group, at 40 and 20 percent."""
    ours = await connect()
    living_room, kitchen, _ = ours.speakers.values()
    await household.user(2, "join", to="1")
    await household.user(1, "volume", volume=40)
    await household.user(2, "volume", volume=20)
    await until(lambda: kitchen.coordinator is living_room)
    await until(lambda: (living_room.own.volume, kitchen.own.volume) == (0.4, 0.2))
    return ours


async def begin(ours: Household, plan: Plan) -> Speaker:
    """Let a plan go along with three songs."""
    speaker = next(iter(ours.speakers.values()))
    started = await play_tracks(speaker, SONGS, Enqueue.REPLACE)
    await speaker.accompaniment.begin(plan, started.finished)
    await until(lambda: speaker.own.state is Playback.PLAYING)
    await started.finished
    return speaker


async def fading(ours: Household) -> Speaker:
    """Begin to fall asleep; return the coordinator when it has become a little quieter."""
    speaker = await begin(ours, SLEEP)
    await until(lambda: (speaker.own.volume or 0) <= 0.38)
    return speaker


async def near_the_end(household: SimulatedHousehold, speaker: Speaker) -> None:
    """Let the last song come to its last seconds."""
    await household.user(1, "play_queue", track=3)
    await until(lambda: speaker.own.queue_position == 3 and bool(speaker.own.duration))
    await household.user(1, "seek", position=int(speaker.own.duration or 0) - 2)


async def volumes(household: SimulatedHousehold) -> tuple[int, int]:
    return (await household.speaker(1))["volume"], (await household.speaker(2))["volume"]


async def test_music_falls_silent_and_the_volume_comes_back(
    household: SimulatedHousehold, ours: Household
) -> None:
    speaker = await begin(ours, NAP)
    await household.clear_calls()
    await until(lambda: speaker.accompaniment.fading)
    await until(lambda: not speaker.accompaniment.active, 20)
    await until(lambda: speaker.own.state is not Playback.PLAYING)
    await household.wait_until(lambda state: state["volume"] == 20, speaker=2)
    assert await volumes(household) == (40, 20)
    told = [
        int(call["args"]["DesiredVolume"])
        for call in await household.calls(action="SetVolume")
        if call["speaker"] == speaker.name
    ]
    *falling, last = told
    assert falling == sorted(falling, reverse=True)
    assert (falling[-1], last) == (0, 40)
    assert max(a - b for a, b in zip([40, *falling], falling, strict=False)) <= 1
    (stopped,) = await household.calls(action="Stop")
    quiet = [call for call in await household.calls() if call["action"] in ("SetVolume", "Stop")]
    assert quiet.index(stopped) < len(quiet) - 1


async def test_nobody_is_woken_by_a_restart(
    household: SimulatedHousehold, ours: Household, connect: Connect
) -> None:
    """The speaker's own timer ends the music; it is as loud as before after that."""
    speaker = await fading(ours)
    (call,) = await household.calls(action="ConfigureSleepTimer")
    assert call["args"]["NewSleepTimerDuration"] == "00:00:32"
    await ours.stop()
    soft = await volumes(household)
    assert soft[0] < 40
    again = await connect()
    living_room = again.speakers[speaker.uid]
    await until(lambda: living_room.own.state is Playback.PLAYING)
    assert await volumes(household) == soft
    await household.clock(advance=33)
    await household.wait_until(lambda state: state["volume"] == 40, speaker=1)
    await household.wait_until(lambda state: state["volume"] == 20, speaker=2)
    assert (await household.speaker(1))["transport"]["state"] != "PLAYING"


@pytest.mark.parametrize("louder", [False, True])
async def test_what_a_person_made_louder_meanwhile_stays(
    household: SimulatedHousehold, ours: Household, connect: Connect, *, louder: bool
) -> None:
    await fading(ours)
    await ours.stop()
    await household.user(1, "pause")
    if louder:
        await household.user(1, "volume", volume=55)
    again = await connect()
    await household.wait_until(lambda state: state["volume"] == (55 if louder else 40), speaker=1)
    await household.wait_until(lambda state: state["volume"] == 20, speaker=2)
    await until(lambda: not again.loudness.waiting)
    await again.stop()
    await household.user(1, "volume", volume=10)  # said, and over
    await connect()
    await asyncio.sleep(0.1)
    assert (await household.speaker(1))["volume"] == 10


@pytest.mark.parametrize("volume", [0, 60])
async def test_who_turns_the_volume_has_it(
    household: SimulatedHousehold, ours: Household, volume: int
) -> None:
    speaker = await fading(ours)
    await household.user(1, "volume", volume=volume)
    await until(lambda: not speaker.accompaniment.active)
    await until(lambda: speaker.sleep_end is None)
    await household.wait_until(lambda state: state["volume"] == 20, speaker=2)
    assert await volumes(household) == (volume, 20)
    assert speaker.own.state is Playback.PLAYING


async def test_a_pause_ends_it(household: SimulatedHousehold, ours: Household) -> None:
    speaker = await fading(ours)
    await household.user(1, "pause")
    await until(lambda: not speaker.accompaniment.active)
    await household.wait_until(lambda state: state["volume"] == 40, speaker=1)
    await until(lambda: speaker.sleep_end is None)


@pytest.mark.parametrize("next_music", ["list", "stream", "undo"])
async def test_other_music_is_as_loud_as_before(
    household: SimulatedHousehold, ours: Household, next_music: str
) -> None:
    before = await take(next(iter(ours.speakers.values())))
    speaker = await fading(ours)
    match next_music:
        case "list":
            await play_tracks(speaker, SONGS[:1], Enqueue.PLAY)
        case "stream":
            await play_stream(speaker, RAIN.uri, RAIN.title)
        case "undo":
            await restore(before)
    assert await volumes(household) == (40, 20)
    assert not speaker.accompaniment.active


async def test_what_is_added_changes_nothing(ours: Household) -> None:
    speaker = await fading(ours)
    await play_tracks(speaker, SONGS[:1], Enqueue.ADD)
    assert speaker.accompaniment.fading


async def test_music_may_stop_at_once(household: SimulatedHousehold, ours: Household) -> None:
    speaker = await begin(ours, Plan(ends=0.2))
    await until(lambda: not speaker.accompaniment.active)
    assert not await household.calls(action="SetVolume")
    await until(lambda: speaker.own.state is not Playback.PLAYING)


async def test_a_speaker_that_refuses_is_left_as_it_is(
    household: SimulatedHousehold,
    ours: Household,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await household.fault("error", action="ConfigureSleepTimer", code=402, count=1)
    speaker = await begin(ours, NAP)
    assert "refuses a sleep timer" in caplog.text
    await until(lambda: speaker.accompaniment.fading)
    await until(lambda: not speaker.accompaniment.active, 20)
    await household.wait_until(lambda state: state["volume"] == 40, speaker=1)


async def test_nobody_is_woken_by_a_speaker_that_does_not_stop(
    household: SimulatedHousehold,
    ours: Household,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(accompaniment, "RETRY_SECONDS", 0.1)
    await household.fault("error", action="Stop", code=501, count=2)
    speaker = await begin(ours, NAP)
    await until(lambda: "refuses to stop" in caplog.text, 20)
    assert await volumes(household) == (0, 0)
    await until(lambda: not speaker.accompaniment.active, 20)
    assert caplog.text.count("refuses to stop") == 1
    await household.wait_until(lambda state: state["volume"] == 20, speaker=2)
    await until(lambda: speaker.own.state is not Playback.PLAYING)


async def test_a_stream_follows_the_last_song(
    household: SimulatedHousehold, ours: Household
) -> None:
    speaker = await begin(ours, Plan(then=RAIN, crossfade=True))
    assert (await household.speaker(1))["transport"]["crossfade"] is True
    await near_the_end(household, speaker)
    await until(lambda: speaker.own.source is Source.RADIO, 10)
    await until(lambda: speaker.own.state is Playback.PLAYING)
    assert speaker.accompaniment.active
    await speaker.accompaniment.end()


async def test_a_pause_of_the_last_song_keeps_the_stream_away(
    household: SimulatedHousehold, ours: Household
) -> None:
    speaker = await begin(ours, Plan(then=RAIN, crossfade=True))
    await household.user(1, "play_queue", track=3)
    await until(lambda: speaker.own.queue_position == 3)
    await household.user(1, "pause")
    await until(lambda: not speaker.accompaniment.active)
    state = await household.wait_until(
        lambda state: state["transport"]["crossfade"] is False, speaker=1
    )
    assert state["transport"]["track_number"] == 3


async def test_a_stream_that_does_not_play_is_said(
    household: SimulatedHousehold,
    ours: Household,
    caplog: pytest.LogCaptureFixture,
) -> None:
    speaker = await begin(ours, Plan(then=RAIN))
    await household.fault("error", action="SetAVTransportURI", code=714, count=1)
    await near_the_end(household, speaker)
    await until(lambda: not speaker.accompaniment.active)
    assert "Night Jazz & More does not follow" in caplog.text


async def test_nothing_to_end(ours: Household) -> None:
    speaker = next(iter(ours.speakers.values()))
    await speaker.accompaniment.end()
    assert not speaker.accompaniment.active
