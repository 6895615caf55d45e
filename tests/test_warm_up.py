"""What the first request would have to wait for is there before it comes."""

import asyncio

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.library import LIBRARY, Library
from tests.people import add_listener

pytestmark = pytest.mark.usefixtures("household", "catalog")


def is_warm(library: Library) -> bool:
    """Whether tracks and model are in memory; nothing else tells."""
    return library.tracks._catalog is not None and library.learning._model is not None


async def warm(hass: HomeAssistant) -> Library:
    """Wait until all is in memory, which nobody asked for."""
    library = hass.data[LIBRARY]
    async with asyncio.timeout(5):
        while not is_warm(library):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
    return library


async def test_all_is_ready_after_a_start(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await add_listener(hass, entry, "Ada")
    await hass.config_entries.async_reload(entry.entry_id)
    library = await warm(hass)
    assert await hass.async_add_executor_job(library.store.latest_recommendations, 1) == []


async def test_the_start_of_home_assistant_goes_first(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.set_state(CoreState.starting)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert not is_warm(hass.data[LIBRARY])
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await warm(hass)


async def test_what_cannot_be_read_is_told_to_who_asks(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await hass.async_add_executor_job(hass.data[LIBRARY].store.close)
    await entry.runtime_data.recommender.warm_up()
