"""What the logbook says of the events of the bus, in the words of the person's language."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_ICON,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
    LazyEventPartialState,
)
from homeassistant.core import HomeAssistant, callback

from .const import (
    DOMAIN,
    EVENT_FEEDBACK,
    EVENT_MOMENT_CHANGED,
    EVENT_REAIMED,
    EVENT_RECOMMENDED,
    EVENT_SKIPPED_TWICE,
)
from .targets import async_player_of, async_room
from .wording import async_known_words

_ICONS: Final = {
    EVENT_FEEDBACK: "mdi:star-outline",
    EVENT_MOMENT_CHANGED: "mdi:weather-partly-cloudy",
    EVENT_REAIMED: "mdi:auto-fix",
    EVENT_RECOMMENDED: "mdi:music-circle-outline",
    EVENT_SKIPPED_TWICE: "mdi:skip-next",
}

_US: Final = "RhythmIQ"

type Describe = Callable[[LazyEventPartialState], dict[str, Any]]


@callback
def async_describe_events(
    hass: HomeAssistant, async_describe_event: Callable[[str, str, Describe], None]
) -> None:
    """Describe what rooms are told of."""
    for event in _ICONS:
        async_describe_event(DOMAIN, event, partial(_described, hass, event))


@callback
def _described(hass: HomeAssistant, name: str, event: LazyEventPartialState) -> dict[str, Any]:
    """Return an entry of the logbook; a room that is gone keeps its events."""
    data: dict[str, Any] = {"title": "", **event.data}
    kind = name.removeprefix(f"{DOMAIN}_")
    if name == EVENT_FEEDBACK:
        kind = f"{kind}_{data['kind']}"
    ids = data.get("rooms", [data.get("room")])
    rooms = [room for each in ids if each and (room := async_room(hass, each)) is not None]
    players = (async_player_of(hass, room) for room in rooms)
    entry = {
        LOGBOOK_ENTRY_NAME: ", ".join(room.title for room in rooms) or data.get("name", _US),
        LOGBOOK_ENTRY_MESSAGE: async_known_words(hass, "common")[f"logbook_{kind}"].format(**data),
        LOGBOOK_ENTRY_ICON: _ICONS[name],
    }
    if player := next(filter(None, players), None):
        entry[LOGBOOK_ENTRY_ENTITY_ID] = player
    return entry
