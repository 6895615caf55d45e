"""The table of rewards, and that the documentation shows the same one."""

import math
from pathlib import Path
import re

from hypothesis import given, strategies as st
import pytest

from custom_components.rhythmiq.engine.rewards import (
    OUTCOMES,
    REWARDS,
    Kind,
    Reward,
    left,
    left_late,
    rated,
    reward_of,
)

DOCS = Path(__file__).parents[2] / "docs" / "feedback.md"


@pytest.fixture(autouse=True)
def custom_integrations() -> None:
    """Do without Home Assistant, which the fixture of this name would start."""


def test_every_kind_has_its_reward() -> None:
    assert REWARDS.keys() == set(Kind)
    silent = OUTCOMES - {Kind.FINISHED, Kind.SKIPPED, Kind.LEFT_LATE}
    assert {kind for kind in OUTCOMES if REWARDS[kind] == Reward(None, 0)} == silent | {
        Kind.LEFT_LATE
    }
    assert reward_of(Kind.FINISHED) == Reward(1, 1)
    assert reward_of(Kind.SKIPPED, 10, 200) == Reward(0, 1)
    assert reward_of(Kind.REPLAYED).weight > reward_of(Kind.FINISHED).weight
    assert reward_of(Kind.LEFT_LATE, 150, 200) == Reward(0.5, 1)
    assert reward_of(Kind.STOPPED, 150, 200) == Reward(None, 0)


@pytest.mark.parametrize(
    ("heard", "duration", "kind"),
    [
        (0, 200, Kind.SKIPPED),
        (99, 200, Kind.SKIPPED),
        (100, 200, Kind.LEFT_LATE),
        (187, 200, Kind.LEFT_LATE),
        (188, 200, Kind.FINISHED),
        (200, 200, Kind.FINISHED),
        (30, 40, Kind.LEFT_LATE),
        (33, 40, Kind.FINISHED),
        (29, None, Kind.SKIPPED),
        (31, None, Kind.UNCLEAR),
        (31, 0, Kind.UNCLEAR),
    ],
)
def test_leaving_is_graded_by_what_was_heard(
    heard: float, duration: float | None, kind: Kind
) -> None:
    assert left(heard, duration) is kind


@given(st.floats(1, 7200), st.floats(0, 2), st.floats(0, 2))
def test_hearing_more_is_never_worth_less(duration: float, one: float, other: float) -> None:
    less, more = sorted((one * duration, other * duration))
    values = [reward_of(left(heard, duration), heard, duration).value for heard in (less, more)]
    assert values[0] is not None
    assert values[1] is not None
    assert 0 <= values[0] <= values[1] <= 1


def test_late_is_between() -> None:
    assert left_late(100, 200).value == 0
    assert left_late(200, 200).value == 1
    assert left_late(400, 200).value == 1


def test_ratings_have_one_scale() -> None:
    assert [rated(stars).value for stars in (1, 2, 3, 4, 5)] == [0, 0.25, 0.5, 0.75, 1]
    for wrong in (0, 5.1, math.nan, -1):
        with pytest.raises(ValueError, match="from 1 to 5"):
            rated(wrong)


def test_the_documentation_shows_this_table() -> None:
    cells = r"^\| `(\w+)` \|[^|]*\| ([^|]*) \| ([^|]*) \|$"
    rows = re.findall(cells, DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    shown = {kind: (value.strip(), weight.strip()) for kind, value, weight in rows}
    expected = {
        kind.value: ("-", "-")
        if reward.value is None
        else (f"{reward.value:g}", f"{reward.weight:g}")
        for kind, reward in REWARDS.items()
        if kind is not Kind.RETRACTED
    }
    expected |= {"left_late": ("0 to 1", "1"), "rated": ("0 to 1", f"{rated(1).weight:g}")}
    assert shown == expected
