from collections.abc import Callable
import contextlib
import io
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.rhythmiq.engine import FEATURE_NAMES, Catalog, EngineError
from custom_components.rhythmiq.engine.utility import Term

from .invented import catalog, columns


def test_raw_columns_and_text_come_back() -> None:
    given_columns = columns(50)
    tracks = Catalog.from_arrays(**given_columns)
    assert tracks.n_tracks == 50
    assert tracks.title[7] == "Invented Song 7"
    assert tracks.artist == tuple(given_columns["artist"])
    assert tracks.column("tempo").tolist() == given_columns["features"][:, 10].tolist()
    assert tracks.index_of(given_columns["uri"][7]) == 7
    assert tracks.index_of("test:track:nowhere") is None
    assert np.isnan(Catalog.from_arrays([[0.5]], ["energy"]).column("tempo")).all()
    with pytest.raises(KeyError):
        tracks.column("swing")


def test_nothing_can_be_written() -> None:
    tracks = catalog(10)
    with pytest.raises(ValueError, match="read-only"):
        tracks.column("energy")[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        tracks.matrix[0, 0] = 1


def test_coordinates_are_standardised_and_squares_follow() -> None:
    tracks = catalog(500)
    line = {column: tracks.matrix[row] for row, column in enumerate(tracks.columns)}
    assert len(line) == tracks.n_features
    for name in ("energy", "tempo", "release_year"):
        assert line[name, 1].mean() == pytest.approx(0, abs=1e-5)
        assert line[name, 1].std() == pytest.approx(1, abs=1e-3)
        np.testing.assert_allclose(line[name, 2], line[name, 1] ** 2, rtol=1e-5)
    assert ("mode", 2) not in line
    on_circle = line["key_cosine", 1] ** 2 + line["key_sine", 1] ** 2
    np.testing.assert_allclose(on_circle, 1, rtol=1e-5)


def test_neighbours_on_the_circle_of_fifths_are_near() -> None:
    tracks = Catalog.from_arrays([[float(key)] for key in range(12)], ["key"])
    c_major, g_major, f_sharp = (tracks.matrix[:, key] for key in (0, 7, 6))
    assert c_major @ g_major > 0.8
    assert c_major @ f_sharp == pytest.approx(-1, abs=1e-5)


def test_half_and_double_the_tempo_are_near() -> None:
    tracks = Catalog.from_arrays([[70.0], [140.0], [99.0]], ["tempo"])
    octave = [row for row, (name, _) in enumerate(tracks.columns) if name.startswith("tempo_")]
    half, double, between = tracks.matrix[octave].T
    np.testing.assert_allclose(half, double, atol=1e-6)
    assert half @ between == pytest.approx(-1, abs=1e-3)


def test_outliers_are_bounded_and_constants_harmless() -> None:
    raw = np.zeros((10_000, 2), dtype=np.float32)
    raw[0, 0] = 1
    tracks = Catalog.from_arrays(raw, ["speechiness", "energy"])
    assert tracks.matrix.max() == 16
    assert not tracks.matrix[1].any()


def test_a_missing_value_is_what_its_genre_makes_expected() -> None:
    rng = np.random.default_rng(1)
    energy = np.concatenate([rng.normal(0.2, 0.05, 500), rng.normal(0.8, 0.05, 500), [np.nan] * 3])
    genre = ["calm"] * 500 + ["LOUD"] * 500 + ["Calm", ["calm", "loud"], []]
    tracks = Catalog.from_arrays(energy[:, None], ["energy"], genre=genre)
    value, square = tracks.matrix
    assert value[1000] == pytest.approx(value[:500].mean(), abs=0.05)
    assert square[1000] == pytest.approx((value[:500] ** 2).mean(), abs=0.05)
    assert value[1001] == pytest.approx(0, abs=0.05)
    assert value[1002] == 0
    assert square[1002] == 1  # known nothing: as uncertain as the catalog is wide


def test_impossible_values_are_missing() -> None:
    tracks = Catalog.from_arrays([[0, -1], [120, 5], [60, 5]], ["tempo", "key"])
    line = dict(zip(tracks.columns, tracks.matrix[:, 0].tolist(), strict=True))
    assert line.pop(("tempo", 2)) == 1
    assert len(line) == 5
    assert set(line.values()) == {0}
    assert tracks.playable.tolist() == [False, True, True]


def test_a_feature_nobody_knows_can_be_weighed() -> None:
    tracks = Catalog.from_arrays([[1.0], [3.0], [2.0]], ["swing"])
    rows, _ = tracks.top([1.0], 2)
    assert rows.tolist() == [1, 2]


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(1, 60), st.integers(0, 80))
def test_top_equals_a_full_sort(seed: int, n: int, k: int) -> None:
    tracks = catalog(n, seed, missing=0.1)
    weights = np.random.default_rng(seed).normal(size=tracks.n_features).astype(np.float32)
    rows, scores = tracks.top(weights, k)
    full = weights @ tracks.matrix
    assert rows.tolist() == np.argsort(-full, kind="stable")[:k].tolist()
    assert scores.tolist() == full[rows].tolist()
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("weights", [[1.0], [np.nan] * 29, [np.inf] * 29])
def test_wrong_weights_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="29 finite numbers"):
        catalog(5).top(weights, 3)


def test_an_empty_catalog_has_no_top() -> None:
    tracks = Catalog.from_arrays(np.empty((0, 14)), FEATURE_NAMES, uri=[], genre=[])
    rows, scores = tracks.top(np.ones(tracks.n_features), 5)
    assert len(rows) == len(scores) == 0


def test_terms_become_weights() -> None:
    tracks = Catalog.from_arrays([[0.1, 100.0], [0.9, 120.0]], ["energy", "tempo"])
    weights = tracks.weights(Term("test", {"energy": 2.0, "valence": 9.0}, {"energy": 3.0}))
    assert dict(zip(tracks.columns, weights, strict=True)) == {
        ("energy", 1): 2,
        ("tempo", 1): 0,
        ("tempo_cosine", 1): 0,
        ("tempo_sine", 1): 0,
        ("energy", 2): -1.5,
        ("tempo", 2): 0,
    }


def test_a_place_is_standardised_like_the_tracks() -> None:
    tracks = Catalog.from_arrays([[60.0], [120.0], [240.0]], ["tempo"])
    assert tracks.place("tempo", 120)["tempo"] == pytest.approx(0, abs=1e-6)
    assert tracks.place("tempo", 240)["tempo"] == pytest.approx(tracks.matrix[0, 2])
    assert tracks.place("energy", 0.5) == {}


def test_genres_are_found_whatever_their_spelling() -> None:
    tracks = Catalog.from_arrays(
        [[0.5]] * 4, ["energy"], genre=["Hip-Hop", ["pop", "hip hop"], "", "pop"]
    )
    assert tracks.genre_rows("HIP_HOP").tolist() == [0, 1]
    assert tracks.genre_rows("polka").tolist() == []
    assert tracks.genre_names == ("Hip-Hop", "hip hop", "pop")
    assert tracks.genres[2] == ()


def test_occasions_are_recognised() -> None:
    tracks = Catalog.from_arrays(
        [[0.5]] * 7,
        ["energy"],
        title=[
            "Last Christmas", "Santa Monica", "Song", "Song", "White Noise 432 Hz", "Skit", "Song",
        ],
        album=["", "", "A Very Merry Christmas", "", "", "", "Navidad"],
        genre=["pop", "pop", "pop", "Children's Music", "", "rap", "latin"],
    )  # fmt: skip
    assert tracks.occasional.tolist() == [True, False, True, True, True, True, True]


def test_short_tracks_are_not_music() -> None:
    tracks = Catalog.from_arrays([[29_999.0], [30_000.0], [np.nan]], ["duration_ms"])
    assert tracks.playable.tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"features": np.zeros(5)}, "features"),
        ({"features": np.zeros((5, 3))}, "features"),
        ({"features": np.full((5, 14), np.inf)}, "infinite"),
        ({"feature_names": ["energy"] * 14}, "feature_names"),
        ({"title": ["one"]}, "title"),
        ({"genre": ["pop"]}, "genre"),
        ({"explicit": [True]}, "explicit"),
        ({"uri": ["same"] * 5}, "uri"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Catalog.from_arrays(**(columns(5) | change))


def test_what_is_saved_is_loaded() -> None:
    given_columns = columns(60, missing=0.2) | {"explicit": [True, False, None] * 20}
    given_columns["title"][3] = "Ünïcode \N{MUSICAL SYMBOL G CLEF} \0 title"
    tracks = Catalog.from_arrays(**given_columns)
    loaded = Catalog.load(tracks.save())
    assert loaded.matrix.tobytes() == tracks.matrix.tobytes()
    for name in ("uri", "title", "artist", "album", "genres", "columns", "feature_names"):
        assert getattr(loaded, name) == getattr(tracks, name)
    assert loaded.explicit.tolist() == [1, 0, -1] * 20


def _other_format(data: bytes) -> bytes:
    with np.load(io.BytesIO(data)) as stored:
        arrays = dict(stored) | {"format": np.array(99)}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _pickled(data: bytes) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, format=np.array([object()], dtype=object))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"no catalog",
        lambda data: data[:-30],
        lambda data: data[: len(data) // 2],
        _other_format,
        _pickled,
    ],
)
def test_damaged_bytes_are_refused(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(EngineError) as raised:
        Catalog.load(damage(catalog(20).save()))
    assert raised.value.key == "catalog_corrupt"


@settings(deadline=None)
@given(st.data())
def test_any_changed_byte_is_refused_or_harmless(data: st.DataObject) -> None:
    saved = bytearray(catalog(5).save())
    place = data.draw(st.integers(0, len(saved) - 1))
    saved[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(EngineError):  # no other exception gets out
        assert Catalog.load(bytes(saved)).n_tracks == 5
