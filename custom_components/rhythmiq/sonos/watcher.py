"""Watching a household: changes of its speakers go in, what happened to the music comes out.

It reads nothing but what the speakers know of themselves, so it does not matter whether that came
by events, from core's players or by asking. One happening stands for a whole group.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..engine.rewards import Kind
from .household import Household
from .identity import track_name
from .plays import Happening, Instant, Plays, Seen
from .speaker import Speaker
from .state import Playback, PlaybackState

__all__ = ["Happening", "OpenPlay", "Watcher"]

_NUDGE_SECONDS: Final = 5.0  # a turn of the volume is over when nothing changed for so long
_NUDGE: Final = 0.015  # changes below are no turn: players have 100 steps


def now() -> Instant:
    """Return the time."""
    return Instant(monotonic(), dt_util.utcnow())


@dataclass(frozen=True, slots=True)
class OpenPlay:
    """A play that began before Home Assistant was restarted, and nobody saw the end of.

    ``uri`` is any uri of the track, ``begun`` when it started, ``speakers`` who may play it now.
    """

    uri: str
    begun: datetime
    speakers: frozenset[str]


@dataclass(slots=True)
class _Turn:
    """A hand at a volume: where it was, and until when more may follow."""

    before: float
    deadline: float


class Watcher:
    """Tells what happens to the music of a household."""

    def __init__(self, household: Household, emit: Callable[[Happening], None]) -> None:
        """Watch a household once started; ``emit`` is called on the event loop."""
        self._household = household
        self._emit = emit
        self._plays: dict[str, Plays] = {}
        self._open: list[OpenPlay] = []
        self._unknown: dict[str, str | None] = {}  # uid → what it plays, from where is not known
        self._followers: set[str] = set()
        self._old: dict[str, PlaybackState] = {}  # what speakers said before they led a group
        self._volume: dict[str, float] = {}
        self._turns: dict[str, _Turn] = {}
        self._stop_meeting: CALLBACK_TYPE | None = None
        self._stops: dict[str, CALLBACK_TYPE] = {}
        self._timer: CALLBACK_TYPE | None = None

    @callback
    def start(self, open_plays: Iterable[OpenPlay] = ()) -> None:
        """Begin; what plays already has not started now."""
        self._open = list(open_plays)
        self._stop_meeting = self._household.add_listener(self._meet)
        self._meet()

    @callback
    def stop(self) -> None:
        """End; what is known by now is told, what still plays stays open."""
        if self._stop_meeting is not None:
            self._stop_meeting()
            self._stop_meeting = None
        while self._stops:
            _, stop = self._stops.popitem()
            stop()
        if self._timer is not None:
            self._timer()
            self._timer = None
        for uid in list(self._turns):
            self._turned(uid)
        for plays in self._plays.values():
            plays.finish_silence()

    @callback
    def _meet(self) -> None:
        """Watch the speakers that are new, and forget those that are in the household no more."""
        for uid in self._plays.keys() - self._household.speakers.keys():
            self._stops.pop(uid)()
            for known in (self._plays, self._unknown, self._old, self._volume, self._turns):
                known.pop(uid, None)
            self._followers.discard(uid)
        for uid, speaker in self._household.speakers.items():
            if uid not in self._plays:
                self._plays[uid] = Plays(uid, self._emit)
                self._unknown[uid] = None
                self._stops[uid] = speaker.add_listener(partial(self._changed, speaker))
                self._changed(speaker)

    @callback
    def _changed(self, speaker: Speaker) -> None:
        time = now()
        self._look(speaker, time)
        if (coordinator := speaker.coordinator) is not speaker and coordinator.uid in self._plays:
            self._look(coordinator, time)
        self._listen_to_volume(speaker, time)
        self._arm(time)

    @callback
    def _check(self, _now: datetime) -> None:
        self._timer = None
        time = now()
        for plays in self._plays.values():
            plays.expire(time.at)
        for uid in [uid for uid, turn in self._turns.items() if turn.deadline <= time.at]:
            self._turned(uid)
        self._arm(time)

    def _arm(self, time: Instant) -> None:
        """Wait for the next thing that only time will tell."""
        if self._timer is not None:
            self._timer()
            self._timer = None
        deadlines = [plays.deadline for plays in self._plays.values()]
        deadlines += [turn.deadline for turn in self._turns.values()]
        if known := [deadline for deadline in deadlines if deadline is not None]:
            delay = max(min(known) - time.at, 0.0)
            self._timer = async_call_later(self._household.hass, delay, self._check)

    # -- music ---------------------------------------------------------------------------------

    def _look(self, speaker: Speaker, time: Instant) -> None:
        uid, plays = speaker.uid, self._plays[speaker.uid]
        seen = self._seen(speaker, time)
        if speaker.coordinator is not speaker:
            self._followers.add(uid)
        elif uid in self._followers:
            self._followers.remove(uid)
            self._old[uid] = speaker.own
        if uid in self._unknown:
            self._adopt(plays, seen)
            return
        if self._take_over(speaker, plays, seen):
            return
        before, seen = plays.play, self._seen(speaker, time)
        plays.observe(seen)
        if seen.ours and plays.play is not None and plays.play is not before:
            for member in speaker.members:
                member.own_hand.shown()
        if plays.play is not None and plays.play.hold is not None:
            self._give_away(plays, time)

    def _adopt(self, plays: Plays, seen: Seen) -> None:
        """Take over what plays when a speaker is met, as soon as its position is known."""
        state = seen.state
        if state is None:
            return
        first = self._unknown[plays.uid] or state.uri
        incomplete = state.duration is not None and state.position is None
        if state.state is Playback.PLAYING and incomplete and first == state.uri:
            self._unknown[plays.uid] = state.uri
            return
        del self._unknown[plays.uid]
        name = track_name(state.uri or "")
        known = [
            each
            for each in self._open
            if name and name == track_name(each.uri) and each.speakers & seen.listening
        ]
        plays.adopt(seen, max((each.begun for each in known), default=None))

    def _seen(self, speaker: Speaker, time: Instant) -> Seen:
        """Return how a group looks; a speaker that follows another one plays nothing itself."""
        leads = speaker.coordinator is speaker
        members = speaker.members if leads else (speaker,)
        own = speaker.own if leads and not self._is_old(speaker) else PlaybackState()
        return Seen(
            time=time,
            state=own if speaker.available else None,
            listening=frozenset(each.uid for each in members if each.available),
            ours=any(each.own_hand.is_at_work for each in members),
        )

    def _is_old(self, speaker: Speaker) -> bool:
        """Tell whether a speaker has said nothing since it leads a group."""
        if (old := self._old.get(speaker.uid)) is None:
            return False
        if old == speaker.own:
            return True
        del self._old[speaker.uid]
        return False

    def _take_over(self, speaker: Speaker, plays: Plays, seen: Seen) -> bool:
        """Let a speaker that has become the coordinator go on with its old group's play."""
        if plays.play is not None or speaker.coordinator is not speaker:
            return False
        for other in self._plays.values():
            held = other.play is not None and other.play.hold is not None
            # Until it says something itself, it is the old coordinator's silence that tells
            given = Seen(
                time=seen.time,
                state=speaker.own if speaker.available else None,
                listening=seen.listening,
            )
            fresh = given if held else seen
            if other is not plays and other.hand_over(plays, fresh):
                self._followers.discard(speaker.uid)
                self._old.pop(speaker.uid, None)
                self._old[other.uid] = self._household.speakers[other.uid].own
                return True
        return False

    def _give_away(self, plays: Plays, time: Instant) -> None:
        """Look for a speaker that goes on where a coordinator fell silent."""
        for speaker in self._household.speakers.values():
            other = self._plays.get(speaker.uid)
            if other is not None and other is not plays and speaker.uid not in self._unknown:
                seen = self._seen(speaker, time)
                if self._take_over(speaker, other, seen):
                    return

    # -- volume --------------------------------------------------------------------------------

    def _listen_to_volume(self, speaker: Speaker, time: Instant) -> None:
        uid, volume = speaker.uid, speaker.own.volume
        if volume is None:
            return
        before = self._volume.get(uid, volume)
        self._volume[uid] = volume
        playing = speaker.state.state is Playback.PLAYING
        if volume == before or not playing or self._is_ours(speaker):
            return
        turn = self._turns.setdefault(uid, _Turn(before, 0.0))
        turn.deadline = time.at + _NUDGE_SECONDS

    @staticmethod
    def _is_ours(speaker: Speaker) -> bool:
        return speaker.own_hand.is_at_work or speaker.coordinator.own_hand.is_at_work

    def _turned(self, uid: str) -> None:
        """Tell of a turn of the volume that is over."""
        change = self._volume[uid] - self._turns.pop(uid).before
        plays = self._plays[self._household.speakers[uid].coordinator.uid]
        if plays.play is not None and abs(change) >= _NUDGE:
            self._emit(
                plays.happening(
                    Kind.VOLUME, plays.play, dt_util.utcnow(), speaker=uid, change=round(change, 2)
                )
            )
