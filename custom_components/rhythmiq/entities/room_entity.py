"""What entities of a room have in common."""

from collections.abc import Callable, Iterable
from typing import override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import SUBENTRY_ROOM
from ..models import RhythmiqConfigEntry
from ..recommender import Recommender
from ..rooms import Room
from .subentry_entity import SubentryEntity, async_add_for_subentries


class RoomEntity(SubentryEntity):
    """An entity of a room: written when the room's moment or settings change."""

    def __init__(self, recommender: Recommender, room: Room, key: str) -> None:
        """Belong to the room's own device."""
        super().__init__(room.subentry, key)
        self.recommender = recommender
        self.room = room

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.room.add_listener(self._room_changed))

    @callback
    def _room_changed(self) -> None:
        self.async_write_ha_state()


@callback
def async_add_for_rooms(
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[Recommender, Room], Iterable[RoomEntity]],
) -> None:
    """Add a platform's entities for every room, now and when one is made or changed later."""
    recommender = entry.runtime_data.recommender

    def of(subentry: ConfigSubentry) -> Iterable[RoomEntity]:
        room = recommender.rooms.get(subentry.subentry_id)
        return make(recommender, room) if room is not None else ()

    async_add_for_subentries(entry, async_add_entities, SUBENTRY_ROOM, of)
