"""One request to a device that may not be what it seems."""

from aiohttp import ClientTimeout
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

_CHUNK = 16 * 1024
# Players close after each answer; reusing a connection could only meet one that is closing.
# Compressed, a small answer could unfold into one of any size
_HEADERS = {"Connection": "close", "Accept-Encoding": "identity"}


class TooLargeError(Exception):
    """The answer did not end where any sensible one does."""


async def request(
    hass: HomeAssistant,
    method: str,
    url: str,
    *,
    timeout: ClientTimeout,  # noqa: ASYNC109 (aiohttp's, with its parts)
    limit: int,
    headers: dict[str, str] | None = None,
    data: bytes | None = None,
) -> tuple[int, bytes]:
    """Return the status and at most ``limit`` bytes of the answer; redirects are not followed.

    Raises ``TooLargeError``, ``TimeoutError``, ``OSError`` or ``aiohttp.ClientError``.
    """
    body = bytearray()
    async with async_get_clientsession(hass).request(
        method,
        url,
        headers=_HEADERS | (headers or {}),
        data=data,
        allow_redirects=False,
        auto_decompress=False,
        timeout=timeout,
    ) as response:
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > limit:
                # Nothing more is wanted from this connection
                response.close()
                raise TooLargeError(url)
    return response.status, bytes(body)
