"""Handing out files for an hour, to who has the signed address."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
import shutil
import tempfile
from typing import Final

from aiohttp import web
from homeassistant.components.http import HomeAssistantView
from homeassistant.components.http.auth import async_sign_path
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.ulid import ulid_now

from .const import DOMAIN

EXPIRES: Final = timedelta(hours=1)
_URL: Final = f"/api/{DOMAIN}/download/{{key}}/{{name}}"


@dataclass(frozen=True, slots=True)
class Downloads:
    """Files that wait to be fetched, in a folder of their own that nothing else serves."""

    hass: HomeAssistant
    folder: Path
    waiting: dict[str, Path]

    def new_file(self, name: str) -> tuple[str, Path]:
        """Return a key and a path, readable by the owner only, to write a file to; blocking."""
        key = ulid_now()
        place = self.folder / key
        place.mkdir(mode=0o700)
        return key, place / name

    @callback
    def offer(self, key: str, path: Path) -> str:
        """Return the signed address of a file, which is deleted when that expires."""
        self.waiting[key] = path

        @callback
        def expire(_: datetime) -> None:
            self.waiting.pop(key, None)
            self.hass.async_add_executor_job(shutil.rmtree, self.folder / key, True)

        async_call_later(self.hass, EXPIRES, HassJob(expire, cancel_on_shutdown=True))
        return async_sign_path(self.hass, _URL.format(key=key, name=path.name), EXPIRES)


DOWNLOADS: HassKey[Downloads] = HassKey(f"{DOMAIN}_downloads")


async def async_downloads(hass: HomeAssistant) -> Downloads:
    """Return the files on offer; the folder is made at first use and removed at the stop."""
    if (downloads := hass.data.get(DOWNLOADS)) is None:
        folder = Path(await hass.async_add_executor_job(tempfile.mkdtemp, "", f"{DOMAIN}-"))
        downloads = hass.data.setdefault(DOWNLOADS, Downloads(hass, folder, {}))
        hass.http.register_view(DownloadView(downloads))

        async def remove(_: Event) -> None:
            await hass.async_add_executor_job(shutil.rmtree, folder, True)

        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, remove)
    return downloads


class DownloadView(HomeAssistantView):
    """Serves what is on offer."""

    url = _URL
    name = f"api:{DOMAIN}:download"

    def __init__(self, downloads: Downloads) -> None:
        """Serve these files."""
        self._downloads = downloads

    async def get(self, _request: web.Request, key: str, name: str) -> web.StreamResponse:
        """Send a file, as long as it is on offer."""
        path = self._downloads.waiting.get(key)
        if path is None or path.name != name:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return web.FileResponse(
            path,
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": f'attachment; filename="{name}"',
            },
        )
