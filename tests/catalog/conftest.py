"""Fixtures of the catalog's tests: they need no Home Assistant."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from custom_components.rhythmiq.catalog import ImportReport, TrackLibrary
from custom_components.rhythmiq.store import Store

type Import = Callable[[str | bytes], ImportReport]


@pytest.fixture(autouse=True)
def custom_integrations() -> None:
    """Do without Home Assistant, which the fixture of this name would start."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "rhythmiq.db")
    store.open()
    yield store
    store.close()


@pytest.fixture
def library(store: Store) -> TrackLibrary:
    return TrackLibrary(store)


@pytest.fixture
def import_text(library: TrackLibrary, tmp_path: Path) -> Import:
    """Import this content of a file."""

    def run(content: str | bytes) -> ImportReport:
        path = tmp_path / "tracks.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return library.import_file(path, lambda _: None)

    return run
