"""UPnP's play modes, which say shuffle and repeat in one word."""

from typing import Any, Final

from .state import Repeat

_MODES: Final = {
    "NORMAL": (False, Repeat.OFF),
    "REPEAT_ALL": (False, Repeat.ALL),
    "REPEAT_ONE": (False, Repeat.ONE),
    "SHUFFLE_NOREPEAT": (True, Repeat.OFF),
    "SHUFFLE": (True, Repeat.ALL),
    "SHUFFLE_REPEAT_ONE": (True, Repeat.ONE),
}
_WORDS: Final = {meaning: word for word, meaning in _MODES.items()}


def facts(word: str | None) -> dict[str, Any]:
    """Return ``shuffle`` and ``repeat`` of a play mode, None for what is no play mode."""
    shuffle, repeat = _MODES.get(word or "", (None, None))
    return {"shuffle": shuffle, "repeat": repeat}


def word_for(*, shuffle: bool, repeat: Repeat) -> str:
    """Return the play mode that says both."""
    return _WORDS[shuffle, repeat]
