"""Fetching a picture from a speaker, or from where a speaker says that it is."""

from typing import Final

from aiohttp import ClientError, ClientTimeout
from homeassistant.core import HomeAssistant

from .http import TooLargeError, request

_TIMEOUT: Final = ClientTimeout(total=10)
_LIMIT: Final = 8 * 1024 * 1024
# By what a file begins with: Home Assistant serves it as its own, so nobody else's word counts
_TYPES: Final = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}


async def fetch_picture(hass: HomeAssistant, url: str) -> tuple[bytes | None, str | None]:
    """Return a picture and its MIME type, twice None for what is none."""
    try:
        status, data = await request(hass, "GET", url, timeout=_TIMEOUT, limit=_LIMIT)
    except ClientError, OSError, TooLargeError, ValueError:
        return None, None
    if status == 200:
        for begin, kind in _TYPES.items():
            if data.startswith(begin):
                return data, kind
    return None, None
