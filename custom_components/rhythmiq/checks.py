"""Checking what a person asked for, with an answer in their language."""

from datetime import timedelta
from math import isfinite, nan

from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .const import DOMAIN


def number(field: str, value: object) -> float:
    """Return a finite number; raise ``ServiceValidationError`` for anything else."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except OverflowError, TypeError, ValueError:
        found = nan
    if not isfinite(found):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_a_number",
            translation_placeholders={"field": field, "value": str(value)},
        )
    return found


def whole(field: str, value: object) -> int:
    """Return a whole number; raise ``ServiceValidationError`` for anything else."""
    found = number(field, value)
    if not found.is_integer():
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_a_whole_number",
            translation_placeholders={"field": field, "value": str(value)},
        )
    return int(found)


def seconds(value: object) -> float:
    """Return the seconds of a number or of a time period such as "01:30:00".

    Raises ``ServiceValidationError`` for anything else.
    """
    try:
        period: timedelta = cv.time_period(value)
    except (OverflowError, vol.Invalid) as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="duration_invalid",
            translation_placeholders={"value": str(value)},
        ) from err
    return period.total_seconds()


def within(key: str, value: float, minimum: float, maximum: float) -> None:
    """Raise ``ServiceValidationError`` with this key for a value outside the range, NaN too."""
    if not minimum <= value <= maximum:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders={
                "value": f"{value:g}",
                "minimum": f"{minimum:g}",
                "maximum": f"{maximum:g}",
            },
        )
