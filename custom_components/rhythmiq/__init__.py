"""RhythmIQ: music that fits the moment at home."""

from contextlib import AsyncExitStack

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

from .adaptive import Adaptive
from .cloud.client import CloudClient
from .const import CONF_CLOUD_TOKEN, CONF_CLOUD_URL, DOMAIN
from .devices import async_keep_devices
from .entities.subentry_entity import async_name_devices
from .library import async_acquire_library, async_release_library
from .models import RhythmiqConfigEntry, RhythmiqData
from .presences import Presences
from .recommender import Recommender
from .retention import async_keep_retention
from .room_playlists import RoomPlaylists
from .services import async_setup_services
from .sonos.errors import SonosError
from .sonos.household import Household
from .store import StoreError
from .websocket_api import async_setup_websocket_api

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = [
    Platform.BUTTON,
    Platform.EVENT,
    Platform.MEDIA_PLAYER,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register actions and commands, which must be there even while no household is loaded."""
    async_setup_services(hass)
    async_setup_websocket_api(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: RhythmiqConfigEntry) -> bool:
    """Contact the household and open the library."""
    assert entry.unique_id is not None
    async with AsyncExitStack() as undone:
        await _async_begin(hass, entry, entry.unique_id, undone)
        undone.pop_all()  # from now on unloading does that
    return True


async def _async_begin(
    hass: HomeAssistant, entry: RhythmiqConfigEntry, household_id: str, undone: AsyncExitStack
) -> None:
    """Start everything, noting what is to be undone where the rest fails or is cancelled."""
    household = Household(hass, household_id, [entry.data[CONF_HOST]])
    undone.push_async_callback(household.stop)
    try:
        await household.start()
    except SonosError as err:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key=err.key,
            translation_placeholders=err.placeholders,
        ) from err
    try:
        library = await async_acquire_library(hass)
    except StoreError as err:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key=err.key,
            translation_placeholders=err.placeholders,
        ) from err
    undone.push_async_callback(async_release_library, hass)
    cloud = None
    if url := entry.data.get(CONF_CLOUD_URL):
        cloud = CloudClient(async_get_clientsession(hass), url, entry.data[CONF_CLOUD_TOKEN])
    recommender = Recommender(hass, entry, household, library, cloud)
    await recommender.start()
    undone.push_async_callback(recommender.stop)
    adaptive = Adaptive(hass, entry, household, recommender)
    adaptive.start()
    entry.async_on_unload(adaptive.stop)
    entry.runtime_data = RhythmiqData(household, recommender, adaptive, entry.data)
    async_keep_devices(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    undone.push_async_callback(hass.config_entries.async_unload_platforms, entry, PLATFORMS)
    playlists = RoomPlaylists(hass, entry, household, recommender)
    await playlists.start()
    entry.async_on_unload(playlists.stop)
    entry.async_on_unload(entry.add_update_listener(_async_update))
    async_keep_retention(hass, entry)
    _async_warm_up(hass, entry)

    async def stop(_: Event) -> None:
        await recommender.stop()

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))


@callback
def _async_warm_up(hass: HomeAssistant, entry: RhythmiqConfigEntry) -> None:
    """Let the first request find everything ready, but the start of Home Assistant go first."""

    @callback
    def begin(_: HomeAssistant) -> None:
        entry.async_create_background_task(
            hass, entry.runtime_data.recommender.warm_up(), "rhythmiq warm up"
        )

    entry.async_on_unload(async_at_started(hass, begin))


async def async_unload_entry(hass: HomeAssistant, entry: RhythmiqConfigEntry) -> bool:
    """Let go of the household and the library."""
    if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        return False
    await entry.runtime_data.recommender.stop()
    await entry.runtime_data.household.stop()
    await async_release_library(hass)
    return True


async def async_remove_entry(hass: HomeAssistant, entry: RhythmiqConfigEntry) -> None:
    """Leave nothing behind of a household but the library, which the others may share."""
    assert entry.unique_id is not None
    await Household(hass, entry.unique_id, []).forget()
    await Presences(hass, entry.entry_id).remove()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: RhythmiqConfigEntry, device: DeviceEntry
) -> bool:
    """Let a person remove a speaker that is no longer in the household."""
    if entry.state is not ConfigEntryState.LOADED:
        return False  # nobody knows what is there
    kept = {entry.entry_id, *entry.subentries}
    if not device.identifiers.isdisjoint((DOMAIN, each) for each in kept):
        return False
    household = entry.runtime_data.household
    gone = [await household.dismiss(uid) for domain, uid in device.identifiers if domain == DOMAIN]
    return all(gone)


async def _async_update(hass: HomeAssistant, entry: RhythmiqConfigEntry) -> None:
    """Take over changed settings.

    A changed room or listener takes them over where it is: what plays and is being queued goes on.
    Another address or cloud needs a new beginning.
    """
    if entry.data != entry.runtime_data.settings:
        hass.config_entries.async_schedule_reload(entry.entry_id)
        return
    entry.runtime_data.recommender.rooms.update()
    async_name_devices(hass, entry)
