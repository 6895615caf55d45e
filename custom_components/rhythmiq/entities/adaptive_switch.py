"""The switch of a room's adaptive mode."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import STATE_ON
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoreEntity

from ..adaptive import Adaptive
from ..models import RhythmiqConfigEntry
from ..recommender import Recommender
from ..rooms import Room
from ..wording import async_change_text
from .room_entity import RoomEntity, async_add_for_rooms


@callback
def async_add_adaptive(
    entry: RhythmiqConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the switch of every room."""
    adaptive = entry.runtime_data.adaptive
    async_add_for_rooms(
        entry,
        async_add_entities,
        lambda recommender, room: [AdaptiveSwitch(recommender, room, adaptive)],
    )


class AdaptiveSwitch(RoomEntity, SwitchEntity, RestoreEntity):
    """Whether what a room has not heard yet follows its moment; off until somebody wants that."""

    _unrecorded_attributes = frozenset({"following_you_until", "last_change", "last_reason"})

    def __init__(self, recommender: Recommender, room: Room, adaptive: Adaptive) -> None:
        """Belong to the room's own device."""
        super().__init__(recommender, room, "adaptive")
        self._adaptive = adaptive

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        last = await self.async_get_last_state()
        if last is not None and last.state == STATE_ON:
            self._adaptive.switch(self.room, on=True)

    @property
    @override
    def is_on(self) -> bool:
        return self._adaptive.mode(self.room).on

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        mode = self._adaptive.mode(self.room)
        return {
            "following_you_until": mode.following,
            "last_change": mode.reaimed,
            "last_reason": mode.reason and async_change_text(self.hass, mode.reason),
        }

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self._adaptive.switch(self.room, on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self._adaptive.switch(self.room, on=False)
