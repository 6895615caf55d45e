"""The sleep timer: set, cleared, told by events, and over."""

import asyncio
from datetime import timedelta

from homeassistant.util import dt as dt_util
import pytest

from custom_components.rhythmiq.sonos.errors import PlaybackError
from custom_components.rhythmiq.sonos.sleep_timer import clear_sleep_timer, set_sleep_timer
from custom_components.rhythmiq.sonos.speaker import Speaker
from tests.household import SimulatedHousehold

from .conftest import Connect, until


def minutes_left(speaker: Speaker) -> int | None:
    if (end := speaker.sleep_end) is None:
        return None
    return round((end - dt_util.utcnow()) / timedelta(minutes=1))


async def test_a_timer_of_ours(household: SimulatedHousehold, connect: Connect) -> None:
    ours = await connect()
    living_room, kitchen, _ = ours.speakers.values()
    await household.demo(1)
    await household.user(2, "join", to="1")
    await until(lambda: kitchen.coordinator is living_room)
    await set_sleep_timer(kitchen, 90 * 60)
    assert (minutes_left(living_room), minutes_left(kitchen)) == (90, 90)
    [call] = await household.calls(action="ConfigureSleepTimer")
    assert call["args"]["NewSleepTimerDuration"] == "01:30:00"
    await clear_sleep_timer(living_room)
    assert minutes_left(kitchen) is None


async def test_a_timer_of_the_app(household: SimulatedHousehold, connect: Connect) -> None:
    ours = await connect()
    living_room, *_ = ours.speakers.values()
    told: list[int | None] = []
    living_room.add_listener(lambda: told.append(minutes_left(living_room)))
    control = living_room.control
    await control.transport("ConfigureSleepTimer", ("NewSleepTimerDuration", "00:45:00"))
    await until(lambda: minutes_left(living_room) == 45)
    assert told[-1] == 45
    await control.transport("ConfigureSleepTimer", ("NewSleepTimerDuration", ""))
    await until(lambda: minutes_left(living_room) is None)


async def test_a_timer_that_is_over(household: SimulatedHousehold, connect: Connect) -> None:
    ours = await connect()
    living_room, *_ = ours.speakers.values()
    await household.demo(1)
    await household.wait_playing()
    await set_sleep_timer(living_room, 600)
    await household.clock(advance=601)
    await until(lambda: minutes_left(living_room) is None)
    await until(lambda: living_room.state.state == "paused")


async def test_a_refusal(household: SimulatedHousehold, connect: Connect) -> None:
    ours = await connect()
    living_room, *_ = ours.speakers.values()
    with pytest.raises(PlaybackError):
        await set_sleep_timer(living_room, 25 * 3600)
    assert living_room.sleep_end is None


async def test_a_timer_that_could_not_be_read_at_once(
    household: SimulatedHousehold, connect: Connect
) -> None:
    """As while the groups change: only a coordinator knows its timer."""
    ours = await connect()
    living_room, *_ = ours.speakers.values()
    await household.demo(1)
    await household.wait_playing()
    await household.fault("error", action="GetRemainingSleepTimerDuration", code=800, count=1)
    await living_room.control.transport(
        "ConfigureSleepTimer", ("NewSleepTimerDuration", "00:45:00")
    )
    async with asyncio.timeout(3):
        while not await household.calls(action="GetRemainingSleepTimerDuration"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert living_room.sleep_end is None
    await household.user(1, "pause")
    await until(lambda: minutes_left(living_room) == 45)
