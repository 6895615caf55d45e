from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.rhythmiq.engine import Catalog
from custom_components.rhythmiq.engine.marginals import GRID

from .invented import catalog


def test_the_variance_of_a_missing_value_is_its_genres() -> None:
    rng = np.random.default_rng(1)
    energy = np.concatenate([rng.normal(0.2, 0.02, 500), rng.normal(0.6, 0.08, 500), [np.nan] * 4])
    genre = ["even"] * 500 + ["mixed"] * 500 + ["even", "mixed", ["even", "mixed"], ""]
    tracks = Catalog.from_arrays(energy[:, None], ["energy"], genre=genre)
    variance = tracks.variance("energy")
    assert not variance[:1000].any()
    spread = tracks.matrix[0, 500:1000].var()
    assert variance[1000] < variance[1001] == pytest.approx(spread, rel=0.15)
    assert variance[1002] == pytest.approx(1, abs=0.05)  # one or the other: far apart
    assert variance[1003] == 1
    with pytest.raises(KeyError):
        tracks.variance("valence")


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(1, 60), st.floats(0, 1))
def test_mean_and_variance_agree_with_the_square(seed: int, n: int, missing: float) -> None:
    tracks = catalog(n, seed, missing)
    line = {column: tracks.matrix[row] for row, column in enumerate(tracks.columns)}
    for (name, power), squares in line.items():
        if power == 2:
            variance = tracks.variance(name)
            assert (variance >= 0).all()
            np.testing.assert_allclose(squares, line[name, 1] ** 2 + variance, atol=2e-5)


def test_normal_scores_are_normal_whatever_the_shape() -> None:
    rng = np.random.default_rng(2)
    loudness = -np.exp(rng.normal(0, 1, 2001))
    (marginal,) = Catalog.from_arrays(loudness[:, None], ["loudness"]).marginals
    z = GRID[marginal.cell]
    assert z.mean() == pytest.approx(0, abs=0.01)
    assert z.std() == pytest.approx(1, abs=0.02)
    assert (np.diff(z[np.argsort(loudness)]) >= 0).all()
    assert z[np.argsort(loudness)[1000]] == 0  # the median


def test_equal_values_share_their_normal_score() -> None:
    (marginal,) = Catalog.from_arrays([[2020], [2020], [1990], [1980]], ["release_year"]).marginals
    assert marginal.cell[0] == marginal.cell[1] > marginal.cell[2] > marginal.cell[3]


def test_tracks_are_looked_up_known_or_not() -> None:
    (marginal,) = Catalog.from_arrays([[0.1], [np.nan], [0.9], [np.nan]], ["energy"]).marginals
    mean, variance = marginal.at(np.array([0, 1, 2, 3]))
    assert mean[0] == -mean[2] < 0
    assert mean[1] == mean[3] == 0
    assert variance.tolist() == [0, 1, 0, 1]
