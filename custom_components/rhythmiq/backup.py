"""Backups: Home Assistant copies the database while it is in use."""

from homeassistant.core import HomeAssistant

from .exceptions import translated_errors
from .library import LIBRARY


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Put everything into the main file, and leave that alone while it is copied.

    What happens meanwhile is stored all the same, in the log beside it, and in the copy as far as
    the copy of the log goes.
    """
    if (library := hass.data.get(LIBRARY)) is not None:
        with translated_errors():
            await hass.async_add_executor_job(library.prepare_backup)


async def async_post_backup(hass: HomeAssistant) -> None:
    """Go on as usual."""
    if (library := hass.data.get(LIBRARY)) is not None:
        with translated_errors():
            await hass.async_add_executor_job(library.store.release)
