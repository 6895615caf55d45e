from collections.abc import Callable

import numpy as np
import pytest

from custom_components.rhythmiq.engine import EngineError
from custom_components.rhythmiq.engine.moods import MOODS
from custom_components.rhythmiq.engine.tune_vector import (
    SHAPES,
    Path,
    Target,
    TuneVector,
    Waypoint,
)

from .invented import catalog

CATALOG = catalog(300)
HOUR = 3600.0


def at(path: Path, minute: float) -> dict[str, float]:
    return dict(zip(path.names, path.at(np.array(60 * minute)).tolist(), strict=True))


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: Waypoint(minute=-1, mood="calm"), "minute_out_of_range"),
        (lambda: Waypoint(minute=float("nan"), mood="calm"), "minute_out_of_range"),
        (lambda: Waypoint(minute=5), "waypoint_empty"),
        (lambda: Waypoint(minute=5, mood="grumpy"), "unknown_mood"),
        (lambda: Waypoint(minute=5, features={"loud": 1}), "unknown_feature"),
        (lambda: Waypoint(minute=5, features={"energy": 1.1}), "feature_out_of_range"),
        (lambda: Waypoint(minute=5, features={"energy": float("nan")}), "feature_out_of_range"),
        (lambda: TuneVector(shape="zigzag"), "unknown_option"),  # type: ignore[arg-type]
        (lambda: TuneVector(kind="film"), "unknown_option"),  # type: ignore[arg-type]
        (lambda: TuneVector(seconds=0), "duration_out_of_range"),
        (lambda: TuneVector(seconds=float("nan")), "duration_out_of_range"),
        (lambda: TuneVector(waypoints=(calm(9), calm(8))), "waypoint_order"),
        (lambda: TuneVector(waypoints=(calm(8), calm(8))), "waypoint_order"),
        (lambda: TuneVector(waypoints=(genre("polka"),)).path(CATALOG), "unknown_genre"),
    ],
)
def test_nonsense_is_refused(make: Callable[[], object], key: str) -> None:
    with pytest.raises(EngineError) as refusal:
        make()
    assert refusal.value.key == key


def test_a_refusal_says_which_waypoint_and_what_is_near() -> None:
    with pytest.raises(EngineError) as refusal:
        TuneVector(waypoints=(calm(8), calm(8)))
    assert refusal.value.placeholders == {"minute": "8", "previous": "8"}
    with pytest.raises(EngineError) as refusal:
        TuneVector(waypoints=(genre("Jaz"),)).path(CATALOG)
    assert refusal.value.placeholders == {"genre": "Jaz", "suggestions": "jazz"}


def calm(minute: float) -> Waypoint:
    return Waypoint(minute=minute, mood="calm")


def genre(name: str) -> Waypoint:
    return Waypoint(minute=0, genre=name)


def place(name: str, value: float) -> float:
    return CATALOG.place(name, value)[name]


def test_targets_are_linear_between_waypoints() -> None:
    vector = TuneVector(
        waypoints=(
            Waypoint(minute=10, features={"energy": 0.2, "tempo": 80}),
            Waypoint(minute=30, features={"energy": 0.8, "tempo": 125}),
        )
    )
    path = vector.path(CATALOG)
    assert at(path, 0) == at(path, 10)
    assert at(path, 15)["energy"] == pytest.approx(place("energy", 0.35))
    assert at(path, 20)["tempo"] == pytest.approx(place("tempo", 100))  # the geometric mean
    assert at(path, 30) == at(path, 99)
    assert path.weights.tolist() == [0.5, 0.5]


def test_a_waypoint_may_leave_features_to_its_neighbours() -> None:
    vector = TuneVector(
        waypoints=(
            Waypoint(minute=0, features={"energy": 0.2, "valence": 0.9}),
            Waypoint(minute=10, features={"valence": 0.1}),
            Waypoint(minute=20, features={"energy": 0.6}),
        )
    )
    path = vector.path(CATALOG)
    assert at(path, 10)["energy"] == pytest.approx(place("energy", 0.4))
    assert at(path, 15)["valence"] == pytest.approx(place("valence", 0.1))


def test_the_key_has_two_coordinates() -> None:
    path = TuneVector(waypoints=(Waypoint(minute=0, features={"key": 3}),)).path(CATALOG)
    assert path.names == ("key_cosine", "key_sine")
    assert (path.targets**2).sum() == pytest.approx(1)


def test_a_mood_is_where_its_pushes_meet_the_bends() -> None:
    calm_, energetic = (Waypoint(minute=0, mood=mood) for mood in ("calm", "energetic"))
    for name, sign in (("energy", 1), ("loudness", 1), ("tempo", 1), ("acousticness", -1)):
        assert sign * calm_.targets(CATALOG)[name].place < 0
        assert sign * energetic.targets(CATALOG)[name].place > 0
    targets = calm_.targets(CATALOG)
    assert targets["energy"].weight > targets["tempo"].weight
    for mood in MOODS:
        places = [
            target.place for target in Waypoint(minute=0, mood=mood).targets(CATALOG).values()
        ]
        assert places
        assert max(map(abs, places)) <= 2


def test_what_is_said_exactly_wins_over_the_mood_and_the_mood_over_the_genre() -> None:
    both = Waypoint(minute=0, mood="calm", genre="techno", features={"energy": 0.7}).targets(
        CATALOG
    )
    mood = Waypoint(minute=0, mood="calm").targets(CATALOG)
    assert both["energy"] == Target(place("energy", 0.7))
    assert both["valence"] == mood["valence"]


def test_a_genre_is_its_centroid_as_far_as_it_has_one() -> None:
    tracks = catalog(400)
    energy = tracks.column("energy")
    members = ["loud" if value > 0.8 else "any" for value in energy]
    known = type(tracks).from_arrays(
        np.stack([energy, tracks.column("valence")], axis=1), ["energy", "valence"], genre=members
    )
    loud = Waypoint(minute=0, genre="LOUD").targets(known)
    centre = known.place("energy", float(energy[energy > 0.8].mean()))["energy"]
    assert loud["energy"].place == pytest.approx(centre, rel=0.1)
    assert loud["energy"].weight > 0.8
    assert "valence" not in loud or loud["valence"].weight < 0.2


def test_one_genre_gives_way_to_the_next() -> None:
    vector = TuneVector(
        waypoints=(
            genre("jazz"),
            Waypoint(minute=10, mood="happy"),
            Waypoint(minute=20, genre="Techno"),
        )
    )
    path = vector.path(CATALOG)
    for minute, jazz, techno in ((0, 2, 0), (5, 2, 1), (10, 2, 2), (15, 1, 2), (20, 0, 2)):
        assert at(path, minute)["genre:jazz"] == pytest.approx(jazz)
        assert at(path, minute)["genre:techno"] == pytest.approx(techno)


@pytest.mark.parametrize(
    ("shape", "minutes"),
    [("ascent", [0, 30, 60]), ("descent", [60, 30, 0]), ("arc", [0, 20, 30, 40])],
)
def test_a_shape_moves_the_energy(shape: str, minutes: list[int]) -> None:
    path = TuneVector(shape=shape, seconds=HOUR).path(CATALOG)  # type: ignore[arg-type]
    assert path.names == ("energy",)
    levels = [at(path, minute)["energy"] for minute in minutes]
    assert levels == sorted(set(levels))
    assert max(map(abs, levels)) == pytest.approx(1)
    if shape == "arc":
        assert at(path, 60)["energy"] == pytest.approx(at(path, 20)["energy"])


def test_a_shape_moves_around_the_one_waypoint_that_names_energy() -> None:
    vector = TuneVector(waypoints=(Waypoint(minute=20, mood="calm"),), shape="ascent", seconds=HOUR)
    calm_ = vector.waypoints[0].targets(CATALOG)
    path = vector.path(CATALOG)
    middle = calm_["energy"].place
    assert at(path, 0)["energy"] == pytest.approx(middle - 1)
    assert at(path, 30)["energy"] == pytest.approx(middle)
    assert (
        at(path, 0)["valence"] == at(path, 60)["valence"] == pytest.approx(calm_["valence"].place)
    )


def test_waypoints_that_move_the_energy_themselves_are_the_path() -> None:
    waypoints = (Waypoint(minute=0, mood="party"), Waypoint(minute=60, mood="sleep"))
    paths = [TuneVector(waypoints=waypoints, shape=shape).path(CATALOG) for shape in SHAPES]
    for path in paths:
        np.testing.assert_array_equal(path.targets, paths[0].targets)


def test_a_shape_lasts_as_long_as_the_vector_else_as_the_tracks() -> None:
    ends = [
        TuneVector(shape="ascent", seconds=own).path(CATALOG, tracks).seconds[-1]
        for own, tracks in ((600, 900), (None, 900), (None, None))
    ]
    assert ends == [600, 900, HOUR]


def test_free_is_no_path() -> None:
    path = TuneVector().path(CATALOG)
    assert path.names == ()
    assert path.at(np.zeros((3, 2))).shape == (3, 2, 0)


def test_a_soundscape_does_not_speak() -> None:
    path = TuneVector(kind="soundscape").path(CATALOG)
    assert at(path, 0)["speechiness"] == pytest.approx(place("speechiness", 0.03))
    said = TuneVector(
        waypoints=(Waypoint(minute=0, features={"speechiness": 0.5}),), kind="soundscape"
    ).path(CATALOG)
    assert at(said, 0)["speechiness"] == pytest.approx(place("speechiness", 0.5))
