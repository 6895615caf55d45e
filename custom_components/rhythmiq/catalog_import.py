"""Importing a file of tracks, seen from Home Assistant: allowed paths, progress, the result."""

from functools import partial
from pathlib import Path

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant, callback

from .catalog import ImportProgress, ImportRefusedError, ImportReport, check_importable
from .const import DOMAIN
from .library import async_acquire_library, async_release_library
from .wording import async_words

NOTIFICATION_ID = f"{DOMAIN}_import_catalog"


async def async_import_catalog(hass: HomeAssistant, path: Path) -> ImportReport:
    """Import ``path`` into the shared library, telling the person how far it is.

    Raises ``ImportRefusedError`` for a path outside the allowed directories, a second import at
    the same time, and a file that is refused whole.
    """
    words = await async_words(hass, "common")

    @callback
    def notify(key: str, **values: object) -> None:
        persistent_notification.async_create(
            hass,
            words[f"import_{key}"].format(file=path.name, **values),
            words["import_title"],
            NOTIFICATION_ID,
        )

    def on_progress(progress: ImportProgress) -> None:
        hass.loop.call_soon_threadsafe(
            partial(notify, "progress", percent=round(100 * progress.fraction), rows=progress.rows)
        )

    library = await async_acquire_library(hass)  # a household that reloads must not close it
    try:
        if library.importing.locked():
            raise ImportRefusedError("import_running")
        async with library.importing:
            allowed = await hass.async_add_executor_job(_allowed, hass, path)
            notify("progress", percent=0, rows=0)
            try:
                report = await hass.async_add_executor_job(
                    library.tracks.import_file, allowed, on_progress
                )
            except BaseException:
                persistent_notification.async_dismiss(hass, NOTIFICATION_ID)
                raise
    finally:
        await async_release_library(hass)
    notify("done", new=report.new, updated=report.updated, rejected=report.rejected)
    return report


def _allowed(hass: HomeAssistant, path: Path) -> Path:
    """Return the resolved path of a regular file in an allowed directory; blocking."""
    resolved = check_importable(path)
    if not hass.config.is_allowed_path(str(resolved)):
        raise ImportRefusedError("path_not_allowed", path=str(path))
    return resolved
