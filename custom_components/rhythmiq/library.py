"""The one database of this Home Assistant, shared by every household."""

import asyncio
from dataclasses import dataclass, field
import logging
from pathlib import Path

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .catalog import TrackLibrary
from .const import DATABASE, DOMAIN
from .learning import Learning
from .listeners.preferences import Preferences
from .store import Store, StoreError

_LOGGER = logging.getLogger(__name__)


@dataclass(slots=True)
class Library:
    """The open store, the tracks and preferences in it, and what is learned from it.

    ``importing`` is held by the one import that may run, ``users`` counts the entries that
    hold the library open, and ``stop_listening`` ends the wait for Home Assistant's end.
    """

    store: Store
    tracks: TrackLibrary
    preferences: Preferences
    learning: Learning
    stop_listening: CALLBACK_TYPE = field(default=lambda: None)
    importing: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0

    def prepare_backup(self) -> None:
        """Store what was learned, and keep the main file as it is; blocking."""
        self.learning.save()
        self.store.hold()

    def close(self) -> None:
        """Store what was learned, and close; blocking."""
        try:
            self.learning.save()
        except StoreError as err:
            _LOGGER.warning("What was learned will be learned again at the next start: %s", err)
        self.store.close()


LIBRARY: HassKey[Library] = HassKey(f"{DOMAIN}_library")
_OPENING: HassKey[asyncio.Lock] = HassKey(f"{DOMAIN}_library_opening")


async def async_acquire_library(hass: HomeAssistant) -> Library:
    """Return the shared library, opening its database for the first household.

    Raises ``StoreError`` when the database cannot be opened.
    """
    async with hass.data.setdefault(_OPENING, asyncio.Lock()):
        if LIBRARY not in hass.data:
            hass.data[LIBRARY] = await _open(hass)
    library = hass.data[LIBRARY]
    library.users += 1
    return library


async def async_release_library(hass: HomeAssistant) -> None:
    """Give the shared library back; the last household closes its database."""
    library = hass.data[LIBRARY]
    library.users -= 1
    if not library.users:
        del hass.data[LIBRARY]
        library.stop_listening()
        await hass.async_add_executor_job(library.close)


async def _open(hass: HomeAssistant) -> Library:
    store = Store(Path(hass.config.path(DATABASE)))
    await hass.async_add_executor_job(store.open)
    tracks = TrackLibrary(store)
    library = Library(store, tracks, Preferences(store, tracks.load), Learning(store, tracks))

    async def close(_: Event) -> None:
        await hass.async_add_executor_job(library.close)

    # Entries are not unloaded when Home Assistant stops, which then waits for the writer's thread
    library.stop_listening = hass.bus.async_listen_once(EVENT_HOMEASSISTANT_FINAL_WRITE, close)
    return library
