from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.rhythmiq.engine import FEATURE_NAMES, Catalog
from custom_components.rhythmiq.engine.similar import Likeness, similar

from .invented import catalog, columns, permuted


def two_kinds(rng: np.random.Generator, n: int = 500) -> NDArray[np.float32]:
    """Draw n tracks, the first half calm and old, the second loud and new."""
    loud = np.arange(n) >= n // 2
    features = np.empty((n, 3), dtype=np.float32)
    features[:, 0] = np.where(loud, 0.8, 0.3) + rng.normal(0, 0.1, n)
    features[:, 1] = np.where(loud, 2015, 1975) + rng.normal(0, 6, n).round()
    features[:, 2] = rng.uniform(60, 180, n)
    return features


NAMES = ("energy", "release_year", "tempo")


@pytest.mark.parametrize(("n", "share"), [(1, 0.8), (3, 0.97), (10, 0.99), (100, 1.0)])
def test_the_seeds_own_kind_comes_first(n: int, share: float) -> None:
    rng = np.random.default_rng(n)
    tracks = Catalog.from_arrays(two_kinds(rng), NAMES)
    shares = []
    for _ in range(20):
        score = similar(tracks, rng.choice(250, n, replace=False))
        shares.append((np.argsort(-score)[:100] < 250).mean())
    assert np.mean(shares) >= share


def test_a_feature_nobody_knows_counts_as_any_other() -> None:
    swing = np.random.default_rng(3).normal(100, 30, (400, 1))
    tracks = Catalog.from_arrays(swing, ["swing"])
    order = np.argsort(swing[:, 0])
    score = similar(tracks, order[300:310])
    assert score[order[305]] > score[order[360]] > score[order[50]]


def test_two_seeds_that_differ_are_both_liked() -> None:
    features = np.linspace(0, 1, 1001, dtype=np.float32)[:, None]
    tracks = Catalog.from_arrays(features, ["valence"])
    score = similar(tracks, [*range(100, 110), *range(900, 910)])
    assert score[105] > score[500] < score[905]


def test_the_seeds_years_come_before_the_years_around() -> None:
    years = np.repeat(np.arange(1980, 2020), 50)[:, None]
    tracks = Catalog.from_arrays(years, ["release_year"])
    score = similar(tracks, range(1000, 1010))  # ten of the year 2000
    by_year = dict(zip(years[:, 0].tolist(), score.tolist(), strict=True))
    assert by_year[2000] > by_year[2001] > by_year[2005] > by_year[2015]
    assert by_year[2000] - by_year[2001] > by_year[2001] - by_year[2002]


def test_the_seeds_artists_are_preferred_the_rarer_the_more() -> None:
    artists = ["Rare", "RARE, Guest", *["Frequent"] * 50, *[""] * 48]
    tracks = Catalog.from_arrays(np.full((100, 1), 0.5), ["energy"], artist=artists)
    score = similar(tracks, [0, 2])
    assert score[1] > 10 * abs(score[3])
    assert score[99] == 0  # a constant feature and nobody's track say nothing
    alone = similar(tracks, [2, 3])
    assert alone[1] < alone[99] < alone[4]


def test_the_seeds_genres_and_their_neighbours_are_preferred() -> None:
    known = ["hip-hop"] * 20 + ["southern hip hop"] * 20 + ["bluegrass"] * 20
    genres = known + [""] * 10 + [f"other{number}" for number in range(30)]
    tracks = Catalog.from_arrays(np.full((100, 1), 0.5), ["energy"], genre=genres)
    own, near, far, unknown = similar(tracks, [0, 1, 2])[[5, 25, 45, 65]]
    assert own > near > far
    assert own > unknown == 0 > far
    both = Catalog.from_arrays(
        np.full((100, 1), 0.5), ["energy"], genre=[*genres[:99], ["hip-hop", "bluegrass"]]
    )
    own, far, mixed = similar(both, [0, 1, 2])[[5, 45, 99]]
    assert own > mixed > far


def test_seeds_drawn_like_the_catalog_say_little() -> None:
    tracks = catalog(2000)
    score = similar(tracks, np.random.default_rng(0).choice(2000, 100, replace=False))
    apart = similar(tracks, np.argsort(tracks.column("energy"))[:100])
    assert score.std() < apart.std() / 2


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(1, 40), st.data())
def test_scores_are_finite_and_follow_the_rows(seed: int, n: int, data: st.DataObject) -> None:
    given_columns = columns(n, seed, missing=0.4)
    tracks = Catalog.from_arrays(**given_columns)
    seeds = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=12))
    score = similar(tracks, seeds)
    assert score.shape == (n,)
    assert np.isfinite(score).all()
    order = np.random.default_rng(seed).permutation(n)
    moved = Catalog.from_arrays(**permuted(given_columns, order.tolist()))
    place = np.argsort(order)
    np.testing.assert_allclose(similar(moved, place[seeds]), score[order], atol=1e-9)
    np.testing.assert_allclose(similar(tracks, seeds[::-1] * 2), score, atol=1e-9)


@settings(deadline=None)
@given(st.integers(0, 1000), st.permutations(range(len(FEATURE_NAMES))))
def test_the_order_of_the_columns_does_not_matter(seed: int, order: list[int]) -> None:
    given_columns = columns(60, seed, missing=0.2)
    score = similar(Catalog.from_arrays(**given_columns), [3, 1, 4])
    given_columns["features"] = given_columns["features"][:, order]
    given_columns["feature_names"] = [FEATURE_NAMES[place] for place in order]
    np.testing.assert_allclose(
        similar(Catalog.from_arrays(**given_columns), [3, 1, 4]), score, atol=1e-9
    )


@settings(deadline=None)
@given(st.integers(0, 1000), st.floats(0.2, 5))
def test_a_features_scale_does_not_matter(seed: int, power: float) -> None:
    given_columns = columns(60, seed)
    score = similar(Catalog.from_arrays(**given_columns), [3, 1, 4])
    energy = FEATURE_NAMES.index("energy")
    values = given_columns["features"][:, energy]
    _, rank = np.unique(values, return_inverse=True)
    given_columns["features"][:, energy] = ((rank + 1) / 61) ** power
    np.testing.assert_allclose(
        similar(Catalog.from_arrays(**given_columns), [3, 1, 4]), score, atol=1e-9
    )


def test_what_is_not_known_says_nothing() -> None:
    rng = np.random.default_rng(5)
    features = two_kinds(rng)
    features[[0, 300]] = np.nan
    tracks = Catalog.from_arrays(features, NAMES)
    score = similar(tracks, [1, 2, 3])
    assert score[0] == score[300] == pytest.approx(0, abs=1e-9)
    without = similar(tracks, [0, 1, 2, 3])
    np.testing.assert_allclose(without, score, atol=1e-9)
    nothing = Catalog.from_arrays(np.full((5, 3), np.nan), NAMES)
    assert similar(nothing, [2]).tolist() == pytest.approx([0] * 5, abs=1e-9)


def test_a_missing_value_is_judged_by_its_genre_and_less_sharply() -> None:
    rng = np.random.default_rng(6)
    features = two_kinds(rng)[:, :1]
    features[[0, 499]] = np.nan
    tracks = Catalog.from_arrays(features, ["energy"], genre=["calm"] * 250 + ["loud"] * 250)
    score = similar(tracks, range(260, 280))
    assert score[499] > 0 > score[0]
    assert score[0] > score[1:250].min()
    assert score[499] < score[250:].max()


def test_the_parts_add_up() -> None:
    tracks = catalog(200, missing=0.2)
    likeness = Likeness(tracks, [5, 6, 7])
    score = likeness.scores()
    rows = np.arange(0, 200, 20)
    parts = likeness.parts(rows)
    assert {"energy", "artist", "genre"} <= parts.keys()
    assert sum(parts.values()) == pytest.approx(score[rows], abs=1e-9)


@pytest.mark.parametrize(
    ("seeds", "says"),
    [
        ([], "at least one"),
        ([[1]], "row numbers"),
        ([0.5], "row numbers"),
        ([True], "row numbers"),
        (["1"], "row numbers"),
        ([-1], "0 to 49"),
        ([0, 50], "0 to 49"),
    ],
)
def test_wrong_seeds_are_refused(seeds: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        similar(catalog(50), seeds)
