"""Which listener somebody means, and who may see what is theirs."""

from collections.abc import Iterator
import difflib

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser

from .const import DOMAIN
from .people import KnownListener, listeners_of
from .targets import loaded_entries


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


async def async_listener_of_user(
    hass: HomeAssistant, context: Context | None
) -> KnownListener | None:
    """Return the listener who called, None for automations and for users who are no listener."""
    if context is None or context.user_id is None:
        return None
    if (user := await hass.auth.async_get_user(context.user_id)) is None:
        return None
    return next((each for each in all_listeners(hass) if each.is_user(user)), None)
