"""One import from beginning to end: read, check, stage, merge."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
import time
from typing import Final

from ..store import Store
from .errors import ImportRefusedError, RowRefusedError
from .formats import Layout, recognize
from .merging import merge
from .records import read_records
from .report import ImportProgress, ImportReport, Rejection
from .rows import RowParser, TrackRow
from .source_file import SourceFile
from .staging import stage

REASONS_KEPT: Final = 20
PROGRESS_SECONDS: Final = 0.5


@dataclass(slots=True)
class _Rejections:
    count: int = 0
    first: list[Rejection] = field(default_factory=list)

    def add(self, line: int, reason: str) -> None:
        self.count += 1
        if len(self.first) < REASONS_KEPT:
            self.first.append(Rejection(line, reason))


def import_file(
    store: Store, path: Path, on_progress: Callable[[ImportProgress], None]
) -> ImportReport:
    """Import one file; see `TrackLibrary.import_file`."""
    rejections = _Rejections()
    with SourceFile(path) as file, store.scratch() as scratch:
        records = read_records(file.lines(), rejections.add)
        layout = _read_header(records, rejections)
        accepted = stage(scratch, _tracks(file, layout, records, rejections, on_progress))
        if not accepted:
            raise _nothing_usable(rejections)
        merged = store.write(
            lambda connection: merge(connection, layout.format.provenance), attached=scratch
        )
    return ImportReport(
        format=layout.format.name,
        read=accepted + rejections.count,
        new=merged.new,
        updated=merged.updated,
        unchanged=merged.recordings - merged.new - merged.updated,
        duplicates=accepted - merged.recordings,
        rejected=rejections.count,
        reasons=tuple(rejections.first),
    )


def _read_header(records: Iterator[tuple[int, list[str]]], rejections: _Rejections) -> Layout:
    _, header = next(records, (0, []))
    if rejections.count:  # the header itself, or all there is, is not CSV
        raise _nothing_usable(rejections)
    if not header:
        raise ImportRefusedError("import_empty")
    return recognize(header)


def _nothing_usable(rejections: _Rejections) -> ImportRefusedError:
    if not rejections.count:
        return ImportRefusedError("import_no_rows")
    return ImportRefusedError(
        "import_nothing_usable",
        count=rejections.count,
        line=rejections.first[0].line,
        reason=rejections.first[0].reason,
    )


def _tracks(
    file: SourceFile,
    layout: Layout,
    records: Iterator[tuple[int, list[str]]],
    rejections: _Rejections,
    on_progress: Callable[[ImportProgress], None],
) -> Iterator[tuple[TrackRow, set[str]]]:
    """Yield the rows that are in order, telling now and then how far the file is read."""
    parser = RowParser(layout)
    rows = 0
    next_report = 0.0
    for line, fields in records:
        rows += 1
        if (now := time.monotonic()) >= next_report:
            next_report = now + PROGRESS_SECONDS
            on_progress(ImportProgress(file.bytes_read, file.bytes_total, rows))
        try:
            yield parser.parse(fields)
        except RowRefusedError as err:
            rejections.add(line, str(err))
    on_progress(ImportProgress(file.bytes_read, file.bytes_total, rows))
