"""Telling what RhythmIQ does to the music from what people do."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

# Until what a command began can be heard: a streaming service takes its time
_LATE_SECONDS: Final = 8.0
# Until the last events of a command have come once its music is heard
_LAST_SECONDS: Final = 1.0


class OwnHand:
    """Marks the time in which changes of a group's music are RhythmIQ's own doing.

    A change is nobody's verdict on a track then: neither a skip nor a turn of the volume.
    """

    def __init__(self) -> None:
        """Start with the hands off."""
        self._busy = 0
        self._until = float("-inf")
        self._shown = False

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Mark what is done inside, and what shows of it a little later, as our own."""
        self._busy += 1
        self._shown = False
        try:
            yield
        finally:
            self._busy -= 1
            self._until = monotonic() + (_LAST_SECONDS if self._shown else _LATE_SECONDS)

    def shown(self) -> None:
        """Take note that the music that was asked for plays: what follows are people."""
        self._shown = True
        self._until = min(self._until, monotonic() + _LAST_SECONDS)

    @property
    def is_at_work(self) -> bool:
        """Whether a change that shows now is our own."""
        return self._busy > 0 or monotonic() < self._until
