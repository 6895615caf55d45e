"""What a loaded config entry holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntry

from .adaptive import Adaptive
from .recommender import Recommender
from .sonos.household import Household


@dataclass(frozen=True, slots=True)
class RhythmiqData:
    """The living parts of one household, and the settings they were made of."""

    household: Household
    recommender: Recommender
    adaptive: Adaptive
    settings: Mapping[str, Any]


type RhythmiqConfigEntry = ConfigEntry[RhythmiqData]
