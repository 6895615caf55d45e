"""Musical keys as people write them."""

import re

from .errors import EngineError

_KEY = re.compile(r"([a-g])\s*(#|♯|b|♭|sharp|flat)?\s*(m|min|minor|maj|major)?", re.IGNORECASE)
_PITCH_CLASS = re.compile(r"(\d{1,2})(?:\.0+)?", re.ASCII)  # helpers and templates write 7.0
_NATURAL = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SHIFT = {"": 0, "#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}


def parse_key(value: object) -> tuple[int, int | None]:
    """Read "F# minor", "Bbm", "C" or a pitch class 0-11: (pitch class, mode or None).

    Raises EngineError(`key_invalid`).
    """
    text = str(value).strip()
    if (number := _PITCH_CLASS.fullmatch(text)) is not None and int(number[1]) < 12:
        return int(number[1]), None
    if (match := _KEY.fullmatch(text)) is None:
        raise EngineError("key_invalid", value=value)
    letter, accidental, mode = (part or "" for part in match.groups())
    pitch = (_NATURAL[letter.lower()] + _SHIFT[accidental.lower()]) % 12
    if not mode:
        return pitch, None
    return pitch, int(mode == "M" or mode.lower().startswith("maj"))
