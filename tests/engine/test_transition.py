from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.rhythmiq.engine.transition import (
    ENERGY,
    KEY,
    LOUDNESS,
    TEMPO,
    Motion,
    Transitions,
)

UNKNOWN = float("nan")
values = st.one_of(st.just(UNKNOWN), st.floats(-300, 300))


def cost(**second: float) -> float:
    """Return the cost of going to a track that differs from C major, 120 BPM by what is given."""
    first = {"energy": 0.5, "loudness": -8.0, "tempo": 120.0, "key": 0.0, "mode": 1.0}
    tracks = Motion(*(np.array([first[name], (first | second)[name]]) for name in first))
    return float(Transitions(tracks).all()[0, 1])


def test_the_same_again_costs_nothing() -> None:
    assert cost() == 0


@pytest.mark.parametrize("tempo", [30, 60, 240])
def test_half_and_double_time_are_alike(tempo: float) -> None:
    assert cost(tempo=tempo) == pytest.approx(0)


def test_tempo_counts_as_a_ratio() -> None:
    assert cost(tempo=120 * 1.1) == pytest.approx(cost(tempo=120 / 1.1))
    assert cost(tempo=120 * 1.1) == pytest.approx(cost(tempo=60 * 1.1))
    assert cost(tempo=120 * 1.1) < cost(tempo=120 * 1.3) < cost(tempo=120 * 2**0.5)
    assert cost(tempo=120 * 2**0.5) == pytest.approx(TEMPO)


@pytest.mark.parametrize(
    ("key", "mode", "steps"),
    [
        (7, 1, 1),  # G major, a fifth up: 9B after 8B on the Camelot wheel
        (5, 1, 1),  # F major, a fifth down: 7B
        (9, 0, 1),  # A minor, the relative: 8A
        (4, 0, 2),  # E minor: 9A
        (0, 0, 4),  # C minor: 5A
        (6, 1, 6),  # F sharp major, the far side
        (3, 0, 7),  # E flat minor, its relative
    ],
)
def test_keys_are_as_far_as_on_the_camelot_wheel(key: float, mode: float, steps: int) -> None:
    assert cost(key=key, mode=mode) == pytest.approx(KEY * steps / 7)


def test_all_keys_are_alike_to_the_wheel() -> None:
    """Transposing both tracks changes nothing."""
    pitch, mode = np.divmod(np.arange(24.0), 2)
    same = np.zeros(24)
    here, up = (
        Transitions(Motion(same, same, same + 100, (pitch + shift) % 12, mode)).all()
        for shift in (0, 5)
    )
    np.testing.assert_allclose(here, up)


def test_loudness_and_energy_jump() -> None:
    assert cost(loudness=-3) == pytest.approx(LOUDNESS / 2)
    assert cost(loudness=-40) == pytest.approx(LOUDNESS)
    assert cost(energy=0.9) == pytest.approx(ENERGY * 0.4)


def test_the_unknown_costs_what_is_expected() -> None:
    rng = np.random.default_rng(0)
    n = 1500
    drawn = Transitions(
        Motion(
            rng.random(n),
            rng.uniform(-18, -3, n),
            60 * 2 ** rng.random(n),
            rng.integers(0, 12, n).astype(np.float64),
            rng.integers(0, 2, n).astype(np.float64),
        )
    ).all()
    nothing = np.full(2, np.nan)
    unknown = Transitions(Motion(*[nothing] * 5)).all()
    assert unknown[0, 1] == pytest.approx(drawn.mean(), abs=0.01)
    assert cost(tempo=UNKNOWN) == cost(tempo=0) == pytest.approx(TEMPO / 2)
    assert cost(key=UNKNOWN, mode=UNKNOWN) == pytest.approx(KEY / 2)
    assert cost(key=UNKNOWN) == pytest.approx(KEY * 3 / 7)
    assert cost(mode=UNKNOWN) == pytest.approx((cost(mode=0) + cost(mode=1)) / 2)
    assert cost(energy=UNKNOWN) == pytest.approx(ENERGY / 3)
    assert 0.4 < cost(loudness=UNKNOWN) / LOUDNESS < 0.6


@given(st.lists(st.tuples(values, values, values, values, values), min_size=1, max_size=8))
def test_any_transition_costs_from_0_to_1(tracks: list[tuple[float, ...]]) -> None:
    every = Transitions(Motion(*np.array(tracks).T)).all()
    assert ((every >= 0) & (every <= 1)).all()
    np.testing.assert_allclose(every, every.T, atol=1e-12)
