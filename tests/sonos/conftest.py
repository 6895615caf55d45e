"""What tests of the Sonos side share."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.sonos.household import Household
from tests.household import SimulatedHousehold

type Connect = Callable[[], Awaitable[Household]]


@pytest.fixture
async def connect(household: SimulatedHousehold, hass: HomeAssistant) -> AsyncIterator[Connect]:
    """Return how to start our household on the simulated one; it is stopped after the test."""
    started: list[Household] = []

    async def start() -> Household:
        ours = Household(hass, household.household_id, household.hosts[:1])
        started.append(ours)
        await ours.start()
        return ours

    yield start
    for ours in started:
        await ours.stop()


async def until(condition: Callable[[], bool], seconds: float = 3) -> None:
    """Wait for something that events bring about."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (there is no event to wait for)
            await asyncio.sleep(0.01)


async def favorites_read(entry: MockConfigEntry) -> None:
    """Wait until the favourites were read, which follows the start in the background."""
    favorites = entry.runtime_data.household.favorites
    told = asyncio.Event()
    stop = favorites.add_listener(told.set)
    if favorites.titles is None:
        await told.wait()
    stop()
