import math
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.rhythmiq.engine import (
    FEATURE_NAMES,
    MOODS,
    Catalog,
    Context,
    EngineError,
    Recommendation,
    Request,
    prior,
    rank,
)
from custom_components.rhythmiq.engine.draws import uniform
from custom_components.rhythmiq.engine.ids import track_id
from custom_components.rhythmiq.engine.recordings import first_artist, recording
from custom_components.rhythmiq.engine.request import STRENGTHS
from custom_components.rhythmiq.engine.scoring import VARIETY
from custom_components.rhythmiq.engine.selection import ALBUM_COST, ARTIST_COST, LIKENESS_COST
from custom_components.rhythmiq.engine.tune_vector import AUDIBLE

from .invented import GENRES, catalog, columns, contexts, permuted, targets

TRACKS = catalog(400, missing=0.05)

QUIET_EVENING = Context.from_values(
    {
        "time_of_day": "22:30",
        "day_type": "workday",
        "noise_level": 32,
        "illuminance": 15,
        "weather": "rainy",
        "outdoor_temperature": 8,
        "occupancy": 1,
    }
)
LOUD_AFTERNOON = Context.from_values(
    {
        "time_of_day": "15:30",
        "day_type": "weekend",
        "noise_level": 72,
        "illuminance": 800,
        "weather": "sunny",
        "outdoor_temperature": 24,
        "occupancy": 5,
    }
)


def ranked(tracks: Catalog = TRACKS, seed: int = 0, **asked: Any) -> Recommendation:
    return rank(tracks, Request(**asked), rng=np.random.default_rng(seed))


def values(tracks: Catalog, recommendation: Recommendation, name: str) -> NDArray[np.float32]:
    """Return a feature of the recommended tracks."""
    rows = [tracks.uri.index(uri) for uri in uris(recommendation)]
    return tracks.column(name)[rows]


def mean(tracks: Catalog, recommendation: Recommendation, name: str) -> float:
    return float(np.nanmean(values(tracks, recommendation, name)))


def uris(recommendation: Recommendation) -> list[str]:
    return [track.uri for track in recommendation.tracks]


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Draw requests that the invented tracks can serve."""
    low = draw(st.floats(60, 150))
    asked: dict[str, Any] = {
        "context": draw(contexts()),
        "count": draw(st.integers(1, 60)),
        "mood": draw(st.none() | st.sampled_from(list(MOODS))),
        "genres": tuple(draw(st.lists(st.sampled_from(GENRES), max_size=2))),
        "tempo": draw(st.none() | st.just((low, low + 50))),
        "key": draw(st.none() | st.integers(0, 11)),
        "mode": draw(st.none() | st.integers(0, 1)),
        "features": draw(targets()),
        "seeds": tuple(draw(st.lists(st.sampled_from(TRACKS.uri), max_size=3))),
    }
    if draw(st.booleans()):
        asked |= {"count": None, "seconds": draw(st.floats(60, 7200))}
    return asked


@settings(deadline=None)
@given(requests(), st.integers(0, 2**32))
def test_reasons_add_up_and_nothing_forbidden_is_in(asked: dict[str, Any], seed: int) -> None:
    recommendation = ranked(seed=seed, **asked)
    assert recommendation.context == asked["context"]
    recordings = set()
    for track in recommendation.tracks:
        assert math.isfinite(track.score)
        assert sum(reason.amount for reason in track.reasons) == pytest.approx(
            track.score, abs=1e-6
        )
        keys = [reason.key for reason in track.reasons]
        assert len(set(keys)) == len(keys)
        said = set(asked["context"].values) & {effect.variable for effect in prior.EFFECTS}
        assert said | {"base", "variety"} <= set(keys)
        row = TRACKS.index_of(track.uri)
        assert row is not None
        assert TRACKS.playable[row]
        assert track.uri not in asked["seeds"]
        if asked["genres"]:
            assert set(asked["genres"]) & set(TRACKS.genres[row])
        if asked["tempo"]:
            assert asked["tempo"][0] <= TRACKS.column("tempo")[row] <= asked["tempo"][1]
        recordings.add(recording(track.title, track.artist))
    assert len(recordings) == len(recommendation.tracks)
    if asked["count"] is not None:
        assert 0 < len(recommendation.tracks) <= asked["count"]


def reference(
    tracks: Catalog, context: Context, seed: int, count: int, options: float = 1.0
) -> list[str]:
    """Choose as rank() does, but by scoring every track in float64 and comparing them all."""
    z = tracks.matrix.astype(np.float64)
    score: NDArray[np.float64] = np.zeros(tracks.n_tracks)
    for term in (prior.BASE, *prior.terms(context)):
        score += tracks.weights(term) @ z
    start = int(np.random.default_rng(seed).integers(1 << 62))
    draw = uniform(np.array([track_id(uri) for uri in tracks.uri]), start)
    score += options * VARIETY * (draw - 0.5) * math.sqrt(12)
    artists = np.array([first_artist(name) for name in tracks.artist])
    albums = np.array([f"{album} by {by}" for album, by in zip(tracks.album, artists, strict=True)])
    genres = np.array([names[0].casefold() for names in tracks.genres])
    sound = z[[tracks.columns.index((name, 1)) for name in AUDIBLE]].T
    cost, likeness = np.zeros(tracks.n_tracks), np.zeros(tracks.n_tracks)
    chosen: list[int] = []
    while len(chosen) < count:
        worth = score - options * (cost + LIKENESS_COST * likeness)
        worth[chosen] = -np.inf
        best = int(worth.argmax())
        chosen.append(best)
        cost += ARTIST_COST * (artists == artists[best]) + ALBUM_COST * (albums == albums[best])
        near = 1 / (1 + ((sound - sound[best]) ** 2).sum(axis=1))
        likeness = np.maximum(likeness, (near + (genres == genres[best])) / 2)
    return [tracks.uri[row] for row in chosen]


@settings(deadline=None, max_examples=20)
@given(contexts(), st.integers(0, 2**32), st.integers(1, 150))
def test_the_choice_is_that_of_scoring_everything(context: Context, seed: int, count: int) -> None:
    found = ranked(seed=seed, context=context, count=count)
    assert sorted(uris(found)) == sorted(reference(TRACKS, context, seed, count))


@settings(deadline=None, max_examples=20)
@given(contexts(), st.integers(1, 150))
def test_with_every_option_off_the_best_scores_are_chosen(context: Context, count: int) -> None:
    off: dict[str, Any] = dict.fromkeys(STRENGTHS, 0.0)
    found = ranked(context=context, count=count, **off)
    assert sorted(uris(found)) == sorted(reference(TRACKS, context, 0, count, options=0.0))
    terms = (prior.BASE, *prior.terms(context))
    for track in found.tracks:
        row = TRACKS.index_of(track.uri)
        z = TRACKS.matrix[:, row].astype(np.float64)
        assert track.score == pytest.approx(sum(TRACKS.weights(term) @ z for term in terms))


def test_the_choice_looks_as_far_as_repeated_artists_make_it() -> None:
    given_columns = columns(3000)
    # the best thousands are by one artist, so those first looked at cannot be enough
    order = np.argsort(-given_columns["features"][:, 1])
    for row in order[:2500]:
        given_columns["artist"][row] = "The One"
    tracks = Catalog.from_arrays(**given_columns)
    found = ranked(tracks, context=LOUD_AFTERNOON, count=30)
    assert sorted(uris(found)) == sorted(reference(tracks, LOUD_AFTERNOON, 0, 30))


@settings(deadline=None, max_examples=30)
@given(requests(), st.integers(0, 2**32), st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(asked: dict[str, Any], seed: int, shuffle: int) -> None:
    given_columns = columns(400, missing=0.05)
    order = np.random.default_rng(shuffle).permutation(400).tolist()
    other = Catalog.from_arrays(**permuted(given_columns, order))
    assert ranked(other, seed, **asked) == ranked(TRACKS, seed, **asked)


@settings(deadline=None, max_examples=30)
@given(requests(), st.integers(0, 2**32))
def test_same_input_same_list(asked: dict[str, Any], seed: int) -> None:
    again = Catalog.load(TRACKS.save())
    assert ranked(seed=seed, **asked) == ranked(again, seed, **asked)


def test_another_evening_brings_another_list_of_the_same_kind() -> None:
    tracks = catalog(2000)
    lists = [ranked(tracks, seed, context=QUIET_EVENING) for seed in range(5)]
    assert len({tuple(uris(found)) for found in lists}) == 5
    assert max(mean(tracks, found, "energy") for found in lists) < 0.35


@pytest.mark.parametrize("name", ["energy", "loudness", "valence", "danceability"])
def test_moments_make_different_lists(name: str) -> None:
    quiet = ranked(context=QUIET_EVENING)
    loud = ranked(context=LOUD_AFTERNOON)
    assert mean(TRACKS, quiet, name) < mean(TRACKS, loud, name)
    assert not set(uris(quiet)) & set(uris(loud))


def test_late_evening_descends_and_morning_ascends() -> None:
    evening = values(TRACKS, ranked(context=QUIET_EVENING, count=24), "energy")
    assert np.nanmean(evening[:8]) > np.nanmean(evening[-8:])
    morning = Context.from_values({"time_of_day": 7})
    energy = values(TRACKS, ranked(context=morning, count=24), "energy")
    assert np.nanmean(energy[:8]) < np.nanmean(energy[-8:])


def test_a_variable_that_is_absent_leaves_no_trace() -> None:
    bare = ranked(context=Context())
    assert {reason.key for track in bare.tracks for reason in track.reasons} <= {
        "base",
        "variety",
        "diversity",
    }


def test_known_songs_are_favoured() -> None:
    assert mean(TRACKS, ranked(), "popularity") > 60


def within(low: float, high: float) -> set[str]:
    """Return the uris of all tracks that a range of tempo leaves."""
    try:
        return set(uris(ranked(tempo=(low, high), count=400)))
    except EngineError as error:
        if error.key != "nothing_matches":
            raise
        return set()


@settings(deadline=None)
@given(st.floats(60, 190), st.floats(60, 190), st.floats(0, 30), st.floats(0, 30))
def test_a_wider_tempo_range_never_loses_a_track(
    a: float, b: float, lower: float, higher: float
) -> None:
    low, high = sorted((a, b))
    assert within(low, high) <= within(low - lower, high + higher)


@pytest.mark.parametrize(
    ("asked", "feature"),
    [
        ({"energy": 0.9}, "energy"),
        ({"tempo": 90}, "tempo"),
        ({"release_year": 1975}, "release_year"),
    ],
)
def test_features_asked_for_are_met(asked: dict[str, float], feature: str) -> None:
    spread = np.nanstd(TRACKS.column(feature))
    found = ranked(features=asked, count=15)
    assert mean(TRACKS, found, feature) == pytest.approx(asked[feature], abs=0.4 * spread)


def test_key_and_mode_asked_for_are_near() -> None:
    found = ranked(key=9, mode=0, count=15)
    steps = (values(TRACKS, found, "key") - 9) * 7 % 12
    assert np.nanmean(np.minimum(steps, 12 - steps)) < 1.5
    assert mean(TRACKS, found, "mode") < 0.3
    assert all("key" in [reason.key for reason in track.reasons] for track in found.tracks)


def test_a_key_asked_for_in_words_wins_over_the_feature() -> None:
    assert ranked(key=3, features={"key": 9.0}) == ranked(key=3)
    assert ranked(features={"key": 9.0}) == ranked(key=9)


def test_who_asks_for_a_genre_gets_it_as_it_is() -> None:
    given_columns = columns(600)
    energy = given_columns["features"][:, FEATURE_NAMES.index("energy")]
    given_columns["genre"] = ["chamber" if low else "pop" for low in energy < 0.4]
    tracks = Catalog.from_arrays(**given_columns)
    usual = energy[energy < 0.4].mean()
    found = ranked(tracks, genres=("chamber",), count=40)
    assert mean(tracks, found, "energy") == pytest.approx(usual, abs=0.03)


def test_seeds_bring_their_like() -> None:
    tracks = catalog(1000)
    energy = tracks.column("energy")
    seeds = tuple(tracks.uri[row] for row in np.argsort(energy)[-4:])
    found = ranked(tracks, seeds=seeds, count=15)
    assert mean(tracks, found, "energy") > 0.85
    assert not set(seeds) & set(uris(found))
    said = [reason.feature for track in found.tracks for reason in track.reasons
            if reason.key == "seeds"]  # fmt: skip
    assert "energy" in said


def test_seeds_bring_their_genres() -> None:
    given_columns = columns(600)
    given_columns["features"] = np.tile(given_columns["features"][:1], (600, 1))
    given_columns["genre"] = ["polka" if row % 20 == 0 else "pop" for row in range(600)]
    tracks = Catalog.from_arrays(**given_columns)
    found = ranked(tracks, seeds=(tracks.uri[0],), count=12)
    genres = [tracks.genres[tracks.index_of(uri) or 0] for uri in uris(found)]
    assert genres.count(("polka",)) >= 11
    reasons = [reason for track in found.tracks for reason in track.reasons]
    said = [reason.feature for reason in reasons if reason.key == "seeds"]
    assert said.count("genre") > len(said) / 2


def test_another_edition_of_a_seed_is_left_out() -> None:
    given_columns = columns(50)
    given_columns["title"][:2] = ["Song", "Song - Remastered 2011"]
    given_columns["artist"][:2] = ["A, B", "A"]
    tracks = Catalog.from_arrays(**given_columns)
    found = ranked(tracks, seeds=(tracks.uri[0],), count=50)
    assert len(found.tracks) == 48
    with pytest.raises(EngineError, match="nothing_matches"):
        ranked(tracks, seeds=(tracks.uri[0],), artists=("A",))


def test_artists_restrict_even_those_with_a_comma_in_their_name() -> None:
    given_columns = columns(60)
    given_columns["artist"][:6] = ["Tyler, The Creator"] * 3 + [
        "X, Tyler, The Creator",
        "The",
        "Ty",
    ]
    tracks = Catalog.from_arrays(**given_columns)
    found = ranked(tracks, artists=("tyler, the creator ",))
    assert sorted(uris(found)) == sorted(tracks.uri[:4])


def test_an_artist_twice_pays() -> None:
    tracks = Catalog.from_arrays(
        [[0.5]] * 3, ["energy"], uri=["a", "b", "c"], title=["1", "2", "3"], artist=["X"] * 3
    )
    costs = sorted(
        reason.amount
        for track in ranked(tracks).tracks
        for reason in track.reasons
        if reason.key == "diversity"
    )
    likeness = LIKENESS_COST / 2  # they sound the same, of a genre nobody knows
    assert costs == [
        pytest.approx(-2 * ARTIST_COST - likeness),
        pytest.approx(-ARTIST_COST - likeness),
    ]


def test_tracks_nobody_named_are_recordings_of_their_own() -> None:
    assert len(ranked(Catalog.from_arrays([[0.5]] * 4, ["energy"])).tracks) == 4


def test_ties_go_by_uri() -> None:
    given_columns = columns(40)
    given_columns["features"] = np.tile(given_columns["features"][:1], (40, 1))
    given_columns["artist"] = [""] * 40
    tracks = Catalog.from_arrays(**given_columns)
    found = ranked(tracks, count=5, variety=0, diversity=0)
    assert sorted(uris(found)) == sorted(tracks.uri)[:5]


@settings(deadline=None)
@given(st.floats(300, 4 * 3600), st.integers(0, 100))
def test_a_duration_is_filled(seconds: float, seed: int) -> None:
    found = ranked(seed=seed, count=None, seconds=seconds)
    total = sum(track.duration or 210.0 for track in found.tracks)
    assert total == pytest.approx(seconds, abs=120)


def test_the_shortest_duration_is_one_short_track() -> None:
    (track,) = ranked(count=None, seconds=60).tracks
    assert track.duration is not None
    assert track.duration <= 60 + 120


def test_a_duration_is_filled_with_what_there_is() -> None:
    tracks = catalog(10)
    assert len(ranked(tracks, count=None, seconds=86_400).tracks) == 10


def test_failed_analyses_and_occasions_stay_out() -> None:
    given_columns = columns(40)
    tempo, duration = FEATURE_NAMES.index("tempo"), FEATURE_NAMES.index("duration_ms")
    given_columns["features"][:5, tempo] = 0
    given_columns["features"][5:10, duration] = 29_000
    given_columns["title"][10] = "A Christmas Song"
    given_columns["genre"][11] = ["children"]
    tracks = Catalog.from_arrays(**given_columns)
    assert sorted(uris(ranked(tracks, count=100))) == sorted(tracks.uri[12:])
    assert uris(ranked(tracks, genres=("Children",))) == [tracks.uri[11]]


def test_a_catalog_of_few_features_is_enough() -> None:
    tracks = Catalog.from_arrays([[0.1], [0.9], [0.5]], ["energy"])
    found = ranked(tracks, context=LOUD_AFTERNOON, mood="calm", key=3, count=2)
    assert len(found.tracks) == 2
    assert found.tracks[0].duration is None
    with pytest.raises(EngineError, match="nothing_matches"):
        ranked(tracks, tempo=(60, 200))


def test_durations_are_seconds() -> None:
    tracks = Catalog.from_arrays([[200_000.0], [np.nan]], ["duration_ms"])
    assert {track.duration for track in ranked(tracks).tracks} == {200.0, None}


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"genres": ("jazzz",)}, "unknown_genre", {"genre": "jazzz", "suggestions": "jazz"}),
        ({"genres": ("zzzzzz",)}, "unknown_genre", {"suggestions": "-"}),
        ({"artists": ("artist 01",)}, "unknown_artist", {"artist": "artist 01"}),
        ({"artists": ("Artis 1",)}, "unknown_artist", {}),
        ({"seeds": ("test:track:none",)}, "unknown_seed_track", {"track": "test:track:none"}),
        ({"tempo": (290, 300)}, "nothing_matches", {}),
    ],
)
def test_what_the_catalog_cannot_serve_is_refused(
    asked: dict[str, Any], error: str, says: dict[str, str]
) -> None:
    with pytest.raises(EngineError) as raised:
        ranked(**asked)
    assert raised.value.key == error
    assert says.items() <= raised.value.placeholders.items()


def test_close_artists_are_suggested() -> None:
    with pytest.raises(EngineError) as raised:
        ranked(artists=("Artis 1",))
    assert "Artist 1" in raised.value.placeholders["suggestions"].split(", ")


def test_an_empty_catalog_is_refused() -> None:
    with pytest.raises(EngineError) as raised:
        ranked(Catalog.from_arrays(np.empty((0, 14)), FEATURE_NAMES))
    assert raised.value.key == "empty_catalog"


def test_reasons_name_the_feature_that_mattered() -> None:
    named = {
        reason.key: reason.feature
        for track in ranked(context=QUIET_EVENING).tracks
        for reason in track.reasons
    }
    assert named["variety"] is None
    assert named["noise_level"] in {"energy", "loudness", "acousticness", "danceability"}


def test_a_list_goes_on_from_a_track() -> None:
    alone = ranked()
    before = TRACKS.uri[7]
    after = ranked(after=before)
    assert {track.uri for track in after.tracks} == {track.uri for track in alone.tracks}
    assert [track.uri for track in after.tracks] != [track.uri for track in alone.tracks]
    assert ranked(after="nobody:knows") == alone
