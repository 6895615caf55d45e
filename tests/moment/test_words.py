"""The words for moments."""

from typing import Any

import pytest

from custom_components.rhythmiq.engine import Context
from custom_components.rhythmiq.moment.words import MOMENTS, moment_word


def word(before: str | None = None, **values: Any) -> str | None:
    """Return the word for variables, which it checks to be a known one."""
    said = moment_word(Context.from_values(values), before)
    assert said is None or said in MOMENTS
    return said


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, None),
        ({"season": "winter", "heart_rate": 60}, None),
        ({"time_of_day": "5:00"}, "morning"),
        ({"time_of_day": "10:59"}, "morning"),
        ({"time_of_day": "11:00"}, "day"),
        ({"time_of_day": "17:00"}, "evening"),
        ({"time_of_day": "21:59:59"}, "evening"),
        ({"time_of_day": 22}, "night"),
        ({"time_of_day": 24}, "night"),
        ({"time_of_day": 0}, "night"),
        ({"time_of_day": "4:59"}, "night"),
        ({"noise_level": 30}, "quiet"),
        ({"noise_level": 50}, "ordinary"),
        ({"noise_level": 75}, "lively"),
        ({"time_of_day": 20, "noise_level": 30}, "quiet_evening"),
        ({"time_of_day": 20, "noise_level": 50}, "evening"),
        ({"time_of_day": 20, "noise_level": 75}, "lively_evening"),
        ({"time_of_day": 20, "occupancy": 1}, "evening"),
        ({"time_of_day": 20, "occupancy": 6}, "lively_evening"),
        ({"time_of_day": 20, "occupancy": 6, "noise_level": 50}, "lively_evening"),
        ({"time_of_day": 20, "occupancy": 6, "noise_level": 30}, "quiet_evening"),
        ({"time_of_day": 9, "noise_level": 75, "vacuum": "on"}, "morning"),
        ({"time_of_day": 9, "noise_level": 75, "vacuum": "off"}, "lively_morning"),
        ({"noise_level": 75, "vacuum": "on"}, None),
        ({"time_of_day": 9, "occupancy": 0}, "empty"),
        ({"time_of_day": 9, "occupancy": 0, "call": "on"}, "call"),
        ({"time_of_day": 20, "television": "on", "noise_level": 75}, "television"),
        ({"time_of_day": 20, "television": "on", "call": "on"}, "call"),
        ({"time_of_day": 20, "television": "off", "call": "off"}, "evening"),
    ],
)
def test_a_moment_has_a_word(values: dict[str, Any], expected: str | None) -> None:
    assert word(**values) == expected


@pytest.mark.parametrize("period", ["", "_evening"])
def test_noise_at_a_limit_does_not_flicker(period: str) -> None:
    time = {"time_of_day": 20} if period else {}
    quiet, lively = f"quiet{period}", f"lively{period}"
    between = "evening" if period else "ordinary"
    assert word(None, noise_level=43, **time) == between
    assert word(quiet, noise_level=43, **time) == quiet
    assert word(quiet, noise_level=46, **time) == between
    assert word(lively, noise_level=58, **time) == lively
    assert word(lively, noise_level=56, **time) == between
    assert word(None, noise_level=58, **time) == between


def test_words_are_few_and_differ() -> None:
    assert len(set(MOMENTS)) == len(MOMENTS) <= 20
