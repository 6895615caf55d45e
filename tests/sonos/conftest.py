"""What tests of the Sonos side share."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
import itertools

from homeassistant.core import HomeAssistant
import pytest
from soco import events_asyncio

from custom_components.rhythmiq.sonos.household import Household
from tests.household import SimulatedHousehold

_ports = itertools.count(0)

type Connect = Callable[[], Awaitable[Household]]


@pytest.fixture(autouse=True)
def listener_port(soco_clean: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listen on another port in each test: SoCo cannot take one again for a minute."""
    port = 21400 + next(_ports) % 300 * 100
    monkeypatch.setattr(events_asyncio.event_listener, "requested_port_number", port)


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
