"""What a loaded config entry holds."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .recommender import Recommender
from .sonos.household import Household


@dataclass(frozen=True, slots=True)
class RhythmiqData:
    """The living parts of one household."""

    household: Household
    recommender: Recommender


type RhythmiqConfigEntry = ConfigEntry[RhythmiqData]
