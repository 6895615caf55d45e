"""What a listener said they like, as utility.

A preference is worth its weight, at most PREFERENCE, for every track it matches; half a tone of
tempo out of range is still a match, two tones are none. So a higher weight never makes a matching
track worth less.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from .effects import Effect, gathered
from .features import Doubles, Rows
from .index import Index
from .listener import Listener, Preference

PREFERENCE: Final = 4.0  # utility of a preference of weight 1 (assumption)
_TEMPO_EDGE = 1 / 6  # octaves out of the range until nothing is left of a match


def preferences(listener: Listener, index: Index) -> Iterator[Effect]:
    """Yield what each preference says; those on the same thing are one."""
    about: dict[tuple[str, str], list[tuple[Rows, Doubles]]] = {}
    for preference in listener.preferences:
        if preference.weight:
            rows, match = _matches(preference, index)
            part = (rows, PREFERENCE * preference.weight * match)
            about.setdefault((preference.kind, preference.label), []).append(part)
    for (kind, label), parts in about.items():
        if (effect := gathered(f"preferred_{kind}", label, parts)) is not None:
            yield effect


def _matches(preference: Preference, index: Index) -> tuple[Rows, Doubles]:
    """Return the rows that match, ascending, and how well (0-1)."""
    match preference.kind:
        case "genre":
            rows = index.genre_rows(preference.name)
        case "artist":
            rows = index.artist_rows(preference.name)
        case "tempo" if preference.tempo is not None:
            return index.near_tempo(*preference.tempo, _TEMPO_EDGE)
        case _:
            rows = np.empty(0, dtype=np.int64)
    return rows, np.ones(len(rows))
