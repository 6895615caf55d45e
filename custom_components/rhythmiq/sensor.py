"""Sensors of rooms and listeners, and of the home: what is known, and since when."""

from abc import abstractmethod
from datetime import datetime, timedelta
from typing import Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorStateClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .entities.home_entity import HomeEntity
from .entities.listener_entity import async_add_for_listeners
from .entities.listener_sensor import listener_sensors
from .entities.room_entity import async_add_for_rooms
from .entities.room_sensor import room_sensors
from .library import LIBRARY, Library
from .models import RhythmiqConfigEntry
from .store import StoreError

PARALLEL_UPDATES = 1
SCAN_INTERVAL: Final = timedelta(minutes=5)
"""What the home has and knows changes with imports, and slowly."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the home, and of each room and listener."""
    async_add_entities(
        [
            CatalogSensor(entry, "catalog_size"),
            OutcomesSensor(entry, "model_outcomes"),
            ModelSensor(entry, "model_made"),
        ]
    )
    async_add_for_rooms(entry, async_add_entities, room_sensors)
    async_add_for_listeners(entry, async_add_entities, listener_sensors)


class _LibrarySensor(HomeEntity, SensorEntity):
    """Asks the library now and then; unavailable while that cannot be read."""

    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_entity_registry_enabled_default = False

    @override
    async def async_added_to_hass(self) -> None:
        self.async_schedule_update_ha_state(force_refresh=True)  # the start waits for nothing

    async def async_update(self) -> None:
        """Read the value."""
        library = self.hass.data[LIBRARY]
        try:
            self._attr_native_value = await self.hass.async_add_executor_job(self._read, library)
        except StoreError:
            self._attr_available = False
        else:
            self._attr_available = True

    @abstractmethod
    def _read(self, library: Library) -> int | datetime:
        """Return the value; blocking. Raises ``StoreError``."""


class CatalogSensor(_LibrarySensor):
    """How many tracks there are."""

    _attr_state_class = SensorStateClass.MEASUREMENT

    @override
    def _read(self, library: Library) -> int:
        return library.tracks.count()


class OutcomesSensor(_LibrarySensor):
    """Of how many outcomes the model knows."""

    _attr_state_class = SensorStateClass.MEASUREMENT

    @override
    def _read(self, library: Library) -> int:
        return library.learning.learn().outcomes


class ModelSensor(_LibrarySensor):
    """Since when the model learns, without having been made anew."""

    _attr_device_class = SensorDeviceClass.TIMESTAMP

    @override
    def _read(self, library: Library) -> datetime:
        return dt_util.utc_from_timestamp(library.learning.learn().created)
