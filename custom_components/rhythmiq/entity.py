"""What entities of a speaker have in common."""

from typing import override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity

from .const import DOMAIN
from .sonos.speaker import Speaker


class SpeakerEntity(Entity):
    """An entity that belongs to a speaker and changes when the speaker does.

    It sits on core's device while core has one, so that a speaker is one device, and moves when
    core comes or goes.
    """

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, hass: HomeAssistant, speaker: Speaker) -> None:
        self.speaker = speaker
        self.device_entry = core_device(hass, speaker)
        self._with_core = self.device_entry is not None
        if not self._with_core:
            self._attr_device_info = own_device(speaker)

    @property
    @override
    def available(self) -> bool:
        return self.speaker.available

    @override
    async def async_added_to_hass(self) -> None:
        self.async_on_remove(self.speaker.add_listener(self._speaker_changed))

    @callback
    def _speaker_changed(self) -> None:
        self._choose_device()
        self.async_write_ha_state()

    @callback
    def _choose_device(self) -> None:
        core = core_device(self.hass, self.speaker)
        entry = self.registry_entry
        if entry is None or entry.config_entry_id is None or self._with_core == bool(core):
            return
        self._with_core = bool(core)
        devices, entities = dr.async_get(self.hass), er.async_get(self.hass)
        device = core or devices.async_get_or_create(
            config_entry_id=entry.config_entry_id, **own_device(self.speaker)
        )
        left = entry.device_id
        entities.async_update_entity(self.entity_id, device_id=device.id)
        if (
            core
            and left
            and not er.async_entries_for_device(entities, left, include_disabled_entities=True)
        ):
            devices.async_remove_device(left)


def own_device(speaker: Speaker) -> DeviceInfo:
    """Return the device of a speaker that core does not know."""
    return DeviceInfo(
        identifiers={(DOMAIN, speaker.uid)},
        configuration_url=f"http://{speaker.host}:1400/support/review",
        manufacturer="Sonos",
        model=speaker.model,
        name=speaker.name,
        suggested_area=speaker.name,
        sw_version=speaker.version,
    )


def core_device(hass: HomeAssistant, speaker: Speaker) -> dr.DeviceEntry | None:
    """Return the device core has for the speaker, while core runs."""
    if (entity_id := speaker.core_entity_id) is None:
        return None
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.device_id is None:
        return None
    device = dr.async_get(hass).async_get(entity.device_id)
    return device if isinstance(device, dr.DeviceEntry) else None
