"""What entities of a speaker have in common."""

from collections.abc import Callable, Iterable
from typing import override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .devices import core_device, own_device
from .models import RhythmiqConfigEntry
from .sonos.speaker import Speaker


class SpeakerEntity(Entity):
    """An entity that belongs to a speaker and changes when the speaker does.

    It sits on core's device while core has one, so that a speaker is one device.
    """

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, hass: HomeAssistant, speaker: Speaker) -> None:
        self.speaker = speaker
        self.device_entry = core_device(hass, speaker)
        if self.device_entry is None:
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
        self.async_write_ha_state()


@callback
def async_add_for_speakers(
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[Speaker], Iterable[Entity]],
) -> None:
    """Add a platform's entities for every speaker, now and when one is met or parted later.

    A speaker that becomes part of another one loses its entities, see ``devices``.
    """
    household = entry.runtime_data.household
    present: set[Speaker] = set()

    @callback
    def speakers_changed() -> None:
        players = [each for each in household.speakers.values() if not each.bonded]
        new = [each for each in players if each not in present]
        present.clear()
        present.update(players)
        async_add_entities(entity for speaker in new for entity in make(speaker))

    entry.async_on_unload(household.add_listener(speakers_changed))
    speakers_changed()
