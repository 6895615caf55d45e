from itertools import pairwise
from typing import get_args

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.rhythmiq.engine import Context
from custom_components.rhythmiq.engine.path import Motion, Shape, arrange, shape_for
from custom_components.rhythmiq.engine.pool import Pool
from custom_components.rhythmiq.engine.sequence import Balance, sequence
from custom_components.rhythmiq.engine.transition import Transitions
from custom_components.rhythmiq.engine.tune_vector import Path, moves

SHAPES = get_args(Shape.__value__)


def motion(n: int, seed: int = 0, missing: float = 0.0) -> Motion:
    rng = np.random.default_rng(seed)
    drawn = [
        rng.random(n),
        rng.uniform(-20, -3, n),
        rng.uniform(60, 190, n),
        rng.integers(0, 12, n).astype(np.float64),
        rng.integers(0, 2, n).astype(np.float64),
    ]
    for values in drawn:
        values[rng.random(n) < missing] = np.nan
    return Motion(*drawn)


@given(
    st.integers(0, 40), st.integers(0, 100), st.sampled_from(SHAPES), st.sampled_from([0.0, 0.4])
)
def test_every_track_is_played_once(n: int, seed: int, shape: Shape, missing: float) -> None:
    assert sorted(arrange(motion(n, seed, missing), shape)) == list(range(n))


@given(st.integers(0, 100))
def test_energy_follows_the_path(seed: int) -> None:
    tracks = motion(24, seed)
    place = np.arange(24)

    def energy(shape: Shape) -> np.ndarray:
        return tracks.energy[arrange(tracks, shape)]

    assert np.corrcoef(place, energy("ascent"))[0, 1] > 0.8
    assert np.corrcoef(place, energy("descent"))[0, 1] < -0.8
    arc = energy("arc")
    assert arc[12:20].mean() > max(arc[:6].mean(), arc[-3:].mean())


@given(st.integers(0, 100), st.sampled_from(SHAPES))
def test_transitions_are_smoother_than_chance(seed: int, shape: Shape) -> None:
    tracks = motion(25, seed)
    step = Transitions(tracks).all()

    def total(order: list[int]) -> float:
        return sum(float(step[a, b]) for a, b in pairwise(order))

    rng = np.random.default_rng(seed)
    chance = np.mean([total(rng.permutation(25).tolist()) for _ in range(50)])
    assert total(arrange(tracks, shape)) < 0.85 * chance


@given(st.integers(0, 50), st.sampled_from(["hold", "free"]))
def test_turning_a_part_around_is_no_smoother(seed: int, shape: Shape) -> None:
    tracks = motion(20, seed)
    step = Transitions(tracks).all()
    order = arrange(tracks, shape)

    def total(order: list[int]) -> float:
        return sum(float(step[a, b]) for a, b in pairwise(order))

    for a in range(20):
        for b in range(a + 1, min(a + 12, 20)):
            turned = order[:a] + order[a : b + 1][::-1] + order[b + 1 :]
            assert total(turned) > total(order) - 1e-6


@given(st.integers(0, 30), st.sampled_from(SHAPES))
def test_the_order_is_nearly_as_good_as_that_of_a_wide_beam(seed: int, shape: Shape) -> None:
    n = 12
    tracks = motion(n, seed)
    rank = np.empty(n)
    rank[np.argsort(tracks.energy)] = (np.arange(n) + 0.5) / n
    candidates = Pool(
        uri=tuple(f"{track:02d}" for track in range(n)),
        seconds=np.ones(n),
        utility=np.zeros(n),
        motion=tracks,
        names=("energy",),
        expected=4.0 * (rank[:, None] - 0.5),
        variance=np.zeros((n, 1)),
        artist=("",) * n,
        recording=tuple(range(n)),
    )
    path = Path.through(moves(shape, n, rise=2.0) if shape != "hold" else [])
    balance = Balance(path=0.25, transition=1)
    best = sequence(candidates, path, balance=balance).cost
    order = np.array(arrange(tracks, shape))
    off = candidates.expected[order, : len(path.names)] - path.at(np.linspace(0.5, n - 0.5, n))
    step = Transitions(tracks).all()
    cost = 0.25 * (off**2).sum() + step[order[:-1], order[1:]].sum()
    assert cost < 1.35 * best


@pytest.mark.parametrize(
    ("time", "mood", "shape"),
    [
        (22.5, None, "descent"),
        (2, None, "descent"),
        (7, None, "ascent"),
        (15.5, None, "arc"),
        (None, None, "arc"),
        (7, "sleep", "descent"),
        (22.5, "party", "arc"),
        (12, "focus", "hold"),
    ],
)
def test_the_moment_decides_the_shape(time: float | None, mood: str | None, shape: Shape) -> None:
    assert shape_for(Context.from_values({"time_of_day": time}), mood) == shape


@given(st.integers(1, 25), st.integers(0, 100), st.sampled_from(SHAPES))
def test_what_plays_before_is_gone_on_from(n: int, seed: int, shape: Shape) -> None:
    tracks = motion(n + 1, seed)
    order = arrange(tracks, shape, follows=True)
    assert sorted(order) == list(range(n))
    step = Transitions(tracks).all()
    into = step[0, 1:]
    if shape in {"hold", "free"}:  # nothing else decides where to begin
        turned = [order[1], order[0], *order[2:]] if n > 1 else order
        between = step[1:, 1:]

        def total(order: list[int]) -> float:
            return float(into[order[0]]) + sum(float(between[a, b]) for a, b in pairwise(order))

        assert total(order) <= total(turned) + 1e-9


@given(st.integers(0, 100))
def test_it_begins_with_what_follows_well(seed: int) -> None:
    tracks = motion(30, seed)
    into = Transitions(tracks).all()[0, 1:]
    assert into[arrange(tracks, "hold", follows=True)[0]] <= np.median(into)
