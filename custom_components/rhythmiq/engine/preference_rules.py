"""What makes a preference: the rules that home and cloud share."""

from typing import Final

from .catalog import Catalog
from .errors import EngineError
from .listener import KINDS, PREFERENCES, Kind, check_tempo
from .vocabulary import known_artist, known_genre, known_instrument

__all__ = ["KINDS", "PREFERENCES", "checked_kind", "checked_value", "default_weight", "tempo_range"]

_DASHES: Final = str.maketrans("–—", "--")  # noqa: RUF001 (what people paste)


def default_weight(rank: int, count: int) -> float:
    """Return what the preference of a rank (0 the favourite) of so many weighs, unless told.

    It falls linearly from 1 for the favourite to 1 / count for the last.
    """
    return 1 - rank / count


def checked_kind(kind: str) -> Kind:
    """Return a kind. Raises EngineError(`unknown_preference`)."""
    for known in KINDS:
        if known == kind:
            return known
    raise EngineError("unknown_preference", kind=kind, options=", ".join(KINDS))


def checked_value(kind: Kind, value: str, catalog: Catalog) -> str:
    """Return a preference's value as the catalog writes it: "Jazz" is "jazz" there.

    A tempo is written "80-120" (beats per minute). Raises EngineError
    (`preference_without_name`, `unknown_genre`, `unknown_artist`, `unknown_instrument`,
    `tempo_range_invalid`), with the closest known names where there are any.
    """
    if not value.strip():
        raise EngineError("preference_without_name", kind=kind)
    match kind:
        case "genre":
            return known_genre(catalog, value)
        case "artist":
            return known_artist(catalog, value)
        case "instrument":
            return known_instrument(value)
        case "tempo":
            low, high = tempo_range(value)
            return f"{low:g}-{high:g}"


def tempo_range(value: str) -> tuple[float, float]:
    """Return the range that "80-120" or "100" means, in beats per minute.

    Raises EngineError(`tempo_range_invalid`).
    """
    low, _, high = value.translate(_DASHES).partition("-")
    try:
        tempo = float(low), float(high or low)
    except ValueError:
        tempo = None
    check_tempo(tempo)
    assert tempo is not None  # otherwise it was refused
    return tempo
