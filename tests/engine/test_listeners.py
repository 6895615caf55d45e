"""What listeners change about a recommendation."""

import math
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.rhythmiq.engine import (
    Bans,
    Catalog,
    EngineError,
    Heard,
    Listener,
    Preference,
    Recommendation,
    Request,
    rank,
)
from custom_components.rhythmiq.engine.blend import FLOOR, LEAST_HAPPY
from custom_components.rhythmiq.engine.draws import normal, uniform
from custom_components.rhythmiq.engine.fatigue import ARTIST, NOVELTY, TRACK
from custom_components.rhythmiq.engine.ids import UNKNOWN, artist_id, stable_id, track_id
from custom_components.rhythmiq.engine.preferences import PREFERENCE
from custom_components.rhythmiq.engine.request import STRENGTHS
from custom_components.rhythmiq.engine.scoring import Scoring
from custom_components.rhythmiq.engine.selection import value

from .invented import GENRES, catalog, columns, permuted

TRACKS = catalog(400, missing=0.05)
OFF: dict[str, Any] = dict.fromkeys(STRENGTHS, 0.0)
DAY = 86_400.0
NOW = 1_000 * DAY


def ranked(
    *listeners: Listener, tracks: Catalog = TRACKS, now: float | None = NOW, **asked: Any
) -> Recommendation:
    return rank(tracks, Request(**asked), listeners, now=now, rng=np.random.default_rng(0))


def amounts(found: Recommendation, key: str) -> dict[str, float]:
    """Return what the reasons of a key add up to, per track that has one."""
    return {
        track.uri: math.fsum(reason.amount for reason in track.reasons if reason.key == key)
        for track in found.tracks
        if any(reason.key == key for reason in track.reasons)
    }


def uris(found: Recommendation) -> set[str]:
    return {track.uri for track in found.tracks}


def likes(name: str, weight: float, kind: Any = "genre", **more: Any) -> Listener:
    return Listener(id="x", preferences=(Preference(kind=kind, weight=weight, name=name, **more),))


@st.composite
def preferences(draw: st.DrawFn) -> Preference:
    kind: Any = draw(st.sampled_from(["genre", "artist", "tempo", "instrument"]))
    weight = draw(st.floats(-1, 1))
    if kind == "tempo":
        low = draw(st.floats(50, 180))
        return Preference(kind="tempo", weight=weight, tempo=(low, low + draw(st.floats(0, 60))))
    names = {
        "genre": st.sampled_from([*GENRES, "polka"]),
        "artist": st.integers(0, 110).map(lambda number: f"artist {number}"),
        "instrument": st.just("oboe"),
    }
    return Preference(kind=kind, weight=weight, name=draw(names[kind]))


@st.composite
def people(draw: st.DrawFn) -> list[Listener]:
    """Draw up to three listeners with a past."""
    plays = st.builds(
        Heard,
        uri=st.sampled_from([*TRACKS.uri, "elsewhere:1"]),
        when=st.floats(NOW - 30 * DAY, NOW + DAY),
        artist=st.sampled_from(["", "Artist 3"]),
        completed=st.sampled_from([None, False, True]),
    )
    return [
        Listener(
            id=number,
            preferences=tuple(draw(st.lists(preferences(), max_size=4))),
            adventurousness=draw(st.floats(0, 1)),
            history=tuple(draw(st.lists(plays, max_size=6))),
        )
        for number in range(draw(st.integers(1, 3)))
    ]


@settings(deadline=None, max_examples=50)
@given(people(), st.integers(0, 1000))
def test_reasons_add_up_and_stay_apart(listeners: list[Listener], seed: int) -> None:
    found = rank(TRACKS, Request(), listeners, now=NOW, rng=np.random.default_rng(seed))
    heard = {play.uri for who in listeners for play in who.history if NOW - 7200 < play.when <= NOW}
    assert not heard & uris(found)
    for track in found.tracks:
        assert math.isfinite(track.score)
        assert sum(reason.amount for reason in track.reasons) == pytest.approx(
            track.score, abs=1e-6
        )
        about = [(reason.key, reason.subject, reason.listener) for reason in track.reasons]
        assert len(set(about)) == len(about)


@settings(deadline=None, max_examples=30)
@given(people(), st.integers(0, 1000))
def test_the_order_of_rows_and_of_listeners_does_not_matter(
    listeners: list[Listener], shuffle: int
) -> None:
    order = np.random.default_rng(shuffle).permutation(400).tolist()
    other = Catalog.from_arrays(**permuted(columns(400, missing=0.05), order))
    found = ranked(*listeners)
    assert ranked(*listeners, tracks=other) == found
    again = ranked(*reversed(listeners), tracks=other)
    assert [track.uri for track in again.tracks] == [track.uri for track in found.tracks]
    for one, two in zip(found.tracks, again.tracks, strict=True):
        assert two.score == pytest.approx(one.score, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(people(), st.integers(1, 60))
def test_the_choice_is_that_of_looking_at_everything(listeners: list[Listener], count: int) -> None:
    tracks = catalog(1500, seed=3)
    every = ranked(*listeners, tracks=tracks, count=500, **OFF)
    few = ranked(*listeners, tracks=tracks, count=count, **OFF)
    scores = sorted((track.score for track in every.tracks), reverse=True)
    assert sorted((track.score for track in few.tracks), reverse=True) == pytest.approx(
        scores[:count]
    )


@settings(deadline=None, max_examples=60)
@given(
    people(),
    st.sampled_from(["genre", "artist", "tempo"]),
    st.floats(-1, 1),
    st.floats(0, 2),
)
def test_raising_a_weight_never_lowers_what_it_matches(
    listeners: list[Listener], kind: Any, weight: float, raised: float
) -> None:
    subjects: dict[str, dict[str, Any]] = {
        "genre": {"name": "jazz"},
        "artist": {"name": "Artist 3"},
        "tempo": {"tempo": (90, 110)},
    }
    subject = subjects[kind]

    def scores(weight: float) -> dict[str, float]:
        own = Listener(id="more", preferences=(Preference(kind=kind, weight=weight, **subject),))
        tracks = catalog(60)
        found = ranked(*listeners, own, tracks=tracks, count=60, not_again=0, **OFF)
        return {track.uri: track.score for track in found.tracks}

    before, after = scores(weight), scores(min(weight + raised, 1))
    assert before.keys() == after.keys()
    assert all(after[uri] >= before[uri] - 1e-9 for uri in before)


def test_a_preference_is_a_reason_of_its_own() -> None:
    found = ranked(likes("JAZZ", 0.5), likes("jazz", 1.0), count=5)
    for track in found.tracks:
        jazz = [reason for reason in track.reasons if reason.key == "preferred_genre"]
        row = TRACKS.index_of(track.uri)
        assert row is not None
        assert bool(jazz) == ("jazz" in TRACKS.genres[row])
        assert [reason.amount for reason in jazz] in (
            [], [PREFERENCE * 0.5 / 2, PREFERENCE / 2]
        )  # fmt: skip
    assert any(amounts(found, "preferred_genre").values())


def test_a_tempo_out_of_range_fades() -> None:
    tempos = [90, 100, 106, 111, 125, 200, np.nan]
    tracks = Catalog.from_arrays([[tempo] for tempo in tempos], ["tempo"])
    found = ranked(likes("", 1, "tempo", tempo=(90, 100)), tracks=tracks, now=None)
    worth = amounts(found, "preferred_tempo")
    assert worth["row:000000000"] == worth["row:000000001"] == pytest.approx(PREFERENCE)
    assert PREFERENCE > worth["row:000000002"] > worth["row:000000003"] > 0
    assert worth.keys() == {f"row:{row:09d}" for row in range(4)}


def test_weights_on_the_same_thing_add_up() -> None:
    twice = Listener(id=1, preferences=(Preference(kind="genre", weight=0.2, name="jazz"),) * 2)
    found = ranked(twice, count=400)
    worth = set(amounts(found, "preferred_genre").values())
    assert list(worth) == [pytest.approx(0.4 * PREFERENCE)]


def test_what_was_just_heard_does_not_come_again_in_any_edition() -> None:
    given_columns = columns(50)
    given_columns["title"][:2] = ["Song", "Song - Remastered 2011"]
    given_columns["artist"][:2] = ["A", "A"]
    tracks = Catalog.from_arrays(**given_columns)
    heard = Listener(id=1, history=(Heard(tracks.uri[0], NOW - 600),))
    assert not set(tracks.uri[:2]) & uris(ranked(heard, tracks=tracks, count=50))
    assert (
        len(uris(ranked(heard, tracks=tracks, count=50, not_again=60)) & set(tracks.uri[:2])) == 1
    )
    later = ranked(heard, tracks=tracks, count=50, now=NOW + DAY)
    assert len(uris(later)) == 49


def test_when_all_was_just_heard_it_comes_again() -> None:
    tracks = catalog(5)
    heard = Listener(id=1, history=tuple(Heard(uri, NOW - 60) for uri in tracks.uri))
    assert uris(ranked(heard, tracks=tracks)) == set(tracks.uri)


def test_fatigue_fades_and_saturates() -> None:
    tracks = Catalog.from_arrays([[0.5]] * 3, ["energy"], artist=["A", "A", "B"])

    def tired(*ages: float, completed: bool = True) -> dict[str, float]:
        plays = tuple(Heard("row:000000000", NOW - age, completed=completed) for age in ages)
        who = Listener(id=1, adventurousness=0.5, history=plays)
        return amounts(ranked(who, tracks=tracks, not_again=0), "fatigue")

    fresh, old, often = tired(0), tired(10 * DAY), tired(*[0] * 1000)
    assert fresh["row:000000000"] < old["row:000000000"] < 0
    assert fresh["row:000000000"] < fresh["row:000000001"] < 0
    assert "row:000000002" not in fresh
    assert often["row:000000000"] == pytest.approx(-TRACK[0] - ARTIST[0])
    assert tired(0, completed=False)["row:000000000"] > fresh["row:000000000"]
    assert tired(-DAY) == {}  # that is still to come


def test_novelty_depends_on_who_asks() -> None:
    def familiar(adventurousness: float) -> float:
        who = Listener(
            id=1,
            adventurousness=adventurousness,
            history=(Heard("elsewhere:1", NOW - 3 * DAY, "artist 7, B"),) * 30,
        )
        found = ranked(who, artists=("Artist 7",), count=20)
        return amounts(found, "novelty").get(found.tracks[0].uri, 0.0)

    assert familiar(0) == pytest.approx(NOVELTY[0], abs=0.01)
    assert familiar(1) == pytest.approx(-NOVELTY[0], abs=0.01)
    assert familiar(0.5) == 0


def test_nobody_is_miserable_unless_nothing_else_is_left() -> None:
    given_columns = columns(60)
    given_columns["genre"] = ["jazz" if row < 10 else "techno" for row in range(60)]
    tracks = Catalog.from_arrays(**given_columns)
    lover, hater = likes("techno", 1), likes("techno", -1)
    everybody = [lover, lover, lover, hater]
    jazz = set(tracks.uri[:10])
    assert uris(ranked(*everybody, tracks=tracks, count=10)) == jazz
    mixed = ranked(*everybody, tracks=tracks, count=20)
    assert jazz < uris(mixed)
    assert -PREFERENCE < FLOOR
    least = amounts(mixed, "least_happy")
    assert jazz.isdisjoint(least)
    mean = PREFERENCE / 2
    assert list(set(least.values())) == [pytest.approx(LEAST_HAPPY * (-PREFERENCE - mean))]


@pytest.mark.parametrize("k", [1, 20, 200, 1500])
def test_however_listeners_differ_the_best_are_found(k: int) -> None:
    tracks = catalog(1500, seed=3)
    genres = dict(zip(GENRES, np.linspace(-1, 1, len(GENRES)).tolist(), strict=True))
    one, two = (
        Listener(
            id=sign,
            preferences=tuple(
                Preference(kind="genre", weight=sign * weight, name=name)
                for name, weight in genres.items()
            ),
            history=(Heard(tracks.uri[7], NOW - DAY), Heard("elsewhere:1", NOW)),
        )
        for sign in (-1, 1)
    )
    everything = np.ones(1500, dtype=np.bool_)
    scoring = Scoring(tracks, Request(**OFF), everything, [one, two], now=NOW)
    scored = scoring.exact(np.arange(1500))
    worth = value(scored.scores, scored.unwanted)
    rows, least = scoring.best(scoring.at_most(), k)
    assert sorted(worth[rows]) == pytest.approx(sorted(worth)[-k:], abs=1e-4)
    assert least == pytest.approx(sorted(worth)[-k], abs=1e-3)


def test_one_listener_alone_is_not_the_least_happy() -> None:
    assert amounts(ranked(likes("jazz", 1)), "least_happy") == {}


def test_bans_of_anybody_hold() -> None:
    given_columns = columns(60)
    given_columns["title"][:2] = ["Song", "Song (Remastered)"]
    given_columns["artist"][:3] = ["A", "A", "Guest, Banned"]
    tracks = Catalog.from_arrays(**given_columns)
    found = ranked(
        Listener(id=1, bans=Bans(tracks=(tracks.uri[0], "unknown:1"))),
        Listener(id=2, bans=Bans(artists=("banned", "nobody"))),
        tracks=tracks,
        count=60,
        bans=Bans(tracks=(tracks.uri[5],)),
    )
    assert not uris(found) & {tracks.uri[row] for row in (0, 1, 2, 5)}
    assert len(found.tracks) == 56


def test_explicit_lyrics_come_only_if_everybody_allows() -> None:
    given_columns = columns(30) | {"explicit": [True, False, None] * 10}
    tracks = Catalog.from_arrays(**given_columns)
    anybody, child = Listener(id=1), Listener(id=2, explicit=False)
    explicit = set(tracks.uri[::3])
    assert explicit < uris(ranked(anybody, tracks=tracks, count=30))
    assert not explicit & uris(ranked(anybody, child, tracks=tracks, count=30))
    assert len(uris(ranked(tracks=tracks, count=30, explicit=False))) == 20


@pytest.mark.parametrize(
    "asked",
    [
        {"artists": ("Artist 3",), "bans": Bans(artists=("Artist 3",))},
        {"bans": Bans(tracks=TRACKS.uri)},
        {"bans": Bans(artists=tuple(f"Artist {number}" for number in range(100)))},
    ],
)
def test_contradictions_are_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(EngineError) as raised:
        ranked(**asked)
    assert raised.value.key == "nothing_matches"


def test_fewer_come_where_fewer_are_eligible() -> None:
    assert len(ranked(tracks=catalog(7), count=500).tracks) == 7


def test_now_is_when_the_histories_end() -> None:
    listener = Listener(id=1, history=(Heard(TRACKS.uri[0], NOW), Heard(TRACKS.uri[1], NOW - 1)))
    assert ranked(listener, now=None) == ranked(listener, now=NOW)
    with pytest.raises(ValueError, match="now must be finite"):
        ranked(now=math.nan)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Preference(kind="genre", weight=1.1, name="jazz"), "preference_out_of_range"),
        (lambda: Preference(kind="genre", weight=math.nan, name="jazz"), "preference_out_of_range"),
        (lambda: Preference(kind="genre", weight=1), "preference_without_name"),
        (lambda: Preference(kind="tempo", weight=1), "tempo_range_invalid"),
        (lambda: Preference(kind="tempo", weight=1, tempo=(120, 100)), "tempo_range_invalid"),
        (lambda: Preference(kind="colour", weight=1, name="red"), "unknown_preference"),  # type: ignore[arg-type]
        (lambda: Heard("a:1", math.inf), "time_invalid"),
        (lambda: Listener(id=1, adventurousness=1.5), "adventurousness_out_of_range"),
        (lambda: Listener(id=1, adventurousness=math.nan), "adventurousness_out_of_range"),
        (
            lambda: Listener(
                id=1, preferences=(Preference(kind="genre", weight=1, name="jazz"),) * 101
            ),
            "too_many_preferences",
        ),
        (lambda: Request(variety=2), "strength_out_of_range"),
        (lambda: Request(diversity=math.nan), "strength_out_of_range"),
        (lambda: Request(not_again=-1), "window_out_of_range"),
    ],
)
def test_wrong_listeners_are_refused(make: Any, error: str) -> None:
    with pytest.raises(EngineError) as raised:
        make()
    assert raised.value.key == error
    assert raised.value.placeholders


def test_ids_are_the_same_everywhere() -> None:
    assert track_id("spotify:track:1") == 6_348_247_668_303_547_481
    assert all(0 <= track_id(uri) < 2**63 for uri in TRACKS.uri)
    assert artist_id("Björk, Guest") == artist_id("BJÖRK") == stable_id("björk")
    assert artist_id("") == UNKNOWN
    assert Listener(id="anna").number == stable_id("anna")
    assert Listener(id=7).number == 7


def test_draws_belong_to_tracks() -> None:
    ids = np.array([track_id(uri) for uri in TRACKS.uri])
    order = np.random.default_rng(0).permutation(400)
    for draw in (uniform, normal):
        assert np.array_equal(draw(ids[order], 5), draw(ids, 5)[order])
        assert not np.array_equal(draw(ids, 5), draw(ids, 6))
    many = np.arange(100_000)
    assert uniform(many, 1).mean() == pytest.approx(0.5, abs=0.01)
    assert uniform(many, 1).std() == pytest.approx(12**-0.5, abs=0.01)
    assert normal(many, 1).std() == pytest.approx(1, abs=0.02)
    assert abs(np.corrcoef(normal(many, 1), normal(many, 2))[0, 1]) < 0.02
