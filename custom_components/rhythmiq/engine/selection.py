"""From scores to a list: the best tracks, unlike each other, no recording twice."""

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field

import numpy as np

from .features import Doubles, Mask
from .index import Codes

ARTIST_COST = 0.6  # utility; the second track of an artist pays it once, the third twice, ...
ALBUM_COST = 0.3  # likewise, of an album
LIKENESS_COST = 0.3  # for being exactly like the most similar track chosen before

UNWANTED = 2.0**12  # utility; more than any score


@dataclass(frozen=True, slots=True)
class Candidates:
    """n tracks that may be chosen, ties in this order.

    `artist`, `album` and `genre` are codes, -1 unknown and like nothing. `sound` float64[n, f] are
    standardised coordinates of what is heard. What is `unwanted` is chosen after all else.
    """

    score: Doubles
    unwanted: Mask
    artist: Codes
    album: Codes
    genre: Codes
    sound: Doubles
    seconds: Doubles

    def __len__(self) -> int:
        """Return the number of tracks."""
        return len(self.score)


@dataclass(frozen=True, slots=True)
class Pick:
    """A chosen candidate and what it paid (at most 0) for being like those chosen before."""

    index: int
    diversity: float


@dataclass(slots=True)
class Budget:
    """How much to choose: a number of tracks, or a duration met within half an ordinary track."""

    count: int | None
    seconds: float = 0.0
    ordinary: float = 0.0  # seconds

    def takes(self, seconds: float) -> bool:
        """Tell whether a track of this length still fits."""
        return self.count is not None or seconds <= self.seconds + self.ordinary / 2

    def spend(self, seconds: float) -> None:
        """Account for a chosen track."""
        if self.count is not None:
            self.count -= 1
        self.seconds -= seconds

    @property
    def met(self) -> bool:
        """Tell whether enough was chosen."""
        return self.count == 0 if self.count is not None else self.seconds < self.ordinary / 2


@dataclass(slots=True)
class Choice:
    """What was chosen, in order; `worst` is what the last one was worth when it was."""

    picks: list[Pick] = field(default_factory=list)
    worst: float = np.inf


def value(score: Doubles, unwanted: Mask) -> Doubles:
    """Return what counts in a comparison: the score, below every other where unwanted."""
    worth: Doubles = np.asarray(score - UNWANTED * unwanted, dtype=np.float64)
    return worth


def select(
    tracks: Candidates,
    budget: Budget,
    recording: Callable[[int], Hashable],
    *,
    left_out: Collection[Hashable] = (),
    diversity: float = 1.0,
) -> Choice:
    """Choose greedily by score less what being like the chosen costs, until the budget is met.

    Maximal marginal relevance (J. Carbonell & J. Goldstein 1998, Proc. SIGIR, 335): likeness to
    the most similar chosen track costs, repeating artists and albums costs each time. Costs only
    grow. At least one track is chosen if any fits. `recording` tells what a candidate is a
    recording of; `left_out` names recordings not to choose. `diversity` (0-1) scales all costs.
    """
    choice = Choice()
    start = value(tracks.score, tracks.unwanted)
    worth = start.copy()
    costs = _Costs(tracks)
    seen = set(left_out)
    for _ in range(len(tracks)):
        if choice.picks and budget.met:
            break
        best = int(worth.argmax())
        highest = float(worth[best])
        worth[best] = -np.inf
        seconds = float(tracks.seconds[best])
        if not budget.takes(seconds) or (made := recording(best)) in seen:
            continue
        seen.add(made)
        budget.spend(seconds)
        choice.picks.append(Pick(best, highest - float(start[best])))
        choice.worst = highest
        if diversity:
            costs.charge(worth, best, diversity)
    return choice


class _Costs:
    """What choosing a track costs the others."""

    def __init__(self, tracks: Candidates) -> None:
        self._sound, self._genre = tracks.sound, tracks.genre
        self._likeness = np.zeros(len(tracks))
        self._groups = [
            (codes.tolist(), _members(codes), cost)
            for codes, cost in ((tracks.artist, ARTIST_COST), (tracks.album, ALBUM_COST))
        ]

    def charge(self, worth: Doubles, chosen: int, scale: float) -> None:
        """Take from the worth of all tracks what one more like the chosen one would cost."""
        for codes, members, cost in self._groups:
            for track in members.get(codes[chosen], ()):
                worth[track] -= scale * cost
        away = self._sound - self._sound[chosen]
        away *= away
        alike: Doubles = 0.5 / (1 + away.sum(axis=1))
        if self._genre[chosen] >= 0:
            alike += 0.5 * (self._genre == self._genre[chosen])
        np.maximum(alike, self._likeness, out=alike)
        worth -= (scale * LIKENESS_COST) * (alike - self._likeness)
        self._likeness = alike


def _members(codes: Codes) -> dict[int, list[int]]:
    """Return which tracks share each known code."""
    members: dict[int, list[int]] = {}
    for track, code in enumerate(codes.tolist()):
        if code >= 0:
            members.setdefault(code, []).append(track)
    return members
