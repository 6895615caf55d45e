"""What was logged that nobody should ever see."""

from collections.abc import Iterator
from contextlib import contextmanager
import logging
from typing import override


class ErrorLog(logging.Handler):
    """Keeps what is logged as an error, such as an exception that nobody expected."""

    def __init__(self) -> None:
        """Begin with nothing kept."""
        super().__init__(logging.ERROR)
        self._lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))

    def take(self) -> list[str]:
        """Return what was kept since the last time."""
        lines, self._lines = self._lines, []
        return lines

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Keep as long as the context is open, and show nothing of it."""
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)
