"""The model is a function of the sequence of rows, and exact in between."""

from collections.abc import Sequence

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.rhythmiq.engine import ContextModel
from custom_components.rhythmiq.engine.learning.schedule import last_estimation

from .invented import N_CONTEXT, N_FEATURES, learned, outcomes

ROWS = outcomes(150)
NEW = outcomes(40, seed=1)
EXPECTED = learned(ROWS).predict(**NEW.asked())


def difference(model: ContextModel, expected: Sequence[np.ndarray]) -> float:
    return float(np.abs(np.subtract(model.predict(**NEW.asked()), expected)).max())


@settings(deadline=None, max_examples=12)
@given(cuts=st.lists(st.tuples(st.integers(0, 150), st.booleans()), max_size=6))
def test_however_it_is_cut(cuts: list[tuple[int, bool]]) -> None:
    model = ContextModel(N_FEATURES, N_CONTEXT)
    start = 0
    for end, asked in [*sorted(cuts), (150, True)]:
        model.observe(**ROWS[start:end].observed())
        if asked:
            model.predict(**NEW.asked())
        start = end
    assert difference(model, EXPECTED) < 1e-6


def test_row_by_row_for_a_long_time() -> None:
    """Rank-one updates do not drift from solving at once."""
    rows = outcomes(720, listeners=5)
    one_by_one = learned(rows[:512])
    one_by_one.predict(**NEW.asked())
    for row in range(512, 720):
        one_by_one.observe(**rows[row : row + 1].observed())
        one_by_one.predict(**NEW[:1].asked())
    assert difference(one_by_one, learned(rows).predict(**NEW.asked())) < 1e-8


def test_one_artist_with_more_rows_than_are_in_memory_at_once() -> None:
    rows = outcomes(1100, tracks=4)
    one_by_one, at_once = learned(rows[:1060]), learned(rows)
    one_by_one.predict(**NEW.asked())
    for row in range(1060, 1100):
        one_by_one.observe(**rows[row : row + 1].observed())
        one_by_one.predict(**NEW[:1].asked())
    assert difference(one_by_one, at_once.predict(**NEW.asked())) < 1e-8


def test_a_listener_who_comes_between_estimations() -> None:
    rows = outcomes(100)
    late = rows[64:].observed() | {"listener": np.arange(36) % 4 + 100}
    one_by_one, at_once = learned(rows[:64]), learned(rows[:64])
    one_by_one.predict(**NEW.asked())
    for row in range(26):
        one_by_one.observe(**{name: column[row : row + 1] for name, column in late.items()})
        one_by_one.predict(**NEW.asked())
    at_once.observe(**{name: column[:26] for name, column in late.items()})
    assert difference(one_by_one, at_once.predict(**NEW.asked())) < 1e-8


def test_predicting_changes_nothing() -> None:
    model = learned(ROWS)
    for _ in range(3):
        assert difference(model, EXPECTED) == 0


def test_refit_is_the_same_from_anywhere() -> None:
    whole, parts = learned(ROWS), ContextModel(N_FEATURES, N_CONTEXT)
    for rows in (ROWS[:90], ROWS[90:]):
        parts.observe(**rows.observed())
        parts.refit()
    whole.refit()
    assert difference(parts, whole.predict(**NEW.asked())) < 1e-9


@settings(deadline=None, max_examples=10)
@given(st.permutations(range(40)))
def test_permuted_questions_get_permuted_answers(order: list[int]) -> None:
    found = learned(ROWS).predict(**NEW[order].asked())
    assert np.abs(np.subtract(found, np.array(EXPECTED)[:, order])).max() < 1e-9


@settings(deadline=None, max_examples=10)
@given(st.permutations(range(N_FEATURES)), st.permutations(range(N_CONTEXT)))
def test_the_order_of_columns_does_not_matter(features: list[int], context: list[int]) -> None:
    model = ContextModel(N_FEATURES, N_CONTEXT)
    swap = {"features": ROWS.features[:, features], "context": ROWS.context[:, context]}
    model.observe(**{**ROWS.observed(), **swap})
    swap = {"features": NEW.features[:, features], "context": NEW.context[:, context]}
    found = model.predict(**{**NEW.asked(), **swap})
    assert np.abs(np.subtract(found, EXPECTED)).max() < 1e-6


@settings(deadline=None, max_examples=10)
@given(shift=st.integers(1, 10**15))
def test_ids_are_only_names(shift: int) -> None:
    model = ContextModel(N_FEATURES, N_CONTEXT)
    names = ("listener", "track", "artist")
    model.observe(**{k: v + shift * (k in names) for k, v in ROWS.observed().items()})
    found = model.predict(**{k: v + shift * (k in names) for k, v in NEW.asked().items()})
    assert np.abs(np.subtract(found, EXPECTED)).max() < 1e-9


@pytest.mark.parametrize(
    ("rows", "due"), [(0, 0), (15, 0), (16, 16), (22, 22), (31, 22), (32, 32), (100_000, 92_681)]
)
def test_when_it_estimates(rows: int, due: int) -> None:
    assert last_estimation(rows) == due
