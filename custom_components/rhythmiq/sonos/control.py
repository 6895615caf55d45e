"""One speaker's remote control: explicit SOAP calls, in the executor, each with its own timeout.

SoCo's services are called with written-out arguments instead of SoCo's convenience methods, which
ask for the topology behind one's back; the household knows its topology itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant
from soco import SoCo
from soco.data_structures_entry import from_didl_string

from .errors import SOCO_ERRORS, PlaybackError, from_soco
from .state import seconds as seconds_of, track_facts
from .topology import Topology

COMMAND_SECONDS: Final = 5.0

_INSTANCE: Final = ("InstanceID", 0)
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
    """The SOAP side of the speaker at one address. ``name`` is what errors call it."""

    def __init__(self, hass: HomeAssistant, host: str, name: str) -> None:
        self.hass = hass
        self.host = host
        self.name = name
        self.soco = SoCo(host)

    async def call(
        self, service: str, action: str, arguments: Arguments, seconds: float = COMMAND_SECONDS
    ) -> Answer:
        """Send one action. Raises ``SpeakerUnreachableError`` or ``PlaybackError``."""
        dispatch = getattr(self.soco, service).send_command
        answer = await self._run(partial(dispatch, action, arguments, timeout=seconds))
        # SoCo answers True where an action returns nothing
        return answer if isinstance(answer, dict) else {}

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
