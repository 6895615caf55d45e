"""DeviceProperties, AudioIn and ConnectionManager: the hardware."""

# ruff: noqa: ARG002 (all actions of all services share one signature)

from simulator.sonos_sim.errors import SonosError
from simulator.sonos_sim.player import Player

from .base import Actions, Args, Out, action, boolean, integer


class DeviceActions(Actions):
    """Name, lights, buttons, stereo pairs."""

    service = "DeviceProperties"

    @action("GetHouseholdID")
    def get_household_id(self, player: Player, args: Args) -> Out:
        return {"CurrentHouseholdID": self.hh.household_id}

    @action("GetZoneAttributes")
    def get_zone_attributes(self, player: Player, args: Args) -> Out:
        return {
            "CurrentZoneName": player.name,
            "CurrentIcon": player.icon,
            "CurrentConfiguration": "1",
            "CurrentTargetRoomName": "",
        }

    @action("SetZoneAttributes")
    def set_zone_attributes(self, player: Player, args: Args) -> Out:
        if args["DesiredIcon"]:
            player.icon = args["DesiredIcon"]
        self.hh.grouping.rename(player, args["DesiredZoneName"] or player.name)
        return {}

    @action("GetZoneInfo")
    def get_zone_info(self, player: Player, args: Args) -> Out:
        return {
            "SerialNumber": player.serial,
            "SoftwareVersion": player.model.firmware.version,
            "DisplaySoftwareVersion": player.model.firmware.display_version,
            "HardwareVersion": player.model.hardware,
            "IPAddress": player.ip,
            "MACAddress": player.mac,
            "CopyrightInfo": "© 2003-2026, Sonos, Inc. All rights reserved.",
            "ExtraInfo": "OTP: ",
            "HTAudioIn": 21 if player.model.soundbar else 0,
            "Flags": 0,
        }

    @action("GetLEDState")
    def get_led_state(self, player: Player, args: Args) -> Out:
        return {"CurrentLEDState": player.led}

    @action("SetLEDState")
    def set_led_state(self, player: Player, args: Args) -> Out:
        if args["DesiredLEDState"] not in ("On", "Off"):
            raise SonosError(402)
        player.led = args["DesiredLEDState"]
        return {}

    @action("GetButtonLockState")
    def get_button_lock_state(self, player: Player, args: Args) -> Out:
        return {"CurrentButtonLockState": player.button_lock}

    @action("SetButtonLockState")
    def set_button_lock_state(self, player: Player, args: Args) -> Out:
        if args["DesiredButtonLockState"] not in ("On", "Off"):
            raise SonosError(402)
        player.button_lock = args["DesiredButtonLockState"]
        return {}

    @action("GetButtonState")
    def get_button_state(self, player: Player, args: Args) -> Out:
        return {"State": ""}

    @action("AddBondedZones", "CreateStereoPair")
    def add_bonded_zones(self, player: Player, args: Args) -> Out:
        self.hh.grouping.bond_map(args["ChannelMapSet"])
        return {}

    @action("RemoveBondedZones", "SeparateStereoPair")
    def remove_bonded_zones(self, player: Player, args: Args) -> Out:
        self.hh.grouping.unbond(player)
        return {}

    @action("AddHTSatellite")
    def add_ht_satellite(self, player: Player, args: Args) -> Out:
        self.hh.grouping.bond_map(args["HTSatChanMapSet"])
        return {}

    @action("RemoveHTSatellite")
    def remove_ht_satellite(self, player: Player, args: Args) -> Out:
        satellite = self.hh.by_uid(args["SatRoomUUID"])
        if satellite is None or not satellite.is_satellite:
            raise SonosError(800)
        self.hh.grouping.unbond(satellite)
        return {}

    @action("GetAutoplayRoomUUID")
    def get_autoplay_room_uuid(self, player: Player, args: Args) -> Out:
        return {"RoomUUID": player.autoplay["RoomUUID"]}

    @action("SetAutoplayRoomUUID")
    def set_autoplay_room_uuid(self, player: Player, args: Args) -> Out:
        player.autoplay["RoomUUID"] = args["RoomUUID"]
        return {}

    @action("GetAutoplayLinkedZones")
    def get_autoplay_linked_zones(self, player: Player, args: Args) -> Out:
        return {"IncludeLinkedZones": player.autoplay["IncludeLinkedZones"]}

    @action("SetAutoplayLinkedZones")
    def set_autoplay_linked_zones(self, player: Player, args: Args) -> Out:
        player.autoplay["IncludeLinkedZones"] = int(boolean(args["IncludeLinkedZones"]))
        return {}

    @action("GetAutoplayVolume")
    def get_autoplay_volume(self, player: Player, args: Args) -> Out:
        return {"CurrentVolume": player.autoplay["Volume"]}

    @action("SetAutoplayVolume")
    def set_autoplay_volume(self, player: Player, args: Args) -> Out:
        player.autoplay["Volume"] = integer(args["Volume"], 0, 100)
        return {}

    @action("GetUseAutoplayVolume")
    def get_use_autoplay_volume(self, player: Player, args: Args) -> Out:
        return {"UseVolume": player.autoplay["UseVolume"]}

    @action("SetUseAutoplayVolume")
    def set_use_autoplay_volume(self, player: Player, args: Args) -> Out:
        player.autoplay["UseVolume"] = int(boolean(args["UseVolume"]))
        return {}


class AudioInActions(Actions):
    """The line-in, where there is one."""

    service = "AudioIn"

    @action("GetAudioInputAttributes")
    def get_audio_input_attributes(self, player: Player, args: Args) -> Out:
        return {"CurrentName": player.line_in_name, "CurrentIcon": "AudioComponent"}

    @action("SetAudioInputAttributes")
    def set_audio_input_attributes(self, player: Player, args: Args) -> Out:
        player.line_in_name = args["DesiredName"]
        return {}

    @action("GetLineInLevel")
    def get_line_in_level(self, player: Player, args: Args) -> Out:
        return {"CurrentLeftLineInLevel": 1, "CurrentRightLineInLevel": 1}

    @action("SetLineInLevel")
    def set_line_in_level(self, player: Player, args: Args) -> Out:
        return {}


class ConnectionActions(Actions):
    """What a player can take."""

    service = "ConnectionManager"

    @action("GetProtocolInfo")
    def get_protocol_info(self, player: Player, args: Args) -> Out:
        return {"Source": "", "Sink": "http-get:*:audio/mpeg:*,http-get:*:audio/flac:*"}

    @action("GetCurrentConnectionIDs")
    def get_current_connection_ids(self, player: Player, args: Args) -> Out:
        return {"ConnectionIDs": ""}
