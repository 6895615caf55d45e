"""The actions on alarms, beside core's alarms, too."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Any, Final

from homeassistant.const import WEEKDAYS
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..checks import number, seconds, within
from ..const import DOMAIN
from ..exceptions import translated_errors
from ..sonos.alarms import WEEK, Alarm, AlarmClock
from ..targets import async_target_speakers, loaded_entries

SERVICE_CREATE_ALARM: Final = "create_alarm"
SERVICE_DELETE_ALARM: Final = "delete_alarm"
SERVICE_UPDATE_ALARM: Final = "update_alarm"

ATTR_ALARM_ID: Final = "alarm_id"
ATTR_DAYS: Final = "days"
ATTR_DURATION: Final = "duration"
ATTR_ENABLED: Final = "enabled"
ATTR_INCLUDE_GROUP: Final = "include_group"
ATTR_TIME: Final = "time"
ATTR_VOLUME: Final = "volume"

_MOST_SECONDS: Final = 24 * 3600 - 1

# Only shapes are checked here: ranges belong to the handler, whose errors are translated.
_FIELDS: Final = {
    vol.Optional(ATTR_DAYS): vol.All(cv.ensure_list, [cv.string]),
    vol.Optional(ATTR_VOLUME): object,
    vol.Optional(ATTR_DURATION): object,
    vol.Optional(ATTR_ENABLED): cv.boolean,
    vol.Optional(ATTR_INCLUDE_GROUP): cv.boolean,
}
CREATE_ALARM_SCHEMA = vol.Schema(
    {**cv.ENTITY_SERVICE_FIELDS, vol.Required(ATTR_TIME): object, **_FIELDS}
)
UPDATE_ALARM_SCHEMA = vol.Schema(
    {
        **cv.ENTITY_SERVICE_FIELDS,
        vol.Required(ATTR_ALARM_ID): cv.string,
        vol.Optional(ATTR_TIME): object,
        **_FIELDS,
    }
)
DELETE_ALARM_SCHEMA = vol.Schema(
    {**cv.ENTITY_SERVICE_FIELDS, vol.Required(ATTR_ALARM_ID): cv.string}
)


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the actions on alarms."""
    register = hass.services.async_register
    register(
        DOMAIN,
        SERVICE_CREATE_ALARM,
        _async_create_alarm,
        CREATE_ALARM_SCHEMA,
        SupportsResponse.OPTIONAL,
    )
    register(DOMAIN, SERVICE_DELETE_ALARM, _async_delete_alarm, DELETE_ALARM_SCHEMA)
    register(DOMAIN, SERVICE_UPDATE_ALARM, _async_update_alarm, UPDATE_ALARM_SCHEMA)


async def _async_create_alarm(call: ServiceCall) -> ServiceResponse:
    """Make an alarm in the room of the targeted player, which rings with Sonos' chime."""
    changes = _changes(call.data)
    match list((await async_target_speakers(call)).values()):
        case [speaker]:
            with translated_errors():
                alarm_id = await speaker.household.alarms.create(Alarm(room=speaker.uid, **changes))
        case _:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="one_room")
    return {ATTR_ALARM_ID: alarm_id} if call.return_response else None


async def _async_update_alarm(call: ServiceCall) -> None:
    """Change some of an alarm, leaving the rest as it is."""
    changes = _changes(call.data)
    alarms = await _async_alarms(call)
    with translated_errors():
        await alarms.update(replace(await alarms.find(call.data[ATTR_ALARM_ID]), **changes))


async def _async_delete_alarm(call: ServiceCall) -> None:
    """Delete an alarm."""
    alarms = await _async_alarms(call)
    with translated_errors():
        await alarms.delete(call.data[ATTR_ALARM_ID])


async def _async_alarms(call: ServiceCall) -> AlarmClock:
    """Return the alarms of the targeted household, which need not be targeted when it is one."""
    found = {speaker.household for speaker in (await async_target_speakers(call)).values()}
    found = found or {entry.runtime_data.household for entry in loaded_entries(call.hass)}
    if len(found) != 1:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="one_household")
    return found.pop().alarms


def _changes(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an alarm that are given."""
    changes: dict[str, Any] = {
        field: data[field] for field in (ATTR_ENABLED, ATTR_INCLUDE_GROUP) if field in data
    }
    if ATTR_TIME in data:
        changes["start"] = _time(data[ATTR_TIME])
    if ATTR_DAYS in data:
        changes[ATTR_DAYS] = WEEK.intersection(map(_day, data[ATTR_DAYS]))
    if ATTR_VOLUME in data:
        volume = changes[ATTR_VOLUME] = number(ATTR_VOLUME, data[ATTR_VOLUME])
        within("volume_out_of_range", volume, 0, 1)
    if ATTR_DURATION in data:
        duration = changes[ATTR_DURATION] = seconds(data[ATTR_DURATION])
        within("alarm_duration_out_of_range", duration, 1, _MOST_SECONDS)
    return changes


def _time(value: object) -> time:
    try:
        found: time = cv.time(value)
    except vol.Invalid as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="alarm_time_invalid",
            translation_placeholders={"value": str(value)},
        ) from err
    return found.replace(microsecond=0, tzinfo=None)


def _day(value: str) -> int:
    try:
        return WEEKDAYS.index(value)
    except ValueError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="alarm_day_invalid",
            translation_placeholders={"value": value, "options": ", ".join(WEEKDAYS)},
        ) from err
