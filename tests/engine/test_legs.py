"""Tune vectors that change their kind on the way, and those that are ready to be used."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from custom_components.rhythmiq.engine import EngineError, Request, rank
from custom_components.rhythmiq.engine.followed import followed
from custom_components.rhythmiq.engine.legs import Insert, Itinerary, Leg, itinerary, legs
from custom_components.rhythmiq.engine.presets import PRESETS
from custom_components.rhythmiq.engine.tune_vector import Path, TuneVector, Waypoint

from .invented import catalog

CATALOG = catalog(600)


def at(path: Path, minute: float) -> dict[str, float]:
    return dict(zip(path.names, path.at(np.array(60 * minute)).tolist(), strict=True))


def place(name: str, value: float) -> float:
    return CATALOG.place(name, value)[name]


def vector(*waypoints: Waypoint, **more: Any) -> TuneVector:
    return TuneVector(waypoints=waypoints, **more)


def test_one_kind_is_one_leg() -> None:
    calm = Waypoint(minute=5, mood="calm", kind="playlist")
    assert legs(vector(calm, seconds=600)) == (Leg("playlist", 0, 600),)
    assert legs(vector()) == (Leg("playlist", 0, None),)
    songs = vector(Waypoint(minute=5, mood="calm"), shape="descent", seconds=600)
    assert itinerary(songs) == Itinerary(songs, ())


def test_the_first_minute_may_change_the_kind() -> None:
    turned = vector(Waypoint(minute=0, kind="podcast"), Waypoint(minute=20, kind="playlist"))
    assert legs(turned) == (Leg("podcast", 0, 1200), Leg("playlist", 1200, None))


def test_what_would_begin_at_the_end_does_not() -> None:
    assert legs(vector(Waypoint(minute=10, kind="podcast"), seconds=600)) == (
        Leg("playlist", 0, 600),
    )


def test_songs_are_cut_out_of_a_changing_vector() -> None:
    mixed = vector(
        Waypoint(minute=0, mood="happy"),
        Waypoint(minute=20, kind="soundscape"),
        Waypoint(minute=25, mood="calm"),
        Waypoint(minute=30, mood="party", kind="playlist"),
        Waypoint(minute=40, features={"energy": 0.5}),
        Waypoint(minute=50, kind="podcast"),
        shape="arc",
        seconds=4200,
    )
    made = itinerary(mixed)
    assert made.inserts == (Insert("soundscape", 1200, 1200), Insert("podcast", 2400, 3000))
    assert made.songs is not None
    assert (made.songs.seconds, made.songs.shape, made.songs.kind) == (2400, "arc", "playlist")
    assert [(round(each.minute, 1), each.mood, each.kind) for each in made.songs.waypoints] == [
        (0, "happy", None),
        (20, None, "soundscape"),
        (20, "party", None),
        (30, None, None),
    ]


def test_without_songs_there_is_no_path() -> None:
    assert itinerary(TuneVector(kind="podcast")) == Itinerary(None, (Insert("podcast", 0, 0),))


def test_songs_without_an_end_come_last() -> None:
    made = itinerary(vector(Waypoint(minute=30, kind="playlist", mood="calm"), kind="podcast"))
    assert made.songs == vector(Waypoint(minute=0, mood="calm"))
    assert made.inserts == (Insert("podcast", 0, 0),)


def test_songs_get_calm_before_a_soundscape() -> None:
    path = vector(
        Waypoint(minute=0, features={"energy": 0.8}),
        Waypoint(minute=40, kind="soundscape"),
        seconds=2400,
    ).path(CATALOG)
    assert at(path, 20)["energy"] == at(path, 25)["energy"] == pytest.approx(place("energy", 0.8))
    assert at(path, 20)["speechiness"] == 0
    assert at(path, 35) == at(path, 40)  # before the last song is over
    assert at(path, 40)["energy"] == pytest.approx(place("energy", 0.15))
    assert at(path, 40)["speechiness"] == pytest.approx(place("speechiness", 0.03))


def test_they_take_half_of_a_short_time_and_what_the_waypoint_says() -> None:
    path = vector(
        Waypoint(minute=10, kind="soundscape", features={"energy": 0.4}),
        shape="descent",
        seconds=600,
    ).path(CATALOG)
    assert at(path, 5)["speechiness"] == 0
    assert at(path, 10)["energy"] == pytest.approx(place("energy", 0.4) - 1)


def test_stretching_keeps_the_path() -> None:
    short = PRESETS["wind_down"].vector.stretched(1800)
    assert short.seconds == 1800
    assert [point.minute for point in short.waypoints] == pytest.approx([0, 30])
    assert TuneVector().stretched(600) == TuneVector(seconds=600)
    assert TuneVector(seconds=700).stretched(777.7).seconds == 777.7


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: vector(Waypoint(minute=11, mood="calm"), seconds=600), "minute_out_of_range"),
        (
            lambda: vector(Waypoint(minute=11, mood="calm")).stretched(600),
            "minute_out_of_range",
        ),
        (lambda: TuneVector(seconds=600).stretched(30), "duration_out_of_range"),
        (lambda: Waypoint(minute=1, kind="film"), "unknown_option"),  # type: ignore[arg-type]
    ],
)
def test_nonsense_is_refused(make: Callable[[], object], key: str) -> None:
    with pytest.raises(EngineError) as refusal:
        make()
    assert refusal.value.key == key


def energies(name: str) -> list[float]:
    request = Request(path=PRESETS[name].vector, mood=PRESETS[name].mood)
    made = rank(CATALOG, request, now=0.0, rng=np.random.default_rng(0))
    rows = CATALOG.rows_of([track.uri for track in made.tracks])
    return [float(value) for value in CATALOG.column("energy")[rows]]


@pytest.mark.parametrize(
    ("name", "rises"), [("wake_up", True), ("wind_down", False), ("party", True)]
)
def test_the_ready_made_ones_go_where_their_names_say(name: str, rises: bool) -> None:
    energy = energies(name)
    beginning, end = np.mean(energy[:3]), np.mean(energy[len(energy) * 2 // 3 :][:3])
    assert end > beginning if rises else end < beginning


def test_sleep_is_quiet_throughout() -> None:
    assert np.mean(energies("sleep")) < 0.2


def test_only_sleep_falls_silent() -> None:
    assert {name for name, each in PRESETS.items() if each.fade} == {"sleep"}
    assert PRESETS["sleep"].fade < (PRESETS["sleep"].vector.seconds or 0)


def test_a_list_is_measured_against_its_path() -> None:
    rising = PRESETS["wake_up"].vector
    made = rank(CATALOG, Request(path=rising), now=0.0, rng=np.random.default_rng(0))
    uris = [track.uri for track in made.tracks]
    there, back = followed(CATALOG, uris, rising), followed(CATALOG, uris[::-1], rising)
    assert there is not None
    assert back is not None
    assert there.deviation < back.deviation
    assert len(there.places) == len(uris)
    assert there.places[0].start == 0 < there.places[1].start
    assert followed(CATALOG, [], rising) is None
    assert followed(CATALOG, ["spotify:track:elsewhere"], rising) is None
    free = followed(CATALOG, uris[:3], TuneVector())
    assert free is not None
    assert free.deviation == 0
