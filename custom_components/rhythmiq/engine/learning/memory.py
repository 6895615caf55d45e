"""Who and what was met before: codes for ids, and what a listener's last outcomes say.

A row's recollections are what was known when it came: of the rows before it in the sequence,
those strictly before its time. So they never change, and hold for training and asking alike.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
import math

import numpy as np

from ..features import Doubles
from .rows import Batch, Codes

# Half-lives of recent outcomes, in seconds: a session, a day, a season of taste.
HALF_LIVES = (15 * 60.0, 24 * 3600.0, 30 * 24 * 3600.0)
SPAN = 32  # outcomes looked back on; older ones are in the effects
SHRINKAGE = 2.0  # outcomes without news that a mean counts in
# momentum per half-life and how busy the session is; the last outcome; then for the track and for
# the artist with this listener: how often met, how it went, how fresh it is
RECOLLECTIONS = len(HALF_LIVES) + 2 + 2 * 3
FRESH = 24 * 3600.0  # seconds until a meeting is half forgotten
_NOBODY = array("q")


class Memory:
    """Index of the observed rows by listener, artist, track and (listener, artist or track)."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._when = array("d")
        self._reward = array("d")
        self._listeners: dict[int, int] = {}
        self._artist_of: dict[int, int] = {}  # track id → code of its artist
        self._artists: dict[int, int] = {}
        self._tracks: dict[int, int] = {}
        self._pairs: dict[tuple[int, int], int] = {}
        self._by_artist: dict[int, array[int]] = {}  # code → rows as they came
        self._by_listener: dict[int, array[int]] = {}  # id → rows by time
        self._by_pair: dict[int, array[int]] = {}  # code of (listener, track) → rows by time
        self._by_artist_pair: dict[tuple[int, int], array[int]] = {}  # (id, code) → rows by time

    def __len__(self) -> int:
        """Return the number of rows remembered."""
        return len(self._when)

    @property
    def n_listeners(self) -> int:
        """The number of listeners met."""
        return len(self._listeners)

    def listener_codes(self, batch: Batch) -> Codes:
        """Return the number of each row's listener in order of appearance, -1 if unknown."""
        known = self._listeners
        return np.array([known.get(one, -1) for one in batch.listener.tolist()], dtype=np.int64)

    def codes(self, batch: Batch) -> Codes:
        """Return the codes (artist, track, pair) of each row, int64[n, 3]; -1 for what is new."""
        triples = zip(
            batch.listener.tolist(), batch.track.tolist(), batch.artist.tolist(), strict=True
        )
        found = np.empty((len(batch), 3), dtype=np.int64)
        for row, (listener, track, artist) in enumerate(triples):
            number = self._tracks.get(track, -1)
            home = self._artist_of[track] if number >= 0 else self._artists.get(artist, -1)
            pair = self._pairs.get((listener, number), -1) if number >= 0 else -1
            found[row] = home, number, pair
        return found

    def rows_of(self, artist_codes: Codes) -> Codes:
        """Return the rows of these artists, artist by artist, in the order they came."""
        rows = [self._by_artist.get(code, _NOBODY) for code in artist_codes.tolist()]
        return np.concatenate(
            [np.frombuffer(some, dtype=np.int64) for some in rows if some]
            or [np.empty(0, dtype=np.int64)]
        )

    def recollections(self, batch: Batch, codes: Codes) -> Doubles:
        """Return what is known before each row, float64[n, RECOLLECTIONS], all finite."""
        found = np.zeros((len(batch), RECOLLECTIONS))
        columns = zip(batch.listener.tolist(), codes.tolist(), batch.when.tolist(), strict=True)
        for row, (listener, (artist, _, pair), when) in enumerate(columns):
            found[row] = tuple(self._recall(listener, artist, pair, when))
        return found

    def learn(self, batch: Batch) -> tuple[Codes, Codes, Doubles]:
        """Take rows in, one after the other; return their listener codes, codes, recollections.

        What is unknown (-1) is new every time.
        """
        recollections = np.zeros((len(batch), RECOLLECTIONS))
        listeners, codes = np.empty(len(batch), dtype=np.int64), np.empty((len(batch), 3), np.int64)
        for row, (listener, track, artist, when, reward) in enumerate(_observed(batch)):
            listeners[row], codes[row] = self._encode(listener, track, artist)
            asked = when if when > -math.inf else math.inf
            home, _, pair = codes[row].tolist()
            recollections[row] = tuple(self._recall(listener, home, pair, asked))
            self._file(listener, home, pair, when, reward)
        return listeners, codes, recollections

    def restore(self, batch: Batch) -> tuple[Codes, Codes]:
        """Take rows in whose recollections are known already."""
        listeners, codes = np.empty(len(batch), dtype=np.int64), np.empty((len(batch), 3), np.int64)
        for row, (listener, track, artist, when, reward) in enumerate(_observed(batch)):
            listeners[row], codes[row] = self._encode(listener, track, artist)
            home, _, pair = codes[row].tolist()
            self._file(listener, home, pair, when, reward)
        return listeners, codes

    def portions(self, artists: Codes, most: int) -> Iterator[Codes]:
        """Cut rows with these artist codes into portions, each artist's rows together.

        The rows of a portion and the observed rows of its artists are about `most`.
        """
        order = np.argsort(artists, kind="stable")
        new = np.diff(artists[order], prepend=-2) != 0
        cost = np.ones(len(order), dtype=np.int64)
        cost[new] += [len(self._by_artist.get(a, _NOBODY)) for a in artists[order][new].tolist()]
        full = np.diff(np.cumsum(cost) // most, prepend=0) > 0
        return iter(np.split(order, np.flatnonzero(full)) if len(order) else ())

    def _encode(self, listener: int, track: int, artist: int) -> tuple[int, tuple[int, int, int]]:
        """Return the listener's code and the codes of a row, giving new ones to what is new.

        A track stays with the artist it first came with. New codes are taken from the number of
        the row, so none is given twice: what is unknown has its row's code and is never found.
        """
        row = len(self._when)
        number = self._tracks.get(track, row) if track >= 0 else row
        if number == row:
            home = self._artists.setdefault(artist, row) if artist >= 0 else row
            if track >= 0:
                self._tracks[track], self._artist_of[track] = row, home
        else:
            home = self._artist_of[track]
        pair, who = row, -1
        if listener >= 0:
            who = self._listeners.setdefault(listener, len(self._listeners))
            if track >= 0:
                pair = self._pairs.setdefault((listener, number), row)
        return who, (home, number, pair)

    def _file(self, listener: int, artist: int, pair: int, when: float, reward: float) -> None:
        row = len(self._when)
        self._when.append(when)
        self._reward.append(reward)
        self._by_artist.setdefault(artist, array("q")).append(row)
        if listener >= 0:
            self._insert(self._by_listener.setdefault(listener, array("q")), row)
            self._insert(self._by_artist_pair.setdefault((listener, artist), array("q")), row)
            self._insert(self._by_pair.setdefault(pair, array("q")), row)

    def _insert(self, rows: array[int], row: int) -> None:
        """Keep `rows` by time, ties in the order they came."""
        when = self._when[row]
        rows.append(row)
        place = len(rows) - 1
        if place and self._when[rows[place - 1]] > when:
            place = bisect_left(rows, math.nextafter(when, math.inf), 0, place, key=self._time)
            rows[place + 1 :] = rows[place:-1]
            rows[place] = row

    def _time(self, row: int) -> float:
        return self._when[row]

    def _before(self, rows: array[int], when: float) -> tuple[int, array[int]]:
        """Return how many of `rows` were strictly before `when`, and the last of them."""
        count = len(rows)
        if count and self._when[rows[-1]] >= when:
            count = bisect_left(rows, when, key=self._time)
        return count, rows[max(count - SPAN, 0) : count]

    def _recall(self, listener: int, artist: int, pair: int, when: float) -> Iterator[float]:
        """Yield the recollections of one row; zeros for a listener without a past."""
        _, last = self._before(self._by_listener.get(listener, _NOBODY), when)
        outcomes = [self._reward[row] for row in last]
        usual = (sum(outcomes) + SHRINKAGE * 0.5) / (len(outcomes) + SHRINKAGE)
        ages = [when - self._when[row] for row in last]
        for number, half_life in enumerate(HALF_LIVES):
            weights = [math.exp2(-age / half_life) for age in ages]
            total = sum(weights)
            swing = sum(w * (y - 0.5) for w, y in zip(weights, outcomes, strict=True))
            yield swing / (total + SHRINKAGE / 2)
            if not number:
                yield math.log1p(total)
        yield (outcomes[-1] - 0.5) * math.exp2(-ages[-1] / HALF_LIVES[0]) if last else 0.0
        for rows in (
            self._by_pair.get(pair, _NOBODY),
            self._by_artist_pair.get((listener, artist), _NOBODY),
        ):
            count, last = self._before(rows, when)
            gain = sum(self._reward[row] - usual for row in last)
            yield math.log1p(count)
            yield gain / (len(last) + SHRINKAGE)
            yield math.exp2(-(when - self._when[last[-1]]) / FRESH) if last else 0.0


def _observed(batch: Batch) -> Iterator[tuple[int, int, int, float, float]]:
    return zip(
        batch.listener.tolist(),
        batch.track.tolist(),
        batch.artist.tolist(),
        batch.when.tolist(),
        batch.reward.tolist(),
        strict=True,
    )
