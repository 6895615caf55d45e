"""Stereo pairs and home theatres, as SoCo sees them."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from soco import SoCo

from tests.household import ControlError, Json, SimulatedHousehold


@pytest.fixture
def household(loopback_sockets: None, soco_clean: None) -> Iterator[SimulatedHousehold]:
    """TV Room with two surrounds and a sub, Kitchen, and Office: six players, three rooms."""
    with SimulatedHousehold(
        speakers=6,
        names="TV Room,Left,Right,Low,Kitchen,Office",
        models="arc,one,one,sub,one,five",
        bonds=["1=2:LR,3:RR,4:SW"],
    ) as running:
        yield running


async def _rooms(speaker: SoCo) -> set[str]:
    speaker.zone_group_state.clear_cache()
    return {zone.player_name for zone in await asyncio.to_thread(lambda: speaker.visible_zones)}


def _groups(*wanted: list[str]) -> Callable[[Json], bool]:
    return lambda state: [group["members"] for group in state["groups"]] == list(wanted)


async def test_a_theatre_is_one_room(household: SimulatedHousehold, speaker: SoCo) -> None:
    assert await _rooms(speaker) == {"TV Room", "Kitchen", "Office"}
    zones = await asyncio.to_thread(lambda: speaker.all_zones)
    assert len(zones) == 6
    assert speaker.has_satellites
    satellites = {zone.ip_address for zone in zones if zone.is_satellite}
    assert satellites == set(household.hosts[1:4])
    assert await asyncio.to_thread(lambda: speaker.has_subwoofer)
    assert await asyncio.to_thread(lambda: speaker.night_mode) is False
    sub = SoCo(household.hosts[3])
    assert await asyncio.to_thread(lambda: sub.is_subwoofer)
    assert await asyncio.to_thread(lambda: sub.player_name) == "TV Room"


async def test_a_theatre_groups_as_one(household: SimulatedHousehold, speaker: SoCo) -> None:
    kitchen = SoCo(household.hosts[4])
    await asyncio.to_thread(lambda: speaker.join(kitchen))
    await household.wait_until(_groups(["Kitchen", "TV Room"], ["Office"]))
    await household.wait_until(lambda state: state["published_topology"].count("<Satellite ") == 3)
    await asyncio.to_thread(speaker.unjoin)
    await household.wait_until(_groups(["TV Room"], ["Kitchen"], ["Office"]))
    with pytest.raises(ControlError):
        await household.user(2, "join", to="Kitchen")


async def test_satellites_come_and_go(household: SimulatedHousehold, speaker: SoCo) -> None:
    await household.offline(4)
    await household.wait_until(lambda state: state["published_topology"].count("<Satellite ") == 2)
    await household.online(4)
    await household.wait_until(lambda state: state["published_topology"].count("<Satellite ") == 3)
    await asyncio.to_thread(speaker.separate_satellite_speakers)
    await household.wait_until(lambda state: "<Satellite " not in state["published_topology"])
    assert await _rooms(speaker) == set(household.names)
    left, right = (SoCo(host) for host in household.hosts[1:3])
    await asyncio.to_thread(lambda: speaker.add_satellite_speakers(left, right))
    await household.wait_until(lambda state: len(state["groups"]) == 4)


async def test_a_pair_is_one_room(household: SimulatedHousehold, speaker: SoCo) -> None:
    await household.bond(5, {"6": "RF"})
    await household.wait_until(lambda state: "RF,RF" in state["published_topology"])
    assert await _rooms(speaker) == {"TV Room", "Kitchen"}
    await household.user("TV Room", "join", to=household.uids[4])
    await household.wait_until(_groups(["Kitchen", "Kitchen", "TV Room"]))
    # Leaving takes both halves along, and leaves the music with the other room
    await household.user(household.uids[4], "leave")
    await household.wait_until(_groups(["TV Room"], ["Kitchen", "Kitchen"]))
    await household.user(5, "volume", volume=33)
    assert [(await household.speaker(n))["volume"] for n in (5, 6)] == [33, 33]
    await household.unbond(6)
    await household.wait_until(_groups(["TV Room"], ["Kitchen"], ["Office"]))


async def test_half_a_pair_goes_and_returns(household: SimulatedHousehold) -> None:
    await household.bond(5, {"6": "RF"})
    await household.user("TV Room", "join", to=household.uids[4])
    for half in (5, 6):
        await household.offline(half)
        await household.online(half)
        await household.wait_until(
            lambda state: (
                next(g for g in state["groups"] if g["coordinator"] == "Kitchen")["members"][:2]
                == ["Kitchen", "Kitchen"]
            )
        )


@pytest.mark.parametrize(
    ("head", "parts"),
    [
        (1, {"5": "RF"}),
        (5, {"6": "LR"}),
        (5, {"5": "RF"}),
        (5, {"2": "RF"}),
        (2, {"6": "RF"}),
        (5, {}),
    ],
)
async def test_what_cannot_be_bonded(
    household: SimulatedHousehold, head: int, parts: dict[str, str]
) -> None:
    with pytest.raises(ControlError):
        await household.bond(head, parts)


async def test_a_rename_names_all_of_the_room(household: SimulatedHousehold) -> None:
    await household.user("TV Room", "rename", name="Cinema")
    assert household.names[:5] == ["Cinema"] * 4 + ["Kitchen"]
