"""What a listener's last outcomes say about a moment.

A row's recollections are what was known when it came: of the rows before it in the sequence,
those strictly before its time. So they never change, and mean the same to learning and to asking.
Rows observed without a time count as long ago; who asks without a time asks about the far future.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
import math

import numpy as np
from numpy.typing import NDArray

from ..features import Doubles
from .codebook import key
from .rows import Codes

# Half-lives of recent outcomes, in seconds: a session, a day, a season of taste.
HALF_LIVES = (15 * 60.0, 24 * 3600.0, 30 * 24 * 3600.0)
FRESH = 24 * 3600.0  # seconds until a meeting is half forgotten
MOODS = 64  # kept while no row comes
SPAN = 32  # outcomes looked back on; older ones are in the effects
SHRINKAGE = 2.0  # outcomes without news that a mean counts in
# The momentum per half-life, how busy the session is, the last outcome; then for the track and for
# the artist with this listener: how often met, how much better than usual, how fresh.
RECOLLECTIONS = len(HALF_LIVES) + 2 + 2 * 3
_NOTHING = array("i")
_NEVER = [0.0, 0.0, 0.0]  # met, better than usual, fresh

type Mood = tuple[float, list[float]]  # a listener's usual outcome, and the momentum


class Memory:
    """Times and outcomes of all rows, indexed by listener and by what they listened to."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._when = array("d")
        self._reward = array("d")
        self._by_artist: dict[int, array[int]] = {}  # rows as they came
        self._by_listener: dict[int, array[int]] = {}  # rows by time, as all below
        self._by_artist_pair: dict[int, array[int]] = {}  # by `key` of listener and artist
        self._by_pair: dict[int, array[int]] = {}
        self._moods: dict[tuple[int, float], Mood] = {}  # those asked for since the last row

    def __len__(self) -> int:
        """Return the number of rows remembered."""
        return len(self._when)

    def add(self, codes: Sequence[int], when: float, reward: float) -> None:
        """Remember a row: codes (listener, artist, track, pair), time (-inf: none), outcome."""
        row = len(self._when)
        self._moods.clear()
        self._when.append(when)
        self._reward.append(reward)
        listener, artist, _, pair = codes
        self._by_artist.setdefault(artist, array("i")).append(row)
        if listener >= 0:
            for index, code in (
                (self._by_listener, listener),
                (self._by_artist_pair, key(listener, artist)),
                (self._by_pair, pair),
            ):
                self._insert(index.setdefault(code, array("i")), row)

    def recall(self, listener: Codes, nested: Codes, when: Doubles) -> NDArray[np.float32]:
        """Return what is known before each row, float32[n, RECOLLECTIONS], all finite."""
        rows = zip(listener.tolist(), nested.tolist(), when.tolist(), strict=True)
        found = []
        if len(self._moods) > MOODS:
            self._moods.clear()
        for who, (artist, _, pair), asked in rows:
            if (mood := self._moods.get((who, asked))) is None:
                mood = self._moods[who, asked] = self._mood(who, asked)
            found.append(self._recollect(mood, who, artist, pair, asked))
        return np.array(found, dtype=np.float32).reshape(-1, RECOLLECTIONS)

    def recollections(self, listener: int, artist: int, pair: int, when: float) -> list[float]:
        """Return what is known before `when`, by codes; zeros for a listener without a past."""
        return self._recollect(self._mood(listener, when), listener, artist, pair, when)

    def _mood(self, listener: int, when: float) -> Mood:
        _, last = self._before(self._by_listener.get(listener, _NOTHING), when)
        outcomes = [self._reward[row] for row in last]
        usual = (sum(outcomes) + SHRINKAGE * 0.5) / (len(outcomes) + SHRINKAGE)
        return usual, [*self._momentum(outcomes, [when - self._when[row] for row in last])]

    def _recollect(
        self, mood: Mood, listener: int, artist: int, pair: int, when: float
    ) -> list[float]:
        usual, momentum = mood
        found = momentum.copy()
        for rows in (
            self._by_pair.get(pair),
            self._by_artist_pair.get(key(listener, artist)),
        ):
            if rows is None:  # most of a catalog, so it must be quick
                found += _NEVER
                continue
            count, last = self._before(rows, when)
            gain = sum([self._reward[row] for row in last]) - usual * len(last)
            fresh = math.exp2((self._when[last[-1]] - when) / FRESH) if last else 0.0
            found += [math.log1p(count), gain / (len(last) + SHRINKAGE), fresh]
        return found

    def rows_of(self, artists: Iterable[int]) -> Codes:
        """Return the rows of artists, by codes: artist by artist, in the order they came."""
        rows = array("i")
        for artist in artists:
            rows.extend(self._by_artist.get(artist, _NOTHING))
        return np.array(rows, dtype=np.int64)

    def portions(self, artists: Codes, most: int) -> Iterator[Codes]:
        """Cut rows with these artist codes into portions, an artist's rows together.

        A portion's own rows and the remembered rows of its artists are about `most`.
        """
        own = sum(len(self._by_artist.get(artist, _NOTHING)) for artist in set(artists.tolist()))
        if len(artists) + own <= most:  # as for most recommendations
            return iter([np.arange(len(artists))])
        order = np.argsort(artists, kind="stable")
        new = np.diff(artists[order], prepend=-2) != 0
        cost = np.ones(len(order), dtype=np.int64)
        for place in np.flatnonzero(new).tolist():
            cost[place] += len(self._by_artist.get(int(artists[order[place]]), _NOTHING))
        full = np.diff(np.cumsum(cost) // most, prepend=0) > 0
        return iter(np.split(order, np.flatnonzero(full)))

    @staticmethod
    def _momentum(outcomes: list[float], ages: list[float]) -> Iterator[float]:
        """Yield the momentum per half-life, how busy the session is, the last outcome."""
        busy = 0.0
        for half_life in HALF_LIVES:
            weights = [math.exp2(-age / half_life) for age in ages]
            total = sum(weights)
            swing = sum([w * y for w, y in zip(weights, outcomes, strict=True)]) - total / 2
            yield swing / (total + SHRINKAGE / 2)
            busy = max(busy, total if half_life == HALF_LIVES[0] else 0.0)
        yield math.log1p(busy)
        yield (outcomes[-1] - 0.5) * math.exp2(-ages[-1] / HALF_LIVES[0]) if ages else 0.0

    def _insert(self, rows: array[int], row: int) -> None:
        """Keep `rows` by time, ties in the order they came."""
        when = self._when[row]
        if not rows or self._when[rows[-1]] <= when:
            rows.append(row)
        else:
            later = math.nextafter(when, math.inf)
            rows.insert(bisect_left(rows, later, key=self._when.__getitem__), row)

    def _before(self, rows: array[int], when: float) -> tuple[int, array[int]]:
        """Return how many of `rows` were strictly before `when`, and the last of them."""
        count = len(rows)
        if count and self._when[rows[-1]] >= when:
            count = bisect_left(rows, when, key=self._when.__getitem__)
        return count, rows[max(count - SPAN, 0) : count]
