import gc
from typing import Any
import weakref

import numpy as np
import pytest

from custom_components.rhythmiq.engine import Catalog
from custom_components.rhythmiq.engine.index import Index

from .invented import catalog


def index(**columns: Any) -> Index:
    n = len(next(iter(columns.values())))
    return Index.of(Catalog.from_arrays(np.zeros((n, 1)), ["energy"], **columns))


def test_each_catalog_has_one_index_and_may_be_forgotten() -> None:
    tracks = catalog(10)
    found = Index.of(tracks)
    assert Index.of(tracks) is found
    alive = weakref.ref(tracks)
    del tracks
    gc.collect()
    assert alive() is None


def test_codes_are_shared_by_the_same() -> None:
    found = index(
        artist=["A", "a, B", "", "B", "A"], album=["x", "X", "x", "x", "x"], title=list("vwxyz")
    )
    assert found.artist.tolist() == [0, 0, -1, 1, 0]
    assert found.artists == {"a": 0, "b": 1}
    assert found.album[0] == found.album[4] != found.album[3]
    assert (found.genre == -1).all()
    assert found.artist_ids[2] == -1
    rows, which = found.rows_of_first(np.array([1, 0]))
    assert rows.tolist() == [3, 0, 1, 4]
    assert which.tolist() == [0, 1, 1, 1]


def test_artists_are_found_alone_and_as_guests() -> None:
    found = index(artist=["Tyler, The Creator", "X, tyler, the creator", "The", "Ty", "A"])
    assert found.artist_rows(" Tyler, The Creator").tolist() == [0, 1]
    assert found.artist_rows("The").tolist() == [2]
    assert found.artist_rows("Tyler, A").tolist() == []
    assert found.artist_rows("").tolist() == []


def test_tempos_are_near_in_octaves() -> None:
    tempos = [[100.0], [110.0], [np.nan], [0.0], [400.0]]
    found = Index.of(Catalog.from_arrays(tempos, ["tempo"]))
    rows, match = found.near_tempo(90, 105, 0.5)
    assert rows.tolist() == [0, 1]
    assert match[0] == 1
    assert match[1] == pytest.approx(1 - np.log2(110 / 105) / 0.5, abs=1e-5)


def test_what_was_found_is_kept_a_while() -> None:
    found, made = index(artist=["A"]), []

    def make() -> int:
        made.append(1)
        return len(made)

    assert found.remember("key", make) == found.remember("key", make) == 1
    for number in range(600):
        found.remember(number, lambda: 0)
    assert found.remember("key", make) == 2
