"""Living beside core's ``sonos``: knowing whether it runs, and reading its players.

Two subscribers in one process share a callback address, and a player keeps only one of them. So
while core runs, nothing here subscribes: its entities tell what happens.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeIs

from homeassistant.components.media_player.const import (
    ATTR_GROUP_MEMBERS,
    ATTR_MEDIA_ALBUM_NAME,
    ATTR_MEDIA_ARTIST,
    ATTR_MEDIA_CONTENT_ID,
    ATTR_MEDIA_DURATION,
    ATTR_MEDIA_POSITION,
    ATTR_MEDIA_POSITION_UPDATED_AT,
    ATTR_MEDIA_REPEAT,
    ATTR_MEDIA_SHUFFLE,
    ATTR_MEDIA_TITLE,
    ATTR_MEDIA_VOLUME_LEVEL,
    ATTR_MEDIA_VOLUME_MUTED,
    DOMAIN as MEDIA_PLAYER_DOMAIN,
    MediaPlayerState,
)
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.const import ATTR_ENTITY_PICTURE, STATE_UNAVAILABLE
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_state_change_event

from .state import Playback, PlaybackState, Repeat, Source, source_of

if TYPE_CHECKING:
    from .speaker import Speaker

CORE: Final = "sonos"
_QUEUE_POSITION: Final = "queue_position"

# From the start of its setup, when it resets SoCo, to the end of its unloading, when it stops the
# event listener of the whole process
_RUNNING: Final = (
    ConfigEntryState.SETUP_IN_PROGRESS,
    ConfigEntryState.LOADED,
    ConfigEntryState.UNLOAD_IN_PROGRESS,
)
_PLAYBACK: Final[Mapping[str, Playback]] = {
    MediaPlayerState.PLAYING: Playback.PLAYING,
    MediaPlayerState.PAUSED: Playback.PAUSED,
}


class CoreSonos:
    """Core's integration as seen from here."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.hass = hass

    @property
    def running(self) -> bool:
        """Whether core uses SoCo in this process."""
        return any(
            entry.state in _RUNNING for entry in self.hass.config_entries.async_entries(CORE)
        )

    def player(self, uid: str) -> str | None:
        """Return the entity id of core's enabled player for a speaker, while core runs."""
        return self._registered(uid) if self.running else None

    def keeps(self, uid: str) -> bool:
        """Whether core has an enabled player for a speaker, be core running or just reloading."""
        return self._registered(uid) is not None

    def _registered(self, uid: str) -> str | None:
        registry = er.async_get(self.hass)
        entity_id = registry.async_get_entity_id(MEDIA_PLAYER_DOMAIN, CORE, uid)
        if entity_id is None:
            return None
        entity = registry.async_get(entity_id)
        return None if entity is None or entity.disabled else entity_id

    def players(self) -> Iterator[str]:
        """Yield the uids of the speakers core has an enabled player for, while it runs."""
        if not self.running:
            return
        for entity in er.async_get(self.hass).entities.values():
            player = (entity.platform, entity.domain) == (CORE, MEDIA_PLAYER_DOMAIN)
            if player and not entity.disabled:
                yield entity.unique_id

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call ``changed`` whenever an answer above may differ; return how to stop that."""

        @callback
        def entry_changed(_change: ConfigEntryChange, entry: ConfigEntry) -> None:
            if entry.domain == CORE:
                changed()

        @callback
        def registry_changed(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
            if event.data["entity_id"].startswith(f"{MEDIA_PLAYER_DOMAIN}."):
                changed()

        stops = (
            async_dispatcher_connect(self.hass, SIGNAL_CONFIG_ENTRY_CHANGED, entry_changed),
            self.hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, registry_changed),
        )

        def stop() -> None:
            for part in stops:
                part()

        return stop


async def follow_core(speaker: Speaker, entity_id: str) -> None:
    """Mirror core's player into the speaker for as long as core has it."""
    hass = speaker.hass
    lost = asyncio.Event()

    @callback
    def mirror(state: State | None) -> None:
        if _is_there(state):
            speaker.found(_playback_state(state))
        else:
            lost.set()

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        mirror(new)
        # Core updates the members' lists late or never: they only say that something changed
        if _group(old) != _group(new):
            speaker.household.refresh()

    stop = async_track_state_change_event(hass, entity_id, changed)
    try:
        mirror(hass.states.get(entity_id))
        await lost.wait()
    finally:
        stop()


async def core_has(hass: HomeAssistant, entity_id: str) -> None:
    """Wait until core's player is there."""
    there = asyncio.Event()

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        if _is_there(event.data["new_state"]):
            there.set()

    stop = async_track_state_change_event(hass, entity_id, changed)
    try:
        if not _is_there(hass.states.get(entity_id)):
            await there.wait()
    finally:
        stop()


def _is_there(state: State | None) -> TypeIs[State]:
    return state is not None and state.state != STATE_UNAVAILABLE


def _group(state: State | None) -> list[str] | None:
    return state.attributes.get(ATTR_GROUP_MEMBERS) if state else None


def _playback_state(state: State) -> PlaybackState:
    attributes = state.attributes
    uri: str | None = attributes.get(ATTR_MEDIA_CONTENT_ID)
    queue_position: int | None = attributes.get(_QUEUE_POSITION)
    source = source_of(uri or "")
    if source is Source.TRACK and queue_position is not None:
        source = Source.QUEUE
    repeat: str | None = attributes.get(ATTR_MEDIA_REPEAT)
    return PlaybackState(
        state=_PLAYBACK.get(state.state, Playback.IDLE),
        title=attributes.get(ATTR_MEDIA_TITLE),
        artist=attributes.get(ATTR_MEDIA_ARTIST),
        album=attributes.get(ATTR_MEDIA_ALBUM_NAME),
        artwork=attributes.get(ATTR_ENTITY_PICTURE),
        duration=attributes.get(ATTR_MEDIA_DURATION),
        position=attributes.get(ATTR_MEDIA_POSITION),
        position_updated_at=attributes.get(ATTR_MEDIA_POSITION_UPDATED_AT),
        volume=attributes.get(ATTR_MEDIA_VOLUME_LEVEL),
        muted=attributes.get(ATTR_MEDIA_VOLUME_MUTED),
        queue_position=queue_position,
        source=source,
        uri=uri,
        shuffle=attributes.get(ATTR_MEDIA_SHUFFLE),
        repeat=Repeat(repeat) if repeat else None,
    )
