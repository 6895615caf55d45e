"""AlarmClock: alarms and the time."""

# ruff: noqa: ARG002 (all actions of all services share one signature)

from datetime import UTC
import re

from simulator.sonos_sim.errors import SonosError
from simulator.sonos_sim.player import Player
from simulator.sonos_sim.xmlutil import esc, parse_hms

from .base import Actions, Args, Out, action, integer

_FIELDS = (
    "StartLocalTime",
    "Duration",
    "Recurrence",
    "Enabled",
    "RoomUUID",
    "ProgramURI",
    "ProgramMetaData",
    "PlayMode",
    "Volume",
    "IncludeLinkedZones",
)


class AlarmActions(Actions):
    """The household's alarms."""

    service = "AlarmClock"

    @action("ListAlarms")
    def list_alarms(self, player: Player, args: Args) -> Out:
        rows = []
        for alarm in self.hh.alarms.by_id.values():
            v = alarm.values
            rows.append(
                f'<Alarm ID="{alarm.alarm_id}" StartTime="{esc(v["StartLocalTime"])}"'
                + "".join(f' {k}="{esc(v[k])}"' for k in _FIELDS[1:])
                + "/>"
            )
        return {
            "CurrentAlarmList": "<Alarms>" + "".join(rows) + "</Alarms>",
            "CurrentAlarmListVersion": self.hh.alarm_version,
        }

    @action("CreateAlarm")
    def create_alarm(self, player: Player, args: Args) -> Out:
        values = self._alarm_values(args)
        for other in self.hh.alarms.by_id.values():
            same = all(
                other.values[k] == values[k] for k in ("StartLocalTime", "RoomUUID", "Recurrence")
            )
            if same:
                raise SonosError(801)
        return {"AssignedID": self.hh.alarms.add(values)}

    @action("UpdateAlarm")
    def update_alarm(self, player: Player, args: Args) -> Out:
        self.hh.alarms.get(integer(args["ID"]))
        self.hh.alarms.update(integer(args["ID"]), self._alarm_values(args))
        return {}

    @action("DestroyAlarm")
    def destroy_alarm(self, player: Player, args: Args) -> Out:
        self.hh.alarms.remove(integer(args["ID"]))
        return {}

    @action("GetFormat")
    def get_format(self, player: Player, args: Args) -> Out:
        return {"CurrentTimeFormat": "INV", "CurrentDateFormat": "INV"}

    @action("SetFormat")
    def set_format(self, player: Player, args: Args) -> Out:
        return {}

    @action("GetTimeZone")
    def get_time_zone(self, player: Player, args: Args) -> Out:
        return {"Index": 27, "AutoAdjustDst": 1}

    @action("GetTimeServer")
    def get_time_server(self, player: Player, args: Args) -> Out:
        return {"CurrentTimeServer": "0.sonostime.pool.ntp.org"}

    @action("GetTimeNow")
    def get_time_now(self, player: Player, args: Args) -> Out:
        wall = self.hh.clock.wall()
        pattern = "%Y-%m-%d %H:%M:%S"
        return {
            "CurrentUTCTime": wall.astimezone(UTC).strftime(pattern),
            "CurrentLocalTime": wall.strftime(pattern),
            "CurrentTimeZone": "ffc40a000503000003000502ffc4",
            "CurrentTimeGeneration": 1,
        }

    @action("GetDailyIndexRefreshTime")
    def get_daily_index_refresh_time(self, player: Player, args: Args) -> Out:
        return {"CurrentDailyIndexRefreshTime": "02:00:00"}

    def _alarm_values(self, args: Args) -> dict[str, str]:
        values = {key: args[key] for key in _FIELDS}
        if parse_hms(values["StartLocalTime"]) is None:
            raise SonosError(402)
        if not re.fullmatch(r"ONCE|DAILY|WEEKDAYS|WEEKENDS|ON_[0-6]{1,7}", values["Recurrence"]):
            raise SonosError(402)
        if self.hh.by_uid(values["RoomUUID"]) is None:
            raise SonosError(402)
        integer(values["Volume"], 0, 100)
        return values
