"""Joining, leaving and regrouping, until the topology shows it; the volume of a group."""

import asyncio

import pytest

from custom_components.rhythmiq.sonos import grouping
from custom_components.rhythmiq.sonos.errors import SonosError, SpeakerUnreachableError
from custom_components.rhythmiq.sonos.grouping import (
    Departure,
    GroupingNotShownError,
    GroupingRefusedError,
    OtherHouseholdError,
    change_group_volume,
    join,
    regroup,
    set_group_volume,
    unjoin,
)
from custom_components.rhythmiq.sonos.household import Household
from custom_components.rhythmiq.sonos.speaker import Speaker
from tests.household import SimulatedHousehold

from .conftest import Connect

JOIN = "SetAVTransportURI"
LEAVE = "BecomeCoordinatorOfStandaloneGroup"


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up on the topology sooner than real speakers deserve."""
    monkeypatch.setattr(grouping, "TOPOLOGY_SECONDS", 0.3)
    monkeypatch.setattr(grouping, "_LOST_REPLY_SECONDS", 0.2)


async def speakers_of(household: SimulatedHousehold, connect: Connect) -> list[Speaker]:
    ours = await connect()
    return [ours.speakers[uid] for uid in household.uids]


def groups(ours: Household) -> set[tuple[str, ...]]:
    """Return the names of who plays together, the coordinator first, the others sorted."""
    found = {speaker.members for speaker in ours.speakers.values()}
    return {(first.name, *sorted(each.name for each in rest)) for first, *rest in found}


async def sent(household: SimulatedHousehold, action: str) -> list[str]:
    """Return the rooms that got a command, in order."""
    return [call["speaker"] for call in await household.calls(action=action)]


async def test_joining_returns_when_the_topology_shows_it(
    household: SimulatedHousehold, connect: Connect
) -> None:
    living_room, kitchen, office = await speakers_of(household, connect)
    await household.demo(1)
    await household.clear_calls()
    await join(living_room, [kitchen, office, kitchen])
    assert groups(living_room.household) == {("Living Room", "Kitchen", "Office")}
    assert sorted(await sent(household, JOIN)) == ["Kitchen", "Office"]
    await household.clear_calls()
    await join(kitchen, [living_room, kitchen, office])
    assert await household.calls() == []


async def test_joining_a_member_means_its_group(
    household: SimulatedHousehold, connect: Connect
) -> None:
    living_room, kitchen, office = await speakers_of(household, connect)
    await join(living_room, [kitchen])
    await join(kitchen, [office])
    assert groups(living_room.household) == {("Living Room", "Kitchen", "Office")}


async def test_a_group_joins_with_its_coordinator_last(
    household: SimulatedHousehold, connect: Connect
) -> None:
    living_room, kitchen, office = await speakers_of(household, connect)
    await join(kitchen, [office])
    await household.clear_calls()
    await join(living_room, [kitchen, office])
    assert await sent(household, JOIN) == ["Office", "Kitchen"]


async def test_coordinators_leave_last_and_only_if_somebody_stays(
    household: SimulatedHousehold, connect: Connect
) -> None:
    living_room, kitchen, office = await speakers_of(household, connect)
    await join(living_room, [kitchen, office])
    await household.clear_calls()
    await unjoin(living_room, kitchen)
    assert await sent(household, LEAVE) == ["Kitchen", "Living Room"]
    assert groups(living_room.household) == {("Living Room",), ("Kitchen",), ("Office",)}

    await join(living_room, [kitchen, office])
    await household.clear_calls()
    await unjoin(living_room, kitchen, office)
    assert sorted(await sent(household, LEAVE)) == ["Kitchen", "Office"]
    assert groups(living_room.household) == {("Living Room",), ("Kitchen",), ("Office",)}
    await household.clear_calls()
    await unjoin(living_room, kitchen)
    assert await household.calls() == []


async def test_those_who_leave_at_once_leave_together(
    household: SimulatedHousehold, connect: Connect
) -> None:
    living_room, kitchen, office = await speakers_of(household, connect)
    await join(living_room, [kitchen, office])
    await household.clear_calls()
    departure = Departure()
    await asyncio.gather(departure.leave(living_room), departure.leave(kitchen))
    assert await sent(household, LEAVE) == ["Kitchen", "Living Room"]
    await join(office, [kitchen])
    await departure.leave(kitchen)
    assert len(kitchen.members) == 1


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ([["1", "2"]], [[1, 0]], {("Kitchen", "Living Room"), ("Office",)}),
        ([["1", "2", "3"]], [[1, 2]], {("Living Room",), ("Kitchen", "Office")}),
        ([["1", "2", "3"]], [[0, 1]], {("Living Room", "Kitchen"), ("Office",)}),
        ([["1", "2", "3"]], [[0], [2, 1]], {("Living Room",), ("Office", "Kitchen")}),
        ([["1", "2"]], [[0], [1], []], {("Living Room",), ("Kitchen",), ("Office",)}),
        ([], [[2, 0, 1]], {("Office", "Kitchen", "Living Room")}),
    ],
)
async def test_regrouping(
    household: SimulatedHousehold,
    connect: Connect,
    before: list[list[str]],
    wanted: list[list[int]],
    after: set[tuple[str, ...]],
) -> None:
    speakers = await speakers_of(household, connect)
    await household.topology(before)
    await regrouped(speakers, len(before[0]) if before else 1)
    await regroup([[speakers[index] for index in group] for group in wanted])
    assert groups(speakers[0].household) == after


async def regrouped(speakers: list[Speaker], size: int) -> None:
    """Wait until the simulated regrouping has come through."""
    async with asyncio.timeout(3):
        while len(speakers[0].members) != size:  # noqa: ASYNC110 (told by events)
            await asyncio.sleep(0.01)


async def test_another_household_is_refused(
    household: SimulatedHousehold, connect: Connect
) -> None:
    living_room, *_ = await speakers_of(household, connect)
    with SimulatedHousehold(speakers=1, names="Summer House") as other:
        theirs = Household(living_room.hass, other.household_id, other.hosts)
        try:
            await theirs.start()
            [summer_house] = theirs.speakers.values()
            await household.clear_calls()
            with pytest.raises(OtherHouseholdError) as caught:
                await join(living_room, [summer_house])
            assert caught.value.placeholders == {
                "speaker": "Summer House",
                "leader": "Living Room",
            }
            assert await household.calls(action=JOIN) == []
        finally:
            await theirs.stop()


async def test_a_refusal_names_the_speaker_and_the_others_join(
    household: SimulatedHousehold, connect: Connect
) -> None:
    living_room, kitchen, office = await speakers_of(household, connect)
    await household.fault("error", action=JOIN, speaker="2", code=800)
    with pytest.raises(GroupingRefusedError) as caught:
        await join(living_room, [kitchen, office])
    assert caught.value.placeholders == {"speaker": "Kitchen", "code": "800"}
    assert office.coordinator is living_room


async def test_what_the_topology_never_shows_is_an_error(
    household: SimulatedHousehold, connect: Connect, quickly: None
) -> None:
    living_room, kitchen, _ = await speakers_of(household, connect)
    await household.settings(topology_ms=60_000)
    with pytest.raises(GroupingNotShownError) as caught:
        await join(living_room, [kitchen])
    assert caught.value.placeholders == {"speaker": "Kitchen"}


async def test_a_lost_reply_is_no_failure(household: SimulatedHousehold, connect: Connect) -> None:
    living_room, kitchen, _ = await speakers_of(household, connect)
    await household.fault("drop_after", action=JOIN, count=1)
    await join(living_room, [kitchen])
    assert kitchen.coordinator is living_room


async def test_a_dead_speaker_is_named_and_the_others_join(
    household: SimulatedHousehold, connect: Connect, quickly: None
) -> None:
    living_room, kitchen, office = await speakers_of(household, connect)
    await household.offline(2)
    with pytest.raises(SpeakerUnreachableError):
        await join(living_room, [kitchen, office])
    assert office.coordinator is living_room


async def test_without_events_the_topology_is_asked(
    household: SimulatedHousehold, connect: Connect
) -> None:
    living_room, kitchen, _ = await speakers_of(household, connect)
    await household.fault("drop", action="NOTIFY")
    await join(living_room, [kitchen])
    assert kitchen.coordinator is living_room
    assert "ZoneGroupTopology.GetZoneGroupState" in await household.call_counts()


async def test_group_volume_keeps_proportions(
    household: SimulatedHousehold, connect: Connect
) -> None:
    living_room, kitchen, office = await speakers_of(household, connect)
    await join(living_room, [kitchen])
    await kitchen.set_volume(0.4)
    await set_group_volume(kitchen, 0.6)
    states = [await household.speaker(number) for number in (1, 2, 3)]
    assert [state["volume"] for state in states] == [40, 80, 20]
    await change_group_volume(kitchen, -0.3)
    states = [await household.speaker(number) for number in (1, 2, 3)]
    assert [state["volume"] for state in states] == [20, 40, 20]
    assert office.coordinator is office
    await household.fault("error", action="SetGroupVolume", code=701)
    with pytest.raises(SonosError):
        await set_group_volume(living_room, 0.5)
