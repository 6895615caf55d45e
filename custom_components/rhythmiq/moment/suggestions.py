"""Guess which entities belong to a room, for its form to propose; nothing is read by guessing."""

from collections.abc import Iterator

from homeassistant.components.media_player import MediaPlayerDeviceClass
from homeassistant.const import ATTR_DEVICE_CLASS, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)

from .sources import People, Quantity
from .variables import SOURCES

_HOME_ZONE = "zone.home"


def suggest_entity(hass: HomeAssistant, key: str, area_id: str | None) -> str | None:
    """Return the entity that most likely tells the variable ``key`` in the area, if any."""
    match key:
        case "people_home":
            candidates = iter([_HOME_ZONE])
        case "vacuum":
            candidates = iter(sorted(hass.states.async_entity_ids(Platform.VACUUM)))
        case "weather" | "outdoor_temperature":
            candidates = iter(sorted(hass.states.async_entity_ids("weather")))
        case "day_type":
            candidates = _of_platform(hass, "workday")
        case "television" if area_id is not None:
            candidates = (each for each in _in_area(hass, key, area_id) if _is_tv(hass, each))
        # What is merely on or off could be anything
        case _ if area_id is not None and isinstance(SOURCES[key], (People, Quantity)):
            candidates = _in_area(hass, key, area_id)
        case _:
            return None
    return next((entity_id for entity_id in candidates if _fits(hass, key, entity_id)), None)


def _fits(hass: HomeAssistant, key: str, entity_id: str) -> bool:
    return (state := hass.states.get(entity_id)) is not None and SOURCES[key].accepts(state)


def _is_tv(hass: HomeAssistant, entity_id: str) -> bool:
    state = hass.states.get(entity_id)
    return (
        state is not None and state.attributes.get(ATTR_DEVICE_CLASS) == MediaPlayerDeviceClass.TV
    )


def _of_platform(hass: HomeAssistant, platform: str) -> Iterator[str]:
    entries = er.async_get(hass).entities.values()
    return iter(sorted(entry.entity_id for entry in entries if entry.platform == platform))


def _in_area(hass: HomeAssistant, key: str, area_id: str) -> Iterator[str]:
    """Yield the area's entities: first those it names for the quantity, then by entity id.

    Diagnostic and hidden entities, such as the temperature of a chip, are not the room's.
    """
    area = ar.async_get(hass).async_get_area(area_id)
    named = {
        "indoor_temperature": area and area.temperature_entity_id,
        "humidity": area and area.humidity_entity_id,
    }
    if entity_id := named.get(key):
        yield entity_id
    registry = er.async_get(hass)
    entries = er.async_entries_for_area(registry, area_id)
    for device in dr.async_entries_for_area(dr.async_get(hass), area_id):
        entries += [
            entry
            for entry in er.async_entries_for_device(registry, device.id)
            if entry.area_id is None  # otherwise it stands elsewhere, or is already here
        ]
    yield from sorted(
        entry.entity_id
        for entry in entries
        if entry.entity_category is None and entry.hidden_by is None
    )
