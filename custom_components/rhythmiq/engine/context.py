"""The moment: the variables of one room at one instant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
import math
from types import MappingProxyType
from typing import Self

from .errors import EngineError
from .variables import VARIABLES, Variable


@dataclass(frozen=True, slots=True)
class Context:
    """The variables that are present; an absent one contributes exactly nothing.

    `values` holds a float for a quantity (in the variable's unit) and a word for an option. Build
    one with `from_values`, which checks.
    """

    values: Mapping[str, float | str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_values(cls, values: Mapping[str, object]) -> Self:
        """Check and normalise raw values; `None` means absent.

        `time_of_day` is accepted in hours or as "H:MM[:SS]". Raises EngineError
        (`unknown_variable`, `variable_not_a_number`, `variable_out_of_range`,
        `variable_not_an_option`).
        """
        checked: dict[str, float | str] = {}
        for key, value in values.items():
            if (variable := VARIABLES.get(key)) is None:
                raise EngineError("unknown_variable", variable=key, options=", ".join(VARIABLES))
            if value is not None:
                checked[key] = _check(variable, value)
        return cls(MappingProxyType(checked))

    def merged(self, overrides: Mapping[str, object]) -> Self:
        """Return this context with some variables replaced; `None` makes one absent."""
        return self.from_values({**self.values, **overrides})


def _check(variable: Variable, value: object) -> float | str:
    if variable.options is not None:
        if value not in variable.options:
            raise EngineError(
                "variable_not_an_option",
                variable=variable.key,
                value=value,
                options=", ".join(variable.options),
            )
        return str(value)
    number = _number(variable, value)
    if not variable.minimum <= number <= variable.maximum:  # type: ignore[operator]
        raise EngineError(
            "variable_out_of_range",
            variable=variable.key,
            value=f"{number:g}",
            minimum=f"{variable.minimum:g}",
            maximum=f"{variable.maximum:g}",
            unit=variable.unit,
        )
    return number


def _number(variable: Variable, value: object) -> float:
    try:
        if variable.key == "time_of_day" and isinstance(value, str) and ":" in value:
            clock = time.fromisoformat(value if value.index(":") == 2 else f"0{value}")
            return clock.hour + clock.minute / 60 + clock.second / 3600
        number = float(value)  # type: ignore[arg-type]
    except TypeError, ValueError, OverflowError:
        number = math.nan
    if not math.isfinite(number):
        raise EngineError("variable_not_a_number", variable=variable.key, value=value)
    return number
