"""The two questions of every form that opts in: which variables, and from which entities."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..moment.suggestions import suggest_entity
from ..moment.variables import ENTITY_OPTIONAL, SOURCES

CONF_VARIABLES: Final = "variables"


def variables_field(offered: Collection[str]) -> dict[vol.Marker, SelectSelector]:
    """Return the field that switches variables on; none is to begin with."""
    return {
        vol.Required(CONF_VARIABLES, default=list): SelectSelector(
            SelectSelectorConfig(
                options=list(offered),
                multiple=True,
                mode=SelectSelectorMode.LIST,
                translation_key=CONF_VARIABLES,
            )
        )
    }


def entity_schema(asked: Iterable[str]) -> vol.Schema:
    """Return a form that asks for the entity of each variable."""
    return vol.Schema(
        {
            vol.Optional(key): EntitySelector(EntitySelectorConfig(filter=SOURCES[key].offered))
            for key in asked
        }
    )


def suggestions(
    hass: HomeAssistant,
    asked: Iterable[str],
    bindings: Mapping[str, str | None],
    area_id: str | None,
) -> dict[str, Any]:
    """Return what was bound before, or what the area offers, for each variable."""
    registry = er.async_get(hass)
    bound = {
        key: er.async_resolve_entity_id(registry, entity)
        for key, entity in bindings.items()
        if entity is not None
    }
    return {key: bound.get(key) or suggest_entity(hass, key, area_id) for key in asked}


def refusals(hass: HomeAssistant, entities: Mapping[str, str]) -> dict[str, str]:
    """Return the errors of entities that cannot tell their variable."""
    errors: dict[str, str] = {}
    for key, entity_id in entities.items():
        if (state := hass.states.get(entity_id)) is None:
            errors[key] = "entity_not_found"
        elif not SOURCES[key].accepts(state):
            errors[key] = SOURCES[key].refusal
    return errors


def bind(
    hass: HomeAssistant, chosen: Iterable[str], entities: Mapping[str, str]
) -> dict[str, str | None]:
    """Return the variables that will be read, with their entities (None: without one).

    A variable that needs an entity and got none is left out.
    """
    return {
        key: _lasting(hass, entities[key]) if key in entities else None
        for key in chosen
        if key in entities or key in ENTITY_OPTIONAL or key not in SOURCES
    }


def _lasting(hass: HomeAssistant, entity_id: str) -> str:
    """Return the entity's registry id, which survives renaming, or its id if it has none."""
    entry = er.async_get(hass).async_get(entity_id)
    return entry.id if entry else entity_id
