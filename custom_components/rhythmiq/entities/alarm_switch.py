"""A switch for each alarm: they appear and go as people make and delete them."""

from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import Any, Final, override

from homeassistant.components.switch import DOMAIN as SWITCH_DOMAIN, SwitchEntity
from homeassistant.const import WEEKDAYS, EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..entity import SpeakerEntity
from ..exceptions import translated_errors
from ..models import RhythmiqConfigEntry
from ..sonos.alarms import CHIME, Alarm
from ..sonos.errors import SonosError
from ..sonos.speaker import Speaker
from .speaker_settings import core_has

_ALARM: Final = "_alarm_"


async def async_add_alarms(
    hass: HomeAssistant,
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a switch for every alarm, now and when one is made, and take away those of deleted ones.

    Core has its own for the rooms of its speakers.
    """
    household = entry.runtime_data.household
    clock = household.alarms
    shown: dict[str, AlarmSwitch] = {}

    async def rename(old: AlarmSwitch, new: AlarmSwitch) -> None:
        await old.async_remove()
        async_add_entities([new])

    @callback
    def alarms_changed() -> None:
        if clock.alarms is None:
            return
        there = {_unique_id(alarm): alarm for alarm in clock.alarms.values()}
        _forget_deleted(hass, entry, there.keys())
        for deleted in shown.keys() - there.keys():
            del shown[deleted]
        for unique_id, alarm in there.items():
            speaker = household.speakers.get(alarm.room)
            if speaker is None or core_has(speaker):
                continue
            new, old = AlarmSwitch(hass, speaker, alarm), shown.get(unique_id)
            if old is None:
                async_add_entities([new])
            elif old.start != new.start:
                entry.async_create_task(hass, rename(old, new))
            else:
                continue
            shown[unique_id] = new

    entry.async_on_unload(clock.add_listener(alarms_changed))
    entry.async_on_unload(household.add_listener(alarms_changed))
    entry.async_on_unload(household.core.watch(alarms_changed))
    if not household.core.running:
        with suppress(SonosError):
            await clock.read()
    alarms_changed()
    clock.start()
    entry.async_on_unload(clock.stop)


@callback
def _forget_deleted(
    hass: HomeAssistant, entry: RhythmiqConfigEntry, there: AbstractSet[str]
) -> None:
    """Remove the switches of alarms that are no more, also of those deleted while nobody looked."""
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        about_alarm = entity.domain == SWITCH_DOMAIN and _ALARM in entity.unique_id
        if about_alarm and entity.unique_id not in there:
            registry.async_remove(entity.entity_id)


def _unique_id(alarm: Alarm) -> str:
    """Return what begins with the speaker's uid, as all that stands for it: see ``devices``."""
    return f"{alarm.room}{_ALARM}{alarm.id}"


class AlarmSwitch(SpeakerEntity, SwitchEntity):
    """Whether an alarm rings; it belongs to the speaker in its room."""

    _attr_entity_category = EntityCategory.CONFIG
    _attr_translation_key = "alarm"

    def __init__(self, hass: HomeAssistant, speaker: Speaker, alarm: Alarm) -> None:
        """Be named after the time it rings at."""
        super().__init__(hass, speaker)
        self._id = alarm.id
        self._attr_unique_id = _unique_id(alarm)
        self._attr_translation_placeholders = {"time": alarm.start.isoformat("minutes")}
        self.start = alarm.start

    @property
    def _alarm(self) -> Alarm | None:
        return (self.speaker.household.alarms.alarms or {}).get(self._id)

    @property
    @override
    def available(self) -> bool:
        return super().available and self._alarm is not None and not core_has(self.speaker)

    @property
    @override
    def is_on(self) -> bool | None:
        return self._alarm.enabled if self._alarm else None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        if (alarm := self._alarm) is None:
            return None
        return {
            "alarm_id": alarm.id,
            "time": alarm.start.isoformat(),
            "days": [WEEKDAYS[day] for day in sorted(alarm.days)],
            "recurrence": alarm.recurrence.lower(),
            "room": self.speaker.name,
            "volume": alarm.volume,
            "duration": alarm.duration,
            "include_group": alarm.include_group,
            "program": "chime" if alarm.program_uri == CHIME else alarm.program,
        }

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        alarms = self.speaker.household.alarms
        self.async_on_remove(alarms.add_listener(self.async_write_ha_state))

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        with translated_errors():
            await self.speaker.household.alarms.switch(self._id, on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        with translated_errors():
            await self.speaker.household.alarms.switch(self._id, on=False)
