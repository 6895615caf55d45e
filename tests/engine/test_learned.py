"""What a model changes about a recommendation."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.rhythmiq.engine import (
    Catalog,
    Context,
    ContextModel,
    Heard,
    Listener,
    Recommendation,
    Request,
    prior,
    rank,
)
from custom_components.rhythmiq.engine.blend import least_happy
from custom_components.rhythmiq.engine.ids import artist_id, track_id
from custom_components.rhythmiq.engine.learned import (
    BASE_WORTH,
    MOMENT_WORTH,
    REWARD,
    Learned,
    Shares,
)
from custom_components.rhythmiq.engine.request import STRENGTHS
from custom_components.rhythmiq.engine.situation import (
    CONTEXT_COLUMNS,
    TRACK_COLUMNS,
    context_row,
    new_model,
    track_rows,
)
from custom_components.rhythmiq.engine.variables import VARIABLES

from .invented import catalog, columns, permuted

TRACKS = catalog(200, missing=0.02)
EVENING = Context.from_values({"time_of_day": 20, "weather": "rainy", "occupancy": 2})
OFF: dict[str, Any] = dict.fromkeys(STRENGTHS, 0.0)
ANNA, BEN = Listener(id="anna", adventurousness=0), Listener(id="ben", adventurousness=0)


def taught(*listeners: Listener, rows: int = 400, feature: str = "acousticness") -> ContextModel:
    """Return a model of listeners who like a feature, the first one high, the next one low."""
    rng = np.random.default_rng(1)
    model = new_model()
    heard = rng.integers(TRACKS.n_tracks, size=rows)
    who = rng.integers(len(listeners), size=rows)
    high = np.nan_to_num(TRACKS.column(feature)[heard], nan=0.5) > 0.5
    chance = np.where(high == (who == 0), 0.9, 0.1)
    model.observe(
        np.array([listener.number for listener in listeners])[who],
        [track_id(TRACKS.uri[row]) for row in heard],
        [artist_id(TRACKS.artist[row]) for row in heard],
        track_rows(TRACKS, heard),
        np.tile(context_row(EVENING), (rows, 1)),
        (rng.random(rows) < chance).astype(float),
        when=np.arange(rows) * 300.0,
    )
    return model


MODEL = taught(ANNA, BEN)


def ranked(
    *listeners: Listener,
    model: ContextModel | None = MODEL,
    tracks: Catalog = TRACKS,
    seed: int = 0,
    **asked: Any,
) -> Recommendation:
    return rank(
        tracks,
        Request(context=EVENING, **asked),
        listeners,
        model=model,
        now=1e6,
        rng=np.random.default_rng(seed),
    )


def mean(found: Recommendation, name: str) -> float:
    rows = [TRACKS.uri.index(track.uri) for track in found.tracks]
    return float(np.nanmean(TRACKS.column(name)[rows]))


def test_a_model_without_outcomes_changes_nothing() -> None:
    assert ranked(ANNA, model=new_model()) == ranked(ANNA, model=None)


def test_what_was_liked_comes() -> None:
    fixed = mean(ranked(ANNA, model=None), "acousticness")
    assert mean(ranked(ANNA), "acousticness") > max(0.6, fixed)
    assert mean(ranked(BEN), "acousticness") < min(0.4, fixed)
    for track in ranked(ANNA).tracks:
        assert "learned" in {reason.key for reason in track.reasons}
        assert sum(reason.amount for reason in track.reasons) == pytest.approx(
            track.score, abs=1e-6
        )


def reference(listeners: list[Listener], count: int) -> dict[str, float]:
    """Return the best scores of all tracks, from the definitions, with every option off."""
    n = TRACKS.n_tracks
    learned = Learned(MODEL, TRACKS, EVENING, listeners, 1e6)
    score: NDArray[np.float64] = np.zeros(n)
    shares = learned.shares
    for share, term in (
        (shares.base, prior.BASE),
        *((shares.moment, term) for term in prior.terms(EVENING)),
    ):
        score += share * (TRACKS.weights(term) @ TRACKS.matrix.astype(np.float64))
    worth = []
    for listener in listeners:
        expected, _ = MODEL.predict(
            np.full(n, listener.number),
            [track_id(uri) for uri in TRACKS.uri],
            [artist_id(artist) for artist in TRACKS.artist],
            track_rows(TRACKS, np.arange(n)),
            np.tile(context_row(EVENING), (n, 1)),
            when=np.full(n, 1e6),
        )
        taste = MODEL.taste(listener.number, context_row(EVENING), when=1e6)
        sample = np.argsort([track_id(uri) for uri in TRACKS.uri])[:96]
        described = track_rows(TRACKS, sample).astype(np.float32)
        usual = taste.coordinates(described) @ taste.mean
        worth.append(REWARD * (expected - usual.mean()))
    score += np.mean(worth, axis=0) + least_happy(np.array(worth))
    return {TRACKS.uri[row]: score[row] for row in np.argsort(-score)[:count]}


@pytest.mark.parametrize("listeners", [[ANNA], [ANNA, BEN]])
def test_the_choice_is_that_of_asking_about_everything(listeners: list[Listener]) -> None:
    found = ranked(*listeners, count=TRACKS.n_tracks, **OFF)
    scores = {track.uri: track.score for track in found.tracks}
    best = reference(listeners, TRACKS.n_tracks)
    assert scores.keys() == best.keys()
    assert all(scores[uri] == pytest.approx(best[uri], abs=1e-6) for uri in best)
    if len(listeners) == 1:  # nobody's floor can be crossed in favour of somebody
        few = {track.uri for track in ranked(*listeners, count=12, **OFF).tracks}
        assert few == set(reference(listeners, 12))


def test_of_what_nobody_met_a_taste_says_what_is_predicted() -> None:
    tracks = catalog(50, seed=9)
    ids = np.array([track_id(f"elsewhere:{row}") for row in range(50)])
    artists = np.array([artist_id(f"Nobody {row}") for row in range(50)])
    assert not MODEL.met(ids, artists).any()
    heard = np.array([track_id(uri) for uri in TRACKS.uri])
    assert MODEL.met(heard, np.full(len(heard), -1)).any()
    theirs = np.array([artist_id(artist) for artist in TRACKS.artist])
    assert MODEL.met(np.full(len(theirs), -1), theirs).any()
    described, here = track_rows(tracks, np.arange(50)), context_row(EVENING)
    numbers = [ANNA.number, BEN.number]
    for number, taste in zip(numbers, MODEL.tastes(numbers, here, when=1e6), strict=True):
        mean, deviation = MODEL.predict(
            np.full(50, number), ids, artists, described, np.tile(here, (50, 1)),
            when=np.full(50, 1e6),
        )  # fmt: skip
        x = taste.coordinates(described.astype(np.float32))
        assert np.allclose(np.clip(x @ taste.mean, 0, 1), mean, atol=1e-9)
        variance = (x @ taste.covariance * x).sum(axis=1) + taste.rest
        assert np.allclose(np.sqrt(variance), deviation, atol=1e-9)


EVENING_HOUR, MORNING_HOUR = (Context.from_values({"time_of_day": hour}) for hour in (20.0, 8.0))


def shares(
    *told: tuple[Context, float, int],
    context: Context = EVENING_HOUR,
    who: Listener = ANNA,
) -> Shares:
    """Return what is left of the prior after Anna gave a reward in a moment so many times."""
    model = new_model()
    for moment, reward, times in told:
        heard = np.arange(times) % TRACKS.n_tracks
        model.observe(
            np.full(times, ANNA.number),
            [track_id(TRACKS.uri[row]) for row in heard],
            [artist_id(TRACKS.artist[row]) for row in heard],
            track_rows(TRACKS, heard),
            np.tile(context_row(moment), (times, 1)),
            np.full(times, reward),
        )
    return Learned(model, TRACKS, context, [who], None).shares


def test_the_prior_fades_with_disappointments() -> None:
    assert shares() == shares((EVENING_HOUR, 1.0, 40)) == Shares(1.0, 1.0)
    for reward, times in ((0.0, 1), (0.75, 20), (0.0, 20), (0.5, 400)):
        lacked = (1 - reward) * times
        left = shares((EVENING_HOUR, reward, times))
        assert left.base == pytest.approx(BASE_WORTH / (BASE_WORTH + lacked))
        assert left.moment == pytest.approx(MOMENT_WORTH / (MOMENT_WORTH + lacked))
        another = shares((EVENING_HOUR, reward, times), who=BEN)
        assert another.base == pytest.approx(BASE_WORTH / (BASE_WORTH + lacked / 2))


def test_disappointing_evenings_leave_the_morning_alone() -> None:
    rated = (EVENING_HOUR, 0.0, 54), (MORNING_HOUR, 0.0, 6)
    evening, morning = (shares(*rated, context=at) for at in (EVENING_HOUR, MORNING_HOUR))
    assert evening.base == morning.base
    assert evening.moment == pytest.approx(MOMENT_WORTH / (MOMENT_WORTH + 54), abs=0.01)
    assert morning.moment == pytest.approx(MOMENT_WORTH / (MOMENT_WORTH + 6), abs=0.05)
    assert shares(rated[0], context=MORNING_HOUR).moment > 0.9


def energy_by_day_less_by_night(model: ContextModel) -> float:
    day, night = (
        Context.from_values({"time_of_day": hour, "noise_level": noise, "weather": weather})
        for hour, noise, weather in ((15, 70, "sunny"), (0, 30, "rainy"))
    )

    def energy(context: Context) -> float:
        request = Request(context=context, count=20, **OFF)
        found = rank(TRACKS, request, [ANNA], model=model, now=1e6, rng=np.random.default_rng(0))
        return mean(found, "energy")

    return energy(day) - energy(night)


def test_two_lists_do_not_silence_the_moment() -> None:
    published = energy_by_day_less_by_night(new_model())
    assert published > 0.2
    assert energy_by_day_less_by_night(taught(ANNA, rows=20)) > 0.7 * published


def test_a_mood_keeps_its_bends_when_the_prior_fades() -> None:
    found = ranked(ANNA, mood="calm", count=10)
    assert mean(found, "energy") < 0.45
    base = [r.amount for t in found.tracks for r in t.reasons if r.key == "base"]
    assert all(map(math.isfinite, base))


def test_the_adventurous_try_what_is_uncertain() -> None:
    def explored(adventurousness: float, seed: int = 0, **asked: Any) -> dict[str, float]:
        who = Listener(id="anna", adventurousness=adventurousness)
        return {
            track.uri: reason.amount
            for track in ranked(who, seed=seed, count=200, **asked).tracks
            for reason in track.reasons
            if reason.key == "exploration"
        }

    assert explored(0) == explored(1, exploration=0) == {}
    full, half = explored(1), explored(0.5)
    assert full.keys() == half.keys()
    assert all(half[uri] == pytest.approx(full[uri] / 2) for uri in full)
    assert np.std(list(full.values())) > 0.2
    other = explored(1, seed=1)
    assert all(full[uri] != other[uri] for uri in full)


def test_without_listeners_it_is_for_anybody() -> None:
    found = ranked()
    assert all("learned" in {r.key for r in track.reasons} for track in found.tracks)


def test_what_a_listener_loves_is_found_wherever_it_ranks() -> None:
    tracks = catalog(3000, seed=5)
    loved = int(np.argmin(tracks.column("popularity")))
    others = np.random.default_rng(0).integers(3000, size=200)
    heard = np.concatenate([np.full(40, loved), others])
    model = new_model()
    model.observe(
        np.full(240, ANNA.number),
        [track_id(tracks.uri[row]) for row in heard],
        [artist_id(tracks.artist[row]) for row in heard],
        track_rows(tracks, heard),
        np.tile(context_row(EVENING), (240, 1)),
        (heard == loved).astype(float),
    )
    model.refit()

    def first(*history: Heard) -> str:
        anna = Listener(id="anna", adventurousness=0, history=history)
        request = Request(context=EVENING, count=1, **OFF)
        rng = np.random.default_rng(0)
        return rank(tracks, request, [anna], model=model, now=1e7, rng=rng).tracks[0].uri

    assert first(Heard(tracks.uri[loved], 0.0)) == tracks.uri[loved]


def test_the_order_of_rows_does_not_matter() -> None:
    order = np.random.default_rng(5).permutation(200).tolist()
    other = Catalog.from_arrays(**permuted(columns(200, missing=0.02), order))
    one, two = ranked(ANNA, BEN), ranked(ANNA, BEN, tracks=other)
    assert [track.uri for track in one.tracks] == [track.uri for track in two.tracks]
    for first, second in zip(one.tracks, two.tracks, strict=True):
        assert first.score == pytest.approx(second.score, abs=1e-6)


def test_a_model_of_other_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="model must be for"):
        ranked(ANNA, model=ContextModel(3, 2))


def test_an_absent_variable_is_nan_and_all_have_columns() -> None:
    assert np.isnan(context_row(Context())).all()
    assert len(context_row(EVENING)) == len(CONTEXT_COLUMNS) == len(set(CONTEXT_COLUMNS))
    everything = {
        key: variable.options[0] if variable.options else variable.minimum
        for key, variable in VARIABLES.items()
    }
    assert np.isfinite(context_row(Context.from_values(everything))).all()
    midnight, late = (context_row(Context.from_values({"time_of_day": hour})) for hour in (0, 24))
    assert np.allclose(midnight, late, equal_nan=True)


def test_tracks_are_described_on_raw_scales() -> None:
    tracks = Catalog.from_arrays([[120.0, 0.5], [np.nan, 0.1]], ["tempo", "energy"])
    described = track_rows(tracks, [0, 1])
    assert described.shape == (2, len(TRACK_COLUMNS))
    known = dict(zip(TRACK_COLUMNS, described[0], strict=True))
    assert known["tempo"] == pytest.approx(math.log2(120))
    assert known["energy"] == pytest.approx(0.5)
    assert np.isnan(described[:, TRACK_COLUMNS.index("valence")]).all()
    assert np.isnan(described[1, TRACK_COLUMNS.index("tempo")])
