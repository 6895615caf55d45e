"""Event subscriptions through SoCo's asyncio listener: initial events, order, renewal, loss."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from soco import SoCo
from soco.services import Service

from tests.household import SimulatedHousehold


@asynccontextmanager
async def subscribed(speaker: SoCo, service: Service) -> AsyncIterator[asyncio.Queue[Any]]:
    """Collect the events of a service."""
    await asyncio.to_thread(lambda: speaker.household_id)
    events: asyncio.Queue[Any] = asyncio.Queue()
    subscription = await service.subscribe(requested_timeout=60)
    subscription.callback = events.put_nowait
    try:
        yield events
    finally:
        if subscription.is_subscribed:
            await subscription.unsubscribe(strict=False)


async def until(events: asyncio.Queue[Any], key: str, value: object) -> Any:
    """Wait for an event that says `key` is `value`."""
    async with asyncio.timeout(2):
        while True:
            event = await events.get()
            if event.variables.get(key) == value:
                return event


async def test_the_first_event_tells_everything(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    async with subscribed(speaker, speaker.renderingControl) as events:
        event = await until(events, "volume", {"Master": "20", "LF": "100", "RF": "100"})
        assert event.seq == "0"
        assert event.variables["mute"]["Master"] == "0"
        assert event.variables["bass"] == "0"


async def test_what_people_do_arrives(household: SimulatedHousehold, speaker: SoCo) -> None:
    async with subscribed(speaker, speaker.avTransport) as events:
        await household.demo()
        await until(events, "transport_state", "PLAYING")
        await household.user(1, "next")
        event = await until(events, "current_track", "2")
        assert event.variables["number_of_tracks"] == "6"
        await household.user(1, "pause")
        await until(events, "transport_state", "PAUSED_PLAYBACK")


async def test_topology_is_evented_by_everyone(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    office = SoCo(household.hosts[2])
    async with subscribed(office, office.zoneGroupTopology) as events:
        await events.get()
        await household.topology([["1", "2"]])
        async with asyncio.timeout(2):
            event = await events.get()
        assert event.variables["zone_group_state"].count("<ZoneGroup ") == 2


async def test_lost_and_doubled_events(household: SimulatedHousehold, speaker: SoCo) -> None:
    async with subscribed(speaker, speaker.renderingControl) as events:
        await until(events, "bass", "0")
        await household.fault("drop", action="NOTIFY", service="RenderingControl", count=1)
        await household.user(1, "volume", volume=31)
        await household.wait_event("RenderingControl", "suppressed")
        assert events.empty()
        await household.clear_faults()
        await household.fault("duplicate", action="NOTIFY", service="RenderingControl", count=1)
        await household.user(1, "volume", volume=32)
        first = await until(events, "volume", {"Master": "32"})
        second = await until(events, "volume", {"Master": "32"})
        # 0 was the initial event, 1 was lost
        assert (first.seq, second.seq) == ("2", "2")


async def test_a_second_subscription_with_the_same_callback_silences_the_first(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    """As core's comments say of real players; the setting turns it off."""
    async with (
        subscribed(speaker, speaker.renderingControl),
        subscribed(speaker, speaker.renderingControl),
    ):
        assert len(await household.subscriptions()) == 1
    await household.settings(replace_same_callback=False)
    async with (
        subscribed(speaker, speaker.renderingControl),
        subscribed(speaker, speaker.renderingControl),
    ):
        assert len(await household.subscriptions()) == 2


async def test_renewal_after_a_reboot_is_refused(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    await asyncio.to_thread(lambda: speaker.household_id)
    failed = asyncio.Event()
    subscription = await speaker.renderingControl.subscribe(requested_timeout=60)
    subscription.auto_renew_fail = lambda _error: failed.set()
    await household.reboot(1, seconds=0.05)
    await household.wait_until(lambda state: bool(state["boot_seq"] == 42), speaker=1)
    assert await household.subscriptions() == []
    await subscription.renew(is_autorenew=True, strict=False)
    await asyncio.wait_for(failed.wait(), 2)
    await subscription.unsubscribe(strict=False)
