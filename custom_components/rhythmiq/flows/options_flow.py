"""What a household may be told at any time."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
import voluptuous as vol

from ..const import CONF_RETENTION_DAYS, RETENTION_DAYS

OPTIONS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_RETENTION_DAYS, default=RETENTION_DAYS): vol.All(
            NumberSelector(
                NumberSelectorConfig(
                    min=7,
                    max=3650,
                    step=1,
                    unit_of_measurement="d",
                    mode=NumberSelectorMode.BOX,
                )
            ),
            vol.Coerce(int),
        )
    }
)


class HouseholdOptionsFlow(OptionsFlow):
    """How long single things that happened are kept."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for all options."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                OPTIONS_SCHEMA, self.config_entry.options
            ),
        )
