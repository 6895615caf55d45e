"""One speaker's remote control: explicit SOAP calls, each with its own timeout.

SoCo writes and reads the messages. It does not send them: it would block a thread per call, follow
redirects to anywhere, read answers of any size, and count its timeout anew with every byte. Nor
are its convenience methods used, which ask for the topology behind one's back; the household knows
its topology itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from aiohttp import ClientTimeout
from homeassistant.core import HomeAssistant
from soco import SoCo
from soco.data_structures_entry import from_didl_string
from soco.services import Service

from .errors import SOCO_ERRORS, PlaybackError, UpnpDisabledError, from_soco
from .http import TooLargeError, request
from .state import seconds as seconds_of, track_facts
from .topology import Topology
from .xml import parse

COMMAND_SECONDS: Final = 5.0

_INSTANCE: Final = ("InstanceID", 0)
# 486 queue entries, the most a player returns at once, are about 1 MB
_ANSWER_LIMIT: Final = 8 * 1024 * 1024
# Reading more than this would be felt by everything else on the event loop
_LARGE: Final = 64 * 1024
# What changes something that events tell
_TOLD: Final = frozenset(
    {
        "Next",
        "Pause",
        "Play",
        "Previous",
        "Seek",
        "SetAVTransportURI",
        "SetMute",
        "SetPlayMode",
        "SetRelativeVolume",
        "SetVolume",
        "Stop",
    }
)
_ERROR_CODE: Final = ".//{urn:schemas-upnp-org:control-1-0}errorCode"
type Arguments = list[tuple[str, object]]
type Answer = dict[str, str]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a player is: track number (from 1), seconds, and what it knows about the track."""

    track: int
    uri: str | None
    duration: float | None
    position: float | None
    facts: dict[str, Any]


class Control:
    """The SOAP side of the speaker at one address.

    ``name`` is what errors call it. ``sending`` is called with the name of an action that an event
    should follow, before it, and what it returns when the call is through, successful or not.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        host: str,
        name: str,
        sending: Callable[[str], Callable[[], None]] | None = None,
    ) -> None:
        self.hass = hass
        self.host = host
        self.name = name
        self.soco = SoCo(host)
        self._sending = sending

    async def call(
        self, service: str, action: str, arguments: Arguments, seconds: float = COMMAND_SECONDS
    ) -> Answer:
        """Send one action.

        Raises ``SpeakerUnreachableError`` after at most ``seconds``, ``UpnpDisabledError`` or
        ``PlaybackError``.
        """
        if self._sending is None or action not in _TOLD:
            return await self._call(service, action, arguments, seconds)
        sent = self._sending(action)
        try:
            return await self._call(service, action, arguments, seconds)
        finally:
            sent()

    async def _call(
        self, service: str, action: str, arguments: Arguments, seconds: float
    ) -> Answer:
        target: Service = getattr(self.soco, service)
        headers, body = target.build_command(action, arguments)
        try:
            status, reply = await request(
                self.hass,
                "POST",
                target.base_url + target.control_url,
                timeout=ClientTimeout(total=seconds),
                limit=_ANSWER_LIMIT,
                headers=headers,
                data=body.encode(),
            )
        except TooLargeError as err:
            raise PlaybackError(None, self.name) from err
        except SOCO_ERRORS as err:
            raise from_soco(err, self.name) from err
        read = partial(self._read, target, status, reply)
        if len(reply) > _LARGE:
            return await self._run(read)
        try:
            return read()
        except SOCO_ERRORS as err:
            raise from_soco(err, self.name) from err

    def _read(self, target: Service, status: int, reply: bytes) -> Answer:
        """Return what an answer says; raises ``SonosError`` or one of ``SOCO_ERRORS``."""
        text = reply.decode()
        if "<!DOCTYPE" in text:
            raise ValueError("a document type is not expected here")
        match status:
            case 200:
                answer: Answer = target.unwrap_arguments(text)
                return answer
            case 403:
                raise UpnpDisabledError(self.name)
            case 500:
                code = int(parse(text).findtext(_ERROR_CODE) or "")
                raise PlaybackError(code, self.name, service=target.service_type)
            case _:
                raise PlaybackError(None, self.name)

    async def _run[T](self, job: Callable[[], T]) -> T:
        try:
            return await self.hass.async_add_executor_job(job)
        except SOCO_ERRORS as err:
            raise from_soco(err, self.name) from err

    async def transport(self, action: str, *arguments: tuple[str, object]) -> Answer:
        """Send one AVTransport action, which only a coordinator obeys."""
        return await self.call("avTransport", action, [_INSTANCE, *arguments])

    async def rendering(self, action: str, *arguments: tuple[str, object]) -> Answer:
        """Send one RenderingControl action about this very speaker."""
        return await self.call(
            "renderingControl", action, [_INSTANCE, ("Channel", "Master"), *arguments]
        )

    async def household_id(self) -> str:
        """Return the household's id and let SoCo remember it.

        SoCo reads it synchronously with the first subscription, on the event loop, unless it
        knows it by then.
        """
        answer = await self.call("deviceProperties", "GetHouseholdID", [])
        household_id = self.expect(answer, "CurrentHouseholdID")
        self.soco._household_id = household_id  # noqa: SLF001 (there is no public setter)
        return household_id

    async def topology(self) -> Topology:
        """Ask for the whole household."""
        answer = await self.call("zoneGroupTopology", "GetZoneGroupState", [])
        text = self.expect(answer, "ZoneGroupState")
        return await self._run(partial(Topology.from_xml, text))

    async def position(self) -> Position:
        """Ask for the current track. The number counts in the queue only while that plays."""
        answer = await self.transport("GetPositionInfo")
        metadata = answer.get("TrackMetaData", "")
        facts: dict[str, Any] = {}
        if metadata.startswith("<DIDL-Lite"):
            # Reading it may ask a music service, so not on the event loop
            facts = await self._run(lambda: track_facts(from_didl_string(metadata)[0], self.host))
        return Position(
            self.number(answer, "Track"),
            answer.get("TrackURI") or None,
            seconds_of(answer.get("TrackDuration")),
            seconds_of(answer.get("RelTime")),
            facts,
        )

    async def queue(self, start: int, count: int) -> tuple[int, str]:
        """Return the queue's length and ``count`` of its entries from ``start`` (0-based), as DIDL.

        A player returns at most 486 entries at once.
        """
        answer = await self.call(
            "contentDirectory",
            "Browse",
            [
                ("ObjectID", "Q:0"),
                ("BrowseFlag", "BrowseDirectChildren"),
                ("Filter", "*"),
                ("StartingIndex", start),
                ("RequestedCount", count),
                ("SortCriteria", ""),
            ],
        )
        return self.number(answer, "TotalMatches"), self.expect(answer, "Result")

    def expect(self, answer: Answer, name: str) -> str:
        """Return a value the answer must hold."""
        value: Any = answer.get(name)
        if not isinstance(value, str):
            raise PlaybackError(None, self.name)
        return value

    def number(self, answer: Answer, name: str) -> int:
        """Return a whole number the answer must hold."""
        try:
            return int(self.expect(answer, name))
        except ValueError as err:
            raise PlaybackError(None, self.name) from err
