"""What entities of rooms and of listeners have in common: each subentry is a device of its own."""

from collections.abc import Callable, Iterable
from typing import Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import DOMAIN, SUBENTRY_LISTENER, SUBENTRY_ROOM
from ..models import RhythmiqConfigEntry

_MODELS: Final = {SUBENTRY_LISTENER: "Listener", SUBENTRY_ROOM: "Room"}


class SubentryEntity(Entity):
    """An entity on the device of a room or of a listener, told when something changes."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, subentry: ConfigSubentry, key: str) -> None:
        """Go by a key: it is the translation's, and makes the id unique together with whose it is.

        Rooms are known by their speaker, so that one set up again finds its entities.
        """
        known_by = (
            subentry.unique_id if subentry.subentry_type == SUBENTRY_ROOM else subentry.subentry_id
        )
        self._attr_translation_key = key
        self._attr_unique_id = f"{known_by}_{key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, subentry.subentry_id)},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer="RhythmIQ",
            model=_MODELS[subentry.subentry_type],
            name=subentry.title,
        )


@callback
def async_add_for_subentries(
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    kind: str,
    make: Callable[[ConfigSubentry], Iterable[SubentryEntity]],
) -> None:
    """Add a platform's entities for every subentry of a kind, now and when settings change.

    ``make`` is asked again then: what it no longer returns leaves Home Assistant, what it returned
    before stays as it is. With a subentry its entities go by themselves.
    """
    rooms = entry.runtime_data.recommender.rooms
    present: dict[str, set[str | None]] = {}  # unique ids by subentry

    @callback
    def changed() -> None:
        subentries = list(entry.get_subentries_of_type(kind))
        for gone in present.keys() - {subentry.subentry_id for subentry in subentries}:
            del present[gone]
        for subentry in subentries:
            entities = list(make(subentry))
            before = present.get(subentry.subentry_id, set())
            now = present[subentry.subentry_id] = {entity.unique_id for entity in entities}
            _remove(rooms.hass, entry, subentry, before - now)
            if new := [entity for entity in entities if entity.unique_id not in before]:
                async_add_entities(new, config_subentry_id=subentry.subentry_id)

    entry.async_on_unload(rooms.add_listener(changed))
    changed()


def _remove(
    hass: HomeAssistant,
    entry: RhythmiqConfigEntry,
    subentry: ConfigSubentry,
    unique_ids: set[str | None],
) -> None:
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        if entity.config_subentry_id == subentry.subentry_id and entity.unique_id in unique_ids:
            registry.async_remove(entity.entity_id)


@callback
def async_name_devices(hass: HomeAssistant, entry: RhythmiqConfigEntry) -> None:
    """Let devices follow the names of their subentries; one a person gave goes before ours."""
    devices = dr.async_get(hass)
    for subentry in entry.subentries.values():
        device = devices.async_get_device_by_identifier(
            (DOMAIN, subentry.subentry_id), entry.entry_id
        )
        if device is not None:
            devices.async_update_device(device.id, name=subentry.title)
