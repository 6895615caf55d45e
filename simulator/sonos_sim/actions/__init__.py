"""The SOAP actions, service by service."""

from typing import TYPE_CHECKING, Final

from .alarms import AlarmActions
from .base import Args, Handler, Out
from .content import ContentActions
from .device import AudioInActions, ConnectionActions, DeviceActions
from .household import MusicServiceActions, SystemActions, TopologyActions
from .queue import QueueService
from .rendering import GroupRenderingActions, RenderingActions
from .transport import TransportActions

if TYPE_CHECKING:
    from simulator.sonos_sim.household import Household

__all__ = ["SERIAL_ACTIONS", "Args", "Handler", "Out", "Soap"]

# Actions a player works through one after the other, and that cost service lookups
SERIAL_ACTIONS: Final = frozenset(
    {
        "AddURIToQueue",
        "AddMultipleURIsToQueue",
        "RemoveTrackFromQueue",
        "RemoveTrackRangeFromQueue",
        "RemoveAllTracksFromQueue",
        "ReorderTracksInQueue",
        "SetAVTransportURI",
        "SaveQueue",
        "CreateSavedQueue",
        "AddURIToSavedQueue",
        "ReorderTracksInSavedQueue",
    }
)
_SERVICES: Final = (
    AlarmActions,
    AudioInActions,
    ConnectionActions,
    ContentActions,
    DeviceActions,
    GroupRenderingActions,
    MusicServiceActions,
    QueueService,
    RenderingActions,
    SystemActions,
    TopologyActions,
    TransportActions,
)


class Soap:
    """All actions of all services."""

    def __init__(self, household: Household) -> None:
        self._services = {kind.service: kind(household) for kind in _SERVICES}

    def handler(self, service: str, action: str) -> Handler | None:
        """What answers an action, if it is modelled."""
        actions = self._services.get(service)
        return None if actions is None else actions.handler(action)
