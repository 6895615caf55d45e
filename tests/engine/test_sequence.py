from itertools import permutations
import math
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.rhythmiq.engine import Catalog, EngineError
from custom_components.rhythmiq.engine.pool import Pool
from custom_components.rhythmiq.engine.sequence import USUAL, Balance, Sequence, sequence
from custom_components.rhythmiq.engine.transition import Transitions
from custom_components.rhythmiq.engine.tune_vector import Path, Target, TuneVector, Waypoint

from .invented import catalog, columns, permuted

CATALOG = catalog(600, missing=0.1)
VECTORS = (
    TuneVector(),
    TuneVector(shape="ascent", seconds=1200),
    TuneVector(
        waypoints=(
            Waypoint(minute=0, mood="calm"),
            Waypoint(minute=5, features={"tempo": 120, "key": 2}),
            Waypoint(minute=15, mood="party", genre="techno"),
        )
    ),
)
paths = st.sampled_from([vector.path(CATALOG) for vector in VECTORS])
seeds = st.integers(0, 10_000)


def candidates(n: int, seed: int = 0, tracks: Catalog = CATALOG) -> Pool:
    """Draw n tracks of a catalog, some without a duration the catalog knows."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(tracks.n_tracks, n, replace=False)
    return Pool.from_catalog(
        tracks, rows, utility=rng.normal(0, 1, n), seconds=rng.uniform(120, 300, n)
    )


def cost(tracks: Pool, path: Path, order: tuple[int, ...], balance: Balance = USUAL) -> float:
    """Compute what a sequence costs, one track at a time and straight from the definition."""
    step = Transitions(tracks.motion).all()
    total, clock = 0.0, 0.0
    played: list[str] = []
    for before, track in zip((None, *order), order, strict=False):
        length = float(tracks.seconds[track])
        for name, weight, target in zip(
            path.names, path.weights, path.at(np.array(clock + length / 2)), strict=True
        ):
            if name == "genre:techno":
                away = (2 * ("techno" in tracks.genres[track]) - target) ** 2
            else:
                at = tracks.names.index(name)
                away = (tracks.expected[track, at] - target) ** 2 + tracks.variance[track, at]
            total += float(balance.path * weight * away)
        if before is not None:
            total += balance.transition * float(step[before, track])
        artist = tracks.artist[track]
        total += balance.repeat * played.count(artist) * bool(artist)
        total -= float(tracks.utility[track])
        clock += length
        played.append(artist)
    return total


def miss(tracks: Pool, order: tuple[int, ...], seconds: float) -> float:
    """Return by how much more than the tolerance a sequence ends off a duration."""
    end = float(tracks.seconds[list(order)].sum())
    return max(0.0, abs(end - seconds) - min(105, seconds / 2))


def is_whole(tracks: Pool, order: tuple[int, ...], seconds: float) -> bool:
    """Tell whether a sequence goes on until it is long enough, and no further."""
    enough = seconds - min(105, seconds / 2)
    lengths = tracks.seconds[list(order)]
    goes_on = bool(lengths[:-1].sum() < enough)
    return goes_on and (bool(lengths.sum() >= enough) or len(order) == len(tracks.uri))


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 6), seeds, paths)
def test_an_order_is_the_best_of_all(n: int, seed: int, path: Path) -> None:
    tracks = candidates(n, seed)
    found = sequence(tracks, path)
    best = min(cost(tracks, path, order) for order in permutations(range(n)))
    assert found.cost == pytest.approx(best)
    assert found.cost == pytest.approx(cost(tracks, path, found.order))


@settings(deadline=None, max_examples=3)
@given(seeds, paths)
def test_an_order_of_eight_is_the_best_of_all(seed: int, path: Path) -> None:
    tracks = candidates(8, seed)
    best = min(_fast_costs(tracks, path, 8))
    assert sequence(tracks, path).cost == pytest.approx(best)
    assert sequence(tracks, path, width=40_320).cost == pytest.approx(best)


@settings(deadline=None, max_examples=10)
@given(seeds, paths)
def test_up_to_nine_nothing_is_dropped(seed: int, path: Path) -> None:
    tracks = candidates(9, seed)
    for options in ({}, {"count": 5}, {"seconds": 1200.0}):
        found: Sequence = sequence(tracks, path, **options)
        assert found == sequence(tracks, path, width=100_000, **options)


@settings(deadline=None, max_examples=3)
@given(seeds, paths)
def test_a_choice_from_eight_is_the_best_of_all(seed: int, path: Path) -> None:
    tracks = candidates(8, seed)
    assert sequence(tracks, path, count=4).cost == pytest.approx(min(_fast_costs(tracks, path, 4)))


def _fast_costs(tracks: Pool, path: Path, count: int) -> list[float]:
    """Cost every order of `count` tracks, all orders at a time."""
    orders = np.array(list(permutations(range(len(tracks.uri)), count)))
    ends = np.cumsum(tracks.seconds[orders], axis=1)
    targets = path.at(ends - tracks.seconds[orders] / 2)
    total = -tracks.utility[orders].sum(axis=1)
    for at, (name, weight) in enumerate(zip(path.names, path.weights, strict=True)):
        if name == "genre:techno":
            techno = np.array([2.0 * ("techno" in genres) for genres in tracks.genres])
            away = (techno[orders] - targets[..., at]) ** 2
        else:
            column = tracks.names.index(name)
            away = (tracks.expected[orders, column] - targets[..., at]) ** 2
            away += tracks.variance[orders, column]
        total += USUAL.path * weight * away.sum(axis=1)
    step = Transitions(tracks.motion).all()
    total += USUAL.transition * step[orders[:, :-1], orders[:, 1:]].sum(axis=1)
    names = np.array(tracks.artist)[orders]
    for late in range(count):
        for early in range(late):
            total += USUAL.repeat * ((names[:, late] == names[:, early]) & (names[:, late] != ""))
    costs: list[float] = total.tolist()
    return costs


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 6), seeds, paths, st.floats(100, 1500))
def test_a_duration_is_filled_in_the_best_way(
    n: int, seed: int, path: Path, seconds: float
) -> None:
    tracks = candidates(n, seed)
    found = sequence(tracks, path, seconds=seconds)
    every = (order for length in range(1, n + 1) for order in permutations(range(n), length))
    whole = [order for order in every if is_whole(tracks, order, seconds)]
    assert found.order in whole
    least = min(miss(tracks, order, seconds) for order in whole)
    assert miss(tracks, found.order, seconds) == pytest.approx(least, abs=1e-6)
    best = min(
        cost(tracks, path, order) / len(order)
        for order in whole
        if miss(tracks, order, seconds) <= least + 1e-6
    )
    assert found.cost / len(found.order) == pytest.approx(best)


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 60), seeds, paths, st.data())
def test_the_order_of_the_candidates_does_not_matter(
    n: int, seed: int, path: Path, data: st.DataObject
) -> None:
    tracks = candidates(n, seed)
    shuffled = data.draw(st.permutations(range(n)))
    other = tracks.take(np.array(shuffled))
    for options in ({"count": n // 2}, {"seconds": 1800.0}, {}):
        first: Sequence = sequence(tracks, path, **options)
        second: Sequence = sequence(other, path, **options)
        assert [tracks.uri[at] for at in first.order] == [other.uri[at] for at in second.order]
        assert first.cost == second.cost


def test_equal_tracks_go_by_uri() -> None:
    given_ = permuted(columns(9), [0] * 9)
    given_["uri"] = [f"test:{name}" for name in "hcafbdgei"]
    given_["title"], given_["artist"] = list("hcafbdgei"), [""] * 9
    tracks = Catalog.from_arrays(**given_)
    found = sequence(Pool.from_catalog(tracks, range(9)), VECTORS[1].path(tracks), count=5)
    assert [tracks.uri[at][-1] for at in found.order] == list("abcde")


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 300), seeds, paths, st.integers(1, 40))
def test_no_track_is_played_twice(n: int, seed: int, path: Path, count: int) -> None:
    tracks = candidates(n, seed)
    chosen = sequence(tracks, path, count=count)
    assert len(set(chosen.order)) == len(chosen.order) == min(n, count)
    assert sorted(sequence(tracks, path, width=2).order) == list(range(n))


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 9), seeds, paths, st.data())
def test_one_candidate_more_never_makes_it_worse(
    n: int, seed: int, path: Path, data: st.DataObject
) -> None:
    tracks = candidates(n, seed)
    fewer = tracks.take(np.arange(n - 1))
    count = data.draw(st.integers(1, n - 1))
    assert (
        sequence(tracks, path, count=count).cost <= sequence(fewer, path, count=count).cost + 1e-9
    )


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 40), seeds, paths)
def test_the_report_is_what_was_computed(n: int, seed: int, path: Path) -> None:
    tracks = candidates(n, seed)
    found = sequence(tracks, path)
    lengths = tracks.seconds[list(found.order)]
    np.testing.assert_allclose(
        [place.start for place in found.places], np.cumsum(lengths) - lengths
    )
    assert found.seconds == pytest.approx(lengths.sum())
    assert math.isfinite(found.cost + found.deviation + found.transition)
    assert 0 <= found.transition <= 1
    alone = Balance(path=1, transition=0, repeat=0)
    worthless = tracks.take(np.arange(n))
    worthless.utility[:] = 0
    assert found.deviation**2 * n == pytest.approx(cost(worthless, path, found.order, alone))
    step = Transitions(tracks.motion).all()
    into = [step[a, b] for a, b in zip(found.order, found.order[1:], strict=False)]
    assert found.transition == pytest.approx(np.mean(into) if into else 0)


def test_a_recording_is_never_chosen_twice_but_all_that_is_given_is_ordered() -> None:
    given_ = columns(6)
    given_["title"] = ["Same", "Same - 2011 Remaster", "Same (Radio Edit)", "Other", "Third", "A"]
    given_["artist"] = ["Somebody"] * 6
    tracks = Pool.from_catalog(Catalog.from_arrays(**given_), range(6))
    assert len(sequence(tracks, count=6).order) == 4
    assert len(set(sequence(tracks, count=6).order) & {0, 1, 2}) == 1
    assert len(sequence(tracks, seconds=36_000.0).order) == 4
    assert len(sequence(tracks).order) == 6


def test_an_artist_costs_more_each_time() -> None:
    given_ = columns(8)
    given_["artist"] = ["One"] * 4 + ["Two", "Three", "Four", ""]
    tracks = Pool.from_catalog(
        Catalog.from_arrays(**given_), range(8), utility=np.array([0.1] * 4 + [0.0] * 4)
    )
    for repeat, expected in ((0.0, 4), (10.0, 1)):
        found = sequence(tracks, count=4, balance=Balance(path=0, transition=0, repeat=repeat))
        assert len(set(found.order) & {0, 1, 2, 3}) == expected


def test_what_is_playing_is_gone_on_from() -> None:
    tracks = candidates(40)
    path = VECTORS[1].path(CATALOG)
    whole = sequence(tracks, path, count=2)
    playing = whole.order[0]
    rest = sequence(tracks, path, count=5, previous=playing, elapsed=float(tracks.seconds[playing]))
    assert playing not in rest.order
    step = Transitions(tracks.motion).all()
    assert rest.places[0].transition == pytest.approx(step[playing, rest.order[0]])
    assert rest.places[0].start == tracks.seconds[playing]
    assert rest.seconds > rest.places[-1].start > 0


def test_a_soundscape_takes_long_tracks_that_do_not_speak() -> None:
    path = TuneVector(kind="soundscape").path(CATALOG)
    rows = np.flatnonzero(~np.isnan(CATALOG.column("speechiness")))
    tracks = Pool.from_catalog(CATALOG, rows, seconds=np.full(len(rows), 2400.0))
    found = sequence(tracks, path, seconds=8 * 3600.0)
    assert len(found.order) == 12
    speech = CATALOG.column("speechiness")[rows]
    assert speech[list(found.order)].max() < np.median(speech)


def test_a_path_leads_into_a_genre() -> None:
    path = TuneVector(
        waypoints=(Waypoint(minute=0, genre="jazz"), Waypoint(minute=60, genre="techno"))
    ).path(CATALOG)
    tracks = candidates(400)
    found = sequence(tracks, path, seconds=3600.0)
    genres = [tracks.genres[index] for index in found.order]
    assert all("jazz" in names for names in genres[:3])
    assert all("techno" in names for names in genres[-3:])
    assert "techno" not in genres[0]


def test_what_no_track_has_is_unknown_of_all() -> None:
    path = Path.through([(0.0, {"colour": Target(2.0)})])
    assert sequence(candidates(3), path).deviation == pytest.approx(5**0.5)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"seconds": np.array([200.0, np.nan, 200.0])}, "track_without_duration"),
        ({"seconds": np.array([200.0, 200.0, 0.0])}, "track_without_duration"),
        ({"seconds": np.array([200.0, -1.0, 200.0])}, "track_without_duration"),
        ({"seconds": np.array([200.0, np.inf, 200.0])}, "track_without_duration"),
        ({"utility": np.array([0.0, np.nan, 0.0])}, "track_without_utility"),
        ({"utility": np.array([-np.inf, 0.0, 0.0])}, "track_without_utility"),
        ({"rows": []}, "nothing_matches"),
    ],
)
def test_bad_candidates_are_refused(change: dict[str, Any], key: str) -> None:
    with pytest.raises(EngineError) as refusal:
        Pool.from_catalog(CATALOG, **({"rows": range(3)} | change))
    assert refusal.value.key == key


def test_nothing_but_what_is_playing_is_refused() -> None:
    with pytest.raises(EngineError, match="nothing_matches"):
        sequence(candidates(1), previous=0)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"count": 0}, "count must be at least 1"),
        ({"elapsed": math.nan}, "elapsed and seconds must be finite"),
        ({"seconds": math.inf}, "elapsed and seconds must be finite"),
        ({"previous": 3}, "previous must be one of the 3 candidates"),
        ({"width": 0}, "width must be at least 1"),
    ],
)
def test_impossible_calls_are_refused(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        sequence(candidates(3), **options)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"utility": np.zeros(2)}, "utility must have 3 entries, not 2"),
        ({"expected": np.zeros((3, 1))}, "must be \\[3, 2\\]"),
        ({"expected": np.full((3, 2), np.nan)}, "expected must be finite"),
        ({"variance": np.full((3, 2), -1.0)}, "variance at least 0"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change: dict[str, Any], complaint: str) -> None:
    some = candidates(3)
    fitting: dict[str, Any] = {
        name: getattr(some, name)
        for name in ("uri", "seconds", "utility", "motion", "artist", "recording")
    } | {"names": ("energy", "tempo"), "expected": np.zeros((3, 2)), "variance": np.zeros((3, 2))}
    assert sequence(Pool(**fitting)).order
    with pytest.raises(ValueError, match=complaint):
        Pool(**(fitting | change))


def test_a_long_order_is_better_than_a_greedy_one() -> None:
    tracks = candidates(400)
    path = TuneVector(shape="ascent", seconds=84_000).path(CATALOG)
    ahead = sequence(tracks, path)
    greedy = sequence(tracks, path, count=400, width=1)
    assert sorted(ahead.order) == sorted(greedy.order) == list(range(400))
    assert ahead.cost < 0.75 * greedy.cost
