"""Telling what RhythmIQ does to the music from what people do."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import Final

_LATE_SECONDS: Final = 3.0  # until the last event of a command has come, or was asked for


class OwnHand:
    """Marks the time in which changes of a group's music are RhythmIQ's own doing.

    A change is nobody's verdict on a track then: neither a skip nor a turn of the volume.
    """

    def __init__(self) -> None:
        """Start with the hands off."""
        self._busy = 0
        self._until = float("-inf")

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Mark what is done inside, and its last events, as our own."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            self._until = monotonic() + _LATE_SECONDS

    @property
    def is_at_work(self) -> bool:
        """Whether a change that shows now is our own."""
        return self._busy > 0 or monotonic() < self._until


@contextmanager
def all_at_work(hands: Iterable[OwnHand]) -> Iterator[None]:
    """Mark what is done inside to several speakers."""
    with ExitStack() as working:
        for hand in hands:
            working.enter_context(hand.at_work())
        yield
