"""Everything observed: the rows, what was known before each, and who is who."""

from collections.abc import Mapping
from dataclasses import fields
import math

import numpy as np
from numpy.typing import NDArray

from ..features import Doubles
from .codebook import Codebook
from .memory import RECOLLECTIONS, Memory
from .nested import LEVELS
from .rows import Asked, Batch, Codes, Column, Table

_TOGETHER = 4096  # rows that are numbers of Python at once
STORED = (*(field.name for field in fields(Batch)), "recollections", "outcome")


class Log:
    """Rows in the order they came."""

    def __init__(self, empty: Batch) -> None:
        """Start without rows; `empty` has the widths of features and context."""
        self._codebook, self.memory = Codebook(), Memory()
        self._rows = Table(
            empty.columns()
            | {
                "code": np.empty(0, dtype=np.int64),
                "nested": np.empty((0, LEVELS), dtype=np.int64),
                "recollections": np.empty((0, RECOLLECTIONS), dtype=np.float32),
                "outcome": np.empty(0),
            }
        )

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    @property
    def n_features(self) -> int:
        """Return how many features each row has."""
        return int(self._rows["features"].shape[1])

    def add(self, batch: Batch, expected: Doubles) -> None:
        """Append rows, each with what was known before it.

        `expected` float64[n] is what was expected of them before anything was observed; what is
        learned from is the difference.
        """
        codes = np.empty((len(batch), 1 + LEVELS), dtype=np.int64)
        recollections = np.empty((len(batch), RECOLLECTIONS), dtype=np.float32)
        for row, (listener, track, artist, when, reward) in enumerate(batch.outcomes()):
            found = self._codebook.add(len(self.memory), listener, track, artist)
            who, home, _, pair = codes[row] = found
            asked = when if when > -math.inf else math.inf
            recollections[row] = self.memory.recollections(who, home, pair, asked)
            self.memory.add(found, when, reward)
        columns = batch.columns()
        columns |= {"recollections": recollections, "outcome": batch.reward - expected}
        self._append(columns, codes)

    def restore(self, stored: Mapping[str, Column]) -> None:
        """Append rows as `columns` gave them; nobody may change these arrays any more."""
        batch = Batch(**{field.name: stored[field.name] for field in fields(Batch)})
        codes = np.empty((len(batch), 1 + LEVELS), dtype=np.int64)
        for start in range(0, len(batch), _TOGETHER):
            part = batch.rows(slice(start, start + _TOGETHER))
            for row, (listener, track, artist, when, reward) in enumerate(part.outcomes(), start):
                codes[row] = found = self._codebook.add(row, listener, track, artist)
                self.memory.add(found, when, reward)
        self._append({name: stored[name] for name in STORED}, codes, own=True)

    def columns(self) -> dict[str, Column]:
        """Return what `restore` needs, by name."""
        return {name: self._rows[name] for name in STORED}

    def ask(self, batch: Batch) -> Asked:
        """Return what the model needs to know about rows that are asked about."""
        listener, nested = self._codebook.find(batch)
        recollections = self.memory.recall(listener, nested, batch.when)
        return Asked(batch.features, batch.context, recollections, listener, nested)

    def met(self, tracks: Codes, artists: Codes) -> NDArray[np.bool_]:
        """Tell which tracks (ids) there are rows of, or else of their artists."""
        return self._codebook.met(tracks, artists)

    def observed(self, rows: Codes | slice) -> Asked:
        """Return the same about observed rows."""
        names = ("features", "context", "recollections", "code", "nested")
        return Asked(*(self._rows[name][rows] for name in names))

    def outcome(self, rows: Codes) -> Doubles:
        """Return how rows turned out, less what was expected of them at first, float64[n]."""
        found: Doubles = self._rows["outcome"][rows]
        return found

    def reward(self, rows: Codes | slice) -> Doubles:
        """Return how rows turned out, float64[n]."""
        found: Doubles = self._rows["reward"][rows]
        return found

    def by_nested(self, rows: Codes) -> Codes:
        """Return `rows` with those of an artist, then a track, then a pair together."""
        ordered: Codes = rows[np.lexsort(self._rows["nested"][rows].T[::-1])]
        return ordered

    def nested(self, rows: Codes) -> Codes:
        """Return the codes (artist, track, pair) of rows, int64[n, LEVELS]."""
        found: Codes = self._rows["nested"][rows]
        return found

    def n_listeners(self, n: int) -> int:
        """Return how many listeners the first n rows know."""
        return int(self._rows["code"][:n].max(initial=-1)) + 1

    def _append(self, columns: Mapping[str, Column], codes: Codes, *, own: bool = False) -> None:
        more = {**columns, "code": codes[:, 0], "nested": codes[:, 1:]}
        self._rows.append(more, own=own)
