"""Listeners for tests: a person in Home Assistant and a subentry of the household."""

from collections.abc import Mapping
from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import ATTR_FRIENDLY_NAME
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry


async def add_listener(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    name: str,
    *,
    user_id: str | None = None,
    adventurousness: float = 0.2,
    explicit: bool = True,
    bindings: Mapping[str, str | None] | None = None,
) -> ConfigSubentry:
    """Let somebody live here, be at home and listen; `name` begins with a capital."""
    person = f"person.{name.casefold()}"
    hass.states.async_set(person, "home", {ATTR_FRIENDLY_NAME: name, "user_id": user_id})
    listener = ConfigSubentry(
        data=MappingProxyType(
            {
                "person": person,
                "adventurousness": adventurousness,
                "explicit": explicit,
                "bindings": dict(bindings or {}),
            }
        ),
        subentry_type="listener",
        title=name,
        unique_id=person,
    )
    hass.config_entries.async_add_subentry(entry, listener)
    await hass.async_block_till_done()
    return listener
