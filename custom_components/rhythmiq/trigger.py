"""What automations can be triggered by, besides entities: what happens in rooms."""

from typing import Any, ClassVar, Final, override

from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .const import EVENT_MOMENT_CHANGED, EVENT_REAIMED, EVENT_RECOMMENDED, EVENT_SKIPPED_TWICE
from .targets import async_targeted_rooms

_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_TARGET): cv.TARGET_FIELDS,
        vol.Optional(CONF_OPTIONS, default=dict): {},
    }
)


class RoomTrigger(Trigger):
    """Something that the bus is told of a room: any, or one of those that are targeted."""

    event: ClassVar[str]
    description: ClassVar[str]

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        validated: ConfigType = _SCHEMA(config)
        return validated

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the target."""
        super().__init__(hass, config)
        self._target = config.target

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        @callback
        def happened(event: Event[dict[str, Any]]) -> None:
            rooms = {*event.data.get("rooms", ()), event.data.get("room")}
            if self._target is None or rooms & async_targeted_rooms(self._hass, self._target):
                run_action({"event": event}, self.description, event.context)

        return self._hass.bus.async_listen(self.event, happened)


class MomentChanged(RoomTrigger):
    """A room's moment has really changed."""

    event = EVENT_MOMENT_CHANGED
    description = "moment changed"


class RecommendationStarted(RoomTrigger):
    """A recommendation began to play in a room."""

    event = EVENT_RECOMMENDED
    description = "recommendation started"


class Reaimed(RoomTrigger):
    """Adaptive mode exchanged what a room had not heard yet."""

    event = EVENT_REAIMED
    description = "music re-aimed"


class SkippedTwice(RoomTrigger):
    """Two of the last four tracks were skipped in a room."""

    event = EVENT_SKIPPED_TWICE
    description = "listener skipped twice"


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers by name."""
    return {
        "moment_changed": MomentChanged,
        "reaimed": Reaimed,
        "recommendation_started": RecommendationStarted,
        "skipped_twice": SkippedTwice,
    }
