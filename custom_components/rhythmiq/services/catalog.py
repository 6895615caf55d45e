"""The actions about the catalog."""

from dataclasses import asdict
from pathlib import Path

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
import voluptuous as vol

from ..catalog_import import async_import_catalog
from ..const import DOMAIN
from ..exceptions import translated_errors
from ..targets import loaded_entries

SERVICE_IMPORT_CATALOG = "import_catalog"

ATTR_PATH = "path"

IMPORT_CATALOG_SCHEMA = vol.Schema({vol.Required(ATTR_PATH): cv.string})


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the actions about the catalog."""
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_IMPORT_CATALOG,
        _async_import_catalog,
        IMPORT_CATALOG_SCHEMA,
        SupportsResponse.OPTIONAL,
    )


async def _async_import_catalog(call: ServiceCall) -> ServiceResponse:
    """Import a file of tracks from one of Home Assistant's allowed directories."""
    loaded_entries(call.hass)
    with translated_errors():
        report = await async_import_catalog(call.hass, Path(call.data[ATTR_PATH]))
    return asdict(report) if call.return_response else None
