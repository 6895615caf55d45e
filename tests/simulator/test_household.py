"""The test household itself: quick, isolated, not frozen by a test's clock."""

import asyncio
import threading
import time

import aiohttp
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from soco import SoCo, config, events_asyncio

from tests.household import ControlError, NotASonos, SimulatedHousehold


async def test_starts_fast_and_leaves_nothing(loopback_sockets: None) -> None:
    threads = set(threading.enumerate())
    began = time.perf_counter()
    household = SimulatedHousehold().start()
    assert time.perf_counter() - began < 0.5  # 0.02 s on a quiet machine
    host = household.hosts[0]
    assert await asyncio.to_thread(lambda: SoCo(host).player_name) == "Living Room"
    household.stop()
    assert {t for t in threading.enumerate() if t.name.startswith("sonos")} <= threads
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(host, 1400)


async def test_two_households_do_not_meet(household: SimulatedHousehold) -> None:
    with SimulatedHousehold(speakers=1, names="Elsewhere") as other:
        assert not set(household.hosts) & set(other.hosts)
        assert not set(household.uids) & set(other.uids)
        assert household.household_id != other.household_id
        zones = await asyncio.to_thread(lambda: SoCo(other.hosts[0]).all_zones)
        assert {zone.uid for zone in zones} == set(other.uids)


async def test_works_beside_home_assistant(
    household: SimulatedHousehold, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """With a frozen clock the household still moves."""
    await household.demo()
    before = await household.wait_playing()
    await household.wait_until(
        lambda state: state["transport"]["position"] > before["transport"]["position"], speaker=1
    )


async def test_a_refusal_is_an_error(household: SimulatedHousehold) -> None:
    with pytest.raises(ControlError) as refused:
        await household.settings(no_such_setting=1)
    assert refused.value.status == 400
    with pytest.raises(TimeoutError):
        await household.wait_playing(within=0.05)


async def test_subscriptions_end_with_the_test(
    household: SimulatedHousehold, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The listener stops at once when the last subscription ends (the grace of 5 s is off)."""
    monkeypatch.setattr(config, "EVENTS_MODULE", events_asyncio)
    speaker = SoCo(household.hosts[0])
    await asyncio.to_thread(lambda: speaker.household_id)
    subscription = await speaker.renderingControl.subscribe()
    assert [row["service"] for row in await household.subscriptions()] == ["RenderingControl"]
    await subscription.unsubscribe()
    assert await household.subscriptions() == []
    stopping = events_asyncio.event_listener._stop_grace_task
    assert stopping is not None
    await asyncio.wait_for(stopping, 1)
    assert not events_asyncio.event_listener.is_running


@pytest.mark.parametrize(
    ("answer", "status", "kind"),
    [("404", 404, "text/plain"), ("html", 200, "text/html"), ("xml", 200, "text/xml")],
)
async def test_not_a_sonos(loopback_sockets: None, answer: str, status: int, kind: str) -> None:
    with NotASonos(answer) as server:  # type: ignore[arg-type]
        url = f"http://{server.host}:1400/xml/device_description.xml"
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            assert response.status == status
            assert response.content_type == kind
        assert server.requests == ["GET /xml/device_description.xml"]
