"""The one database of this Home Assistant, shared by every household."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .catalog import TrackLibrary
from .const import DATABASE, DOMAIN
from .store import Store


@dataclass(slots=True)
class Library:
    """The open store and the tracks in it.

    ``importing`` is held by the one import that may run, ``users`` counts the entries that
    hold the library open.
    """

    store: Store
    tracks: TrackLibrary
    importing: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


LIBRARY: HassKey[Library] = HassKey(f"{DOMAIN}_library")


async def async_acquire_library(hass: HomeAssistant) -> Library:
    """Return the shared library, opening its database for the first household.

    Raises ``StoreError`` when the database cannot be opened.
    """
    if (library := hass.data.get(LIBRARY)) is None:
        store = Store(Path(hass.config.path(DATABASE)))
        await hass.async_add_executor_job(store.open)
        library = hass.data.setdefault(LIBRARY, Library(store, TrackLibrary(store)))
        if library.store is not store:  # another household was faster
            await hass.async_add_executor_job(store.close)
    library.users += 1
    return library


async def async_release_library(hass: HomeAssistant) -> None:
    """Give the shared library back; the last household closes its database."""
    library = hass.data[LIBRARY]
    library.users -= 1
    if not library.users:
        del hass.data[LIBRARY]
        await hass.async_add_executor_job(library.store.close)
