"""Taking a permission back: reading stops at once, and what it left may go, too."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.core import callback
from homeassistant.helpers.selector import BooleanSelector
import voluptuous as vol

from ..const import CONF_BINDINGS, DOMAIN
from ..forgetting import Scope, forget
from ..library import LIBRARY
from ..models import RhythmiqConfigEntry
from ..store import StoreError
from ..wording import async_words

CONF_FORGET: Final = "forget"
FORGET_SCHEMA: Final = vol.Schema({vol.Required(CONF_FORGET, default=False): BooleanSelector()})


class RevocableFlow(ConfigSubentryFlow):
    """A flow that opts in and out of variables."""

    def __init__(self) -> None:
        """Begin with nothing revoked."""
        self._revoked: list[str] = []

    def _left_by(self, variable: str) -> Scope:
        """Return what a variable left here."""
        raise NotImplementedError

    async def _change(self, data: Mapping[str, Any]) -> SubentryFlowResult:
        """Take over changed data at once; ask what to do with what was revoked, if anything."""
        entry, subentry = self._get_entry(), self._get_reconfigure_subentry()
        before: Mapping[str, Any] = subentry.data[CONF_BINDINGS]
        self._revoked = sorted(before.keys() - data[CONF_BINDINGS].keys())
        self.hass.config_entries.async_update_subentry(entry, subentry, data=data)
        if self._revoked and LIBRARY in self.hass.data:
            return await self.async_step_forget()
        return self._changed()

    @callback
    def _changed(self) -> SubentryFlowResult:
        subentry = self._get_reconfigure_subentry()
        return self.async_update_and_abort(self._get_entry(), subentry, data=subentry.data)

    async def async_step_forget(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Offer to delete what the revoked variables left."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                if user_input[CONF_FORGET]:
                    await self._forget_left()
            except StoreError as err:
                errors["base"] = err.key
            else:
                return self._changed()
        words = await async_words(self.hass, "selector")
        names = [words[f"variables.options.{key}"].partition(":")[0] for key in self._revoked]
        return self.async_show_form(
            step_id="forget",
            data_schema=FORGET_SCHEMA,
            errors=errors,
            description_placeholders={"variables": ", ".join(names)},
        )

    async def _forget_left(self) -> None:
        """Delete it from what is stored, waits to be stored, and is remembered while running."""
        loaded: list[RhythmiqConfigEntry]
        loaded = self.hass.config_entries.async_loaded_entries(DOMAIN)
        for entry in loaded:
            await entry.runtime_data.recommender.record.flush()
        await self.hass.async_add_executor_job(self._forget)
        for entry in loaded:
            await entry.runtime_data.recommender.recollect()

    def _forget(self) -> None:
        """Delete what the revoked variables left; blocking."""
        self.hass.data[LIBRARY].learning.erase(
            lambda connection: [
                forget(connection, self._left_by(variable)) for variable in self._revoked
            ]
        )
