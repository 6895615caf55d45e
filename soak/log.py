"""What was logged that nobody should ever see."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
import logging
from typing import Final, override

_BEFORE: Final = 20


class ErrorLog(logging.Handler):
    """Keeps what is logged as an error, such as an exception that nobody expected.

    `before` are the last warnings and errors, which often tell why.
    """

    def __init__(self) -> None:
        """Begin with nothing kept."""
        super().__init__(logging.WARNING)
        self.before: deque[str] = deque(maxlen=_BEFORE)
        self._errors: list[str] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    @override
    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self.before.append(line)
        if record.levelno >= logging.ERROR:
            self._errors.append(line)

    def take(self) -> list[str]:
        """Return the errors since the last time."""
        errors, self._errors = self._errors, []
        return errors

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Keep as long as the context is open."""
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)
