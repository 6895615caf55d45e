"""The actions, one module per subject: each validates, calls, responds."""

from homeassistant.core import HomeAssistant, callback

from . import (
    alarm,
    autopilot,
    catalog,
    feedback,
    ownership,
    preferences,
    queue,
    recommend,
    sleep_timer,
    undo,
    volume,
)

SUBJECTS = (
    alarm,
    autopilot,
    catalog,
    feedback,
    ownership,
    preferences,
    queue,
    recommend,
    sleep_timer,
    undo,
    volume,
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for subject in SUBJECTS:
        subject.async_setup(hass)
