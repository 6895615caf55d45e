"""Fixtures for talking to the simulated household through SoCo."""

import pytest
from soco import SoCo, config, events_asyncio

from tests.household import SimulatedHousehold


@pytest.fixture(autouse=True)
def asyncio_events(soco_clean: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Receive events on the test's loop; give up on a silent speaker after a second."""
    monkeypatch.setattr(config, "EVENTS_MODULE", events_asyncio)
    monkeypatch.setattr(config, "REQUEST_TIMEOUT", 1.0)


@pytest.fixture
def speaker(household: SimulatedHousehold) -> SoCo:
    """The Living Room."""
    return SoCo(household.hosts[0])
