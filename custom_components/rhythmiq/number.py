"""How adventurous a room is, the volume of a group, and how a speaker sounds, as numbers."""

from collections.abc import Iterator
from typing import override

from homeassistant.components.number import NumberEntity, NumberMode, RestoreNumber
from homeassistant.const import PERCENTAGE, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entities.room_entity import RoomEntity, async_add_for_rooms
from .entities.speaker_settings import SettingEntity, async_add_when_told
from .entity import SpeakerEntity, async_add_for_speakers
from .exceptions import translated_errors
from .models import RhythmiqConfigEntry
from .recommender import Recommender
from .rooms import Room
from .sonos.grouping import group_volume, set_group_volume
from .sonos.sound import LEVELS, Setting, has_setting, set_sound, settings_of
from .sonos.speaker import Speaker

# Commands of several speakers may run side by side: each speaker keeps its own order
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the numbers of every room, and of every speaker with the levels it is found to have."""

    def levels(speaker: Speaker) -> Iterator[SoundLevel]:
        return (SoundLevel(hass, speaker, each) for each in settings_of(speaker, LEVELS))

    async_add_for_rooms(
        entry, async_add_entities, lambda recommender, room: [Adventurousness(recommender, room)]
    )
    async_add_for_speakers(entry, async_add_entities, lambda speaker: [GroupVolume(hass, speaker)])
    async_add_when_told(entry, async_add_entities, levels)


class Adventurousness(RoomEntity, RestoreNumber):
    """How much of their adventurousness listeners may live out in a room."""

    _attr_entity_category = EntityCategory.CONFIG
    _attr_native_min_value = 0
    _attr_native_max_value = 100
    _attr_native_step = 5
    _attr_native_unit_of_measurement = PERCENTAGE
    _attr_mode = NumberMode.SLIDER

    def __init__(self, recommender: Recommender, room: Room) -> None:
        """Belong to the room's own device."""
        super().__init__(recommender, room, "adventurousness")

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        last = await self.async_get_last_number_data()
        if last is not None and last.native_value is not None:
            await self.async_set_native_value(last.native_value)

    @property
    @override
    def native_value(self) -> float:
        return round(100 * self.room.adventurousness)

    @override
    async def async_set_native_value(self, value: float) -> None:
        self.room.adventurousness = value / 100
        self.room.changed()


class GroupVolume(SpeakerEntity, NumberEntity):
    """The volume of the group a speaker is in: changing it keeps the members' proportions."""

    _attr_translation_key = "group_volume"
    _attr_native_min_value = 0
    _attr_native_max_value = 100
    _attr_native_step = 1
    _attr_native_unit_of_measurement = PERCENTAGE
    _attr_mode = NumberMode.SLIDER

    def __init__(self, hass: HomeAssistant, speaker: Speaker) -> None:
        """Belong to the speaker's device."""
        super().__init__(hass, speaker)
        self._attr_unique_id = f"{speaker.uid}_group_volume"

    @property
    @override
    def native_value(self) -> float | None:
        volume = group_volume(self.speaker)
        return None if volume is None else round(volume * 100)

    @override
    async def async_set_native_value(self, value: float) -> None:
        with translated_errors():
            await set_group_volume(self.speaker, value / 100)


class SoundLevel(SettingEntity, NumberEntity):
    """One level of a speaker's sound."""

    _attr_native_step = 1
    _attr_mode = NumberMode.SLIDER

    def __init__(self, hass: HomeAssistant, speaker: Speaker, setting: Setting) -> None:
        """Take the setting this is about."""
        super().__init__(hass, speaker, setting.key)
        self._setting = setting
        self._attr_native_min_value = setting.minimum
        self._attr_native_max_value = setting.maximum

    @property
    @override
    def available(self) -> bool:
        return super().available and has_setting(self.speaker, self._setting)

    @property
    @override
    def native_value(self) -> float | None:
        return self.speaker.sound.get(self._setting.key)

    @override
    async def async_set_native_value(self, value: float) -> None:
        with translated_errors():
            await set_sound(self.speaker, self._setting, round(value))
