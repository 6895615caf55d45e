"""What was last recommended in this home, as an event."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.event import EventEntity
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import EVENT_REAIMED, EVENT_RECOMMENDED
from .entities.home_entity import HomeEntity
from .models import RhythmiqConfigEntry
from .wording import async_words

PARALLEL_UPDATES = 0

_RECOMMENDED: Final = "recommended"
_FALLBACK: Final = "fallback"
_RE_AIMED: Final = "re_aimed"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the last recommendation."""
    async_add_entities([LastRecommendation(entry, "last_recommendation")])


class LastRecommendation(HomeEntity, EventEntity):
    """A recommendation that began to play, by whom it was made, or one that was re-aimed."""

    _attr_should_poll = False
    _attr_event_types = [_RECOMMENDED, _FALLBACK, _RE_AIMED]  # noqa: RUF012 (as the base has it)

    def __init__(self, entry: RhythmiqConfigEntry, key: str) -> None:
        """Hear of the rooms of this entry."""
        super().__init__(entry, key)
        self._entry = entry

    @override
    async def async_added_to_hass(self) -> None:
        self._words = await async_words(self.hass, "selector")
        listen = self.hass.bus.async_listen
        self.async_on_remove(listen(EVENT_RECOMMENDED, self._recommended))
        self.async_on_remove(listen(EVENT_REAIMED, self._reaimed))

    @callback
    def _recommended(self, event: Event[Mapping[str, Any]]) -> None:
        told = event.data
        if not (rooms := self._titles(told["rooms"])):
            return
        self._trigger_event(
            _FALLBACK if told["fallback"] else _RECOMMENDED,
            {
                "id": told["id"],
                "rooms": rooms,
                "mood": told["mood"],
                "engine": told["engine"],
                "fallback": told["fallback"],
                "listeners": told["listeners"],
                "tracks": told["tracks"],
                "reasons": [self._words[f"reason.options.{key}"] for key in told["reasons"]],
            },
        )
        self.async_write_ha_state()

    @callback
    def _reaimed(self, event: Event[Mapping[str, Any]]) -> None:
        told = event.data
        if not (rooms := self._titles([told["room"]])):
            return
        self._trigger_event(
            _RE_AIMED,
            {
                "id": told["id"],
                "rooms": rooms,
                "tracks": told["tracks"],
                "reasons": [told["text"]],
            },
        )
        self.async_write_ha_state()

    def _titles(self, rooms: list[str]) -> list[str]:
        """Return the names of those rooms that are this entry's."""
        subentries = self._entry.subentries
        return [subentries[room].title for room in rooms if room in subentries]
