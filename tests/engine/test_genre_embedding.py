import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.rhythmiq.engine import Catalog, genre_embedding

from .invented import catalog


def distances(genres: list[str | list[str]], energy: list[float]) -> dict[str, NDArray[np.float64]]:
    """Return, per genre (sorted), the distance of all genres."""
    tracks = Catalog.from_arrays(np.array(energy)[:, None], ["energy"], genre=genres)
    places = tracks.genre_embedding
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    return dict(zip(tracks.genre_names, apart, strict=True))


def test_genres_that_share_words_are_near() -> None:
    apart = distances(["deep house", "house", "polka", "waltz"] * 5, [0.5] * 20)
    _, house, polka, _ = apart["deep house"]
    assert house < polka == pytest.approx(np.sqrt(2), abs=0.4)


def test_genres_that_share_tracks_are_near() -> None:
    others = [f"other{number}" for number in range(20)]
    genres: list[str | list[str]] = [["rap", "trap"], "rap", "trap", "polka", *others]
    apart = distances(genres, [0.5] * len(genres))["rap"]
    *_, polka, _, trap = apart
    assert trap < polka
    assert trap < min(apart[: len(others)])


def test_genres_that_sound_alike_are_near() -> None:
    energy = [0.1, 0.1, 0.9, 0.9] * 20
    apart = distances(["sleep", "ambient", "metal", "techno"] * 20, energy)
    ambient, metal, _, techno = apart["sleep"]
    assert ambient < min(metal, techno)


def test_a_place_does_not_depend_on_the_order_of_the_tracks() -> None:
    tracks = catalog(200, missing=0.2)
    features = np.stack([tracks.column(name) for name in tracks.feature_names], axis=1)
    turned = Catalog.from_arrays(
        features[::-1], tracks.feature_names, genre=list(reversed(tracks.genres))
    )
    np.testing.assert_allclose(tracks.genre_embedding, turned.genre_embedding, atol=1e-12)
    assert np.isfinite(tracks.genre_embedding).all()


def test_a_place_does_not_depend_on_how_much_is_counted_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = catalog(200).genre_embedding
    monkeypatch.setattr(genre_embedding, "_AT_ONCE", 7)
    np.testing.assert_array_equal(catalog(200).genre_embedding, whole)


@pytest.mark.parametrize("genre", ["", "!", [], ["-", "_"]])
def test_genres_without_words_do_no_harm(genre: str | list[str]) -> None:
    tracks = Catalog.from_arrays([[0.5], [np.nan]], ["energy"], genre=[genre, "pop"])
    assert np.isfinite(tracks.genre_embedding).all()
