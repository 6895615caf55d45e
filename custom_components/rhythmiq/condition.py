"""What automations can ask of rooms, besides states of entities."""

from typing import Final, Unpack, override

from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.condition import Condition, ConditionCheckParams, ConditionConfig
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .engine import MOODS
from .targets import async_loaded_households, async_targeted_rooms

CONF_MOOD: Final = "mood"

_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_TARGET): cv.TARGET_FIELDS,
        vol.Required(CONF_OPTIONS): {
            vol.Required(CONF_MOOD): vol.All(
                cv.ensure_list, vol.Length(min=1), [vol.In(sorted(MOODS))]
            )
        },
    }
)


class RoomIsInMood(Condition):
    """Whether any of the targeted rooms, or any at all, is in one of some moods."""

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        validated: ConfigType = _SCHEMA(config)
        return validated

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take the moods, and whose they should be."""
        super().__init__(hass, config)
        assert config.options is not None  # without, it is not valid
        self._moods = frozenset(config.options[CONF_MOOD])
        self._target = config.target

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        targeted = self._target and async_targeted_rooms(self._hass, self._target)
        return any(
            entry.runtime_data.adaptive.mood_of(room) in self._moods
            for entry in async_loaded_households(self._hass)
            for room in entry.runtime_data.recommender.rooms
            if targeted is None or room.id in targeted
        )


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions by name."""
    return {"room_is_in_mood": RoomIsInMood}
