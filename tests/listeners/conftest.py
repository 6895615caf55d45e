"""A store with a catalog of invented tracks."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from custom_components.rhythmiq.engine import Catalog
from custom_components.rhythmiq.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "rhythmiq.db")
    store.open()
    yield store
    store.close()


@pytest.fixture
def tracks() -> Catalog:
    artists = ["Norah Jones", "AC/DC", "Earth, Wind & Fire", "Beyoncé", "Norah Jones, Ray Charles"]
    return Catalog.from_arrays(
        np.full((5, 1), 0.5),
        ["energy"],
        artist=artists,
        genre=["jazz", "hard-rock", "funk", "pop", "jazz"],
    )
