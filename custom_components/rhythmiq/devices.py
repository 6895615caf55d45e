"""The devices of speakers that core does not know: named like their rooms, gone when they go."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo

from .const import DOMAIN
from .models import RhythmiqConfigEntry
from .sonos.speaker import Speaker

_PORT: Final = 1400


def own_device(speaker: Speaker) -> DeviceInfo:
    """Return the device of a speaker that core does not know."""
    return DeviceInfo(
        identifiers={(DOMAIN, speaker.uid)},
        configuration_url=_url(speaker),
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


@callback
def async_keep_devices(hass: HomeAssistant, entry: RhythmiqConfigEntry) -> None:
    """Keep the devices true to their speakers for as long as the entry is loaded."""
    household = entry.runtime_data.household
    known: dict[Speaker, tuple[str | None, ...]] = {}
    places: dict[Speaker, str | None] = {}

    @callback
    def speakers_changed() -> None:
        for speaker in household.speakers.values():
            if speaker.bonded:
                _retire(hass, entry, speaker)
            if speaker not in known:
                known[speaker] = ()
                entry.async_on_unload(
                    speaker.add_listener(lambda speaker=speaker: speaker_changed(speaker))  # type: ignore[misc]
                )
                speaker_changed(speaker)

    @callback
    def speaker_changed(speaker: Speaker) -> None:
        facts = (speaker.name, speaker.model, speaker.version, speaker.host)
        if facts != known[speaker]:
            known[speaker] = facts
            _refresh(hass, entry, speaker)
        core = core_device(hass, speaker)
        place = core.id if core else None
        if speaker not in places or place != places[speaker]:
            places[speaker] = place
            _move(hass, entry, speaker, core)

    entry.async_on_unload(household.add_listener(speakers_changed))
    speakers_changed()


def _entities(
    hass: HomeAssistant, entry: RhythmiqConfigEntry, speaker: Speaker
) -> list[er.RegistryEntry]:
    """Return what stands for a speaker; its room's entities have a subentry and a device."""
    return [
        entity
        for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        if entity.config_subentry_id is None and entity.unique_id.startswith(speaker.uid)
    ]


def _move(
    hass: HomeAssistant, entry: RhythmiqConfigEntry, speaker: Speaker, core: dr.DeviceEntry | None
) -> None:
    """Let a speaker be one device: core's while core has one."""
    devices = dr.async_get(hass)
    if not (entities := _entities(hass, entry, speaker)):
        return
    device = core or devices.async_get_or_create(
        config_entry_id=entry.entry_id, **own_device(speaker)
    )
    for entity in entities:
        if entity.device_id != device.id:
            er.async_get(hass).async_update_entity(entity.entity_id, device_id=device.id)
    own = devices.async_get_device_by_identifier((DOMAIN, speaker.uid), entry.entry_id)
    if core and own:
        devices.async_remove_device(own.id)


def _refresh(hass: HomeAssistant, entry: RhythmiqConfigEntry, speaker: Speaker) -> None:
    """Take over a new name, address or software; the name a person gave goes before ours."""
    devices = dr.async_get(hass)
    device = devices.async_get_device_by_identifier((DOMAIN, speaker.uid), entry.entry_id)
    if device is not None:
        devices.async_update_device(
            device.id,
            configuration_url=_url(speaker),
            model=speaker.model or device.model,
            name=speaker.name,
            sw_version=speaker.version or device.sw_version,
        )


def _retire(hass: HomeAssistant, entry: RhythmiqConfigEntry, speaker: Speaker) -> None:
    """Remove what stood for a speaker that is part of another one now.

    The registries remember what a person changed, should the two be parted again.
    """
    for entity in _entities(hass, entry, speaker):
        er.async_get(hass).async_remove(entity.entity_id)
    devices = dr.async_get(hass)
    if device := devices.async_get_device_by_identifier((DOMAIN, speaker.uid), entry.entry_id):
        devices.async_remove_device(device.id)


def _url(speaker: Speaker) -> str:
    return f"http://{speaker.host}:{_PORT}/support/review"
