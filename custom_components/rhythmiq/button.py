"""A button for each room: play something for now."""

from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN, SUBENTRY_ROOM
from .engine import Request
from .exceptions import translated_errors
from .models import RhythmiqConfigEntry
from .recommender import Recommender

PARALLEL_UPDATES = 1


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the button of each room."""
    recommender = entry.runtime_data.recommender
    for room in entry.get_subentries_of_type(SUBENTRY_ROOM):
        async_add_entities(
            [PlayForNowButton(recommender, room)], config_subentry_id=room.subentry_id
        )


class PlayForNowButton(ButtonEntity):
    """Plays a recommendation for the room's present moment."""

    _attr_has_entity_name = True
    _attr_translation_key = "play_for_now"

    def __init__(self, recommender: Recommender, room: ConfigSubentry) -> None:
        """Belong to the room's own device."""
        self._recommender = recommender
        self._room = room
        self._attr_unique_id = f"{room.unique_id}_play_for_now"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, room.subentry_id)},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer="RhythmIQ",
            model="Room",
            name=room.title,
        )

    @override
    async def async_press(self) -> None:
        """Recommend for this room and play it."""
        with translated_errors():
            await self._recommender.play_for_room(self._room, Request())
