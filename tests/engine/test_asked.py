"""How much of a feature a moment asks for."""

from statistics import NormalDist

import pytest

from custom_components.rhythmiq.engine import MOODS, Context, prior
from custom_components.rhythmiq.engine.asked import asked


def energy(mood: str | None = None, **values: object) -> float:
    """Return the energy asked for."""
    return asked("energy", Context.from_values(values), mood)


def test_nothing_known_asks_for_the_ordinary() -> None:
    assert energy() == 0.5


def test_it_is_where_the_score_peaks() -> None:
    """The optimum that ranking would have, found by looking."""
    moment = Context.from_values({"time_of_day": 23, "noise_level": 35, "occupancy": 2})
    terms = [prior.BASE, *prior.terms(moment), MOODS["happy"].term()]

    def utility(z: float) -> float:
        return sum(
            term.slopes.get("energy", 0) * z - term.curvatures.get("energy", 0) * z * z / 2
            for term in terms
        )

    best = max((step / 1000 for step in range(-4000, 4000)), key=utility)
    found = asked("energy", moment, "happy")
    assert found == pytest.approx(NormalDist().cdf(best), abs=5e-4)


@pytest.mark.parametrize(
    ("calmer", "livelier"),
    [
        ({"time_of_day": 0.5}, {"time_of_day": 14.5}),
        ({"noise_level": 30}, {"noise_level": 70}),
        ({"occupancy": 1}, {"occupancy": 10}),
        ({"call": "on"}, {"call": "off"}),
        ({"mood": "sleep"}, {"mood": "calm"}),
        ({"mood": "calm"}, {"mood": "party"}),
    ],
)
def test_moments_and_moods_differ_as_expected(
    calmer: dict[str, object], livelier: dict[str, object]
) -> None:
    low, high = (energy(**each) for each in (calmer, livelier))  # type: ignore[arg-type]
    assert 0 < low < high < 1
