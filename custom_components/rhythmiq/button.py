"""The buttons of a room: play something for now, and say how it is."""

from collections.abc import Iterator
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .engine import Request
from .engine.rewards import RATINGS
from .entities.room_entity import RoomEntity, async_add_for_rooms
from .exceptions import translated_errors
from .models import RhythmiqConfigEntry
from .rating import playing_in
from .recommender import Recommender
from .rights import async_listener_of_user
from .rooms import Room

PARALLEL_UPDATES = 1


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the buttons of each room."""

    def buttons(recommender: Recommender, room: Room) -> Iterator[RoomEntity]:
        yield PlayForNowButton(recommender, room, "play_for_now")
        down, up = RATINGS
        yield ThumbButton(recommender, room, "thumb_up", up)
        yield ThumbButton(recommender, room, "thumb_down", down)

    async_add_for_rooms(entry, async_add_entities, buttons)


class PlayForNowButton(RoomEntity, ButtonEntity):
    """Plays a recommendation for the room's present moment."""

    @override
    async def async_press(self) -> None:
        """Recommend for this room and play it."""
        with translated_errors():
            await self.recommender.play_for_room(self.room.subentry, Request())


class ThumbButton(RoomEntity, ButtonEntity):
    """Rates what plays, for the person who presses, else for everybody who is at home."""

    def __init__(self, recommender: Recommender, room: Room, key: str, stars: float) -> None:
        """Say what a press says."""
        super().__init__(recommender, room, key)
        self._stars = stars

    @override
    async def async_press(self) -> None:
        """Rate the track that plays in the room, or last played there."""
        person = await async_listener_of_user(self.hass, self._context)
        listeners = [person] if person else self.recommender.rooms.at_home()
        with translated_errors():
            await self.recommender.ratings.rate(playing_in(self.room), self._stars, listeners)
