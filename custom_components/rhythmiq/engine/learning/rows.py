"""What was observed, row by row: a growing table of columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..features import Doubles, Floats, Rows

type Codes = NDArray[np.int64]  # small consecutive numbers that stand for ids
type Column = NDArray[Any]


@dataclass(slots=True)
class Batch:
    """n rows as they are asked about, inputs as raw as the caller gave them."""

    listener: Rows  # int64[n], -1 unknown
    track: Rows  # int64[n], -1 unknown
    artist: Rows  # int64[n], -1 unknown
    features: Floats  # float32[n, d], NaN missing
    context: Floats  # float32[n, m], NaN absent
    when: Doubles  # float64[n] seconds; -inf observed, or +inf asked, without a time
    reward: Doubles  # float64[n] in [0, 1]; NaN where it is asked for

    def __len__(self) -> int:
        """Return n."""
        return len(self.listener)

    def rows(self, part: slice) -> Batch:
        """Return some of the rows."""
        return Batch(**{name: column[part] for name, column in self.columns().items()})

    def outcomes(self) -> Iterator[tuple[int, int, int, float, float]]:
        """Yield (listener, track, artist, when, reward), row by row."""
        columns = (self.listener, self.track, self.artist, self.when, self.reward)
        return zip(*(column.tolist() for column in columns), strict=True)

    def columns(self) -> dict[str, Column]:
        """Return the columns by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the model's columns are made of, for n rows; codes as in codebook.py."""

    features: Floats  # float32[n, d]
    context: Floats  # float32[n, m]
    recollections: Floats  # float32[n, RECOLLECTIONS]
    listener: Codes  # int64[n]
    nested: Codes  # int64[n, LEVELS]

    def rows(self, part: Codes) -> Asked:
        """Return some of the rows."""
        return Asked(*(getattr(self, field.name)[part] for field in fields(self)))


class Table:
    """Columns that grow together, with room to spare; `table[name]` is the filled part.

    Appending is linear in what is appended (amortised), and a view stays valid until the next.
    """

    def __init__(self, columns: Mapping[str, Column]) -> None:
        """Start with these columns; all have the same length, and later ones their types."""
        self._columns = {name: np.array(column) for name, column in columns.items()}
        self._length = len(next(iter(self._columns.values())))

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._length

    def __getitem__(self, name: str) -> Column:
        """Return a column."""
        return self._columns[name][: self._length]

    def append(self, columns: Mapping[str, Column], *, own: bool = False) -> None:
        """Add rows at the end; of an empty table, what is its `own` becomes it without a copy."""
        length = self._length + len(next(iter(columns.values())))
        for name, more in columns.items():
            column = self._columns[name]
            if own and not self._length:
                self._columns[name] = np.ascontiguousarray(more, dtype=column.dtype)
                continue
            if length > len(column):
                wider = np.empty((length + length // 8, *column.shape[1:]), dtype=column.dtype)
                wider[: self._length] = column[: self._length]
                self._columns[name] = column = wider
            column[self._length : length] = more
        self._length = length
