"""From lines to CSV records, each with the line it starts on."""

from collections.abc import Callable, Iterator
import csv
from itertools import chain
from typing import Final, Self

from .errors import ImportRefusedError
from .source_file import MAX_LINE_BYTES

MAX_COLUMNS: Final = 200
MAX_RECORD_LINES: Final = 20  # a quoted line feed is legal; a quote that is never closed is not
_DELIMITERS: Final = ",;\t"


class _Feed:
    """Hands lines to the CSV reader and bounds what one record may swallow."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._line = 0
        self._size = 0
        self.start = 1

    def begin_record(self) -> None:
        self.start = self._line + 1
        self._size = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._line += 1
        self._size += len(line)
        if self._line - self.start >= MAX_RECORD_LINES or self._size > MAX_LINE_BYTES:
            raise ImportRefusedError("import_quote_not_closed", line=self.start)
        return line


def read_records(
    lines: Iterator[str], reject: Callable[[int, str], None]
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, fields) of every record that is not blank, the header first.

    The delimiter is the one the header uses most. A record that is not CSV goes to `reject` with
    its line and the reason, and reading goes on behind it.
    """
    header = next(lines, "")
    feed = _Feed(chain([header], lines))
    reader = csv.reader(feed, delimiter=max(_DELIMITERS, key=header.count), strict=True)
    while True:
        feed.begin_record()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as err:
            reject(feed.start, f"not valid CSV: {err}")
        else:
            if any(fields):
                yield feed.start, fields
