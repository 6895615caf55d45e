"""Alarms: read, changed, told by one subscription per household that moves on."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time
from xml.etree.ElementTree import Element

from homeassistant.core import HomeAssistant
import pytest

from custom_components.rhythmiq.sonos import shared_feed
from custom_components.rhythmiq.sonos.alarms import (
    WEEK,
    Alarm,
    AlarmClock,
    UnknownAlarmError,
    read_alarms,
)
from custom_components.rhythmiq.sonos.errors import PlaybackError, SpeakerUnreachableError
from custom_components.rhythmiq.sonos.household import Household
from tests.household import SimulatedHousehold

from .conftest import Connect, until

WEEKDAYS = frozenset(range(5))


@pytest.fixture
async def clock(connect: Connect) -> AsyncIterator[AlarmClock]:
    ours = await connect()
    ours.alarms.start()
    yield ours.alarms
    await ours.alarms.stop()


def alarms(clock: AlarmClock) -> dict[str, Alarm]:
    return dict(clock.alarms or {})


async def followed(household: SimulatedHousehold) -> list[str]:
    """Return the rooms that have a subscription to alarms."""
    live = await household.subscriptions()
    return [each["speaker"] for each in live if each["service"] == "AlarmClock"]


async def subscribed(household: SimulatedHousehold, room: str, *, gone: bool = False) -> None:
    """Wait until a room has a subscription to alarms, or has it no longer."""
    async with asyncio.timeout(10):
        while (room in await followed(household)) is gone:  # noqa: ASYNC110 (there is no event to wait for)
            await asyncio.sleep(0.02)


async def listed(household: SimulatedHousehold, times: int) -> None:
    """Wait until the alarms were asked for some times."""
    async with asyncio.timeout(10):
        while len(await household.calls(action="ListAlarms")) < times:  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("days", "recurrence"),
    [
        (frozenset(), "ONCE"),
        (WEEK, "DAILY"),
        (WEEKDAYS, "WEEKDAYS"),
        (frozenset({5, 6}), "WEEKENDS"),
        (frozenset({6, 0, 3}), "ON_014"),
        (frozenset({5}), "ON_6"),
    ],
)
async def test_days(clock: AlarmClock, days: frozenset[int], recurrence: str) -> None:
    alarm = Alarm(room="RINCON_1", start=time(6, 30), days=days)
    assert alarm.recurrence == recurrence
    given = {
        "ID": "7",
        "StartTime": "06:30:00",
        "Recurrence": recurrence,
        "Enabled": "1",
        "RoomUUID": "RINCON_1",
        "ProgramURI": "x-rincon-buzzer:0",
        "Volume": "20",
    }
    assert Alarm.from_attributes(given) == replace(alarm, id="7")


async def test_alarms_are_read_and_told(household: SimulatedHousehold, clock: AlarmClock) -> None:
    told: list[int] = []
    stop = clock.add_listener(lambda: told.append(len(alarms(clock))))
    await until(lambda: len(alarms(clock)) == 1)
    [alarm] = alarms(clock).values()
    assert (alarm.start, alarm.days, alarm.room) == (time(7), WEEKDAYS, household.uids[0])
    assert (alarm.volume, alarm.duration, alarm.enabled) == (0.25, 3600, True)
    assert alarm.program is None
    new = Alarm(room=household.uids[1], start=time(8, 15, 30), volume=0.1)
    alarm_id = await clock.create(new)
    assert alarms(clock)[alarm_id] == replace(new, id=alarm_id)
    changed = replace(alarm, days=frozenset({2}), duration=None, include_group=True)
    await clock.update(changed)
    assert alarms(clock)[alarm.id] == changed
    await clock.switch(alarm.id, on=False)
    assert alarms(clock)[alarm.id] == replace(changed, enabled=False)
    await clock.delete(alarm_id)
    assert list(alarms(clock)) == [alarm.id]
    assert told == [1, 2, 2, 2, 1]
    stop()


async def test_what_a_person_changes_is_told_by_an_event(
    household: SimulatedHousehold, clock: AlarmClock, hass: HomeAssistant
) -> None:
    await until(lambda: len(alarms(clock)) == 1)
    await subscribed(household, "Living Room")
    other = Household(hass, household.household_id, household.hosts[1:2])
    await other.start()
    try:
        await household.clear_calls()
        await other.alarms.create(Alarm(room=household.uids[2], start=time(9)))
        await until(lambda: len(alarms(clock)) == 2)
    finally:
        await other.stop()


async def test_the_subscription_moves_on(household: SimulatedHousehold, clock: AlarmClock) -> None:
    await subscribed(household, "Living Room")
    await household.offline(1, reason="powered off")
    await subscribed(household, "Kitchen")
    assert "Office" not in await followed(household)


async def test_without_events_alarms_are_asked_for(
    household: SimulatedHousehold, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_feed, "FIRST_EVENT_SECONDS", 0.05)
    monkeypatch.setattr(shared_feed, "ASK_SECONDS", 0.1)
    await household.fault("drop", action="NOTIFY")
    ours = await connect()
    ours.alarms.start()
    await until(lambda: len(alarms(ours.alarms)) == 1)
    await household.fault("error", action="ListAlarms", code=501, count=2)
    await household.clear_calls()
    await listed(household, 4)
    await ours.alarms.stop()


async def test_a_speaker_that_takes_no_subscription(
    household: SimulatedHousehold, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_feed, "RESUBSCRIBE_SECONDS", 0.05)
    ours = await connect()
    await household.fault("http", action="SUBSCRIBE", service="AlarmClock", status=503, count=2)
    await household.fault("error", action="GetHouseholdID", code=501, count=1)
    ours.alarms.start()
    await subscribed(household, "Living Room")
    assert len(alarms(ours.alarms)) == 1
    await ours.alarms.stop()
    await subscribed(household, "Living Room", gone=True)


async def test_a_lost_renewal(
    household: SimulatedHousehold, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_feed, "SUBSCRIPTION_SECONDS", 1)
    ours = await connect()
    ours.alarms.start()
    await subscribed(household, "Living Room")
    await household.wait_event("AlarmClock")
    await household.drop_subscriptions(1)
    await subscribed(household, "Living Room", gone=True)
    await subscribed(household, "Living Room")
    await ours.alarms.stop()


def test_an_odd_alarm_does_not_hide_the_others() -> None:
    odd = Element("Alarm", ID="1", StartTime="25:00:00")
    good = Element(
        "Alarm",
        ID="2",
        StartTime="07:00:00",
        Recurrence="DAILY",
        Enabled="0",
        RoomUUID="RINCON_1",
        ProgramURI="x-sonosapi-stream:s1",
        ProgramMetaData=(
            '<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/"><item>'
            "<dc:title>Radio One</dc:title></item></DIDL-Lite>"
        ),
        Volume="100",
    )
    root = Element("Alarms")
    root.extend([odd, good])
    [alarm] = read_alarms(root)
    assert (alarm.id, alarm.program, alarm.volume, alarm.enabled) == ("2", "Radio One", 1, False)


async def test_odd_answers(household: SimulatedHousehold, connect: Connect) -> None:
    ours = await connect()
    with pytest.raises(UnknownAlarmError) as caught:
        await ours.alarms.find("99")
    assert caught.value.placeholders == {"value": "99"}
    for kind in ("garbage", "empty"):
        await household.fault(kind, action="ListAlarms", count=1)
        with pytest.raises(PlaybackError):
            await ours.alarms.read()
    assert ours.alarms.alarms
    for number in range(1, 4):
        await household.offline(number, reason="powered off")
    with pytest.raises(SpeakerUnreachableError):
        await ours.alarms.read()
