"""What entities of the home as a whole have in common: the device of the entry itself."""

from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity

from ..const import DOMAIN
from ..models import RhythmiqConfigEntry


class HomeEntity(Entity):
    """An entity of no room and of nobody in particular."""

    _attr_has_entity_name = True

    def __init__(self, entry: RhythmiqConfigEntry, key: str) -> None:
        """Go by a key: it is the translation's, and unique within the entry."""
        self._attr_translation_key = key
        self._attr_unique_id = f"{entry.unique_id}_{key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, entry.entry_id)},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer="RhythmIQ",
            model="Home",
            name="RhythmIQ",
        )
