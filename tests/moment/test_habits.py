"""The home's rhythm of listening, and when people are usually at home."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from custom_components.rhythmiq.moment.presence import PresencePattern
from custom_components.rhythmiq.moment.rhythm import ENOUGH, HOURS, home_rhythm

MONDAY = datetime(2026, 11, 16, tzinfo=ZoneInfo("Europe/Berlin"))


def test_the_day_goes_by_as_music_is_heard() -> None:
    heard = [0.0] * HOURS
    heard[8], heard[20] = 30, 30
    assert home_rhythm(heard, 5) == 0
    assert home_rhythm(heard, 8.5) == pytest.approx(0.25)
    assert home_rhythm(heard, 15) == pytest.approx(0.5)
    assert home_rhythm(heard, 3.9) == pytest.approx(1)


def test_a_night_shift_shifts_the_day() -> None:
    early, late = [0.0] * HOURS, [0.0] * HOURS
    early[7], late[13] = 100, 100
    assert home_rhythm(early, 7.5) == home_rhythm(late, 13.5) == pytest.approx(0.5)


def test_few_tracks_are_no_rhythm() -> None:
    heard = [0.0] * HOURS
    heard[8] = ENOUGH - 1
    assert home_rhythm(heard, 8) is None


def test_a_day_has_24_hours() -> None:
    with pytest.raises(ValueError, match="24 counts"):
        home_rhythm([100.0] * 25, 8)


def watched(weeks: int) -> PresencePattern:
    """Return the pattern of somebody who is away from nine to five."""
    pattern = PresencePattern()
    for day in range(7 * weeks):
        morning = MONDAY + timedelta(days=day)
        nine, five = morning + timedelta(hours=9), morning + timedelta(hours=17)
        pattern.watch(morning, nine, at_home=True)
        pattern.watch(nine, five, at_home=False)
        pattern.watch(five, morning + timedelta(days=1), at_home=True)
    return pattern


def test_who_is_usually_away() -> None:
    pattern = watched(4)
    assert pattern.usually_away(MONDAY + timedelta(hours=12))
    assert not pattern.usually_away(MONDAY + timedelta(hours=20))


def test_two_weeks_are_no_habit() -> None:
    assert not watched(2).usually_away(MONDAY + timedelta(hours=12))


def test_a_habit_changes() -> None:
    pattern = watched(8)
    pattern.watch(MONDAY, MONDAY + timedelta(weeks=1), at_home=True)
    assert pattern.usually_away(MONDAY + timedelta(hours=12))
    for _ in range(2):
        pattern.watch(MONDAY, MONDAY + timedelta(weeks=1), at_home=True)
    assert not pattern.usually_away(MONDAY + timedelta(hours=12))


def test_a_year_at_once_counts_as_a_week() -> None:
    pattern, week = PresencePattern(), PresencePattern()
    pattern.watch(MONDAY - timedelta(days=365), MONDAY, at_home=True)
    week.watch(MONDAY - timedelta(weeks=1), MONDAY, at_home=True)
    assert pattern.as_dict() == week.as_dict()


@pytest.mark.parametrize("change", ["2026-03-29", "2026-10-25"])
def test_clocks_may_change(change: str) -> None:
    midnight = datetime.fromisoformat(change).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    pattern = PresencePattern()
    pattern.watch(midnight, midnight + timedelta(days=1), at_home=True)
    pattern.watch(midnight + timedelta(days=1), midnight, at_home=True)  # it jumped back
    assert np.sum(pattern.as_dict()["watched"]) == pytest.approx(24)


def test_it_is_stored() -> None:
    pattern = watched(4)
    again = PresencePattern.from_dict(pattern.as_dict())
    assert again.as_dict() == pattern.as_dict()
    with pytest.raises(ValueError, match="168 hours"):
        PresencePattern.from_dict({"home": [1], "watched": [1]})
