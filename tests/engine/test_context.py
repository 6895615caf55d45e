from hypothesis import given, strategies as st
import pytest

from custom_components.rhythmiq.engine import VARIABLES, Context, EngineError


def test_values_are_normalised() -> None:
    context = Context.from_values(
        {"time_of_day": "22:30:36", "noise_level": "32.5", "weather": "rainy", "illuminance": None}
    )
    assert dict(context.values) == {
        "time_of_day": pytest.approx(22.51),
        "noise_level": 32.5,
        "weather": "rainy",
    }


@pytest.mark.parametrize("written", ["7:30", "07:30", "7:30:00", 7.5])
def test_the_hour_as_people_write_it(written: object) -> None:
    assert Context.from_values({"time_of_day": written}).values == {"time_of_day": 7.5}


def test_a_binary_sensor_counts_as_one_person() -> None:
    assert Context.from_values({"occupancy": True}).values["occupancy"] == 1


def test_overrides_replace_add_and_remove() -> None:
    context = Context.from_values({"noise_level": 40, "illuminance": 10})
    merged = context.merged({"noise_level": 60, "illuminance": None, "occupancy": 3})
    assert dict(merged.values) == {"noise_level": 60, "occupancy": 3}
    assert dict(context.values) == {"noise_level": 40, "illuminance": 10}


def test_values_cannot_be_changed() -> None:
    context = Context.from_values({"noise_level": 40})
    with pytest.raises(TypeError):
        context.values["noise_level"] = 50  # type: ignore[index]


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        ("blood_pressure", 120, "unknown_variable"),
        ("noise_level", "loud", "variable_not_a_number"),
        ("noise_level", float("nan"), "variable_not_a_number"),
        ("noise_level", float("inf"), "variable_not_a_number"),
        ("noise_level", 10**400, "variable_not_a_number"),
        ("noise_level", [40], "variable_not_a_number"),
        ("noise_level", 140.1, "variable_out_of_range"),
        ("noise_level", -0.1, "variable_out_of_range"),
        ("time_of_day", "25:00", "variable_not_a_number"),
        ("time_of_day", 1350, "variable_out_of_range"),
        ("weather", "frogs", "variable_not_an_option"),
        ("weather", ["rainy"], "variable_not_an_option"),
        ("day_type", 1, "variable_not_an_option"),
    ],
)
def test_wrong_values_are_refused(key: str, value: object, error: str) -> None:
    with pytest.raises(EngineError) as raised:
        Context.from_values({key: value})
    assert raised.value.key == error
    assert raised.value.placeholders["variable"] == key
    assert key in str(raised.value)


@given(st.sampled_from([v for v in VARIABLES.values() if v.options is None]), st.floats())
def test_only_numbers_in_range_pass(variable: object, value: float) -> None:
    assert hasattr(variable, "key")
    allowed = VARIABLES[variable.key]
    assert allowed.minimum is not None
    assert allowed.maximum is not None
    if allowed.minimum <= value <= allowed.maximum:
        assert Context.from_values({allowed.key: value}).values[allowed.key] == value
    else:
        with pytest.raises(EngineError):
            Context.from_values({allowed.key: value})
