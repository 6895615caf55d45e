"""The household's alarms: when they go off, and one that is ringing."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from .errors import SonosError
from .tracks import Track
from .xmlutil import parse_hms

if TYPE_CHECKING:
    from .household import Household
    from .player import Player

BUZZER: Final = "x-rincon-buzzer:0"
_DAYS: Final = {"DAILY": "0123456", "ONCE": "0123456", "WEEKDAYS": "12345", "WEEKENDS": "06"}

DEFAULTS: Final = {
    "StartLocalTime": "07:00:00",
    "Duration": "01:00:00",
    "Recurrence": "WEEKDAYS",
    "Enabled": "1",
    "ProgramURI": BUZZER,
    "ProgramMetaData": "",
    "PlayMode": "SHUFFLE",
    "Volume": "25",
    "IncludeLinkedZones": "0",
}


@dataclass(slots=True)
class Alarm:
    """One alarm as clients wrote it; `due` is when it rings next, by the household's clock."""

    alarm_id: int
    values: dict[str, str]
    due: float | None = None

    def next_after(self, wall: datetime) -> datetime | None:
        """When it rings next on the wall clock; None while it is switched off."""
        if self.values["Enabled"] != "1":
            return None
        recurrence = self.values["Recurrence"]
        days = _DAYS.get(recurrence, recurrence.removeprefix("ON_"))
        seconds = parse_hms(self.values["StartLocalTime"]) or 0
        for ahead in range(8):
            date = wall.date() + timedelta(days=ahead)
            when = datetime.combine(date, time()) + timedelta(seconds=seconds)
            # Sonos counts from Sunday
            if when > wall and str(date.isoweekday() % 7) in days:
                return when
        return None


@dataclass(slots=True, kw_only=True)
class Ringing:
    """An alarm that went off and was not ended; times by the household's clock."""

    alarm_id: int
    started: datetime
    until: float | None
    volumes: dict[str, int] = field(default_factory=dict)
    snoozed_until: float | None = None


class Alarms:
    """All alarms of the household, by id."""

    def __init__(self, household: Household) -> None:
        self._hh = household
        self._last_id = 0
        self.by_id: dict[int, Alarm] = {}
        self.version = 1
        self.runs = 0

    def add(self, values: dict[str, str]) -> int:
        """Keep a new alarm; its id."""
        self._last_id += 1
        self.by_id[self._last_id] = Alarm(self._last_id, values)
        self.changed()
        return self._last_id

    def get(self, alarm_id: int) -> Alarm:
        """The alarm with an id; 402 if there is none."""
        try:
            return self.by_id[alarm_id]
        except KeyError:
            raise SonosError(402) from None

    def update(self, alarm_id: int, values: dict[str, str]) -> None:
        """Change an alarm."""
        self.get(alarm_id).values.update(values)
        self.changed()

    def remove(self, alarm_id: int) -> None:
        """Forget an alarm."""
        self.get(alarm_id)
        del self.by_id[alarm_id]
        self.changed()

    def remove_room(self, uid: str) -> None:
        """Forget the alarms of a speaker that is gone."""
        self.by_id = {n: a for n, a in self.by_id.items() if a.values["RoomUUID"] != uid}
        self.changed()

    def changed(self) -> None:
        """Tell everyone, and look anew at when they ring."""
        self.version += 1
        clock = self._hh.clock
        wall, now = clock.wall(), clock.now()
        for alarm in self.by_id.values():
            # Not again the one that rings right now
            when = alarm.next_after(wall + timedelta(seconds=0.5))
            alarm.due = None if when is None else now + (when - wall).total_seconds()
        for player in self._hh.players:
            self._hh.mark(player, "AlarmClock")
        self._hh.kick()

    def tick(self) -> float | None:
        """Let those ring whose time has come; real seconds to the next one."""
        now = self._hh.clock.now()
        due = [alarm for alarm in self.by_id.values() if alarm.due is not None]
        for alarm in due:
            if alarm.due is not None and alarm.due <= now:
                self.ring(alarm)
        waits = [alarm.due - now for alarm in due if alarm.due is not None]
        if not waits or self._hh.clock.speed <= 0:
            return None
        return max(0.0, min(waits) / self._hh.clock.speed)

    def ring(self, alarm: Alarm) -> None:
        """Let an alarm go off now; one whose player is away is missed."""
        values = alarm.values
        if values["Recurrence"] == "ONCE":
            values["Enabled"] = "0"
        self.changed()
        player = self._hh.by_uid(values["RoomUUID"])
        if player is None or not player.online:
            return
        if values["IncludeLinkedZones"] != "1":
            self._hh.grouping.leave(player)
        self.runs += 1
        head = player.coordinator
        length = parse_hms(values["Duration"])
        ringing = Ringing(
            alarm_id=alarm.alarm_id,
            started=self._hh.clock.wall(),
            until=self._hh.clock.now() + length if length else None,
            volumes={member.uid: member.volume for member in head.group.members},
        )
        for member in head.group.members:
            member.set_volume(int(values["Volume"]))
        head.transport.start_alarm(ringing, values["ProgramURI"], self._program(head, values))
        self._hh.mark(head, "ZoneGroupTopology", "alarm")

    def _program(self, player: Player, values: dict[str, str]) -> list[Track]:
        """What the alarm plays; the buzzer where its music cannot be had."""
        uri, meta = values["ProgramURI"], values["ProgramMetaData"]
        buzzer = [Track(uri=BUZZER, title="", protocol="*", item_class="object.item")]
        if uri == BUZZER:
            return buzzer
        try:
            tracks = player.transport.program(uri, meta)
        except SonosError:
            return buzzer
        if values["PlayMode"].startswith("SHUFFLE"):
            self._hh.random.shuffle(tracks)
        return [track for track in tracks if track.playable] or buzzer
