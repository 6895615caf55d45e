"""What was learned of a listener, as sensors; what they like is theirs, so it is off at first."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, override

from homeassistant.components.sensor import SensorEntity, SensorStateClass
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory

from ..tastes import Tastes
from ..wording import async_words
from .listener_entity import ListenerEntity

_NAMED: Final = 3  # likings that a taste is summed up by
_LONGEST: Final = 255  # characters of a state


def listener_sensors(tastes: Tastes, listener: ConfigSubentry) -> Iterator[ListenerEntity]:
    """Yield the sensors of a listener."""
    yield LearnedSensor(tastes, listener, "learned_outcomes")
    yield TasteSensor(tastes, listener, "taste")
    yield ChangedSensor(tastes, listener, "changed_last_week")


class LearnedSensor(ListenerEntity, SensorEntity):
    """Of how many outcomes the listener's taste is known; forgotten and expired ones are gone."""

    _attr_state_class = SensorStateClass.MEASUREMENT

    @property
    @override
    def native_value(self) -> int | None:
        return None if self.taste is None else self.taste.outcomes


class TasteSensor(ListenerEntity, SensorEntity):
    """What the listener surely likes, and why one thinks so."""

    _attr_entity_registry_enabled_default = False
    _unrecorded_attributes = frozenset({"likings", "dislikings"})

    @override
    async def async_added_to_hass(self) -> None:
        words = await async_words(self.hass, "common")
        self._why = words["liking_finished"]
        await super().async_added_to_hass()

    @property
    @override
    def native_value(self) -> str | None:
        if self.taste is None:
            return None
        liked = [liking.value for liking in self.taste.likings if liking.weight > 0]
        return ", ".join(liked[:_NAMED])[:_LONGEST] or None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        likings = () if self.taste is None else self.taste.likings
        said = [
            (
                liking.weight > 0,
                self._why.format(name=liking.value, finished=liking.finished, heard=liking.heard),
            )
            for liking in likings
        ]
        return {
            "likings": [text for liked, text in said if liked],
            "dislikings": [text for liked, text in said if not liked],
        }


class ChangedSensor(ListenerEntity, SensorEntity):
    """How many likings came or went within the last week, and which."""

    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_entity_registry_enabled_default = False
    _attr_state_class = SensorStateClass.MEASUREMENT
    _unrecorded_attributes = frozenset({"came", "went"})

    @property
    @override
    def native_value(self) -> int | None:
        return None if self.taste is None else len(self.taste.came) + len(self.taste.went)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        taste = self.taste
        return {"came": list(taste.came), "went": list(taste.went)} if taste else {}
