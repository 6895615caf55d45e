"""What sounds on one group as a sequence of plays: how long each was heard, and how it ended.

A play is one track, sounding once. What was heard of it is counted in seconds of sound, never read
off the position, so that seeking neither adds nor takes anything; the position only tells pauses
and changes that nobody reported in time.

How a play ends is often clear only later: a pause may be a break, silence may be the gap before
the next list, another sound an announcement, an unreachable speaker one whose Wi-Fi is slow. Then
the end is held for a while, and forgotten when the same track goes on.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ..engine.rewards import EARLY, UNHEARD_SECONDS, Kind, left
from .state import Playback, PlaybackState, Repeat, Source

SETTLE_SECONDS: Final = 5.0  # silence between two lists, or until a new coordinator plays on
ASIDE_SECONDS: Final = 120.0  # an announcement, and back
OUTAGE_SECONDS: Final = 600.0
PAUSE_SECONDS: Final = 3600.0  # a longer pause is a new beginning
HEARD_LATELY_SECONDS: Final = 3600.0
GLIMPSE_SECONDS: Final = 1.0  # too short for anybody to have judged it, or an event out of order
CLIP_SECONDS: Final = 30.0  # what is played by itself and is shorter is a chime or an announcement
_START: Final = 5.0  # seconds that count as the beginning of a track
_UNNOTICED: Final = 30.0  # seconds that may escape who asks now and then
_SLACK: Final = 2.0  # by which a reported position may be wrong: whole seconds, and the way here

_MUSIC: Final = (Source.QUEUE, Source.TRACK, Source.RADIO)
_ELSEWHERE: Final = (Source.AIRPLAY, Source.SPOTIFY_CONNECT, Source.TV, Source.LINE_IN)


@dataclass(frozen=True, slots=True)
class Instant:
    """A time: ``at`` in seconds that never jump, ``when`` by the clock (UTC)."""

    at: float
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened to a track on a group.

    ``speaker`` is the group's coordinator, or the speaker whose volume changed. ``uri`` is what the
    player says, ``position`` and ``duration`` are seconds, ``listened`` the seconds of sound until
    now and ``speakers`` those of each speaker that was in the group (uid → seconds). ``change`` is
    the change of a volume (-1 to 1); ``source`` what took over.
    """

    kind: Kind
    speaker: str
    when: datetime
    uri: str
    title: str | None
    artist: str | None
    duration: float | None
    position: float
    listened: float
    speakers: tuple[tuple[str, float], ...]
    change: float | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A group at one instant.

    ``state`` is None while it is unavailable, ``listening`` the uids of its available speakers,
    ``ours`` whether RhythmIQ is just changing the music itself.
    """

    time: Instant
    state: PlaybackState | None
    listening: frozenset[str]
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """The end of a play, if it does not go on before ``deadline``."""

    kind: Kind
    time: Instant
    deadline: float
    ours: bool


@dataclass(slots=True, kw_only=True)
class Play:
    """One track, sounding once; ``position`` is where it is by now (seconds)."""

    uri: str
    title: str | None
    artist: str | None
    duration: float | None
    number: int | None
    source: Source
    position: float
    listened: float = 0.0
    speakers: dict[str, float] = field(default_factory=dict)
    sounding: bool = True
    replayed_at: float = 0.0  # what had been listened when it was last asked for again
    unseen: bool = False  # nobody saw how it came to where it was found
    told: bool = False  # has its outcome
    hold: Hold | None = None

    def hear(self, seconds: float, listening: Collection[str]) -> None:
        """Count seconds of sound, up to the end of the track."""
        if not self.sounding:
            return
        if self.duration:
            seconds = min(seconds, max(self.duration - self.position, 0.0))
        self.count(seconds, listening)
        self.position += seconds

    def count(self, seconds: float, listening: Collection[str]) -> None:
        """Count seconds of sound for everybody who was there."""
        self.listened += seconds
        for uid in listening:
            self.speakers[uid] = self.speakers.get(uid, 0.0) + seconds

    def is_over(self, position: float) -> bool:
        """Tell whether the track would have ended by itself at about that position."""
        return self.duration is not None and position >= self.duration - UNHEARD_SECONDS

    @property
    def heard(self) -> bool:
        """Whether leaving it now would be no skip."""
        return self.duration is not None and self.listened >= EARLY * self.duration

    @property
    def heard_again(self) -> bool:
        """The same of the time since somebody went back to its beginning."""
        listened = self.listened - self.replayed_at
        return self.duration is not None and listened >= EARLY * self.duration


class Plays:
    """The plays of one coordinator's group."""

    def __init__(self, uid: str, tell: Callable[[Happening], None]) -> None:
        """Follow the coordinator `uid`; `tell` takes what happens."""
        self.uid = uid
        self.play: Play | None = None
        self._tell = tell
        self._at = 0.0
        self._listening: frozenset[str] = frozenset()
        self._token: datetime | None = None
        self._heard: dict[str, float] = {}  # uri → when it was last heard for the better part
        self._asked = True  # somebody chose what follows, it did not just come next

    @property
    def deadline(self) -> float | None:
        """When `expire` has something to do, on the clock of ``Instant.at``."""
        return self.play.hold.deadline if self.play and self.play.hold else None

    def adopt(self, seen: Seen, begun: datetime | None = None) -> None:
        """Take what plays for what has been playing: nothing started.

        ``begun`` is when it did, where that is known from before Home Assistant was restarted.
        """
        self._at, self._listening = seen.time.at, seen.listening
        if (state := seen.state) is None:
            return
        position = state.position or 0.0
        if (told := state.position_updated_at) and state.state is Playback.PLAYING:
            position += max((seen.time.when - told).total_seconds(), 0.0)
        self._token = told
        self._begin(state, position)
        if (play := self.play) is None:
            return
        play.unseen = begun is None and position > UNHEARD_SECONDS
        if begun is not None:
            passed = max((seen.time.when - begun).total_seconds(), 0.0)
            play.count(min(position, passed), seen.listening)
        if state.state is not Playback.PLAYING:
            self._fall_silent(play, seen, stopped=False)

    def observe(self, seen: Seen) -> None:
        """Take in a change. What is older than the last is taken as of the last."""
        self.expire(seen.time.at)
        elapsed = max(seen.time.at - self._at, 0.0)
        state = seen.state
        position = self._fresh(state)
        play = self.play
        if play is not None and state is not None and state.uri == play.uri:
            self._follow(play, state, seen, position, elapsed)
        elif play is not None:
            playing = state is not None and state.state is Playback.PLAYING
            after = _unnoticed(position, elapsed) if playing else 0.0
            play.hear(elapsed - after, self._listening)
            self._asked = not (play.is_over(play.position) or play.listened < GLIMPSE_SECONDS)
            self._leave(play, seen)
        if self.play is None and state is not None and state.state is Playback.PLAYING:
            self._start(state, seen, position, elapsed)
        self._at = max(seen.time.at, self._at)
        self._listening = seen.listening

    def expire(self, at: float) -> None:
        """Conclude what was held for long enough."""
        if (play := self.play) is not None and (hold := play.hold) and hold.deadline <= at:
            self._conclude(play, hold.kind, hold.time.when, ours=hold.ours)
            if hold.kind is Kind.PAUSED:
                play.hold, play.told = None, True
            else:
                self.play = None

    def finish_silence(self) -> None:
        """Conclude what was just stopped: nobody will see any more whether it goes on."""
        if (play := self.play) is not None and (hold := play.hold) and hold.kind is Kind.STOPPED:
            self.expire(hold.deadline)

    def hand_over(self, other: Plays, seen: Seen) -> bool:
        """Let another coordinator go on with the play, if that is what it plays."""
        play, state = self.play, seen.state
        if play is None or state is None or not play.speakers.keys() & {other.uid}:
            return False
        expected = play.position + (seen.time.at - self._at if play.sounding else 0.0)
        waited = seen.time.at - play.hold.time.at if play.hold else 0.0
        near = state.position is None or abs(state.position - expected) <= waited + UNHEARD_SECONDS
        if state.uri != play.uri or state.state is not Playback.PLAYING or not near:
            return False
        play.hear(max(seen.time.at - self._at, 0.0), self._listening)
        other.play, self.play = play, None
        other._at, other._listening = max(seen.time.at, self._at), seen.listening
        other._token, other._heard = state.position_updated_at, self._heard
        play.hold, play.sounding, play.number = None, True, state.queue_position
        if state.position is not None:
            play.position = state.position
        return True

    # -- the same track ------------------------------------------------------------------------

    def _follow(
        self,
        play: Play,
        state: PlaybackState,
        seen: Seen,
        position: float | None,
        elapsed: float,
    ) -> None:
        playing = state.state is Playback.PLAYING
        moved = state.queue_position != play.number
        expected = play.position + elapsed if play.sounding else play.position
        back = position is not None and position < expected - UNHEARD_SECONDS
        again = moved or (back and state.repeat is not Repeat.OFF)
        if play.sounding and playing and play.is_over(expected) and again:
            # Repeated by the player, or twice in the queue
            play.hear(elapsed, self._listening)
            self._asked = False
            self._end(play, Kind.SKIPPED, seen)
            return
        if moved:
            # Somebody moved the entry: what the player says of the position comes later
            play.number, position = state.queue_position, None
        gained = None if position is None else position - play.position
        if play.hold is not None and play.hold.kind is Kind.UNCLEAR:
            if playing and position is None and play.duration is not None:
                return  # the position comes next
            # Out of reach, it went on playing if the position says so
            away = seen.time.at - play.hold.time.at
            if playing and gained is not None and 0 <= gained <= away + _SLACK:
                play.count(min(gained, away), seen.listening)
        else:
            if gained is not None and elapsed <= _UNNOTICED and 0 <= gained < elapsed - _SLACK:
                elapsed = gained  # it paused in between
            play.hear(elapsed, self._listening)
        if position is not None and (playing or position > 0):
            if playing:
                self._jump(play, position, expected, seen)
            play.position = position
        play.title, play.artist = state.title or play.title, state.artist or play.artist
        play.duration = state.duration or play.duration
        if playing:
            play.sounding, play.hold = True, None
        else:
            self._fall_silent(play, seen, stopped=position == 0 or state.title is None)

    def _jump(self, play: Play, position: float, expected: float, seen: Seen) -> None:
        """Judge that a track goes on somewhere, and where it would have been."""
        if play.listened < _START and position - expected > UNHEARD_SECONDS:
            play.unseen = True  # brought back to where it was, perhaps
        # Coming back from an interruption, a player may begin with the beginning
        restarted = position <= _START and expected > 2 * _START and play.hold is None
        if restarted and play.heard_again and not seen.ours:
            play.replayed_at = play.listened
            self._say(Kind.REPLAYED, play, seen.time.when)

    def _fall_silent(self, play: Play, seen: Seen, *, stopped: bool) -> None:
        """Hold the end of a play that makes no sound."""
        play.sounding = False
        if stopped and (play.hold is None or play.hold.kind is not Kind.TAKEN_OVER):
            self._hold(play, Kind.STOPPED, SETTLE_SECONDS, seen)
        elif play.hold is None or play.hold.kind is Kind.UNCLEAR:
            self._hold(play, Kind.PAUSED, PAUSE_SECONDS, seen)

    @staticmethod
    def _hold(play: Play, kind: Kind, seconds: float, seen: Seen) -> None:
        if play.told or (play.hold is not None and play.hold.kind is kind):
            return
        play.hold = Hold(kind, seen.time, seen.time.at + seconds, seen.ours)

    # -- something else ------------------------------------------------------------------------

    def _leave(self, play: Play, seen: Seen) -> None:
        state, hold = seen.state, play.hold
        play.sounding = False
        if state is None:
            if hold is None:
                self._hold(play, Kind.UNCLEAR, OUTAGE_SECONDS, seen)
        elif hold is not None and hold.kind is Kind.UNCLEAR:
            self._end(play, Kind.UNCLEAR, seen)
        elif state.source in _ELSEWHERE:
            self._end(play, Kind.TAKEN_OVER, seen)
        elif state.state is not Playback.PLAYING:
            self._fall_silent(play, seen, stopped=True)
        elif state.source is Source.TRACK and play.source is not Source.TRACK:
            self._hold(play, Kind.TAKEN_OVER, ASIDE_SECONDS, seen)
        elif state.source is not play.source or (hold and hold.kind is Kind.TAKEN_OVER):
            self._end(play, Kind.TAKEN_OVER, seen)
        elif hold and seen.time.at - hold.time.at > SETTLE_SECONDS:
            self._end(play, Kind.STOPPED, seen)
        else:
            self._end(play, Kind.SKIPPED, seen)

    def _end(self, play: Play, kind: Kind, seen: Seen) -> None:
        """Conclude a play that something else has followed; SKIPPED stands for all of leaving."""
        hold = play.hold
        ours = seen.ours or (hold is not None and hold.ours)
        when = seen.time.when if hold is None else hold.time.when
        source = seen.state.source if seen.state and kind is Kind.TAKEN_OVER else None
        self._conclude(play, kind, when, ours=ours, source=source)
        self.play = None

    def _conclude(
        self,
        play: Play,
        kind: Kind,
        when: datetime,
        *,
        ours: bool,
        source: Source | None = None,
    ) -> None:
        if play.heard:
            self._heard[play.uri] = self._at
        if play.told:
            return
        verdict = left(play.listened, play.duration)
        if play.unseen:
            kind = Kind.UNCLEAR
        elif verdict is Kind.FINISHED:
            kind = verdict
        elif ours:
            kind = Kind.REPLACED
        elif kind is Kind.SKIPPED:
            kind = verdict if play.listened >= GLIMPSE_SECONDS else Kind.UNCLEAR
        self._say(kind, play, when, source if kind is Kind.TAKEN_OVER else None)

    # -- a new track ---------------------------------------------------------------------------

    def _start(
        self, state: PlaybackState, seen: Seen, position: float | None, elapsed: float
    ) -> None:
        before = position or 0.0
        self._begin(state, before)
        if (play := self.play) is None:
            return
        unnoticed = _unnoticed(position, elapsed)
        play.unseen = before - unnoticed > UNHEARD_SECONDS
        when = seen.time.when - timedelta(seconds=unnoticed)
        play.count(unnoticed, seen.listening)
        self._say(Kind.STARTED, play, when)
        last = self._heard.get(play.uri)
        lately = last is not None and seen.time.at - last <= HEARD_LATELY_SECONDS
        if lately and self._asked and not seen.ours:
            self._say(Kind.REPLAYED, play, when)
        self._asked = True

    def _begin(self, state: PlaybackState, position: float) -> None:
        clip = state.source is Source.TRACK and state.duration and state.duration < CLIP_SECONDS
        if state.uri is None or state.source not in _MUSIC or clip:
            return
        self.play = Play(
            uri=state.uri,
            title=state.title,
            artist=state.artist,
            duration=state.duration,
            number=state.queue_position,
            source=state.source,
            position=position,
        )

    # -- telling -------------------------------------------------------------------------------

    def _fresh(self, state: PlaybackState | None) -> float | None:
        """Return the position if the player told it since the last time."""
        if state is None or state.position_updated_at in (None, self._token):
            return None
        self._token = state.position_updated_at
        return state.position

    def _say(self, kind: Kind, play: Play, when: datetime, source: Source | None = None) -> None:
        self._tell(self.happening(kind, play, when, source=source))

    def happening(
        self,
        kind: Kind,
        play: Play,
        when: datetime,
        *,
        speaker: str | None = None,
        change: float | None = None,
        source: Source | None = None,
    ) -> Happening:
        """Return what happened to a play as it is now."""
        return Happening(
            kind=kind,
            speaker=speaker or self.uid,
            when=when,
            uri=play.uri,
            title=play.title,
            artist=play.artist,
            duration=play.duration,
            position=play.position,
            listened=play.listened,
            speakers=tuple(sorted(play.speakers.items())),
            change=change,
            source=source,
        )


def _unnoticed(position: float | None, elapsed: float) -> float:
    """Return for how long a new track has played already, its position being told (seconds)."""
    if position is None or position > _UNNOTICED:
        return 0.0  # it began somewhere else
    return min(position, elapsed)
