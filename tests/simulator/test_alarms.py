"""Alarms that go off, snooze and end; sleep timers that run out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from soco import SoCo
from soco.events_base import Event
from soco.exceptions import SoCoUPnPException

from tests.household import Json, SimulatedHousehold

type Seen = Callable[[str, str], Awaitable[None]]

INSTANCE = ("InstanceID", 0)


@pytest.fixture
async def seen(speaker: SoCo) -> AsyncIterator[Seen]:
    """Return how to wait until an AVTransport event tells a value."""
    queue: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    def note(event: Event) -> None:
        queue.put_nowait(event.variables)

    await asyncio.to_thread(lambda: speaker.household_id)
    subscription = await speaker.avTransport.subscribe()
    subscription.callback = note

    async def until(name: str, value: str) -> None:
        async with asyncio.timeout(3):
            while (await queue.get()).get(name) != value:
                pass

    yield until
    await subscription.unsubscribe()


def _transport(**wanted: object) -> Callable[[Json], bool]:
    return lambda state: all(state["transport"][key] == value for key, value in wanted.items())


async def test_it_rings_at_its_time(
    household: SimulatedHousehold, speaker: SoCo, seen: Seen
) -> None:
    def running() -> dict[str, str]:
        answer: dict[str, str] = speaker.avTransport.GetRunningAlarmProperties([INSTANCE])
        return answer

    assert (await household.state())["clock"]["wall"].startswith("2026-01-02T08:00")
    await household.demo()
    await household.wait_playing()
    queue = await household.queue_uris()
    alarm = await household.add_alarm(StartLocalTime="08:30:00", Recurrence="DAILY", Volume=40)
    await household.clock(advance=29 * 60)
    assert (await household.speaker())["transport"]["alarm"] is None
    await household.clock(advance=120)
    state = await household.wait_until(_transport(alarm=alarm, state="PLAYING"), speaker=1)
    await seen("alarm_running", "1")
    assert state["transport"]["uri"] == "x-rincon-buzzer:0"
    assert state["volume"] == 40
    told = await asyncio.to_thread(running)
    assert (told["AlarmID"], told["LoggedStartTime"][:16]) == (str(alarm), "2026-01-02 08:31")
    await asyncio.to_thread(speaker.stop)
    await seen("alarm_running", "0")
    after = await household.speaker()
    assert (after["volume"], after["transport"]["state"]) == (20, "STOPPED")
    assert await household.queue_uris() == queue
    with pytest.raises(SoCoUPnPException):
        await asyncio.to_thread(running)
    # Tomorrow again
    await household.clock(advance=24 * 3600)
    await household.wait_until(_transport(alarm=alarm), speaker=1)


async def test_snoozing(household: SimulatedHousehold, speaker: SoCo, seen: Seen) -> None:
    alarm = await household.add_alarm()
    await household.ring(alarm)
    await household.wait_playing()
    await asyncio.to_thread(
        lambda: speaker.avTransport.SnoozeAlarm([INSTANCE, ("Duration", "00:05:00")])
    )
    await seen("snooze_running", "1")
    await household.clock(advance=290)
    assert _transport(state="STOPPED", snoozing=True)(await household.speaker())
    await household.clock(advance=20)
    await household.wait_playing()
    await seen("snooze_running", "0")
    await household.user(1, "snooze", minutes=1)
    await household.user(1, "stop")
    await household.clock(advance=120)
    assert _transport(state="STOPPED", alarm=None)(await household.speaker())


async def test_it_ends_by_itself(household: SimulatedHousehold) -> None:
    await household.ring(await household.add_alarm(Duration="00:10:00"))
    await household.wait_playing()
    await household.clock(advance=601)
    await household.wait_until(_transport(state="STOPPED", alarm=None), speaker=1)


async def test_music_as_the_program(household: SimulatedHousehold) -> None:
    """A Sonos playlist goes round; where the music is gone there is the buzzer."""
    [saved] = (await household.state())["saved_queues"]
    rsq = "file:///jffs/settings/savedqueues.rsq#"
    number = saved["id"].removeprefix("SQ:")
    alarm = await household.add_alarm(ProgramURI=rsq + number, PlayMode="NORMAL")
    await household.ring(alarm)
    state = await household.wait_playing()
    titles = [item["title"] for item in saved["items"]]
    assert state["transport"]["track"]["title"] == titles[0]
    await household.clock(advance=saved["items"][0]["duration"])
    await household.wait_until(lambda s: s["transport"]["track"]["title"] == titles[1], speaker=1)
    await household.clock(advance=sum(item["duration"] for item in saved["items"][1:]))
    await household.wait_until(lambda s: s["transport"]["track"]["title"] == titles[0], speaker=1)
    assert (await household.speaker())["queue"]["length"] == 0
    await household.change_alarm(alarm, ProgramURI=rsq + "99")
    await household.ring(alarm)
    state = await household.wait_playing()
    assert state["transport"]["track"]["uri"] == "x-rincon-buzzer:0"


async def test_the_room_alone_or_all_that_is_linked(household: SimulatedHousehold) -> None:
    await household.topology([["Kitchen", "Living Room"]])
    alarm = await household.add_alarm(Recurrence="ONCE")
    await household.ring(alarm)
    await household.wait_until(lambda state: len(state["groups"]) == 3)
    assert (await household.state())["alarms"][-1]["Enabled"] == "0"
    await household.topology([["Kitchen", "Living Room"]])
    await household.change_alarm(alarm, IncludeLinkedZones=1, Volume=12)
    await household.ring(alarm)
    await household.wait_playing("Kitchen")
    assert [(await household.speaker(n))["volume"] for n in (1, 2, 3)] == [12, 12, 20]


async def test_a_speaker_that_is_away_misses_it(household: SimulatedHousehold) -> None:
    alarm = await household.add_alarm(RoomUUID="Office")
    await household.offline("Office")
    await household.ring(alarm)
    await household.online("Office")
    assert _transport(alarm=None)(await household.speaker("Office"))


async def test_a_sleep_timer_runs_out(
    household: SimulatedHousehold, speaker: SoCo, seen: Seen
) -> None:
    await household.demo()
    await household.wait_playing()
    await asyncio.to_thread(lambda: speaker.set_sleep_timer(600))
    await seen("sleep_timer_generation", "1")
    assert 595 <= await asyncio.to_thread(speaker.get_sleep_timer) <= 600
    await household.clock(advance=601)
    await household.wait_until(_transport(state="PAUSED_PLAYBACK", sleep_timer=False), speaker=1)
    await seen("sleep_timer_generation", "2")
    assert await asyncio.to_thread(speaker.get_sleep_timer) is None
