"""Entities for what a speaker is found to have, where core has none for it."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import override

from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..entity import SpeakerEntity
from ..models import RhythmiqConfigEntry
from ..sonos.speaker import Speaker


class SettingEntity(SpeakerEntity):
    """A setting of a speaker that few people need, so disabled at first.

    Core has the same for its speakers: this one is away while core has the speaker.
    """

    _attr_entity_category = EntityCategory.CONFIG
    _attr_entity_registry_enabled_default = False

    def __init__(self, hass: HomeAssistant, speaker: Speaker, key: str) -> None:
        """Take the translation key, which tells the speaker's settings apart, too."""
        super().__init__(hass, speaker)
        self._attr_translation_key = key
        self._attr_unique_id = f"{speaker.uid}_{key}"

    @property
    @override
    def available(self) -> bool:
        return super().available and not core_has(self.speaker)


def core_has(speaker: Speaker) -> bool:
    """Return whether core has entities for the speaker."""
    return speaker.household.core.keeps(speaker.uid)


@callback
def async_add_when_told(
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[Speaker], Iterable[SettingEntity]],
) -> None:
    """Add the entities for what speakers are found to have, now and whenever that is more.

    ``make`` returns what a speaker has by now, in any order and as often as it is asked.
    """
    household = entry.runtime_data.household
    stops: dict[Speaker, Callable[[], None]] = {}
    seen: dict[Speaker, tuple[object, ...]] = {}
    added: dict[Speaker, set[str | None]] = {}

    @callback
    def look(speaker: Speaker) -> None:
        has = (core_has(speaker), speaker.channels, len(speaker.sound))
        if seen.get(speaker) == has:
            return
        seen[speaker] = has
        if core_has(speaker):
            return
        known = added.setdefault(speaker, set())
        new = [entity for entity in make(speaker) if entity.unique_id not in known]
        known.update(entity.unique_id for entity in new)
        async_add_entities(new)

    @callback
    def speakers_changed() -> None:
        players = {each for each in household.speakers.values() if not each.bonded}
        for gone in stops.keys() - players:
            stops.pop(gone)()
            seen.pop(gone, None)
            added.pop(gone, None)
        for new in players - stops.keys():
            stops[new] = new.add_listener(partial(look, new))
            look(new)

    @callback
    def stop() -> None:
        for each in stops.values():
            each()

    entry.async_on_unload(household.add_listener(speakers_changed))
    entry.async_on_unload(stop)
    speakers_changed()
