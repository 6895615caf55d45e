"""In which order a group plays its queue: shuffle, repeat and crossfade."""

from typing import TYPE_CHECKING, Any, Final

from .state import Repeat

if TYPE_CHECKING:
    from .speaker import Speaker

# UPnP says shuffle and repeat in one word
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


async def set_shuffle(speaker: Speaker, *, shuffle: bool) -> None:
    """Shuffle the group's queue, or play it in order. Raises ``SonosError``."""
    await _set(speaker, shuffle=shuffle)


async def set_repeat(speaker: Speaker, repeat: Repeat) -> None:
    """Choose what the group's queue repeats. Raises ``SonosError``."""
    await _set(speaker, repeat=repeat)


async def set_crossfade(speaker: Speaker, *, crossfade: bool) -> None:
    """Let the group's tracks overlap, or not. Raises ``SonosError``."""
    await speaker.coordinator.control.transport(
        "SetCrossfadeMode", ("CrossfadeMode", int(crossfade))
    )


async def _set(
    speaker: Speaker, *, shuffle: bool | None = None, repeat: Repeat | None = None
) -> None:
    coordinator = speaker.coordinator
    async with coordinator.changing_mode:
        # Events may not have told yet what was changed a moment ago
        answer = await coordinator.control.transport("GetTransportSettings")
        now_shuffle, now_repeat = _MODES.get(answer.get("PlayMode", ""), _MODES["NORMAL"])
        word = word_for(
            shuffle=now_shuffle if shuffle is None else shuffle, repeat=repeat or now_repeat
        )
        await coordinator.control.transport("SetPlayMode", ("NewPlayMode", word))
