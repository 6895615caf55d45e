"""What one switches: in rooms adaptive mode, at speakers alarms, sound, light and buttons."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entities.adaptive_switch import async_add_adaptive
from .entities.alarm_switch import async_add_alarms
from .entities.speaker_settings import SettingEntity, async_add_when_told
from .exceptions import translated_errors
from .models import RhythmiqConfigEntry
from .sonos.errors import SonosError
from .sonos.hardware import PARTS, Part, read_part, set_part
from .sonos.play_mode import set_crossfade
from .sonos.sound import SWITCHES, Setting, has_setting, set_sound, settings_of
from .sonos.speaker import Speaker

# Commands of several speakers may run side by side: each speaker keeps its own order
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches of rooms, those that every speaker has or is found to have, and alarms."""

    def switches(speaker: Speaker) -> Iterator[SettingSwitch]:
        yield CrossfadeSwitch(hass, speaker)
        yield from (PartSwitch(hass, speaker, part) for part in PARTS)
        yield from (SoundSwitch(hass, speaker, each) for each in settings_of(speaker, SWITCHES))

    async_add_when_told(entry, async_add_entities, switches)
    async_add_adaptive(entry, async_add_entities)
    await async_add_alarms(hass, entry, async_add_entities)


class SettingSwitch(SettingEntity, SwitchEntity):
    """A setting that is on or off."""

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        with translated_errors():
            await self._switch(on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        with translated_errors():
            await self._switch(on=False)

    @abstractmethod
    async def _switch(self, *, on: bool) -> None:
        """Change the setting; raises ``SonosError``."""


class CrossfadeSwitch(SettingSwitch):
    """Whether the tracks of the speaker's group overlap."""

    def __init__(self, hass: HomeAssistant, speaker: Speaker) -> None:
        """Belong to the speaker's device."""
        super().__init__(hass, speaker, "crossfade")

    @property
    @override
    def is_on(self) -> bool | None:
        return self.speaker.state.crossfade

    @override
    async def _switch(self, *, on: bool) -> None:
        await set_crossfade(self.speaker, crossfade=on)


class SoundSwitch(SettingSwitch):
    """Part of a speaker's sound."""

    def __init__(self, hass: HomeAssistant, speaker: Speaker, setting: Setting) -> None:
        """Take the setting this is about."""
        super().__init__(hass, speaker, setting.key)
        self._setting = setting

    @property
    @override
    def available(self) -> bool:
        return super().available and has_setting(self.speaker, self._setting)

    @property
    @override
    def is_on(self) -> bool | None:
        value = self.speaker.sound.get(self._setting.key)
        return None if value is None else value > 0

    @override
    async def _switch(self, *, on: bool) -> None:
        await set_sound(self.speaker, self._setting, int(on))


class PartSwitch(SettingSwitch):
    """The light or the buttons: asked when this is added and when somebody updates it."""

    def __init__(self, hass: HomeAssistant, speaker: Speaker, part: Part) -> None:
        """Take the part this is about."""
        super().__init__(hass, speaker, part.key)
        self._part = part

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        await self.async_update()

    async def async_update(self) -> None:
        """Ask the speaker: unknown where it does not tell."""
        try:
            self._attr_is_on = await read_part(self.speaker, self._part)
        except SonosError:
            self._attr_is_on = None

    @override
    async def _switch(self, *, on: bool) -> None:
        await set_part(self.speaker, self._part, on=on)
        self._attr_is_on = on
        self.async_write_ha_state()
