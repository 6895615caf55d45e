"""Set up a room: a speaker, its area, and what RhythmIQ may read there."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.helpers.selector import (
    AreaSelector,
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..const import (
    CONF_AREA_ID,
    CONF_BINDINGS,
    CONF_PLAYLIST,
    CONF_SPEAKER,
    DOMAIN,
    SUBENTRY_ROOM,
)
from ..forgetting import Scope
from ..models import RhythmiqConfigEntry
from ..moment.variables import OF_ROOMS, SOURCES
from .binding_form import (
    CONF_VARIABLES,
    bind,
    entity_schema,
    refusals,
    suggestions,
    variables_field,
)
from .habit_form import habits_field, habits_of, habits_refused, habits_shown
from .revoking import RevocableFlow

VARIABLES_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_AREA_ID): AreaSelector(),
        **variables_field(OF_ROOMS),
        vol.Optional(CONF_PLAYLIST, default=False): BooleanSelector(),
        **habits_field(),
    }
)


class RoomFlow(RevocableFlow):
    """Speaker → area and variables → one entity for each variable that needs one.

    A variable is read only if it is chosen in the second step. None is to begin with, and one that
    is no longer chosen is no longer read.
    """

    def __init__(self) -> None:
        """Begin with nothing chosen."""
        super().__init__()
        self._speaker = ""
        self._title = ""
        self._area_id: str | None = None
        self._bindings: Mapping[str, str | None] = {}
        self._chosen: list[str] = []
        self._playlist = False
        self._habits: Mapping[str, Any] = {}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose a speaker that has no room yet."""
        entry: RhythmiqConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        speakers = entry.runtime_data.household.speakers
        free = {uid: speakers[uid].name for uid in speakers.keys() - self._taken()}
        if not free:
            return self.async_abort(reason="no_speaker_left")
        if user_input is not None:
            self._speaker = user_input[CONF_SPEAKER]
            if self._speaker not in free:
                return self.async_abort(reason="already_configured")
            self._title = free[self._speaker]
            self._area_id = _area_of(self.hass, self._speaker, self._title)
            return await self.async_step_variables()
        return self.async_show_form(step_id="user", data_schema=_speaker_schema(free))

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Begin with what was chosen before."""
        room = self._get_reconfigure_subentry()
        self._speaker = room.data[CONF_SPEAKER]
        self._title = room.title
        self._area_id = room.data[CONF_AREA_ID]
        self._bindings = room.data[CONF_BINDINGS]
        self._playlist = room.data.get(CONF_PLAYLIST, False)
        self._habits = room.data
        return await self.async_step_variables()

    async def async_step_variables(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Switch variables on, and say where the speaker stands and what may happen there."""
        errors = habits_refused(user_input or {})
        if user_input is not None and not errors:
            self._area_id = user_input.get(CONF_AREA_ID)
            self._chosen = user_input[CONF_VARIABLES]
            self._playlist = user_input.get(CONF_PLAYLIST, False)
            self._habits = habits_of(user_input)
            return await self.async_step_sensors()
        return self.async_show_form(
            step_id="variables",
            data_schema=self.add_suggested_values_to_schema(
                VARIABLES_SCHEMA,
                user_input
                or {
                    CONF_AREA_ID: self._area_id,
                    CONF_VARIABLES: list(self._bindings),
                    **self._wish,
                    **habits_shown(self._habits),
                },
            ),
            errors=errors,
            description_placeholders={"room": self._title},
        )

    async def async_step_sensors(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose an entity for each variable; one left empty is not read after all."""
        asked = [key for key in SOURCES if key in self._chosen]
        errors = refusals(self.hass, user_input or {})
        if asked and (user_input is None or errors):
            return self.async_show_form(
                step_id="sensors",
                data_schema=self.add_suggested_values_to_schema(
                    entity_schema(asked),
                    user_input or suggestions(self.hass, asked, self._bindings, self._area_id),
                ),
                errors=errors,
                description_placeholders={"room": self._title},
            )
        return await self._finish(bind(self.hass, self._chosen, user_input or {}))

    @override
    def _left_by(self, variable: str) -> Scope:
        return Scope(variable=variable, room=self._get_reconfigure_subentry().subentry_id)

    async def _finish(self, bindings: Mapping[str, str | None]) -> SubentryFlowResult:
        data = {
            CONF_SPEAKER: self._speaker,
            CONF_AREA_ID: self._area_id,
            CONF_BINDINGS: bindings,
            **self._wish,
            **self._habits,
        }
        if self.source == SOURCE_RECONFIGURE:
            return await self._change(data)
        if self._speaker in self._taken():
            return self.async_abort(reason="already_configured")
        area = self._area_id and ar.async_get(self.hass).async_get_area(self._area_id)
        return self.async_create_entry(
            title=area.name if area else self._title, data=data, unique_id=self._speaker
        )

    @property
    def _wish(self) -> dict[str, bool]:
        """Return the wish for a Sonos playlist, where there is one."""
        return {CONF_PLAYLIST: True} if self._playlist else {}

    @callback
    def _taken(self) -> set[str | None]:
        """Return the speakers that have a room."""
        rooms = self._get_entry().get_subentries_of_type(SUBENTRY_ROOM)
        return {room.unique_id for room in rooms}


def _area_of(hass: HomeAssistant, uid: str, name: str) -> str | None:
    """Return the area of the speaker's device (core's before ours), else the area of its name."""
    registry = dr.async_get(hass)
    for domain in ("sonos", DOMAIN):
        for device in registry.async_get_devices(identifiers={(domain, uid)}):
            if device.area_id:
                return device.area_id
    area = ar.async_get(hass).async_get_area_by_name(name)
    return area.id if area else None


def _speaker_schema(names: Mapping[str, str]) -> vol.Schema:
    options = [
        SelectOptionDict(value=uid, label=name)
        for uid, name in sorted(names.items(), key=lambda item: item[1])
    ]
    return vol.Schema(
        {
            vol.Required(CONF_SPEAKER): SelectSelector(
                SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST)
            )
        }
    )
