"""What a room is in the mood for."""

from typing import Final, override

from homeassistant.components.select import SelectEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoreEntity

from .engine import MOODS
from .entities.room_entity import RoomEntity, async_add_for_rooms
from .models import RhythmiqConfigEntry
from .recommender import Recommender
from .rooms import Room

PARALLEL_UPDATES = 0

AUTO: Final = "auto"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the mood of each room."""
    async_add_for_rooms(
        entry, async_add_entities, lambda recommender, room: [MoodSelect(recommender, room)]
    )


class MoodSelect(RoomEntity, SelectEntity, RestoreEntity):
    """The mood that whatever is played for the room has, unless another one is asked for."""

    _attr_options = [AUTO, *MOODS]  # noqa: RUF012 (as the base class has it)

    def __init__(self, recommender: Recommender, room: Room) -> None:
        """Belong to the room's own device."""
        super().__init__(recommender, room, "mood")

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        if (last := await self.async_get_last_state()) is not None and last.state in MOODS:
            await self.async_select_option(last.state)

    @property
    @override
    def current_option(self) -> str:
        return self.room.mood or AUTO

    @override
    async def async_select_option(self, option: str) -> None:
        """Remember the mood, from the next recommendation on."""
        self.room.mood = None if option == AUTO else option
        self.room.changed()
