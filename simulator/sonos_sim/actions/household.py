"""ZoneGroupTopology, SystemProperties and MusicServices: what all players share."""

# ruff: noqa: ARG002 (all actions of all services share one signature)

from simulator.sonos_sim.errors import SonosError
from simulator.sonos_sim.player import Player
from simulator.sonos_sim.streaming import service_descriptors

from .base import Actions, Args, Out, action


class TopologyActions(Actions):
    """Who plays with whom."""

    service = "ZoneGroupTopology"

    @action("GetZoneGroupState")
    def get_zone_group_state(self, player: Player, args: Args) -> Out:
        return {"ZoneGroupState": self.hh.grouping.published}

    @action("GetZoneGroupAttributes")
    def get_zone_group_attributes(self, player: Player, args: Args) -> Out:
        name, group_id, uids = player.group_attributes()
        return {
            "CurrentZoneGroupName": name,
            "CurrentZoneGroupID": group_id,
            "CurrentZonePlayerUUIDsInGroup": uids,
            "CurrentMuseHouseholdId": self.hh.muse_id,
        }

    @action("CheckForUpdate")
    def check_for_update(self, player: Player, args: Args) -> Out:
        return {"UpdateItem": player.model.firmware.update_item}

    @action("ReportUnresponsiveDevice")
    def report_unresponsive_device(self, player: Player, args: Args) -> Out:
        return {}

    @action("RegisterMobileDevice")
    def register_mobile_device(self, player: Player, args: Args) -> Out:
        return {}


class SystemActions(Actions):
    """Strings kept for controllers."""

    service = "SystemProperties"

    @action("GetString")
    def get_string(self, player: Player, args: Args) -> Out:
        strings = self.hh.players[0].strings
        if args["VariableName"] not in strings:
            raise SonosError(800)
        return {"StringValue": strings[args["VariableName"]]}

    @action("SetString")
    def set_string(self, player: Player, args: Args) -> Out:
        self.hh.players[0].strings[args["VariableName"]] = args["StringValue"]
        return {}

    @action("Remove")
    def remove(self, player: Player, args: Args) -> Out:
        self.hh.players[0].strings.pop(args["VariableName"], None)
        return {}

    @action("GetRDM")
    def get_rdm(self, player: Player, args: Args) -> Out:
        return {"RDMValue": 0}

    @action("EnableRDM")
    def enable_rdm(self, player: Player, args: Args) -> Out:
        return {}


class MusicServiceActions(Actions):
    """The streaming services there are."""

    service = "MusicServices"

    @action("ListAvailableServices")
    def list_available_services(self, player: Player, args: Args) -> Out:
        services, types = service_descriptors(self.hh.spotify_sid)
        return {
            "AvailableServiceDescriptorList": services,
            "AvailableServiceTypeList": types,
            "AvailableServiceListVersion": f"{self.hh.players[0].uid}:42",
        }

    @action("UpdateAvailableServices")
    def update_available_services(self, player: Player, args: Args) -> Out:
        return {}

    @action("GetSessionId")
    def get_session_id(self, player: Player, args: Args) -> Out:
        raise SonosError(806)
