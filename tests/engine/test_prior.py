from hypothesis import given
import numpy as np
import pytest

from custom_components.rhythmiq.engine import FEATURES, MOODS, VARIABLES, Context, prior

from .invented import contexts


def push(feature: str, **values: object) -> float:
    """Return what a context pushes on a feature, all variables together."""
    return sum(term.slopes.get(feature, 0.0) for term in prior.terms(Context.from_values(values)))


LEARNED_ONLY = {"home_rhythm", "humidity", "recent_rating", "steps", "time_to_skip"}
"""What no finding is known about: it says nothing until this home has."""


def test_every_effect_is_of_a_known_variable_and_says_where_it_comes_from() -> None:
    assert {effect.variable for effect in prior.EFFECTS} | LEARNED_ONLY == set(VARIABLES)
    for effect in prior.EFFECTS:
        assert effect.source
        assert effect.push.keys() <= FEATURES.keys()
    for mood in MOODS.values():
        assert mood.term().slopes.keys() <= FEATURES.keys()


def test_nothing_present_pushes_nothing() -> None:
    assert prior.terms(Context()) == ()


@given(contexts())
def test_each_present_variable_is_one_term_of_its_own(context: Context) -> None:
    terms = prior.terms(context)
    pushing = {effect.variable for effect in prior.EFFECTS}
    assert {term.key for term in terms} == set(context.values) & pushing
    alone = [
        term
        for key, value in context.values.items()
        for term in prior.terms(Context.from_values({key: value}))
    ]
    assert sorted(terms, key=str) == sorted(alone, key=str)
    assert all(np.isfinite(size) and abs(size) < 2 for t in terms for size in t.slopes.values())


@pytest.mark.parametrize(
    ("feature", "less", "more"),
    [
        ("energy", {"time_of_day": 1}, {"time_of_day": 15}),
        ("tempo", {"time_of_day": 1}, {"time_of_day": 20}),
        ("danceability", {"time_of_day": 8}, {"time_of_day": 20}),
        ("valence", {"time_of_day": 1}, {"time_of_day": 8}),
        ("loudness", {"noise_level": 35}, {"noise_level": 70}),
        ("acousticness", {"noise_level": 70}, {"noise_level": 35}),
        ("energy", {"illuminance": 5}, {"illuminance": 500}),
        ("valence", {"outdoor_temperature": -5}, {"outdoor_temperature": 25}),
        ("energy", {"indoor_temperature": 30}, {"indoor_temperature": 20}),
        ("valence", {"weather": "pouring"}, {"weather": "sunny"}),
        ("danceability", {"occupancy": 1}, {"occupancy": 6}),
        ("valence", {"day_type": "workday"}, {"day_type": "weekend"}),
        ("energy", {"sun_elevation": -20}, {"sun_elevation": 40}),
        ("danceability", {"season": "winter"}, {"season": "summer"}),
        ("popularity", {"people_home": 1}, {"people_home": 6}),
        ("instrumentalness", {"television": "off"}, {"television": "on"}),
        ("energy", {"call": "on"}, {"call": "off"}),
        ("energy", {"vacuum": "off"}, {"vacuum": "on"}),
        ("tempo", {"heart_rate": 60}, {"heart_rate": 130}),
        ("energy", {"heart_rate_variability": 15}, {"heart_rate_variability": 90}),
        ("tempo", {"activity": "still"}, {"activity": "running"}),
        ("acousticness", {"sleep": "awake"}, {"sleep": "asleep"}),
        ("speechiness", {"calendar": "busy"}, {"calendar": "free"}),
        ("valence", {"place": "at_home"}, {"place": "just_arrived"}),
    ],
)
def test_effects_point_where_the_findings_do(
    feature: str, less: dict[str, object], more: dict[str, object]
) -> None:
    assert push(feature, **less) < push(feature, **more)


def test_effects_of_one_variable_add_up() -> None:
    evening = [effect for effect in prior.EFFECTS if effect.variable == "time_of_day"]
    for feature in FEATURES:
        total = sum(effect.signal(21.5) * effect.push.get(feature, 0) for effect in evening)
        assert push(feature, time_of_day=21.5) == pytest.approx(total)


def test_the_day_closes_on_itself_and_has_no_steps() -> None:
    hours = np.linspace(0, 24, 24 * 60 + 1)
    energy = np.array([push("energy", time_of_day=hour) for hour in hours])
    assert energy[0] == pytest.approx(energy[-1])
    assert np.abs(np.diff(energy)).max() < 0.01


def test_moods_lie_where_the_circumplex_has_them() -> None:
    slopes = {name: mood.term().slopes for name, mood in MOODS.items()}
    assert slopes["sleep"]["energy"] < slopes["calm"]["energy"] < 0 < slopes["party"]["energy"]
    assert slopes["melancholic"]["valence"] < 0 < slopes["happy"]["valence"]
    assert slopes["calm"]["energy"] < 0 < slopes["calm"]["valence"]
    assert slopes["focus"]["instrumentalness"] > 0
