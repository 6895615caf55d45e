"""What becomes of tracks, told from the states of a speaker one after the other."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.rhythmiq.engine.rewards import OUTCOMES, Kind
from custom_components.rhythmiq.sonos.plays import (
    ASIDE_SECONDS,
    OUTAGE_SECONDS,
    PAUSE_SECONDS,
    SETTLE_SECONDS,
    Happening,
    Instant,
    Plays,
    Seen,
)
from custom_components.rhythmiq.sonos.state import Playback, PlaybackState, Repeat, Source

EVENING = datetime(2026, 11, 20, 21, tzinfo=UTC)
IDLE = PlaybackState()
LENGTH = 200.0


@pytest.fixture(autouse=True)
def custom_integrations() -> None:
    """Do without Home Assistant, which the fixture of this name would start."""


class Evening:
    """Time that passes when told to, a speaker's state, and what was told of it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.told: list[Happening] = []
        self.plays = Plays("A", self.told.append)
        self.state: PlaybackState | None = IDLE
        self.listening = frozenset({"A"})
        self.plays.adopt(self.seen())

    def seen(self, *, ours: bool = False) -> Seen:
        return Seen(time=self.instant, state=self.state, listening=self.listening, ours=ours)

    @property
    def instant(self) -> Instant:
        return Instant(1000 + self.seconds, EVENING + timedelta(seconds=self.seconds))

    def track(self, number: int, position: float | None = 0, **more: Any) -> PlaybackState:
        given: dict[str, Any] = {
            "state": Playback.PLAYING,
            "title": f"Title {number}",
            "artist": "Artist",
            "duration": LENGTH,
            "queue_position": number,
            "source": Source.QUEUE,
            "uri": f"spotify:track:{number}",
            "position": position,
            "position_updated_at": None if position is None else self.instant.when,
        }
        return PlaybackState(**given | more)

    def sees(self, state: PlaybackState | None, *, after: float = 0, ours: bool = False) -> None:
        self.seconds += after
        self.state = state
        self.plays.observe(self.seen(ours=ours))

    def plays_track(self, number: int, *, after: float = 0, **more: Any) -> None:
        self.seconds += after
        ours = more.pop("ours", False)
        self.sees(self.track(number, **more), ours=ours)

    def waits(self, seconds: float) -> None:
        self.seconds += seconds
        self.plays.expire(self.instant.at)

    @property
    def kinds(self) -> list[str]:
        return [each.kind.value for each in self.told]

    @property
    def last(self) -> Happening:
        return self.told[-1]


@pytest.fixture
def evening() -> Evening:
    return Evening()


def test_heard_to_the_end(evening: Evening) -> None:
    evening.plays_track(1)
    evening.plays_track(2, after=LENGTH)
    assert evening.kinds == ["started", "finished", "started"]
    done = evening.told[1]
    assert done.uri == "spotify:track:1"
    assert (done.title, done.artist, done.duration) == ("Title 1", "Artist", LENGTH)
    assert (done.listened, done.position) == (LENGTH, LENGTH)
    assert done.speakers == (("A", LENGTH),)
    assert done.when == EVENING + timedelta(seconds=LENGTH)


@pytest.mark.parametrize(("heard", "kind"), [(20, "skipped"), (99, "skipped"), (150, "left_late")])
def test_left_for_the_next(evening: Evening, heard: float, kind: str) -> None:
    evening.plays_track(1)
    evening.plays_track(2, after=heard)
    assert evening.kinds == ["started", kind, "started"]
    assert evening.told[1].listened == heard


def test_dragging_it_to_the_end_is_not_hearing_it(evening: Evening) -> None:
    evening.plays_track(1)
    evening.plays_track(1, after=10, position=190)
    evening.plays_track(2, after=10)
    assert evening.kinds == ["started", "skipped", "started"]
    assert evening.told[1].listened == 20


def test_dragging_it_back_adds_up(evening: Evening) -> None:
    evening.plays_track(1)
    evening.plays_track(1, after=60, position=20)
    evening.plays_track(2, after=180)
    assert evening.kinds == ["started", "finished", "started"]


def test_back_to_the_beginning_is_a_replay_if_it_was_heard(evening: Evening) -> None:
    evening.plays_track(1)
    evening.plays_track(1, after=20, position=0)
    assert evening.kinds == ["started"]
    evening.plays_track(1, after=120, position=1)
    assert evening.kinds == ["started", "replayed"]


def test_back_to_an_earlier_track(evening: Evening) -> None:
    evening.plays_track(1)
    evening.plays_track(2, after=LENGTH)
    evening.plays_track(1, after=10)
    assert evening.kinds == ["started", "finished", "started", "skipped", "started", "replayed"]
    assert evening.last.uri == "spotify:track:1"


def test_back_long_after(evening: Evening) -> None:
    evening.plays_track(1)
    evening.plays_track(2, after=LENGTH)
    for number in range(3, 30):
        evening.plays_track(number, after=LENGTH)
    evening.plays_track(1, after=100)
    assert "replayed" not in evening.kinds


def test_repeat_is_nobodys_wish(evening: Evening) -> None:
    for _ in range(3):
        evening.plays_track(1, after=LENGTH, repeat=Repeat.ONE)
    assert evening.kinds == ["started", "finished", "started", "finished", "started"]
    evening.plays_track(2, after=LENGTH)
    evening.plays_track(1, after=LENGTH)
    assert "replayed" not in evening.kinds


def test_back_from_the_end_without_repeat(evening: Evening) -> None:
    evening.plays_track(1, repeat=Repeat.OFF)
    evening.plays_track(1, after=195, repeat=Repeat.OFF)
    assert evening.kinds == ["started", "replayed"]


def test_twice_in_the_queue(evening: Evening) -> None:
    evening.plays_track(1)
    evening.plays_track(2, after=LENGTH, uri="spotify:track:1", position=None)
    assert evening.kinds == ["started", "finished", "started"]


def test_moved_in_the_queue(evening: Evening) -> None:
    evening.plays_track(3)
    evening.plays_track(1, after=100, uri="spotify:track:3", position=0)
    evening.plays_track(1, uri="spotify:track:3", position=100)
    evening.plays_track(2, after=100)
    assert evening.kinds == ["started", "finished", "started"]


def test_the_list_ends(evening: Evening) -> None:
    evening.plays_track(9)
    evening.sees(evening.track(1, state=Playback.PAUSED), after=LENGTH)
    evening.waits(SETTLE_SECONDS)
    assert evening.kinds == ["started", "finished"]
    assert evening.last.when == EVENING + timedelta(seconds=LENGTH)


@pytest.mark.parametrize("state", [IDLE, "stopped", "cleared"])
def test_the_end_of_the_evening_is_no_skip(evening: Evening, state: object) -> None:
    evening.plays_track(1)
    evening.seconds += 30
    stopped = evening.track(1, state=Playback.PAUSED)
    cleared = evening.track(1, state=Playback.IDLE, title=None, position=None)
    evening.sees({"stopped": stopped, "cleared": cleared}.get(str(state), IDLE))
    assert evening.kinds == ["started"]
    evening.waits(SETTLE_SECONDS)
    assert evening.kinds == ["started", "stopped"]
    evening.plays_track(2, after=60)
    assert evening.kinds == ["started", "stopped", "started"]


def test_another_list_after_a_short_silence_is_moving_on(evening: Evening) -> None:
    evening.plays_track(1)
    evening.sees(IDLE, after=30)
    evening.plays_track(7, after=2)
    assert evening.kinds == ["started", "skipped", "started"]
    assert evening.told[1].listened == 30


def test_a_pause_and_on(evening: Evening) -> None:
    evening.plays_track(1)
    evening.sees(evening.track(1, 100, state=Playback.PAUSED), after=100)
    evening.plays_track(1, after=1200, position=100)
    evening.plays_track(2, after=100)
    assert evening.kinds == ["started", "finished", "started"]
    assert evening.told[1].listened == LENGTH


def test_paused_overnight(evening: Evening) -> None:
    evening.plays_track(1)
    evening.sees(evening.track(1, 100, state=Playback.PAUSED), after=100)
    evening.waits(PAUSE_SECONDS)
    assert evening.kinds == ["started", "paused"]
    assert evening.last.when == EVENING + timedelta(seconds=100)
    evening.plays_track(1, after=8 * 3600, position=100)
    evening.plays_track(2, after=20)
    assert evening.kinds == ["started", "paused", "started"]


def test_paused_and_then_something_else(evening: Evening) -> None:
    evening.plays_track(1)
    evening.sees(evening.track(1, 20, state=Playback.PAUSED), after=20)
    evening.plays_track(2, after=600)
    assert evening.kinds == ["started", "stopped", "started"]


def test_paused_then_stopped(evening: Evening) -> None:
    evening.plays_track(1)
    evening.sees(evening.track(1, 20, state=Playback.PAUSED), after=20)
    evening.sees(evening.track(1, 0, state=Playback.PAUSED), after=600)
    evening.waits(SETTLE_SECONDS)
    assert evening.kinds == ["started", "stopped"]


def test_a_pause_that_nobody_reported(evening: Evening) -> None:
    evening.plays_track(1)
    evening.plays_track(1, after=100, position=100)
    evening.plays_track(1, after=20, position=108)
    evening.plays_track(2, after=92)
    assert evening.told[1].kind is Kind.FINISHED
    assert evening.told[1].listened == LENGTH


def test_a_change_noticed_late(evening: Evening) -> None:
    evening.plays_track(1)
    evening.plays_track(2, after=40, position=8)
    skipped, started = evening.told[1:]
    assert (skipped.kind, skipped.listened) == (Kind.SKIPPED, 32)
    assert started.when == EVENING + timedelta(seconds=32)
    evening.plays_track(3, after=LENGTH - 8)
    assert evening.told[3].listened == LENGTH


@pytest.mark.parametrize("first", [0, 100])
def test_brought_back_to_where_it_was(evening: Evening, first: float) -> None:
    evening.plays_track(5)
    evening.plays_track(1, after=120, position=first, ours=True)
    evening.plays_track(1, after=0.1, position=100, ours=True)
    evening.plays_track(2, after=100)
    assert evening.kinds == ["started", "replaced", "started", "unclear", "started"]
    assert evening.told[3].listened == pytest.approx(100, abs=0.2)


@pytest.mark.parametrize(
    "source", [Source.AIRPLAY, Source.SPOTIFY_CONNECT, Source.TV, Source.LINE_IN, Source.RADIO]
)
def test_taken_over(evening: Evening, source: Source) -> None:
    evening.plays_track(1)
    evening.sees(PlaybackState(state=Playback.PLAYING, source=source, uri="other:"), after=20)
    assert evening.kinds[:2] == ["started", "taken_over"]
    assert evening.told[1].source is source
    assert evening.kinds[2:] == (["started"] if source is Source.RADIO else [])


def announcement(evening: Evening, seconds: float | None = None) -> PlaybackState:
    return evening.track(
        0, source=Source.TRACK, uri="http://ha/tts.mp3", duration=seconds, queue_position=None
    )


def test_an_announcement_interrupts(evening: Evening) -> None:
    evening.plays_track(1)
    evening.seconds += 100
    evening.sees(announcement(evening))
    evening.sees(IDLE, after=8)
    evening.plays_track(1, after=3, position=100)
    evening.plays_track(2, after=100)
    assert evening.kinds == ["started", "finished", "started"]


def test_a_single_file_takes_over(evening: Evening) -> None:
    evening.plays_track(1)
    evening.seconds += 20
    evening.sees(announcement(evening))
    evening.waits(ASIDE_SECONDS)
    assert evening.kinds == ["started", "taken_over"]


def test_an_announcement_before_something_else(evening: Evening) -> None:
    evening.plays_track(1)
    evening.seconds += 20
    evening.sees(announcement(evening))
    evening.plays_track(2, after=10)
    assert evening.kinds == ["started", "taken_over", "started"]


def test_a_chime_is_no_music(evening: Evening) -> None:
    evening.sees(announcement(evening, 4.0))
    evening.sees(IDLE, after=4)
    evening.waits(SETTLE_SECONDS)
    assert evening.kinds == []


def test_what_we_do_ourselves_is_no_skip(evening: Evening) -> None:
    evening.plays_track(1)
    evening.sees(IDLE, after=20, ours=True)
    evening.plays_track(7, after=1, ours=True)
    assert evening.kinds == ["started", "replaced", "started"]
    evening.plays_track(8, after=20)
    assert evening.kinds[3:] == ["skipped", "started"]


def test_out_of_reach_and_on(evening: Evening) -> None:
    evening.plays_track(1)
    evening.sees(None, after=50)
    evening.sees(None, after=30)
    evening.plays_track(1, after=30, position=110)
    evening.plays_track(2, after=90)
    assert evening.kinds == ["started", "finished", "started"]
    assert evening.told[1].listened == LENGTH


@pytest.mark.parametrize("after", [60, OUTAGE_SECONDS + 1])
def test_out_of_reach_and_something_else(evening: Evening, after: float) -> None:
    evening.plays_track(1)
    evening.sees(None, after=50)
    evening.plays_track(4, after=after, position=30)
    assert evening.kinds == ["started", "unclear", "started"]


def test_out_of_reach_for_good(evening: Evening) -> None:
    evening.plays_track(1)
    evening.sees(None, after=50)
    evening.waits(OUTAGE_SECONDS)
    assert evening.kinds == ["started", "unclear"]
    evening.sees(None, after=50)
    evening.sees(IDLE)
    assert evening.kinds == ["started", "unclear"]


def test_silent_after_an_outage(evening: Evening) -> None:
    evening.plays_track(1)
    evening.sees(None, after=50)
    evening.sees(evening.track(1, 50, state=Playback.PAUSED), after=10)
    evening.waits(PAUSE_SECONDS)
    assert evening.kinds == ["started", "paused"]


def test_events_twice_and_too_late(evening: Evening) -> None:
    evening.plays_track(1)
    first = evening.state
    evening.sees(first, after=50)
    evening.sees(first)
    evening.plays_track(2, after=100)
    evening.seconds -= 10
    evening.sees(evening.state)
    assert evening.kinds == ["started", "left_late", "started"]
    assert evening.told[1].listened == 150


def test_a_glimpse_is_no_verdict(evening: Evening) -> None:
    evening.plays_track(1)
    evening.plays_track(2, after=120)
    evening.plays_track(1, after=0.2, position=120)
    assert evening.kinds == ["started", "left_late", "started", "unclear", "started"]


def test_of_unknown_length(evening: Evening) -> None:
    evening.plays_track(1, duration=None)
    evening.plays_track(2, after=20, duration=None)
    evening.plays_track(3, after=200, duration=None)
    assert [each.kind for each in evening.told if each.kind in OUTCOMES] == [
        Kind.SKIPPED,
        Kind.UNCLEAR,
    ]


def test_rooms_come_and_go(evening: Evening) -> None:
    evening.plays_track(1)
    evening.listening = frozenset({"A", "B"})
    evening.sees(evening.state, after=50)
    evening.listening = frozenset({"A"})
    evening.sees(evening.state, after=100)
    evening.plays_track(2, after=50)
    assert dict(evening.told[1].speakers) == {"A": 200, "B": 100}
    assert evening.told[1].listened == 200


def test_what_plays_when_met_did_not_start(evening: Evening) -> None:
    evening.state = evening.track(1, 20)
    evening.seconds += 100
    evening.plays.adopt(evening.seen())
    evening.plays_track(2, after=80)
    assert evening.kinds == ["unclear", "started"]


def test_what_played_before_a_restart_goes_on(evening: Evening) -> None:
    evening.seconds += 600
    evening.state = evening.track(1, 120)
    begun = evening.instant.when - timedelta(seconds=130)
    evening.plays.adopt(evening.seen(), begun)
    evening.plays_track(2, after=80)
    assert evening.kinds == ["finished", "started"]
    assert evening.told[0].listened == 200


def test_what_is_paused_when_met(evening: Evening) -> None:
    evening.state = evening.track(1, 120, state=Playback.PAUSED)
    evening.plays.adopt(evening.seen(), evening.instant.when - timedelta(hours=5))
    evening.waits(PAUSE_SECONDS)
    assert evening.kinds == ["paused"]
    assert evening.last.listened == 120


def test_nothing_to_meet(evening: Evening) -> None:
    evening.state = None
    evening.plays.adopt(evening.seen())
    evening.plays_track(1, after=5)
    assert evening.kinds == ["started"]


def test_an_ending_is_told_when_nobody_will_see_more(evening: Evening) -> None:
    evening.plays_track(1)
    evening.sees(IDLE, after=20)
    evening.plays.finish_silence()
    evening.plays.finish_silence()
    assert evening.kinds == ["started", "stopped"]


ACTS = (
    *("track", "late", "seek", "pause", "stop", "idle", "away", "airplay", "announce", "radio"),
    *("ours", "again", "group", "wait"),
)


def act(evening: Evening, what: str, number: int) -> None:  # noqa: C901 (one line for each)
    """Let something happen."""
    current = getattr(evening.state, "queue_position", None) or 1
    match what:
        case "track" | "ours":
            evening.plays_track(1 + number % 5, ours=what == "ours")
        case "late":
            evening.plays_track(1 + number % 5, position=float(number % 60))
        case "seek":
            evening.plays_track(current, position=float(number))
        case "pause":
            evening.plays_track(current, position=float(number), state=Playback.PAUSED)
        case "stop":
            evening.sees(evening.track(1, state=Playback.PAUSED))
        case "idle" | "away":
            evening.sees(IDLE if what == "idle" else None)
        case "airplay":
            taken = PlaybackState(state=Playback.PLAYING, source=Source.AIRPLAY, uri="x-sonos-vli:")
            evening.sees(taken)
        case "announce":
            evening.sees(announcement(evening))
        case "radio":
            evening.sees(evening.track(0, None, source=Source.RADIO, uri="http:", duration=None))
        case "again":
            evening.sees(evening.state)
        case "group":
            evening.listening = frozenset({"A", "B", "C"} if number % 2 else {"A"})
        case "wait":
            evening.waits(number * 20.0)


@given(
    st.lists(
        st.tuples(st.sampled_from(ACTS), st.integers(0, 250), st.floats(0, 300)),
        max_size=40,
    )
)
def test_nothing_is_heard_twice_and_nothing_ends_twice(
    script: list[tuple[str, int, float]],
) -> None:
    evening = Evening()
    for what, number, pause in script:
        evening.seconds += pause
        act(evening, what, number)
    evening.sees(IDLE)
    evening.waits(PAUSE_SECONDS)
    heard = 0.0
    open_plays = 0
    for each in evening.told:
        assert 0 <= each.listened <= (evening.seconds + 1e-6)
        assert all(0 <= seconds <= each.listened + 1e-6 for _, seconds in each.speakers)
        assert each.when <= evening.instant.when
        if each.kind is Kind.STARTED:
            open_plays += 1
        if each.kind in OUTCOMES:
            open_plays -= 1
            heard += each.listened
        assert open_plays in {0, 1}
    assert heard <= evening.seconds + 1e-6
    assert open_plays == 0
