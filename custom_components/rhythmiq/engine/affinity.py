"""What a listener adds to a score by what they said and what they heard."""

import numpy as np

from .catalog import Catalog
from .effects import Effect, together
from .fatigue import Past, heard
from .features import Doubles, Floats, Rows
from .index import Index
from .listener import Listener
from .preferences import preferences


class Affinity:
    """One listener's preferences, fatigue and novelty: each an effect of its own, and all in one.

    `effects` are what reasons tell; `heard` int64[k] are the rows of the tracks in the history.
    """

    effects: tuple[Effect, ...]
    heard: Rows

    def __init__(
        self,
        listener: Listener,
        catalog: Catalog,
        now: float | None,
        *,
        fatigue: float = 1.0,
        novelty: float = 1.0,
    ) -> None:
        """Look everything up; `now` as for `rank`, `fatigue` and `novelty` (0-1) scale these."""
        said = preferences(listener, Index.of(catalog))
        past = Past.of(listener, catalog)
        worn = (
            tuple(heard(listener, past, now, fatigue=fatigue, novelty=novelty))
            if now is not None
            else ()
        )
        self.effects = (*said.effects, *worn)
        self.heard = past.tracks
        self._said, self._worn = said.worth, together(worn)

    def add_to(self, score: Floats, share: float) -> None:
        """Add a share of it all to a score float32[N] per row of the catalog."""
        if self._said is not None:
            score += self._said * np.float32(share)
        if self._worn is not None:
            self._worn.add_to(score, share)

    def at(self, rows: Rows) -> Doubles:
        """Return what it all is for some rows, float64[n], as exact as float32."""
        amounts = np.zeros(len(rows)) if self._worn is None else self._worn.at(rows)
        return amounts if self._said is None else amounts + self._said[rows]
