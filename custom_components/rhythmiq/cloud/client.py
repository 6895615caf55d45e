"""Asks the cloud over HTTP, within a time and a size that a home can afford."""

from collections.abc import Mapping
from http import HTTPStatus
import re
from typing import Any, ClassVar, Final, override

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout
from homeassistant.util.json import JsonObjectType, json_loads_object
from yarl import URL

from ..engine.errors import EngineError
from .address import cloud_address

BUDGET: Final = 2.0
"""Seconds for one question, from the name look-up to the last byte of the answer."""
ANSWER_LIMIT: Final = 4 * 1024**2
"""Bytes of an unpacked answer; 500 tracks with all their reasons stay below 1 MB."""

_TOKEN: Final = re.compile(r"rq1_[\w-]+", re.ASCII)
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


class CloudError(Exception):
    """The cloud gave no list of tracks; `key` names the sentence that says so."""

    key: ClassVar[str]

    @property
    def placeholders(self) -> dict[str, str]:
        """Return what the sentence fills in."""
        return {"reason": str(self)}


class CloudAuthError(CloudError):
    """The cloud does not accept the token."""

    key = "cloud_auth"


class CloudUnavailableError(CloudError):
    """The cloud cannot be reached, is too slow, or answers what is no answer."""

    key = "cloud_unavailable"


class CloudClient:
    """One household's access to the cloud.

    The token travels in a header to this one address: never over plain HTTP beyond this machine,
    never along a redirect, never into a log.
    """

    def __init__(self, session: ClientSession, url: str, token: str) -> None:
        """Remember whom to ask.

        Args:
            session: of Home Assistant.
            url: of the deployed stage, such as `https://….amazonaws.com/v1`.
            token: `rq1_<id>_<secret>`.

        Raises:
            CloudAddressError: not https, and not http on this machine.
            CloudAuthError: no token looks like this.
        """
        self._url = URL(cloud_address(url))
        if not _TOKEN.fullmatch(token):
            raise CloudAuthError("this is not a household token")
        self._session = session
        self._headers = {"Authorization": f"Bearer {token}"}

    @override
    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._url}>"

    async def recommend(self, body: Mapping[str, Any]) -> JsonObjectType:
        """Return a recommendation in its JSON form for `{"seed": …, "request": …}`.

        Raises:
            EngineError: the request asks for something that cannot be, as at home.
            CloudAuthError: the token is not accepted.
            CloudUnavailableError: there is no answer to be had now.
        """
        return await self._ask("POST", "recommendations", body)

    async def check(self) -> None:
        """Make sure that address and token are right.

        Raises:
            CloudAuthError: the token is not accepted.
            CloudUnavailableError: no answer, or nothing of ours at this address.
        """
        household = await self._ask("GET", "household")
        if "profile_id" not in household:
            raise CloudUnavailableError("this is not the address of a RhythmIQ cloud")

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> JsonObjectType:
        try:
            async with self._session.request(
                method,
                self._url / "v1" / path,
                json=body,
                headers=self._headers,
                allow_redirects=False,
                timeout=ClientTimeout(total=BUDGET),
            ) as response:
                return await _read(response)
        except TimeoutError:
            raise CloudUnavailableError(f"no answer within {BUDGET:g} s") from None
        except ClientError as err:
            raise CloudUnavailableError(type(err).__name__) from err


async def _read(response: ClientResponse) -> JsonObjectType:
    """Return what the cloud said, or raise what it meant."""
    if response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise CloudAuthError(f"HTTP {response.status}")
    if response.status not in (HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY):
        raise CloudUnavailableError(f"HTTP {response.status}")
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > ANSWER_LIMIT:
            raise CloudUnavailableError("the answer is too long")
    try:
        answer = json_loads_object(content)
    except ValueError:
        raise CloudUnavailableError("the answer is not a JSON object") from None
    if response.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        raise _refusal(answer)
    return answer


def _refusal(answer: JsonObjectType) -> EngineError | CloudUnavailableError:
    """Return the engine's error that the cloud passed on."""
    match answer.get("error"):
        case {"key": str(key), "placeholders": dict(placeholders)} if _KEY.fullmatch(key):
            return EngineError(key, **placeholders)
    return CloudUnavailableError("HTTP 422 without a reason")
