"""Looking at a web address before a player is sent there.

A player takes any address, and only its app says later that nothing is to be heard. So Home
Assistant opens the address first, reads its headers and nothing more. What Home Assistant cannot
reach is refused, although a player might: both are in the same home.
"""

from enum import StrEnum
from typing import Final

from aiohttp import ClientError, ClientResponseError, ClientTimeout
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .errors import SonosError

_TIMEOUT: Final = ClientTimeout(total=5)
_MOST_REDIRECTS: Final = 5
# Types that audio is served as besides audio/*
_AUDIO: Final = (
    "application/octet-stream",
    "application/ogg",
    "application/vnd.apple.mpegurl",
    "application/x-mpegurl",
    "audio/",
    "binary/octet-stream",
    "video/",
)
# Lists of addresses, as stations publish them
_LISTS: Final = ("mpegurl", "scpls")


class WebAudio(StrEnum):
    """What is at an address."""

    FILE = "file"
    STREAM = "stream"


class WebAudioError(SonosError):
    """Nothing to be heard is at an address."""


def is_audio_type(kind: str) -> bool:
    """Return whether a MIME type may be audio."""
    return kind.startswith(_AUDIO)


async def look_at(hass: HomeAssistant, url: str) -> WebAudio:
    """Return what an http(s) address holds, by its headers.

    Raises ``WebAudioError`` for an address that does not answer within seconds, that answers
    with an error, or with something that is no audio.
    """
    try:
        async with async_get_clientsession(hass).get(
            url, timeout=_TIMEOUT, max_redirects=_MOST_REDIRECTS
        ) as response:
            status, kind, headers = response.status, response.content_type, response.headers
            stated = "Content-Type" in headers
            # The rest may be an album or never end
            response.close()
    except ClientResponseError as err:
        if "ICY " in err.message:
            # "ICY 200 OK": a station older than the standard
            return WebAudio.STREAM
        reason = err.message or type(err).__name__
        raise WebAudioError("media_unreachable", url=url, reason=reason) from err
    except (ClientError, TimeoutError, ValueError) as err:
        reason = str(err) or "no answer"
        raise WebAudioError("media_unreachable", url=url, reason=reason) from err
    if status >= 400:
        raise WebAudioError("media_not_found", url=url, status=str(status))
    if stated and not is_audio_type(kind):
        raise WebAudioError("media_not_audio", url=url, kind=kind)
    endless = any(name.lower().startswith("icy-") for name in headers)
    return WebAudio.STREAM if endless or kind.endswith(_LISTS) else WebAudio.FILE
