"""Checking what a person asked for, with an answer in their language."""

from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN


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
