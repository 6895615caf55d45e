"""Set up a listener: a person, how they like to be surprised, and what of theirs may be read."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
import voluptuous as vol

from ..const import (
    CONF_ADVENTUROUSNESS,
    CONF_BINDINGS,
    CONF_EXPLICIT,
    CONF_PERSON,
    SUBENTRY_LISTENER,
)
from ..forgetting import Scope
from ..moment.variables import OF_LISTENERS, SOURCES
from .binding_form import (
    CONF_VARIABLES,
    bind,
    entity_schema,
    refusals,
    suggestions,
    variables_field,
)
from .revoking import RevocableFlow

PERSON_SCHEMA = vol.Schema(
    {vol.Required(CONF_PERSON): EntitySelector(EntitySelectorConfig(domain="person"))}
)
PROFILE_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_ADVENTUROUSNESS, default=20): NumberSelector(
            NumberSelectorConfig(
                min=0, max=100, step=5, unit_of_measurement="%", mode=NumberSelectorMode.SLIDER
            )
        ),
        vol.Required(CONF_EXPLICIT, default=True): BooleanSelector(),
        **variables_field(OF_LISTENERS),
    }
)


class ListenerFlow(RevocableFlow):
    """Person → profile and variables → one entity for each variable.

    As for a room, nothing is read unless it is chosen here, and what is no longer chosen is no
    longer read.
    """

    def __init__(self) -> None:
        """Begin with nothing chosen."""
        super().__init__()
        self._person = ""
        self._title = ""
        self._profile: dict[str, Any] = {}
        self._bindings: Mapping[str, str | None] = {}
        self._chosen: list[str] = []

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose a person who is no listener yet."""
        errors: dict[str, str] = {}
        if user_input is not None:
            entity_id: str = user_input[CONF_PERSON]
            state = self.hass.states.get(entity_id)
            entry = er.async_get(self.hass).async_get(entity_id)
            self._person = entry.id if entry else entity_id
            if self._is_listener(self._person):
                return self.async_abort(reason="already_configured")
            if state is None:
                errors[CONF_PERSON] = "entity_not_found"
            else:
                self._title = state.name
                return await self.async_step_profile()
        return self.async_show_form(step_id="user", data_schema=PERSON_SCHEMA, errors=errors)

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Begin with what was chosen before."""
        listener = self._get_reconfigure_subentry()
        self._person = listener.data[CONF_PERSON]
        self._title = listener.title
        self._bindings = listener.data[CONF_BINDINGS]
        self._profile = {
            CONF_ADVENTUROUSNESS: round(listener.data[CONF_ADVENTUROUSNESS] * 100),
            CONF_EXPLICIT: listener.data[CONF_EXPLICIT],
        }
        return await self.async_step_profile()

    async def async_step_profile(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask how they like to be surprised, and what may be read."""
        if user_input is not None:
            self._chosen = user_input.pop(CONF_VARIABLES)
            self._profile = user_input
            return await self.async_step_sensors()
        return self.async_show_form(
            step_id="profile",
            data_schema=self.add_suggested_values_to_schema(
                PROFILE_SCHEMA, self._profile | {CONF_VARIABLES: list(self._bindings)}
            ),
            description_placeholders={"listener": self._title},
        )

    async def async_step_sensors(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose an entity for each variable; one left empty is not read after all."""
        asked = [key for key in SOURCES if key in self._chosen]
        errors = refusals(self.hass, user_input or {})
        if asked and (user_input is None or errors):
            known = suggestions(self.hass, asked, self._bindings, None)
            if "place" in asked:
                registry = er.async_get(self.hass)
                known["place"] = known["place"] or er.async_resolve_entity_id(
                    registry, self._person
                )
            return self.async_show_form(
                step_id="sensors",
                data_schema=self.add_suggested_values_to_schema(
                    entity_schema(asked), user_input or known
                ),
                errors=errors,
                description_placeholders={"listener": self._title},
            )
        return await self._finish(bind(self.hass, self._chosen, user_input or {}))

    @override
    def _left_by(self, variable: str) -> Scope:
        return Scope(variable=variable, listener=self._get_reconfigure_subentry().subentry_id)

    async def _finish(self, bindings: Mapping[str, str | None]) -> SubentryFlowResult:
        data = {
            CONF_PERSON: self._person,
            CONF_ADVENTUROUSNESS: self._profile[CONF_ADVENTUROUSNESS] / 100,
            CONF_EXPLICIT: self._profile[CONF_EXPLICIT],
            CONF_BINDINGS: bindings,
        }
        if self.source == SOURCE_RECONFIGURE:
            return await self._change(data)
        if self._is_listener(self._person):
            return self.async_abort(reason="already_configured")
        return self.async_create_entry(title=self._title, data=data, unique_id=self._person)

    @callback
    def _is_listener(self, person: str) -> bool:
        """Tell whether somebody is a listener already."""
        listeners = self._get_entry().get_subentries_of_type(SUBENTRY_LISTENER)
        return any(listener.unique_id == person for listener in listeners)
