"""What a listener said they like, as utility.

A preference is worth its weight, at most PREFERENCE, for every track it matches; half a tone of
tempo out of range is still a match, two tones are none. So a higher weight never makes a matching
track worth less.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .effects import Effect, gathered
from .features import Doubles, Floats, Rows
from .index import Index
from .listener import Listener, Preference

PREFERENCE: Final = 4.0  # utility of a preference of weight 1 (assumption)
_TEMPO_EDGE = 1 / 6  # octaves out of the range until nothing is left of a match


@dataclass(frozen=True, slots=True)
class Said:
    """What each preference of a listener is worth, and all together, float32[n] or None."""

    effects: tuple[Effect, ...]
    worth: Floats | None


def preferences(listener: Listener, index: Index) -> Said:
    """Return what a listener's preferences say, looked up once as long as they stay the same."""
    if not listener.preferences:
        return Said((), None)
    return index.remember(
        ("preferences", listener.id),
        lambda: _said(listener.preferences, index),
        given=listener.preferences,
    )


def _said(preferences: Sequence[Preference], index: Index) -> Said:
    """Weigh preferences; those on the same thing are one."""
    about: dict[tuple[str, str], list[tuple[Rows, Doubles]]] = {}
    for preference in preferences:
        if preference.weight:
            rows, match = _matches(preference, index)
            part = (rows, PREFERENCE * preference.weight * match)
            about.setdefault((preference.kind, preference.label), []).append(part)
    effects = [
        gathered(f"preferred_{kind}", label, parts) for (kind, label), parts in about.items()
    ]
    worth = np.zeros(len(index.ordinary), dtype=np.float32)
    there = tuple(effect for effect in effects if effect is not None)
    for effect in there:
        effect.add_to(worth)
    worth.flags.writeable = False
    return Said(there, worth)


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
