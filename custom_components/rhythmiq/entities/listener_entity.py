"""What entities of a listener have in common."""

from collections.abc import Callable, Iterable
from typing import override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import SUBENTRY_LISTENER
from ..models import RhythmiqConfigEntry
from ..tastes import Taste, Tastes
from .subentry_entity import SubentryEntity, async_add_for_subentries


class ListenerEntity(SubentryEntity):
    """An entity of a listener: written when something is known anew of tastes."""

    def __init__(self, tastes: Tastes, listener: ConfigSubentry, key: str) -> None:
        """Belong to the listener's own device."""
        super().__init__(listener, key)
        self._tastes = tastes
        self._listener = listener.subentry_id

    @property
    def taste(self) -> Taste | None:
        """What is known of the listener, None before somebody looked."""
        return self._tastes.of(self._listener)

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self._tastes.add_listener(self.async_write_ha_state))


@callback
def async_add_for_listeners(
    entry: RhythmiqConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[Tastes, ConfigSubentry], Iterable[ListenerEntity]],
) -> None:
    """Add a platform's entities for every listener, now and when one comes later."""
    tastes = entry.runtime_data.recommender.tastes
    async_add_for_subentries(
        entry, async_add_entities, SUBENTRY_LISTENER, lambda listener: make(tastes, listener)
    )
