"""Listeners as Home Assistant knows them: subentries that stand for persons."""

from collections.abc import Iterator
from dataclasses import dataclass

from homeassistant.auth.models import User
from homeassistant.components.person import ATTR_USER_ID
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import STATE_HOME
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

from .const import CONF_PERSON, SUBENTRY_LISTENER


@dataclass(frozen=True, slots=True)
class KnownListener:
    """A listener of a household; `id` is what the store calls them."""

    hass: HomeAssistant
    subentry: ConfigSubentry

    @property
    def id(self) -> str:
        """The subentry's id, which stays when the person is renamed."""
        return self.subentry.subentry_id

    @property
    def name(self) -> str:
        """The name the person had when they became a listener."""
        return self.subentry.title

    @property
    def entity_id(self) -> str:
        """The person's entity."""
        reference: str = self.subentry.data[CONF_PERSON]
        return er.async_resolve_entity_id(er.async_get(self.hass), reference) or reference

    @property
    def person(self) -> State | None:
        """The person's state, None while there is none."""
        return self.hass.states.get(self.entity_id)

    @property
    def at_home(self) -> bool:
        """Whether the person is at home."""
        return self.person is not None and self.person.state == STATE_HOME

    def is_user(self, user: User) -> bool:
        """Tell whether somebody who is logged in is this person."""
        return self.person is not None and self.person.attributes.get(ATTR_USER_ID) == user.id


def listeners_of(hass: HomeAssistant, entry: ConfigEntry) -> Iterator[KnownListener]:
    """Yield the listeners of a household."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_LISTENER):
        yield KnownListener(hass, subentry)
