from itertools import pairwise
from typing import get_args

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.rhythmiq.engine import Context
from custom_components.rhythmiq.engine.path import (
    Motion,
    Shape,
    arrange,
    shape_for,
    transitions,
)

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


def single(
    tempo: float = 120, key: float = 0, mode: float = 1, loudness: float = -8
) -> list[float]:
    return [0.5, loudness, tempo, key, mode]


def cost(first: list[float], second: list[float]) -> float:
    energy, loudness, tempo, key, mode = np.array([first, second]).T
    return float(transitions(Motion(energy, loudness, tempo, key, mode))[0, 1])


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
    step = transitions(tracks)

    def total(order: list[int]) -> float:
        return sum(float(step[a, b]) for a, b in pairwise(order))

    rng = np.random.default_rng(seed)
    chance = np.mean([total(rng.permutation(25).tolist()) for _ in range(50)])
    assert total(arrange(tracks, shape)) < 0.85 * chance


@given(st.integers(0, 50))
def test_no_swap_of_near_tracks_is_smoother(seed: int) -> None:
    tracks = motion(20, seed)
    step = transitions(tracks)
    order = arrange(tracks, "hold")

    def total() -> float:
        return sum(float(step[a, b]) for a, b in pairwise(order))

    best = total()
    for a in range(20):
        for b in range(a + 1, min(a + 6, 20)):
            order[a], order[b] = order[b], order[a]
            assert total() > best - 1e-6
            order[a], order[b] = order[b], order[a]


def test_half_and_double_time_are_smooth() -> None:
    assert cost(single(tempo=70), single(tempo=140)) == pytest.approx(0)
    assert cost(single(tempo=100), single(tempo=141)) > cost(single(tempo=100), single(tempo=110))


def test_a_fifth_and_the_relative_minor_are_near() -> None:
    assert cost(single(key=0), single(key=9, mode=0)) == 0
    assert 0 < cost(single(key=0), single(key=7)) < cost(single(key=0), single(key=6))


def test_what_is_unknown_costs_nothing() -> None:
    assert cost(single(tempo=np.nan, key=np.nan), single()) == 0
    assert cost(single(tempo=0), single()) == 0


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
