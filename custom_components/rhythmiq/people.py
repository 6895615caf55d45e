"""Listeners as Home Assistant knows them: as subentries, as persons, as users with rights."""

from collections.abc import Iterator
from dataclasses import dataclass
import difflib

from homeassistant.auth.models import User
from homeassistant.components.person import ATTR_USER_ID
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import STATE_HOME
from homeassistant.core import Context, HomeAssistant, State
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er

from .const import CONF_PERSON, DOMAIN, SUBENTRY_LISTENER
from .models import RhythmiqConfigEntry
from .targets import loaded_entries


@dataclass(frozen=True, slots=True)
class KnownListener:
    """A listener of a household; `id` is what the store calls them."""

    hass: HomeAssistant
    entry: RhythmiqConfigEntry
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


def listeners_of(hass: HomeAssistant, entry: RhythmiqConfigEntry) -> Iterator[KnownListener]:
    """Yield the listeners of a household."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_LISTENER):
        yield KnownListener(hass, entry, subentry)


def all_listeners(hass: HomeAssistant) -> Iterator[KnownListener]:
    """Yield the listeners of every loaded household, of which there is one at least.

    Raises ``ServiceValidationError`` when none is loaded.
    """
    for entry in loaded_entries(hass):
        yield from listeners_of(hass, entry)


def find_listener(hass: HomeAssistant, reference: str) -> KnownListener:
    """Return the listener that a person's entity id, a name or an id means.

    Raises ``ServiceValidationError``, with the closest names.
    """
    wanted = reference.strip().casefold()
    names: list[str] = []
    for listener in all_listeners(hass):
        if wanted in (listener.entity_id, listener.name.casefold(), listener.id.casefold()):
            return listener
        names += (listener.entity_id, listener.name)
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="unknown_listener",
        translation_placeholders={
            "listener": reference,
            "suggestions": ", ".join(difflib.get_close_matches(reference, names)) or "-",
        },
    )


def may_see(user: User, listener: KnownListener) -> bool:
    """Tell whether somebody may read and change what is personal to a listener.

    That are they themselves, and admins, who can open the database as well.
    """
    return user.is_admin or listener.is_user(user)


async def check_may_see(hass: HomeAssistant, context: Context, listener: KnownListener) -> None:
    """Raise ``Unauthorized`` unless who called may; automations, which nobody calls, may."""
    if context.user_id is None:
        return
    if (user := await hass.auth.async_get_user(context.user_id)) is None:
        raise UnknownUser(context=context)
    if not may_see(user, listener):
        raise Unauthorized(context=context, user_id=user.id)
