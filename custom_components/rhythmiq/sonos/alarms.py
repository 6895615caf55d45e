"""The alarms of a household, which any of its speakers knows and changes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import time
import logging
from typing import TYPE_CHECKING, Final, Self

from homeassistant.core import callback

from .control import Answer, Control
from .errors import PlaybackError, SonosError, SpeakerUnreachableError
from .shared_feed import SharedFeed
from .state import clock, seconds as seconds_of
from .xml import parse

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from .household import Household

_LOGGER = logging.getLogger(__name__)

CHIME: Final = "x-rincon-buzzer:0"
WEEK: Final = frozenset(range(7))
_WORKDAYS: Final = frozenset(range(5))
_RECURRENCES: Final = {
    "ONCE": frozenset[int](),
    "DAILY": WEEK,
    "WEEKDAYS": _WORKDAYS,
    "WEEKENDS": WEEK - _WORKDAYS,
}
_WORDS: Final = {days: word for word, days in _RECURRENCES.items()}
_TITLE: Final = ".//{http://purl.org/dc/elements/1.1/}title"


class UnknownAlarmError(SonosError):
    """The household has no such alarm."""

    def __init__(self, alarm_id: str) -> None:
        super().__init__("unknown_alarm", value=alarm_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm. ``id`` is empty for one that is still to be made.

    ``start`` is local time of the household. ``days`` count from Monday, 0; without any it rings
    once. ``room`` is a speaker's uid, ``volume`` goes from 0 to 1, ``duration`` is seconds (None:
    until somebody stops it). ``include_group`` lets it ring in the whole group of its room.
    """

    id: str = ""
    start: time
    days: frozenset[int] = WEEK
    enabled: bool = True
    room: str
    volume: float = 0.2
    duration: float | None = None
    include_group: bool = False
    program_uri: str = CHIME
    program_metadata: str = ""
    play_mode: str = "NORMAL"

    @classmethod
    def from_attributes(cls, given: Mapping[str, str]) -> Self:
        """Read what ListAlarms tells. Raises ``LookupError`` or ``ValueError``."""
        return cls(
            id=given["ID"],
            start=time.fromisoformat(given["StartTime"]),
            days=_days(given["Recurrence"]),
            enabled=given["Enabled"] == "1",
            room=given["RoomUUID"],
            volume=int(given["Volume"]) / 100,
            duration=seconds_of(given.get("Duration")),
            include_group=given.get("IncludeLinkedZones") == "1",
            program_uri=given["ProgramURI"],
            program_metadata=given.get("ProgramMetaData", ""),
            play_mode=given.get("PlayMode", "NORMAL"),
        )

    @property
    def recurrence(self) -> str:
        """The days in Sonos' words: ONCE, DAILY, WEEKDAYS, WEEKENDS, or ON_ with Sunday as 0."""
        numbers = sorted((day + 1) % 7 for day in self.days)
        return _WORDS.get(self.days) or f"ON_{''.join(str(number) for number in numbers)}"

    @property
    def program(self) -> str | None:
        """The title of what it plays; None for the chime, and where Sonos does not tell."""
        try:
            return parse(self.program_metadata).findtext(_TITLE)
        except ValueError:
            return None

    def arguments(self) -> list[tuple[str, object]]:
        """Return the arguments of CreateAlarm and UpdateAlarm."""
        return [
            ("StartLocalTime", self.start.isoformat("seconds")),
            ("Duration", "" if self.duration is None else clock(self.duration)),
            ("Recurrence", self.recurrence),
            ("Enabled", int(self.enabled)),
            ("RoomUUID", self.room),
            ("ProgramURI", self.program_uri),
            ("ProgramMetaData", self.program_metadata),
            ("PlayMode", self.play_mode),
            ("Volume", round(self.volume * 100)),
            ("IncludeLinkedZones", int(self.include_group)),
        ]


class AlarmClock:
    """Knows the alarms of a household, and changes them.

    While core runs, nobody tells of changes: then ``alarms`` is what was read last. Whatever
    changes an alarm reads it first.
    """

    def __init__(self, household: Household) -> None:
        """Know nothing yet."""
        self._household = household
        self._version: str | None = None
        self._control: Control
        self._alarms: dict[str, Alarm] = {}
        self._listeners: list[Callable[[], None]] = []
        self._feed = SharedFeed(household, "alarmClock", "alarm_list_version", self._heard)

    @property
    def alarms(self) -> Mapping[str, Alarm] | None:
        """The alarms by id, None before they were read for the first time."""
        return None if self._version is None else self._alarms

    @callback
    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener when an alarm came, changed or went; return how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def start(self) -> None:
        """Begin to follow the alarms."""
        self._feed.start()

    async def stop(self) -> None:
        """Follow them no longer."""
        await self._feed.stop()

    async def read(self) -> Mapping[str, Alarm]:
        """Ask for the alarms, and return them by id. Raises ``SonosError``."""
        answer = await self._ask()
        control = self._control
        version = control.expect(answer, "CurrentAlarmListVersion")
        try:
            root = parse(control.expect(answer, "CurrentAlarmList"))
        except ValueError as err:
            raise PlaybackError(None, control.name) from err
        self._version = version
        alarms = {alarm.id: alarm for alarm in read_alarms(root)}
        if alarms != self._alarms:
            self._alarms = alarms
            for listener in tuple(self._listeners):
                listener()
        return alarms

    async def find(self, alarm_id: str) -> Alarm:
        """Return an alarm as it is now. Raises ``SonosError``."""
        if (alarm := (await self.read()).get(alarm_id)) is None:
            raise UnknownAlarmError(alarm_id)
        return alarm

    async def update(self, alarm: Alarm) -> None:
        """Change the alarm of this id. Raises ``SonosError``."""
        await self._change("UpdateAlarm", [("ID", alarm.id), *alarm.arguments()])

    async def switch(self, alarm_id: str, *, on: bool) -> None:
        """Let an alarm ring or not, leaving the rest as it is. Raises ``SonosError``."""
        await self.update(replace(await self.find(alarm_id), enabled=on))

    async def create(self, alarm: Alarm) -> str:
        """Make an alarm; return its id. Raises ``SonosError``."""
        await self.read()
        answer = await self._change("CreateAlarm", alarm.arguments())
        return answer.get("AssignedID", "")

    async def delete(self, alarm_id: str) -> None:
        """Delete an alarm. Raises ``SonosError``."""
        await self.find(alarm_id)
        await self._change("DestroyAlarm", [("ID", alarm_id)])

    async def _change(self, action: str, arguments: list[tuple[str, object]]) -> Answer:
        answer = await self._control.call("alarmClock", action, arguments)
        await self.read()
        return answer

    async def _ask(self) -> Answer:
        """Ask one speaker after the other, and remember who answered."""
        away: list[SpeakerUnreachableError] = []
        speakers = self._household.speakers.values()
        for speaker in sorted(speakers, key=lambda each: not each.available):
            self._control = speaker.control
            try:
                return await self._control.call("alarmClock", "ListAlarms", [])
            except SpeakerUnreachableError as err:
                speaker.doubt()
                away.append(err)
        raise away[0]

    async def _heard(self, version: str | None) -> None:
        if version is None or version != self._version:
            await self.read()


def read_alarms(root: Element) -> Iterator[Alarm]:
    """Yield the alarms of a list, without those that make no sense."""
    for element in root.iter("Alarm"):
        try:
            yield Alarm.from_attributes(element.attrib)
        except (LookupError, ValueError) as err:
            _LOGGER.debug("An alarm cannot be read: %r", err)


def _days(recurrence: str) -> frozenset[int]:
    if (days := _RECURRENCES.get(recurrence)) is not None:
        return days
    return frozenset((int(number) - 1) % 7 for number in recurrence.removeprefix("ON_"))
