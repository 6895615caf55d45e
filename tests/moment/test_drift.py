"""A moment has changed when it would have other music chosen, and stays so."""

from collections.abc import Mapping

from hypothesis import given
import pytest

from custom_components.rhythmiq.engine import Context
from custom_components.rhythmiq.moment.drift import (
    FAR,
    HOLDS_SECONDS,
    PEOPLE,
    Drift,
    distance,
    parts,
)
from tests.engine.invented import contexts

CALM = Context.from_values(
    {"noise_level": 35, "television": "off", "occupancy": 1, "time_of_day": 19}
)


def changed(**values: float | str | None) -> Context:
    return CALM.merged(values)


@pytest.mark.parametrize(
    ("values", "far"),
    [
        ({}, False),
        ({"noise_level": 40}, False),
        ({"noise_level": 55}, True),
        ({"television": "on"}, True),
        ({"occupancy": 2}, False),
        ({"occupancy": 5}, True),
        ({"time_of_day": 19.5}, False),
        ({"time_of_day": 23}, True),
        ({"noise_level": None}, False),
        ({"illuminance": 10_000}, False),
    ],
)
def test_what_is_far(values: Mapping[str, float | str | None], far: bool) -> None:
    assert (distance(CALM, changed(**values)) >= FAR) is far


@given(contexts(), contexts())
def test_it_is_a_distance(a: Context, b: Context) -> None:
    assert distance(a, a) == pytest.approx(0)
    assert distance(a, b) == pytest.approx(distance(b, a))
    assert distance(a, b) <= sum(parts(a, b).values()) + 1e-9


def test_a_change_counts_once_it_has_held() -> None:
    drift = Drift(CALM)
    television = changed(television="on")
    assert drift.look(0, television) is None
    assert drift.look(HOLDS_SECONDS - 1, television) is None
    assert drift.look(HOLDS_SECONDS, television) == "television"


def test_what_goes_back_in_time_is_none() -> None:
    drift = Drift(CALM)
    for minute in range(20):
        moment = changed(television="on" if minute % 2 else "off")
        assert drift.look(60.0 * minute, moment) is None


def test_a_sensor_that_fails_changes_nothing() -> None:
    drift = Drift(CALM)
    gone = changed(noise_level=None, television=None)
    assert drift.look(0, gone) is None
    assert drift.look(1000, gone) is None
    assert drift.look(1001, changed(noise_level=75)) is None
    assert drift.look(2000, changed(noise_level=75)) == "noise_level"


def test_what_becomes_known_is_no_change_but_changes_later() -> None:
    drift = Drift(Context())
    assert drift.look(0, changed(noise_level=70)) is None
    assert drift.look(500, changed(noise_level=70)) is None
    drift.look(600, changed(noise_level=35))
    assert drift.look(800, changed(noise_level=35)) == "noise_level"


def test_people_come_and_go() -> None:
    drift = Drift(CALM, ["ada"])
    assert drift.look(0, CALM, ["ada", "ben"]) is None
    assert drift.look(60, CALM, ["ada"]) is None
    assert drift.look(120, CALM, []) is None
    assert drift.look(240, CALM, []) == PEOPLE


def test_the_largest_part_is_the_reason() -> None:
    drift = Drift(CALM)
    moment = changed(television="on", occupancy=2)
    drift.look(0, moment)
    assert drift.look(500, moment) == "television"
