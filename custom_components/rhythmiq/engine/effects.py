"""What a listener adds to the score of some tracks, the rest getting nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .features import Doubles, Floats, Rows


@dataclass(frozen=True, slots=True)
class Effect:
    """An amount float64[k] (utility) for each of some rows int64[k], ascending.

    `key` names its reason, `subject` what exactly it is about, if that can be several things.
    """

    key: str
    subject: str | None
    rows: Rows
    amounts: Doubles

    def at(self, rows: Rows) -> Doubles:
        """Return the amounts for other rows, float64[n]; 0 where there is none."""
        if len(self.rows) == 0:
            return np.zeros(len(rows))
        place = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.where(self.rows[place] == rows, self.amounts[place], 0.0)

    def add_to(self, score: Floats, share: float = 1.0) -> None:
        """Add a share of the amounts to a score float32[N] per row of the catalog."""
        score[self.rows] += (share * self.amounts).astype(np.float32)


def together(effects: Sequence[Effect]) -> Effect | None:
    """Return the sum of effects on the same rows; None if there are none."""
    if not effects:
        return None
    first = effects[0]
    return replace(first, amounts=np.sum([effect.amounts for effect in effects], axis=0))


def gathered(key: str, subject: str | None, parts: Sequence[tuple[Rows, Doubles]]) -> Effect | None:
    """Sum the amounts of parts, each for its rows, ascending; None if there are no rows."""
    if not any(len(rows) for rows, _ in parts):
        return None
    if len(parts) == 1:
        return Effect(key, subject, *parts[0])
    rows, place = np.unique(np.concatenate([rows for rows, _ in parts]), return_inverse=True)
    amounts = np.bincount(place, np.concatenate([amounts for _, amounts in parts]))
    return Effect(key, subject, rows, amounts.astype(np.float64))
