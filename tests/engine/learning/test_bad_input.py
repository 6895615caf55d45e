"""What ContextModel refuses, and how it says so."""

from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.rhythmiq.engine import ContextModel, EngineError
from custom_components.rhythmiq.engine.learning import storage

from .invented import N_CONTEXT, N_FEATURES, learned, outcomes

ROWS = outcomes(40)
DATA = learned(ROWS).save()


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("listener", np.zeros((40, 1), dtype=int)),
        ("listener", np.zeros(40)),
        ("listener", np.full(40, -2)),
        ("track", np.zeros(39, dtype=int)),
        ("track", np.full(40, 2**63, dtype=np.uint64)),
        ("artist", np.array(["a"] * 40)),
        ("features", np.zeros((40, N_FEATURES + 1))),
        ("features", np.zeros(40)),
        ("features", np.full((40, N_FEATURES), np.inf)),
        ("features", np.full((40, N_FEATURES), 1e300)),
        ("features", [["loud"] * N_FEATURES] * 40),
        ("context", np.zeros((39, N_CONTEXT))),
        ("context", np.full((40, N_CONTEXT), -np.inf)),
        ("reward", np.zeros((40, 1))),
        ("reward", np.full(40, 1.01)),
        ("reward", np.full(40, -0.01)),
        ("reward", np.full(40, np.nan)),
        ("when", np.zeros(41)),
        ("when", np.full(40, np.nan)),
        ("when", np.full(40, np.inf)),
    ],
)
def test_the_argument_is_named(argument: str, value: Any) -> None:
    model = learned(ROWS)
    with pytest.raises(ValueError, match=f"^{argument} must"):
        model.observe(**{**ROWS.observed(), argument: value})
    if argument != "reward":
        with pytest.raises(ValueError, match=f"^{argument} must"):
            model.predict(**{**ROWS.asked(), argument: value})
    untouched = learned(ROWS).predict(**ROWS.asked())
    assert np.array_equal(model.predict(**ROWS.asked()), untouched)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [((-1, 2), "n_features"), ((2, -1), "n_context"), ((2.5, 1), "n_features"), ((True, 1), "n_f")],
)
def test_sizes(arguments: tuple[Any, Any], named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named}"):
        ContextModel(*arguments)


cells = st.one_of(st.floats(-1e6, 1e6), st.just(np.nan))


@settings(deadline=None, max_examples=40)
@given(st.data(), st.integers(0, 40))
def test_whatever_is_allowed_gives_finite_answers(data: st.DataObject, n: int) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    pool = np.array(data.draw(st.lists(cells, min_size=1, max_size=6)))
    ids = data.draw(st.integers(1, 5))
    rows: dict[str, Any] = {
        "listener": rng.integers(-1, ids, size=n),
        "track": rng.integers(-1, 3 * ids, size=n),
        "artist": rng.integers(-1, ids, size=n),
        "features": rng.choice(pool, size=(n, 2)),
        "context": rng.choice(pool, size=(n, 2)),
        "reward": rng.choice([0.0, 0.5, 1.0], size=n),
        "when": rng.choice([0.0, 1.0, 1e9], size=n) if data.draw(st.booleans()) else None,
    }
    model = ContextModel(2, 2)
    model.observe(**rows)
    rows.pop("reward")
    mean, deviation = model.predict(**rows)
    assert np.all((mean >= 0) & (mean <= 1))
    assert np.all(np.isfinite(deviation) & (deviation > 0))


def test_what_was_saved_is_loaded() -> None:
    model = learned(ROWS[:30])
    model.predict(**ROWS.asked())
    model.observe(**ROWS[30:].observed())
    again = ContextModel.load(model.save())
    assert np.array_equal(again.predict(**ROWS.asked()), model.predict(**ROWS.asked()))
    more = outcomes(60, seed=5)
    for one in (model, again):
        one.observe(**more.observed())
    assert np.array_equal(again.predict(**ROWS.asked()), model.predict(**ROWS.asked()))
    assert again.save() == model.save()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_one_wrong_byte_is_noticed(place: int, change: int) -> None:
    wrong = bytearray(DATA)
    wrong[place] ^= change
    with pytest.raises(EngineError, match="model_corrupt"):
        ContextModel.load(bytes(wrong))


def test_what_is_whole_but_not_a_model_is_refused() -> None:
    with pytest.raises(EngineError, match="model_corrupt"):
        ContextModel.load(storage.pack({"shape": np.array([2, 2])}))


@settings(deadline=None, max_examples=30)
@given(st.one_of(st.binary(max_size=200), st.integers(0, len(DATA) - 1).map(lambda n: DATA[:n])))
def test_foreign_and_cut_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(EngineError, match="model_corrupt"):
        ContextModel.load(data)
    with pytest.raises(EngineError, match="model_corrupt"):
        ContextModel(N_FEATURES, N_CONTEXT, prior=data)
