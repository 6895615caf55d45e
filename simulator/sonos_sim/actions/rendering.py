"""RenderingControl and GroupRenderingControl: volume, mute and tone."""

# ruff: noqa: ARG002 (all actions of all services share one signature)

import asyncio

from simulator.sonos_sim.errors import SonosError
from simulator.sonos_sim.player import Player
from simulator.sonos_sim.xmlutil import flag

from .base import (
    Actions,
    Args,
    Out,
    action,
    boolean,
    integer,
    require_coordinator,
    require_instance,
)


class RenderingActions(Actions):
    """One player's sound."""

    service = "RenderingControl"

    @action("GetVolume")
    def get_volume(self, player: Player, args: Args) -> Out:
        require_instance(args)
        value = {"Master": player.volume, "LF": player.lf, "RF": player.rf}.get(args["Channel"])
        if value is None:
            raise SonosError(402)
        return {"CurrentVolume": 100 if player.output_fixed else value}

    @action("SetVolume")
    def set_volume(self, player: Player, args: Args) -> Out:
        require_instance(args)
        value = integer(args["DesiredVolume"], 0, 100)
        if player.output_fixed:
            raise SonosError(701)
        channel = args["Channel"]
        self._stop_ramp(player)
        if channel == "Master":
            player.set_volume(value)
        elif channel in ("LF", "RF"):
            setattr(player, channel.lower(), value)
            self.hh.mark(player, "RenderingControl", "Balance")
        else:
            raise SonosError(402)
        return {}

    @action("SetRelativeVolume")
    def set_relative_volume(self, player: Player, args: Args) -> Out:
        require_instance(args)
        player.set_volume(player.volume + integer(args["Adjustment"]))
        return {"NewVolume": player.volume}

    @action("GetVolumeDB")
    def get_volume_db(self, player: Player, args: Args) -> Out:
        return {"CurrentVolume": 0}

    @action("GetMute")
    def get_mute(self, player: Player, args: Args) -> Out:
        require_instance(args)
        return {"CurrentMute": flag(player.mute)}

    @action("SetMute")
    def set_mute(self, player: Player, args: Args) -> Out:
        require_instance(args)
        player.set_mute(boolean(args["DesiredMute"]))
        return {}

    @action("ResetBasicEQ")
    def reset_basic_eq(self, player: Player, args: Args) -> Out:
        player.bass = player.treble = 0
        player.loudness, player.lf, player.rf = True, 100, 100
        self.hh.mark(player, "RenderingControl", "All")
        return {"Bass": 0, "Treble": 0, "Loudness": 1, "LeftVolume": 100, "RightVolume": 100}

    @action("GetBass")
    def get_bass(self, player: Player, args: Args) -> Out:
        return {"CurrentBass": player.bass}

    @action("SetBass")
    def set_bass(self, player: Player, args: Args) -> Out:
        player.bass = integer(args["DesiredBass"], -10, 10)
        self.hh.mark(player, "RenderingControl", "Bass")
        return {}

    @action("GetTreble")
    def get_treble(self, player: Player, args: Args) -> Out:
        return {"CurrentTreble": player.treble}

    @action("SetTreble")
    def set_treble(self, player: Player, args: Args) -> Out:
        player.treble = integer(args["DesiredTreble"], -10, 10)
        self.hh.mark(player, "RenderingControl", "Treble")
        return {}

    @action("GetLoudness")
    def get_loudness(self, player: Player, args: Args) -> Out:
        return {"CurrentLoudness": flag(player.loudness)}

    @action("SetLoudness")
    def set_loudness(self, player: Player, args: Args) -> Out:
        player.loudness = boolean(args["DesiredLoudness"])
        self.hh.mark(player, "RenderingControl", "Loudness")
        return {}

    @action("GetEQ")
    def get_eq(self, player: Player, args: Args) -> Out:
        if args["EQType"] not in player.eq:
            raise SonosError(402)
        return {"CurrentValue": player.eq[args["EQType"]]}

    @action("SetEQ")
    def set_eq(self, player: Player, args: Args) -> Out:
        if args["EQType"] not in player.eq:
            raise SonosError(402)
        player.eq[args["EQType"]] = integer(args["DesiredValue"])
        self.hh.mark(player, "RenderingControl", "EQ:" + args["EQType"])
        return {}

    @action("GetSupportsOutputFixed")
    def get_supports_output_fixed(self, player: Player, args: Args) -> Out:
        return {"CurrentSupportsFixed": flag(player.supports_fixed)}

    @action("GetOutputFixed")
    def get_output_fixed(self, player: Player, args: Args) -> Out:
        return {"CurrentFixed": flag(player.output_fixed)}

    @action("SetOutputFixed")
    def set_output_fixed(self, player: Player, args: Args) -> Out:
        if not player.supports_fixed:
            raise SonosError(701)
        player.output_fixed = boolean(args["DesiredFixed"])
        self.hh.mark(player, "RenderingControl", "All")
        return {}

    @action("GetHeadphoneConnected")
    def get_headphone_connected(self, player: Player, args: Args) -> Out:
        return {"CurrentHeadphoneConnected": 0}

    @action("RampToVolume")
    def ramp_to_volume(self, player: Player, args: Args) -> Out:
        require_instance(args)
        wanted = integer(args["DesiredVolume"], 0, 100)
        boolean(args["ResetVolumeAfter"])
        kinds = {
            "SLEEP_TIMER_RAMP_TYPE": (1.25, 0, False),
            "ALARM_RAMP_TYPE": (2.5, 30, True),
            "AUTOPLAY_RAMP_TYPE": (50, 0, True),
        }
        if args["RampType"] not in kinds:
            raise SonosError(402)
        rate, wait, from_zero = kinds[args["RampType"]]
        self._stop_ramp(player)
        start = 0 if from_zero else player.volume
        seconds = abs(wanted - start) / rate

        async def ramp() -> None:
            clock, began = self.hh.clock, self.hh.clock.now()
            if from_zero:
                player.set_volume(0)
            while True:
                done = (clock.now() - began - wait) / seconds if seconds else 1.0
                done = max(0.0, min(1.0, done))
                player.set_volume(round(start + (wanted - start) * done))
                if done >= 1.0:
                    return
                await asyncio.sleep(0.1)

        player.ramp_task = asyncio.get_running_loop().create_task(ramp())
        return {"RampTime": int(seconds)}

    @action("RestoreVolumePriorToRamp")
    def restore_volume_prior_to_ramp(self, player: Player, args: Args) -> Out:
        self._stop_ramp(player)
        return {}

    @action("GetRoomCalibrationStatus")
    def get_room_calibration_status(self, player: Player, args: Args) -> Out:
        return {"RoomCalibrationEnabled": flag(player.calibration), "RoomCalibrationAvailable": 1}

    @action("SetRoomCalibrationStatus")
    def set_room_calibration_status(self, player: Player, args: Args) -> Out:
        player.calibration = boolean(args["RoomCalibrationEnabled"])
        return {}

    def _stop_ramp(self, player: Player) -> None:
        if player.ramp_task:
            player.ramp_task.cancel()
            player.ramp_task = None


class GroupRenderingActions(Actions):
    """A group's volume; only its coordinator answers."""

    service = "GroupRenderingControl"

    @action("GetGroupMute")
    def get_group_mute(self, player: Player, args: Args) -> Out:
        require_coordinator(player, 701)
        return {"CurrentMute": flag(all(m.mute for m in player.group.members))}

    @action("SetGroupMute")
    def set_group_mute(self, player: Player, args: Args) -> Out:
        require_coordinator(player, 701)
        for member in player.group.members:
            member.set_mute(boolean(args["DesiredMute"]))
        return {}

    @action("GetGroupVolume")
    def get_group_volume(self, player: Player, args: Args) -> Out:
        require_coordinator(player, 701)
        return {"CurrentVolume": self.hh.group_volume(player)}

    @action("SetGroupVolume")
    def set_group_volume(self, player: Player, args: Args) -> Out:
        require_coordinator(player, 701)
        self.hh.set_group_volume(player, integer(args["DesiredVolume"], 0, 100))
        return {}

    @action("SetRelativeGroupVolume")
    def set_relative_group_volume(self, player: Player, args: Args) -> Out:
        require_coordinator(player, 701)
        wanted = self.hh.group_volume(player) + integer(args["Adjustment"])
        return {"NewVolume": self.hh.set_group_volume(player, wanted)}

    @action("SnapshotGroupVolume")
    def snapshot_group_volume(self, player: Player, args: Args) -> Out:
        require_coordinator(player, 701)
        return {}
