"""The action on the volume of groups."""

from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..checks import number, within
from ..const import DOMAIN
from ..exceptions import translated_errors
from ..sonos.grouping import change_group_volume, set_group_volume
from ..targets import async_target_groups

SERVICE_SET_GROUP_VOLUME: Final = "set_group_volume"

ATTR_CHANGE: Final = "change"
ATTR_VOLUME: Final = "volume"

# Only shapes are checked here: ranges belong to the handler, whose errors are translated.
SET_GROUP_VOLUME_SCHEMA = vol.Schema(
    {
        **cv.ENTITY_SERVICE_FIELDS,
        vol.Optional(ATTR_VOLUME): object,
        vol.Optional(ATTR_CHANGE): object,
    }
)


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the action on the volume of groups."""
    hass.services.async_register(
        DOMAIN, SERVICE_SET_GROUP_VOLUME, _async_set_group_volume, SET_GROUP_VOLUME_SCHEMA
    )


async def _async_set_group_volume(call: ServiceCall) -> None:
    """Set or change the volume of each group; its members keep their proportions."""
    if (ATTR_VOLUME in call.data) == (ATTR_CHANGE in call.data):
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="volume_or_change")
    absolute = ATTR_VOLUME in call.data
    if absolute:
        value = number(ATTR_VOLUME, call.data[ATTR_VOLUME])
        within("volume_out_of_range", value, 0, 1)
    else:
        value = number(ATTR_CHANGE, call.data[ATTR_CHANGE])
        within("volume_change_out_of_range", value, -1, 1)
    for group in await async_target_groups(call):
        speaker = next(iter(group.values()))
        with translated_errors():
            await (set_group_volume if absolute else change_group_volume)(speaker, value)
