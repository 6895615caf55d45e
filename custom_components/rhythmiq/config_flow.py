"""Set up a household and its cloud; ``room_flow`` sets up its rooms."""

from asyncio import Task
from collections.abc import Mapping
import logging
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
    SubentryFlowContext,
)
from homeassistant.const import CONF_HOST
from homeassistant.core import callback
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .cloud.address import CloudAddressError, cloud_address
from .cloud.client import CloudAuthError, CloudClient, CloudError
from .const import (
    CONF_CLOUD_TOKEN,
    CONF_CLOUD_URL,
    DOMAIN,
    SUBENTRY_LISTENER,
    SUBENTRY_ROOM,
    SUBENTRY_TUNE_VECTOR,
)
from .flows.listener_flow import ListenerFlow
from .flows.options_flow import HouseholdOptionsFlow
from .flows.room_flow import RoomFlow
from .flows.tune_vector_flow import TuneVectorFlow
from .sonos.discovery import FoundHousehold, contact, discover
from .sonos.errors import (
    InvalidHostError,
    NotASonosError,
    S1OnlyError,
    SonosError,
    UpnpDisabledError,
)

_LOGGER = logging.getLogger(__name__)

CONF_HOUSEHOLD = "household"
SECTION_CLOUD = "cloud"
ADDRESS = "address"
"""What to choose, instead of a household, to enter an address."""

TOKEN = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
ADDRESS_SCHEMA = vol.Schema({vol.Required(CONF_HOST): TextSelector()})
CLOUD_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_CLOUD_URL): TextSelector(TextSelectorConfig(type=TextSelectorType.URL)),
        vol.Optional(CONF_CLOUD_TOKEN): TOKEN,
    }
)
REAUTH_SCHEMA = vol.Schema({vol.Required(CONF_CLOUD_TOKEN): TOKEN})


class RhythmiqConfigFlow(ConfigFlow, domain=DOMAIN):
    """One entry per Sonos household."""

    VERSION = 1

    def __init__(self) -> None:
        """Begin knowing of no household."""
        self._search: Task[list[FoundHousehold]] | None = None
        self._found: dict[str, FoundHousehold] = {}
        self._search_errors: dict[str, str] = {}

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the things a household is furnished with."""
        return {
            SUBENTRY_ROOM: RoomFlow,
            SUBENTRY_LISTENER: ListenerFlow,
            SUBENTRY_TUNE_VECTOR: TuneVectorFlow,
        }

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the flow of the options."""
        return HouseholdOptionsFlow()

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Search the network for households, which takes seconds."""
        if self._search is None:
            self._search = self.hass.async_create_task(discover(self.hass), eager_start=False)
        if not self._search.done():
            return self.async_show_progress(
                step_id="user", progress_action="search", progress_task=self._search
            )
        try:
            self._found = {found.household_id: found for found in await self._search}
        except S1OnlyError:
            self._search_errors["base"] = "s1_household"
        except Exception:
            _LOGGER.exception("Searching for Sonos households failed in a way nobody foresaw")
            self._search_errors["base"] = "unknown"
        else:
            if not self._found:
                self._search_errors["base"] = "none_found"
        return self.async_show_progress_done(next_step_id="household" if self._found else "address")

    async def async_step_household(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose one of the households found, or go on to enter an address."""
        if user_input is None:
            return self.async_show_form(
                step_id="household", data_schema=_choice_schema(self._found)
            )
        if (choice := user_input[CONF_HOUSEHOLD]) == ADDRESS:
            return await self.async_step_address()
        return await self._create(self._found[choice])

    async def async_step_address(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Enter the address of one speaker of the household."""
        errors = self._search_errors
        if user_input is not None:
            errors = {}
            if found := await self._contact(user_input[CONF_HOST], errors):
                return await self._create(found)
        return self.async_show_form(
            step_id="address",
            data_schema=self.add_suggested_values_to_schema(ADDRESS_SCHEMA, user_input),
            errors=errors,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the speaker that is contacted first, and the cloud."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            host = user_input[CONF_HOST].strip()
            data = {CONF_HOST: host}
            # an unchanged speaker may be off while somebody sets up the cloud
            if host != entry.data[CONF_HOST] and (found := await self._contact(host, errors)):
                await self.async_set_unique_id(found.household_id)
                self._abort_if_unique_id_mismatch(reason="wrong_household")
                data[CONF_HOST] = found.host
            data |= await self._cloud(entry, user_input[SECTION_CLOUD], errors)
            if not errors:
                return self._update(entry, data)
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                _reconfigure_schema(entry), user_input or _settings(entry)
            ),
            errors=errors,
            description_placeholders={"household": entry.title},
        )

    async def async_step_reauth(self, _entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Begin when the cloud has refused the household token."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Enter a new household token."""
        entry = self._get_reauth_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            token = user_input[CONF_CLOUD_TOKEN].strip()
            await self._check_cloud(entry.data[CONF_CLOUD_URL], token, errors)
            if not errors:
                return self._update(entry, entry.data | {CONF_CLOUD_TOKEN: token})
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=REAUTH_SCHEMA,
            errors=errors,
            description_placeholders={"household": entry.title},
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Lead on to the first room, without which nothing fits a moment."""
        room = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_ROOM),
            context=SubentryFlowContext(source=SOURCE_USER),
        )
        if room["type"] is FlowResultType.FORM:
            result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, room["flow_id"])
        return result

    async def _contact(self, host: str, errors: dict[str, str]) -> FoundHousehold | None:
        """Return the household of the speaker at ``host``, or put into ``errors`` why not."""
        try:
            return await contact(self.hass, host)
        except InvalidHostError:
            errors[CONF_HOST] = "invalid_host"
        except NotASonosError:
            errors[CONF_HOST] = "not_sonos"
        except S1OnlyError:
            errors[CONF_HOST] = "s1_only"
        except UpnpDisabledError:
            errors[CONF_HOST] = "upnp_disabled"
        except SonosError:
            errors[CONF_HOST] = "cannot_connect"
        except Exception:
            _LOGGER.exception("Contacting a speaker failed in a way nobody foresaw")
            errors[CONF_HOST] = "unknown"
        return None

    async def _create(self, found: FoundHousehold) -> ConfigFlowResult:
        """Create the entry; a household that has one only takes over the address."""
        known = await self.async_set_unique_id(found.household_id)
        self._abort_if_unique_id_configured(
            {CONF_HOST: found.host},
            # an entry that is loaded listens for changes and reloads by itself
            reload_on_update=known is not None and not known.update_listeners,
        )
        return self.async_create_entry(title=_label(found), data={CONF_HOST: found.host})

    def _update(self, entry: ConfigEntry, data: Mapping[str, Any]) -> ConfigFlowResult:
        """Store the settings; an entry that could not be set up tries again at once."""
        result = self.async_update_and_abort(entry, data=data)
        if not entry.update_listeners:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return result

    async def _cloud(
        self, entry: ConfigEntry, user_input: Mapping[str, str], errors: dict[str, str]
    ) -> dict[str, str]:
        """Return the entry's data about the cloud: none without an address.

        The token is never shown. Left empty it stays the same, but only for the address that it
        was given for.
        """
        url = user_input.get(CONF_CLOUD_URL, "").strip()
        token = user_input.get(CONF_CLOUD_TOKEN, "").strip()
        if not url:
            if token:
                errors["base"] = "cloud_url_missing"
            return {}
        try:
            url = cloud_address(url)
        except CloudAddressError:
            errors["base"] = "cloud_url_invalid"
            return {}
        if not token and url == entry.data.get(CONF_CLOUD_URL):
            token = entry.data[CONF_CLOUD_TOKEN]
        if token:
            await self._check_cloud(url, token, errors)
        else:
            errors["base"] = "cloud_token_missing"
        return {CONF_CLOUD_URL: url, CONF_CLOUD_TOKEN: token}

    async def _check_cloud(self, url: str, token: str, errors: dict[str, str]) -> None:
        """Put into ``errors`` why the cloud does not answer to the token, if so."""
        try:
            await CloudClient(async_get_clientsession(self.hass), url, token).check()
        except CloudAuthError:
            errors["base"] = "cloud_auth"
        except CloudError:
            errors["base"] = "cloud_unreachable"
        except Exception:
            _LOGGER.exception("Contacting the cloud failed in a way nobody foresaw")
            errors["base"] = "unknown"


def _label(found: FoundHousehold) -> str:
    """Name a household by its rooms."""
    return ", ".join(sorted(speaker.name for speaker in found.speakers))


def _choice_schema(households: Mapping[str, FoundHousehold]) -> vol.Schema:
    options = [
        SelectOptionDict(value=household_id, label=_label(found))
        for household_id, found in households.items()
    ]
    options.append(SelectOptionDict(value=ADDRESS, label=ADDRESS))
    selector = SelectSelector(
        SelectSelectorConfig(
            options=options, mode=SelectSelectorMode.LIST, translation_key=CONF_HOUSEHOLD
        )
    )
    return vol.Schema({vol.Required(CONF_HOUSEHOLD, default=options[0]["value"]): selector})


def _reconfigure_schema(entry: ConfigEntry) -> vol.Schema:
    """Show the cloud's section open only where there is a cloud."""
    return vol.Schema(
        {
            vol.Required(CONF_HOST): TextSelector(),
            vol.Required(SECTION_CLOUD): section(
                CLOUD_SCHEMA, {"collapsed": CONF_CLOUD_URL not in entry.data}
            ),
        }
    )


def _settings(entry: ConfigEntry) -> dict[str, Any]:
    """Return what the form may show of the entry's data: all but the token."""
    return {
        CONF_HOST: entry.data[CONF_HOST],
        SECTION_CLOUD: {CONF_CLOUD_URL: entry.data.get(CONF_CLOUD_URL)},
    }
