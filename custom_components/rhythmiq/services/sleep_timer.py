"""The actions on sleep timers. They act once on every group among the targeted players."""

from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..checks import seconds, within
from ..const import DOMAIN
from ..exceptions import translated_errors
from ..sonos.sleep_timer import MOST_SECONDS, clear_sleep_timer, set_sleep_timer
from ..targets import async_target_groups

SERVICE_CLEAR_SLEEP_TIMER: Final = "clear_sleep_timer"
SERVICE_SET_SLEEP_TIMER: Final = "set_sleep_timer"

ATTR_DURATION: Final = "duration"

# Only shapes are checked here: ranges belong to the handler, whose errors are translated.
CLEAR_SLEEP_TIMER_SCHEMA = vol.Schema(cv.ENTITY_SERVICE_FIELDS)
SET_SLEEP_TIMER_SCHEMA = vol.Schema(
    {**cv.ENTITY_SERVICE_FIELDS, vol.Required(ATTR_DURATION): object}
)


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the actions on sleep timers."""
    for name, handler, schema in (
        (SERVICE_CLEAR_SLEEP_TIMER, _async_clear_sleep_timer, CLEAR_SLEEP_TIMER_SCHEMA),
        (SERVICE_SET_SLEEP_TIMER, _async_set_sleep_timer, SET_SLEEP_TIMER_SCHEMA),
    ):
        hass.services.async_register(DOMAIN, name, handler, schema)


async def _async_set_sleep_timer(call: ServiceCall) -> None:
    """Let the music of each group stop after a while."""
    duration = seconds(call.data[ATTR_DURATION])
    within("sleep_timer_out_of_range", duration, 1, MOST_SECONDS)
    for group in await async_target_groups(call):
        with translated_errors():
            await set_sleep_timer(next(iter(group.values())), duration)


async def _async_clear_sleep_timer(call: ServiceCall) -> None:
    """Let the music of each group go on."""
    for group in await async_target_groups(call):
        with translated_errors():
            await clear_sleep_timer(next(iter(group.values())))
