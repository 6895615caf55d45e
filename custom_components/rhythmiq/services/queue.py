"""The actions on queues. They act once on every group among the targeted players."""

from typing import Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from ..checks import number, within
from ..const import DOMAIN
from ..exceptions import translated_errors
from ..sonos import queue_control
from ..sonos.content import Node
from ..sonos.speaker import Speaker
from ..targets import async_target_groups

SERVICE_GET_QUEUE: Final = "get_queue"
SERVICE_MOVE_IN_QUEUE: Final = "move_in_queue"
SERVICE_PLAY_QUEUE: Final = "play_queue"
SERVICE_REMOVE_FROM_QUEUE: Final = "remove_from_queue"

ATTR_COUNT: Final = "count"
ATTR_POSITION: Final = "position"
ATTR_TO: Final = "to"

_DEFAULT_ENTRIES: Final = 100

# Only shapes are checked here: ranges belong to the handler, whose errors are translated.
_TARGET: Final = cv.ENTITY_SERVICE_FIELDS
GET_QUEUE_SCHEMA = vol.Schema(
    {
        **_TARGET,
        vol.Optional(ATTR_POSITION, default=1): object,
        vol.Optional(ATTR_COUNT, default=_DEFAULT_ENTRIES): object,
    }
)
PLAY_QUEUE_SCHEMA = vol.Schema({**_TARGET, vol.Optional(ATTR_POSITION, default=1): object})
REMOVE_FROM_QUEUE_SCHEMA = vol.Schema(
    {
        **_TARGET,
        vol.Required(ATTR_POSITION): object,
        vol.Optional(ATTR_COUNT, default=1): object,
    }
)
MOVE_IN_QUEUE_SCHEMA = REMOVE_FROM_QUEUE_SCHEMA.extend({vol.Required(ATTR_TO): object})


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the actions on queues."""
    hass.services.async_register(
        DOMAIN, SERVICE_GET_QUEUE, _async_get_queue, GET_QUEUE_SCHEMA, SupportsResponse.ONLY
    )
    for name, handler, schema in (
        (SERVICE_MOVE_IN_QUEUE, _async_move_in_queue, MOVE_IN_QUEUE_SCHEMA),
        (SERVICE_PLAY_QUEUE, _async_play_queue, PLAY_QUEUE_SCHEMA),
        (SERVICE_REMOVE_FROM_QUEUE, _async_remove_from_queue, REMOVE_FROM_QUEUE_SCHEMA),
    ):
        hass.services.async_register(DOMAIN, name, handler, schema)


async def _async_get_queue(call: ServiceCall) -> ServiceResponse:
    """Return a page of the queue of each group."""
    position, count = _whole(call, ATTR_POSITION), _whole(call, ATTR_COUNT)
    within("queue_page_out_of_range", count, 1, queue_control.MOST_ENTRIES)
    queues: list[JsonValueType] = []
    for group in await async_target_groups(call):
        speaker = _any(group)
        with translated_errors():
            page = await queue_control.read_entries(speaker, position, count)
        queues.append(
            {
                "entity_ids": list(group),
                "total": page.total,
                "position": speaker.state.queue_position,
                "entries": [_entry(each, node) for each, node in enumerate(page.nodes, position)],
            }
        )
    return {"queues": queues}


async def _async_play_queue(call: ServiceCall) -> None:
    """Play the queue of each group from a position."""
    position = _whole(call, ATTR_POSITION)
    for group in await async_target_groups(call):
        with translated_errors():
            await queue_control.play_from(_any(group), position)


async def _async_remove_from_queue(call: ServiceCall) -> None:
    """Take entries out of the queue of each group."""
    position, count = _whole(call, ATTR_POSITION), _whole(call, ATTR_COUNT)
    for group in await async_target_groups(call):
        with translated_errors():
            await queue_control.remove(_any(group), position, count)


async def _async_move_in_queue(call: ServiceCall) -> None:
    """Move entries within the queue of each group."""
    position, count, to = (_whole(call, name) for name in (ATTR_POSITION, ATTR_COUNT, ATTR_TO))
    for group in await async_target_groups(call):
        with translated_errors():
            await queue_control.move(_any(group), position, count, to)


def _entry(position: int, node: Node) -> dict[str, JsonValueType]:
    return {
        "position": position,
        "uri": node.uri,
        "title": node.title,
        "artist": node.artist,
        "album": node.album,
    }


def _any(group: dict[str, Speaker]) -> Speaker:
    return next(iter(group.values()))


def _whole(call: ServiceCall, field: str) -> int:
    """Return a number from 1 on; whether the queue is that long, the speaker knows."""
    value = number(field, call.data[field])
    within("position_out_of_range", value, 1, queue_control.LONGEST)
    return int(value)
