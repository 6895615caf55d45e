"""Tracks and their features: what files are imported, and what the engine ranks."""

from .errors import ImportRefusedError
from .library import TrackLibrary
from .report import ImportProgress, ImportReport, Rejection
from .source_file import check_importable

__all__ = [
    "ImportProgress",
    "ImportRefusedError",
    "ImportReport",
    "Rejection",
    "TrackLibrary",
    "check_importable",
]
