"""What an import tells while it runs and when it is done."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far the reading is: bytes of the file as it lies on disk, and rows so far."""

    bytes_read: int
    bytes_total: int
    rows: int

    @property
    def fraction(self) -> float:
        """How much of the file is read, 0 to 1."""
        return self.bytes_read / self.bytes_total


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was left out: its line in the file, from 1 (the header), and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of the rows: read = new + updated + unchanged + duplicates + rejected.

    `new`, `updated` and `unchanged` count recordings; `duplicates` the rows that repeat a
    recording of the same file under the same or another id; `reasons` are the first rejections.
    """

    format: str
    read: int
    new: int
    updated: int
    unchanged: int
    duplicates: int
    rejected: int
    reasons: tuple[Rejection, ...]
