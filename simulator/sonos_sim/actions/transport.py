"""AVTransport: what plays and how."""

# ruff: noqa: ARG002 (all actions of all services share one signature)

import math

from simulator.sonos_sim.errors import SonosError
from simulator.sonos_sim.player import Player
from simulator.sonos_sim.transport import PLAY_MODES
from simulator.sonos_sim.xmlutil import NOT_IMPLEMENTED, flag, hms, parse_hms

from .base import Args, Out, action, boolean, integer, require_coordinator, require_instance
from .queue import QueueActions


class TransportActions(QueueActions):
    """AVTransport as a whole."""

    service = "AVTransport"

    @action("SetAVTransportURI")
    def set_av_transport_uri(self, player: Player, args: Args) -> Out:
        require_instance(args)
        uri = args["CurrentURI"]
        if uri.startswith("x-rincon:"):
            target = self.hh.by_uid(uri.partition(":")[2])
            if target is None or not target.online:
                raise SonosError(800)
            self.hh.grouping.join(player, target)
            return {}
        player.transport.load(uri, args["CurrentURIMetaData"])
        return {}

    @action("SetNextAVTransportURI")
    def set_next_av_transport_uri(self, player: Player, args: Args) -> Out:
        require_instance(args)
        return {}

    @action("GetMediaInfo")
    def get_media_info(self, player: Player, args: Args) -> Out:
        require_instance(args)
        t = player.transport
        count = len(player.queue.items) if t.kind == "queue" else (0 if t.kind == "none" else 1)
        return {
            "NrTracks": count,
            "MediaDuration": NOT_IMPLEMENTED,
            "CurrentURI": t.uri,
            "CurrentURIMetaData": t.uri_meta,
            "NextURI": "",
            "NextURIMetaData": "",
            "PlayMedium": "NETWORK" if t.uri else "NONE",
            "RecordMedium": NOT_IMPLEMENTED,
            "WriteStatus": NOT_IMPLEMENTED,
        }

    @action("GetTransportInfo")
    def get_transport_info(self, player: Player, args: Args) -> Out:
        require_instance(args)
        # A grouped member reports PLAYING whatever its coordinator does
        state = "PLAYING" if player.transport.kind == "slave" else player.transport.state
        return {
            "CurrentTransportState": state,
            "CurrentTransportStatus": player.transport.status,
            "CurrentSpeed": "1",
        }

    @action("GetPositionInfo")
    def get_position_info(self, player: Player, args: Args) -> Out:
        require_instance(args)
        t = player.transport
        track = t.track()
        out: Out = {
            "Track": 0,
            "TrackDuration": NOT_IMPLEMENTED,
            "TrackMetaData": NOT_IMPLEMENTED,
            "TrackURI": "",
            "RelTime": NOT_IMPLEMENTED,
        }
        if t.kind == "slave":
            out.update(Track=1, TrackURI=t.uri)
        elif track is not None:
            out.update(
                Track=t.index + 1 if t.kind == "queue" else 1,
                TrackDuration=hms(track.duration) if t.kind != "stream" else "0:00:00",
                TrackMetaData=track.now_playing(),
                TrackURI=track.uri,
                RelTime=hms(t.position()),
            )
            if t.kind in ("line_in", "tv"):
                out.update(TrackDuration=NOT_IMPLEMENTED, RelTime=NOT_IMPLEMENTED)
        out.update(AbsTime=NOT_IMPLEMENTED, RelCount=2147483647, AbsCount=2147483647)
        return out

    @action("GetDeviceCapabilities")
    def get_device_capabilities(self, player: Player, args: Args) -> Out:
        return {
            "PlayMedia": "NONE, NETWORK",
            "RecMedia": NOT_IMPLEMENTED,
            "RecQualityModes": NOT_IMPLEMENTED,
        }

    @action("GetTransportSettings")
    def get_transport_settings(self, player: Player, args: Args) -> Out:
        require_instance(args)
        return {"PlayMode": player.transport.play_mode, "RecQualityMode": NOT_IMPLEMENTED}

    @action("GetCrossfadeMode")
    def get_crossfade_mode(self, player: Player, args: Args) -> Out:
        require_instance(args)
        return {"CrossfadeMode": flag(player.transport.crossfade)}

    @action("Stop")
    def stop(self, player: Player, args: Args) -> Out:
        require_instance(args)
        if player.is_coordinator:
            player.transport.stop()
        return {}

    @action("Play")
    def play(self, player: Player, args: Args) -> Out:
        require_instance(args)
        if args["Speed"] != "1":
            raise SonosError(717)
        if player.is_coordinator:
            player.transport.play()
        return {}

    @action("Pause")
    def pause(self, player: Player, args: Args) -> Out:
        require_instance(args)
        require_coordinator(player, 701)
        t = player.transport
        if t.state not in ("PLAYING", "TRANSITIONING"):
            raise SonosError(701)
        if t.kind in ("line_in", "tv", "none"):
            raise SonosError(701)
        t.pause()
        return {}

    @action("Seek")
    def seek(self, player: Player, args: Args) -> Out:
        require_instance(args)
        require_coordinator(player, 701)
        unit, target = args["Unit"], args["Target"]
        match unit:
            case "TRACK_NR":
                self._seek_track(player, target)
            case "REL_TIME" | "TIME_DELTA":
                self._seek_time(player, target, relative=unit == "TIME_DELTA")
            case _:
                raise SonosError(710)
        return {}

    @staticmethod
    def _seek_track(player: Player, target: str) -> None:
        transport = player.transport
        if transport.kind != "queue":
            raise SonosError(701)
        number = integer(target)
        if not 1 <= number <= len(player.queue.items):
            raise SonosError(711)
        if PLAY_MODES[transport.play_mode][0]:
            transport.index = number - 1
            transport.rebuild_order()
        transport.jump(number - 1)

    @staticmethod
    def _seek_time(player: Player, target: str, *, relative: bool) -> None:
        transport = player.transport
        track = transport.track()
        if track is None or transport.kind not in ("queue", "track", "vli") or not track.duration:
            raise SonosError(701)
        parsed = parse_hms(target.lstrip("+-") if relative else target)
        if parsed is None:
            raise SonosError(711)
        seconds = float(parsed)
        if relative:
            sign = -1 if target.startswith("-") else 1
            seconds = max(0.0, transport.position() + sign * seconds)
        if seconds > track.duration:
            raise SonosError(711)
        transport.seek(seconds)

    @action("Next")
    def next(self, player: Player, args: Args) -> Out:
        require_instance(args)
        require_coordinator(player, 701)
        player.transport.go_next()
        return {}

    @action("Previous")
    def previous(self, player: Player, args: Args) -> Out:
        require_instance(args)
        require_coordinator(player, 701)
        player.transport.go_previous()
        return {}

    @action("SetPlayMode")
    def set_play_mode(self, player: Player, args: Args) -> Out:
        require_instance(args)
        require_coordinator(player, 712)
        player.transport.set_play_mode(args["NewPlayMode"])
        return {}

    @action("SetCrossfadeMode")
    def set_crossfade_mode(self, player: Player, args: Args) -> Out:
        require_instance(args)
        require_coordinator(player)
        if player.transport.kind not in ("queue", "none"):
            raise SonosError(800)
        player.transport.crossfade = boolean(args["CrossfadeMode"])
        player.transport.changed()
        return {}

    @action("GetCurrentTransportActions")
    def get_current_transport_actions(self, player: Player, args: Args) -> Out:
        require_instance(args)
        return {"Actions": player.transport.actions()}

    @action("BecomeCoordinatorOfStandaloneGroup")
    def become_coordinator_of_standalone_group(self, player: Player, args: Args) -> Out:
        require_instance(args)
        heir = self.hh.grouping.leave(player)
        return {
            "DelegatedGroupCoordinatorID": heir.uid if heir else "",
            "NewGroupID": player.group.group_id,
        }

    @action("DelegateGroupCoordinationTo")
    def delegate_group_coordination_to(self, player: Player, args: Args) -> Out:
        require_instance(args)
        new = self.hh.by_uid(args["NewCoordinator"])
        if not player.is_coordinator:
            return {}
        if new is None:
            raise SonosError(701)
        self.hh.grouping.delegate(player, new, boolean(args["RejoinGroup"]))
        return {}

    @action("ConfigureSleepTimer")
    def configure_sleep_timer(self, player: Player, args: Args) -> Out:
        require_instance(args)
        require_coordinator(player)
        t = player.transport
        text = args["NewSleepTimerDuration"]
        if not text:
            t.sleep_deadline = None
        else:
            seconds = parse_hms(text)
            if seconds is None or seconds > 86399:
                raise SonosError(402)
            t.sleep_deadline = self.hh.clock.now() + seconds
        t.sleep_generation += 1
        t.changed()
        return {}

    @action("GetRemainingSleepTimerDuration")
    def get_remaining_sleep_timer_duration(self, player: Player, args: Args) -> Out:
        require_instance(args)
        require_coordinator(player)
        t = player.transport
        left = ""
        if t.sleep_deadline is not None:
            seconds = math.ceil(max(0.0, t.sleep_deadline - self.hh.clock.now()))
            left = f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
        return {
            "RemainingSleepTimerDuration": left,
            "CurrentSleepTimerGeneration": t.sleep_generation,
        }

    @action("GetRunningAlarmProperties")
    def get_running_alarm_properties(self, player: Player, args: Args) -> Out:
        require_instance(args)
        ringing = player.coordinator.transport.ringing
        if ringing is None:
            raise SonosError(701)
        return {
            "AlarmID": ringing.alarm_id,
            "GroupID": player.group.group_id,
            "LoggedStartTime": ringing.started.strftime("%Y-%m-%d %H:%M:%S"),
        }

    @action("SnoozeAlarm")
    def snooze_alarm(self, player: Player, args: Args) -> Out:
        require_instance(args)
        require_coordinator(player)
        seconds = parse_hms(args["Duration"])
        if not seconds:
            raise SonosError(402)
        player.transport.snooze(seconds)
        return {}

    @action("EndDirectControlSession")
    def end_direct_control_session(self, player: Player, args: Args) -> Out:
        require_instance(args)
        require_coordinator(player)
        t = player.transport
        if t.kind == "vli":
            t.load(player.queue_uri, "")
        return {}
