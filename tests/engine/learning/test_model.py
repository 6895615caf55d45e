"""What a caller of ContextModel can rely on."""

import tracemalloc
from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.rhythmiq.engine import ContextModel
from custom_components.rhythmiq.engine.learning import checks

from .invented import N_CONTEXT, N_FEATURES, Outcomes, learned, outcomes

ROWS = outcomes(300)
NEW = outcomes(60, seed=1)


def correlation(model: ContextModel, rows: Outcomes) -> float:
    return float(np.corrcoef(model.predict(**rows.asked())[0], rows.reward)[0, 1])


def test_knows_nothing_at_first() -> None:
    mean, deviation = ContextModel(N_FEATURES, N_CONTEXT).predict(**NEW.asked())
    assert np.all(mean == 0.5)
    assert np.all((deviation > 0.15) & (deviation < 0.5))


def test_learns() -> None:
    rows = outcomes(600)
    assert correlation(learned(rows[:20]), rows[500:]) < correlation(
        learned(rows[:500]), rows[500:]
    )
    assert correlation(learned(rows[:500]), rows[500:]) > 0.7


def test_grows_certain_with_data() -> None:
    deviations = [learned(ROWS[:n]).predict(**NEW.asked())[1].mean() for n in (1, 30, 300)]
    assert deviations[0] > deviations[1] > deviations[2]


def test_is_certain_of_what_it_is_not_asked_to_guess() -> None:
    """The deviation is that of the expectation, not of one outcome."""
    rng = np.random.default_rng(0)
    n = 400
    model = ContextModel(1, 0)
    coin = (rng.random(n) < 0.3).astype(float)
    one, nothing = np.zeros(n, dtype=int), np.empty((n, 0))
    model.observe(one, one, one, np.zeros((n, 1)), nothing, coin)
    mean, deviation = model.predict([0], [0], [0], [[0.0]], np.empty((1, 0)))
    assert mean[0] == pytest.approx(coin.mean(), abs=0.02)
    assert deviation[0] < 0.05 < coin.std()


def test_someone_and_something_unknown_is_normal() -> None:
    model = learned(ROWS)
    mean, deviation = model.predict(
        [-1, 10**18, 7], [-1, 10**17, 0], [-1, 10**16, 0],
        ROWS.features[:3], ROWS.context[:3], when=[1e9] * 3,
    )  # fmt: skip
    assert np.all((mean >= 0) & (mean <= 1))
    assert deviation[0] == deviation.max()
    assert deviation[2] < deviation[:2].min()


def test_unknown_ids_teach_the_household() -> None:
    unknown = np.full(len(ROWS), -1)
    model = ContextModel(N_FEATURES, N_CONTEXT)
    model.observe(unknown, unknown, unknown, ROWS.features, ROWS.context, ROWS.reward)
    mean, _ = model.predict(unknown[:60], unknown[:60], unknown[:60], NEW.features, NEW.context)
    assert np.corrcoef(mean, NEW.features[:, 0])[0, 1] > 0.3


def test_a_track_and_an_artist_are_liked_for_themselves() -> None:
    rng = np.random.default_rng(3)
    n = 600
    track = rng.integers(30, size=n)
    charm = rng.normal(size=10) * 0.15  # of the artist
    reward = np.clip(0.5 + charm[track // 3] + rng.normal(size=n) * 0.1, 0, 1)
    same, nothing = np.zeros(n, dtype=int), np.empty((n, 0))
    model = ContextModel(0, 0)
    model.observe(same, track, track // 3, nothing, nothing, reward)
    new = np.arange(10)  # a track nobody heard of each artist
    mean, deviation = model.predict(same[:10], new + 1000, new, nothing[:10], nothing[:10])
    assert np.abs(mean - 0.5 - charm).max() < 0.1
    assert np.corrcoef(mean, charm)[0, 1] > 0.95
    old = model.predict(same[:10], new * 3, new, nothing[:10], nothing[:10])[1]
    assert np.all(old < deviation)


def test_recent_outcomes_tell_about_the_moment() -> None:
    rng = np.random.default_rng(4)
    mood = np.repeat(rng.choice([0.2, 0.8], size=60), 10)  # of sessions of ten
    when = np.repeat(np.arange(60) * 1e5, 10) + np.tile(np.arange(10) * 200.0, 60)
    reward = (rng.random(600) < mood).astype(float)
    same, nothing = np.zeros(600, dtype=int), np.empty((600, 0))
    unknown = np.full(600, -1)
    model = ContextModel(0, 0)
    model.observe(same, unknown, unknown, nothing, nothing, reward, when=when)
    good, bad = (
        int(np.flatnonzero(reward.reshape(60, 10).sum(axis=1) == total)[0])
        for total in (
            reward.reshape(60, 10).sum(axis=1).max(),
            reward.reshape(60, 10).sum(axis=1).min(),
        )
    )
    during = when.reshape(60, 10)[[good, bad], 9] + 100
    mean, _ = model.predict(
        same[:2], unknown[:2], unknown[:2], nothing[:2], nothing[:2], when=during
    )
    assert mean[0] > mean[1] + 0.2
    later, _ = model.predict(
        same[:2], unknown[:2], unknown[:2], nothing[:2], nothing[:2], when=during + 6e4
    )
    assert abs(later[0] - later[1]) < (mean[0] - mean[1]) / 4


def test_only_outcomes_before_the_moment_are_used() -> None:
    """What comes later changes nothing, though it was observed."""
    early, late = ROWS[:256], ROWS[256:]
    asked = {**NEW.asked(), "when": np.full(len(NEW), early.when[-1] + 1)}
    model = learned(early)
    before = recollections(model, asked)
    model.observe(**{**late.observed(), "when": late.when + 1e6})
    assert np.array_equal(before, recollections(model, asked))
    assert not np.array_equal(before, recollections(model, {**asked, "when": asked["when"] + 1e8}))


def recollections(model: ContextModel, asked: dict[str, Any]) -> NDArray[np.float32]:
    batch = checks.batch(N_FEATURES, N_CONTEXT, **asked, reward=None)
    return model._log.ask(batch).recollections


@pytest.mark.parametrize("value", [np.nan, 3.0])
def test_absent_or_constant_context_is_no_context(value: float) -> None:
    rows = outcomes(200, context_matters=0)
    with_it, without = ContextModel(N_FEATURES, N_CONTEXT), ContextModel(N_FEATURES, 0)
    for model, width in ((with_it, N_CONTEXT), (without, 0)):
        model.observe(**{**rows.observed(), "context": np.full((200, width), value)})
    expected = without.predict(**{**NEW.asked(), "context": np.empty((60, 0))})
    for context in (np.full((60, N_CONTEXT), value), NEW.context, NEW.context * np.nan):
        found = with_it.predict(**{**NEW.asked(), "context": context})
        assert np.abs(np.subtract(found, expected)).max() < 1e-9


def test_context_helps_where_it_matters() -> None:
    rows = outcomes(700)
    without = {**rows[:600].observed(), "context": np.full((600, N_CONTEXT), np.nan)}
    blind = ContextModel(N_FEATURES, N_CONTEXT)
    blind.observe(**without)
    assert correlation(learned(rows[:600]), rows[600:]) > correlation(blind, rows[600:]) + 0.1


def test_an_absent_variable_contributes_nothing() -> None:
    """Its column is worth the same as if the moment were an average one."""
    model = learned(ROWS)
    context = NEW.context.copy()
    context[:, 1] = np.nan
    average = context.copy()
    average[:, 1] = ROWS.context[:256, 1].astype(np.float32).mean(dtype=np.float64)
    found = model.predict(**{**NEW.asked(), "context": context})
    expected = model.predict(**{**NEW.asked(), "context": average})
    assert np.abs(np.subtract(found, expected)).max() < 1e-6


def test_shares_between_listeners() -> None:
    """Who is new is expected to be like the others, who is known like themselves."""
    rng = np.random.default_rng(5)
    n = 500
    features = rng.normal(size=(n, 1))
    who = rng.integers(4, size=n)
    slope = np.array([0.1, 0.12, 0.08, -0.1])[who]
    reward = np.clip(0.5 + slope * features[:, 0] + rng.normal(size=n) * 0.05, 0, 1)
    unknown, nothing = np.full(n, -1), np.empty((n, 0))
    model = ContextModel(1, 0)
    model.observe(who, unknown, unknown, features, nothing, reward)

    def slope_of(listener: int) -> float:
        mean, _ = model.predict(
            [listener] * 2, [-1] * 2, [-1] * 2, [[-1.0], [1.0]], np.empty((2, 0))
        )
        return float(mean[1] - mean[0]) / 2

    assert slope_of(0) == pytest.approx(0.1, abs=0.02)
    assert slope_of(3) == pytest.approx(-0.1, abs=0.02)
    assert -0.05 < slope_of(99) < 0.1


def test_finds_an_optimum_inside_the_range() -> None:
    rng = np.random.default_rng(6)
    tempo = rng.uniform(60, 180, size=(400, 1))
    reward = np.exp(-(((tempo[:, 0] - 120) / 30) ** 2)) * 0.9
    unknown, nothing = np.full(400, -1), np.empty((400, 0))
    model = ContextModel(1, 0)
    model.observe(unknown, unknown, unknown, tempo, nothing, reward)
    mean, _ = model.predict([-1] * 3, [-1] * 3, [-1] * 3, [[70], [120], [170]], nothing[:3])
    assert mean[1] > max(mean[0], mean[2]) + 0.3


def test_a_missing_feature_is_an_average_one() -> None:
    model = learned(ROWS)
    features = np.full_like(NEW.features, np.nan)
    mean, deviation = model.predict(**{**NEW.asked(), "features": features})
    assert np.all(np.isfinite(mean) & np.isfinite(deviation))


def test_prior_is_what_is_expected_before_data() -> None:
    teacher = learned(ROWS)
    pupil = ContextModel(N_FEATURES, N_CONTEXT, prior=teacher.save())
    nobody: dict[str, Any] = {
        **NEW.asked(),
        "listener": [-1] * 60,
        "track": [-1] * 60,
        "artist": [-1] * 60,
    }
    assert np.allclose(pupil.predict(**nobody)[0], teacher.predict(**nobody)[0], atol=1e-9)
    again = ContextModel.load(pupil.save())
    assert np.array_equal(pupil.predict(**nobody), again.predict(**nobody))
    few = outcomes(10, seed=8)
    pupil.observe(**few.observed())
    assert correlation(pupil, NEW) > correlation(learned(few), NEW) + 0.1
    grandchild = ContextModel(N_FEATURES, N_CONTEXT, prior=pupil.save())
    assert np.allclose(grandchild.predict(**nobody)[0], pupil.predict(**nobody)[0], atol=0.05)
    with pytest.raises(ValueError, match="prior must be for"):
        ContextModel(N_FEATURES + 1, N_CONTEXT, prior=teacher.save())


@pytest.mark.parametrize("prior", [None, learned(outcomes(50, seed=9)).save()])
@pytest.mark.parametrize(("listener", "when"), [(7, None), (8, 2e5), (99, 1e5)])
def test_a_taste_is_what_would_be_predicted(
    listener: int, when: float | None, prior: bytes | None
) -> None:
    model = learned(ROWS, prior=prior)
    context = NEW.context[0]
    taste = model.taste(listener, context, when=when)
    coordinates = taste.coordinates(NEW.features.astype(np.float32))
    unknown = np.full(len(NEW), -1)
    mean, deviation = model.predict(
        np.full(len(NEW), listener), unknown, unknown, NEW.features,
        np.tile(context, (len(NEW), 1)), when=None if when is None else np.full(len(NEW), when),
    )  # fmt: skip
    assert np.allclose(np.clip(coordinates @ taste.mean, 0, 1), mean, atol=1e-9)
    variance = np.einsum("ij,jk,ik->i", coordinates, taste.covariance, coordinates)
    assert np.allclose(variance + taste.rest, deviation**2, atol=1e-9)


def test_refit_estimates_from_all_rows() -> None:
    model, other = learned(ROWS), learned(ROWS)
    before = model.predict(**NEW.asked())[0]
    model.refit()
    assert np.abs(model.predict(**NEW.asked())[0] - before).max() > 1e-6
    assert model.variances().shape == other.variances().shape
    assert np.all(model.variances() > 0)


@pytest.mark.parametrize("always", [0.0, 0.3, 1.0])
def test_a_surprise_after_all_the_same(always: float) -> None:
    n = 200
    model = ContextModel(N_FEATURES, N_CONTEXT)
    same = outcomes(n).observed() | {"reward": np.full(n, always)}
    model.observe(**same)
    mean, deviation = model.predict(**NEW.asked())
    assert np.abs(mean - always).max() < 0.01
    assert np.all(deviation > 1e-4)
    surprise = {**outcomes(1, seed=2).observed(), "reward": np.array([1 - always])}
    model.observe(**surprise)
    moved, _ = model.predict(**NEW.asked())
    assert np.abs(moved - always).max() < 0.5


def test_nothing_is_fine() -> None:
    model = ContextModel(N_FEATURES, N_CONTEXT)
    model.observe([], [], [], [], [], [])
    model.refit()
    mean, deviation = model.predict([], [], [], np.empty((0, N_FEATURES)), [])
    assert mean.shape == deviation.shape == (0,)


def test_a_year_fits_in_memory() -> None:
    n = 8_000
    rng = np.random.default_rng(7)
    track = rng.integers(2000, size=n)
    features = rng.normal(size=(2000, 12)).astype(np.float32)[track]
    context = rng.normal(size=(n, 6)).astype(np.float32)
    reward = (rng.random(n) < 0.5).astype(float)
    who, artist, when = rng.integers(5, size=n), track // 8, np.arange(n) * 300.0
    model = ContextModel(12, 6)
    tracemalloc.start()
    try:
        model.observe(who, track, artist, features, context, reward, when=when)
        model.predict(who[:9], track[:9], artist[:9], features[:9], context[:9])
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < n * 700
    assert peak < n * 700 + 50e6
