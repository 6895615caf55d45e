"""Beam search for the cheapest sequence of tracks.

A beam keeps the cheapest partial sequences of each length (B. Lowerre 1976, The HARPY speech
recognition system). Of those that hold the same tracks and end alike only the cheapest can become
the best, so the others are dropped (M. Held and R. M. Karp 1962, J. Soc. Ind. Appl. Math. 10, 196).
"""

from dataclasses import dataclass
import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .deviation import Deviations
from .features import Doubles, Mask, Rows
from .pool import Pool
from .transition import Transitions
from .tune_vector import Path

_WORK = 8192  # continuations weighed per step; up to 9 tracks these are all there are
_WIDTH = (16, 4096)  # partial sequences kept
_SHORTLIST = 256  # candidates considered per step: those that suit the time best
_SLOTS = 64  # times at which the cost of what is left is looked up
_TOLERANCE = 105.0  # seconds: half an ordinary track


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What the parts of the cost weigh, in utility (assumptions)."""

    path: float = 3.0  # a standard deviation off the path
    transition: float = 3.0  # a break
    repeat: float = 0.6  # the second track of an artist; twice that the third, ...


USUAL: Final = Balance()


class _Beam(NamedTuple):
    """Partial sequences of one length, cheapest first."""

    cost: Doubles  # float64[b]
    elapsed: Doubles  # float64[b], seconds
    last: Rows  # int64[b], the last track; -1 before the first
    used: Mask  # bool[b, recordings]
    played: NDArray[np.int16]  # int16[b, artists], times
    held: NDArray[np.uint64]  # uint64[b], a hash of the set of tracks

    def take(self, which: Mask) -> _Beam:
        return _Beam(
            self.cost[which],
            self.elapsed[which],
            self.last[which],
            self.used[which],
            self.played[which],
            self.held[which],
        )


class _Step(NamedTuple):
    """How each sequence of a beam was made: a place in the beam before, and the track added."""

    parent: Rows
    track: Rows


class Search:
    """What the search looks up, for candidates in the order of their uris."""

    def __init__(
        self,
        tracks: Pool,
        path: Path,
        balance: Balance,
        elapsed: float,
        *,
        distinct: bool,
        width: int | None,
    ) -> None:
        n = len(tracks.uri)
        self._elapsed = elapsed
        self._tracks = tracks
        self._balance = balance
        self._deviations = Deviations(tracks, path)
        self._transitions = Transitions(tracks.motion)
        self._recording = _codes(tracks.recording) if distinct else np.arange(n)
        self._artist = _codes(("", *tracks.artist))[1:]  # 0 is nobody
        self._hash = _mixed(np.arange(1, n + 1, dtype=np.uint64))
        self._shortlist = min(n, _SHORTLIST)
        self._later = None if distinct else _Later(self._deviations, tracks.seconds, elapsed)
        low, high = _WIDTH
        self._width = width or max(low, min(_WORK // self._shortlist, high))

    def start(self, previous: int) -> _Beam:
        """Return the beam before the first track."""
        used = np.zeros((1, int(self._recording.max()) + 1), dtype=np.bool_)
        if previous >= 0:
            used[0, self._recording[previous]] = True
        return _Beam(
            np.zeros(1),
            np.array([self._elapsed]),
            np.array([previous]),
            used,
            np.zeros((1, int(self._artist.max()) + 1), dtype=np.int16),
            np.zeros(1, dtype=np.uint64),
        )

    def counted(self, beam: _Beam, count: int) -> list[int]:
        """Return the best `count` tracks, or all if there are fewer."""
        steps: list[_Step] = []
        while len(steps) < count and (extended := self._extended(beam)) is not None:
            beam, step = extended
            steps.append(step)
        return _traced(steps, 0)

    def filled(self, beam: _Beam, until: float) -> list[int]:
        """Return the best tracks to end at `until`: least off by more than the tolerance first."""
        tolerance = max(0.0, min(_TOLERANCE, (until - self._elapsed) / 2))
        steps: list[_Step] = []
        best, chosen = (math.inf, math.inf), list[int]()
        while len(beam.cost):
            extended = self._extended(beam)
            if extended is not None:
                beam, step = extended
                steps.append(step)
            ends = beam.elapsed >= until - tolerance
            if extended is None:  # nothing is left to play
                ends[:] = bool(steps)
            # rounded: the same tracks in another order add up a little differently
            off = np.maximum(np.abs(beam.elapsed - until) - tolerance, 0.0).round(3)
            for at in np.flatnonzero(ends).tolist():
                result = (float(off[at]), float(beam.cost[at]) / len(steps))
                if result < best:
                    best, chosen = result, _traced(steps, at)
            if extended is None:
                break
            beam = beam.take(~ends)
            steps[-1] = _Step(step.parent[~ends], step.track[~ends])
        return chosen

    def _extended(self, beam: _Beam) -> tuple[_Beam, _Step] | None:
        """Return the cheapest sequences that are one track longer, or None if no track is left."""
        tracks = self._suitable(beam)
        cost = beam.cost[:, None] + self._worth(
            beam.elapsed[:, None], beam.played[:, self._artist[tracks]], tracks
        )
        if beam.last[0] >= 0:
            into = self._transitions.cost(beam.last[:, None], tracks[None, :])
            cost += self._balance.transition * into
        cost[beam.used[:, self._recording[tracks]]] = np.inf
        outlook = cost
        if self._later is not None:
            outlook = cost + self._balance.path * self._later.squared(beam, tracks)
        cheapest = _lowest(outlook.ravel(), 8 * self._width)
        parent, column = np.divmod(cheapest, len(tracks))
        track = tracks[column]
        held = beam.held[parent] ^ self._hash[track]
        _, first = np.unique(_mixed(held) ^ track.astype(np.uint64), return_index=True)
        kept = np.sort(first)[: self._width]
        if len(kept) == 0:
            return None
        parent, track = parent[kept], track[kept]
        used, played = beam.used[parent], beam.played[parent]
        used[np.arange(len(kept)), self._recording[track]] = True
        artist = self._artist[track]
        played[np.arange(len(kept)), artist] += artist > 0
        extended = _Beam(
            cost.ravel()[cheapest[kept]],
            beam.elapsed[parent] + self._tracks.seconds[track],
            track,
            used,
            played,
            held[kept],
        )
        return extended, _Step(parent, track)

    def _suitable(self, beam: _Beam) -> Rows:
        """Return the tracks that suit the time best and that some sequence has not played."""
        every = np.arange(len(self._recording))
        if len(every) <= self._shortlist:
            return every
        worth = self._worth(
            np.full(1, beam.elapsed.mean()), beam.played.min(axis=0)[self._artist], every
        )
        if self._later is not None:
            worth -= self._balance.path * self._later.least(float(beam.elapsed.mean()))
        everywhere = np.logical_and.reduce(beam.used)
        worth[everywhere[self._recording]] = np.inf
        return np.sort(_lowest(worth, self._shortlist))

    def _worth(self, elapsed: Doubles, times: NDArray[np.int16], tracks: Rows) -> Doubles:
        """Return what playing tracks next costs but for the transition."""
        middle = elapsed + self._tracks.seconds[tracks] / 2
        off_path = self._deviations.squared(middle, tracks)
        cost: Doubles = self._balance.path * off_path + self._balance.repeat * times
        cost -= self._tracks.utility[tracks]
        return cost


class _Later:
    """How far off the path the tracks not played yet will be at least, if all are to be played.

    Each at its best time from now on: so the beam does not leave for the end what only suited the
    beginning.
    """

    def __init__(self, deviations: Deviations, seconds: Doubles, elapsed: float) -> None:
        self._seconds = seconds
        self._starts = elapsed + np.linspace(0, seconds.sum(), _SLOTS)
        squares = deviations.squared(self._starts[:, None] + seconds / 2, np.arange(len(seconds)))
        self._least = np.minimum.accumulate(squares[::-1])[::-1]  # [slots, n]

    def least(self, elapsed: float) -> Doubles:
        """Return the square of every track, if it is played after some time, float64[n]."""
        slot = min(int(np.searchsorted(self._starts, elapsed)), _SLOTS - 1)
        squares: Doubles = self._least[slot]
        return squares

    def squared(self, beam: _Beam, tracks: Rows) -> Doubles:
        """Return the sum of squares of all others after each sequence and track, [b, tracks]."""
        ends = beam.elapsed[:, None] + self._seconds[tracks]
        slot = np.minimum(np.searchsorted(self._starts, ends), _SLOTS - 1)
        left = np.where(beam.used, 0.0, 1.0) @ self._least.T  # [b, slots]
        others: Doubles = np.take_along_axis(left, slot, axis=1) - self._least[slot, tracks]
        return others


def _lowest(values: Doubles, k: int) -> Rows:
    """Return the indices of the `k` lowest finite values, ascending, ties by lower index."""
    if k < len(values):
        bound = np.partition(values, k - 1)[k - 1]
        few = np.flatnonzero((values <= bound) & (values < np.inf))
    else:
        few = np.flatnonzero(values < np.inf)
    return few[np.argsort(values[few], kind="stable")[:k]]


def _traced(steps: list[_Step], at: int) -> list[int]:
    """Return the tracks of the sequence at a place of the last beam."""
    tracks = []
    for step in reversed(steps):
        tracks.append(int(step.track[at]))
        at = int(step.parent[at])
    return tracks[::-1]


def _codes(labels: tuple[object, ...]) -> Rows:
    """Return a number for each label: equal ones for equal labels, in order of appearance."""
    codes: dict[object, int] = {}
    return np.array([codes.setdefault(label, len(codes)) for label in labels])


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter the bits of integers (splitmix64: G. L. Steele et al. 2014, Proc. OOPSLA, 453)."""
    bits = bits * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
