"""Transport, play modes and groups through SoCo."""

import asyncio

import pytest
from soco import SoCo
from soco.exceptions import SoCoSlaveException, SoCoUPnPException

from tests.household import SimulatedHousehold


async def playing(household: SimulatedHousehold) -> list[str]:
    """Start six tracks in the Living Room; return their uris."""
    await household.demo()
    await household.wait_playing()
    return await household.queue_uris()


async def test_starting_goes_through_transitioning(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    await household.settings(transition_ms=150)
    await household.demo()
    info = await asyncio.to_thread(speaker.get_current_transport_info)
    assert info["current_transport_state"] == "TRANSITIONING"
    await household.wait_playing()
    info = await asyncio.to_thread(speaker.get_current_transport_info)
    assert info["current_transport_state"] == "PLAYING"


async def test_tracks_advance_and_the_queue_ends(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    uris = await playing(household)
    await household.clock(advance=400)
    state = await household.wait_until(
        lambda state: state["transport"]["track_number"] > 1, speaker=1
    )
    assert state["transport"]["state"] == "PLAYING"
    await household.clock(advance=100_000)
    state = await household.wait_until(
        lambda state: bool(state["transport"]["state"] == "STOPPED"), speaker=1
    )
    assert state["transport"]["track"]["uri"] == uris[0]
    finished = (await household.state())["finished_tracks"]
    assert [row["uri"] for row in finished] == uris


async def test_next_at_the_end_and_pause_while_stopped(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    uris = await playing(household)
    await asyncio.to_thread(lambda: speaker.play_from_queue(len(uris) - 1))
    with pytest.raises(SoCoUPnPException) as refused:
        await asyncio.to_thread(speaker.next)
    assert refused.value.error_code == "711"
    await asyncio.to_thread(speaker.stop)
    with pytest.raises(SoCoUPnPException) as refused:
        await asyncio.to_thread(speaker.pause)
    assert refused.value.error_code == "701"


async def test_shuffle_has_an_order_and_repeat_wraps(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    uris = await playing(household)

    def shuffle() -> None:
        speaker.play_mode = "SHUFFLE"

    await asyncio.to_thread(shuffle)
    transport = (await household.speaker())["transport"]
    order = transport["play_order"]
    assert sorted(order) == list(range(1, len(uris) + 1))
    assert order[0] == 1
    assert order != sorted(order)
    for number in [*order[1:], order[0]]:
        await asyncio.to_thread(speaker.next)
        assert (await household.speaker())["transport"]["track_number"] == number


async def test_play_mode_needs_the_queue(household: SimulatedHousehold, speaker: SoCo) -> None:
    await household.user(1, "play_uri", uri="x-rincon-mp3radio://127.0.0.1/radio")
    with pytest.raises(SoCoUPnPException) as refused:
        await asyncio.to_thread(lambda: setattr(speaker, "play_mode", "SHUFFLE"))
    assert refused.value.error_code == "712"


async def test_takeover_leaves_the_queue_alone(
    household: SimulatedHousehold, speaker: SoCo
) -> None:
    uris = await playing(household)
    await household.user(1, "spotify_connect")
    source = await asyncio.to_thread(lambda: speaker.music_source)
    assert source == "SPOTIFY_CONNECT"
    assert await household.queue_uris() == uris


async def test_groups_follow_their_coordinator(household: SimulatedHousehold) -> None:
    living, kitchen, _office = (SoCo(host) for host in household.hosts)
    uris = await playing(household)
    await asyncio.to_thread(lambda: kitchen.join(living))
    topology = await household.wait_until(
        lambda state: (
            "Kitchen" in state["groups"][0]["members"]
            and state["published_topology"].count("<ZoneGroup ") == 2
        )
    )
    assert topology["groups"][0]["coordinator"] == "Living Room"
    info = await asyncio.to_thread(kitchen.get_current_transport_info)
    assert info["current_transport_state"] == "PLAYING"
    with pytest.raises(SoCoSlaveException):
        await asyncio.to_thread(kitchen.pause)

    # The coordinator leaves: the other inherits queue and playback
    await asyncio.to_thread(living.unjoin)
    assert await household.queue_uris("Kitchen") == uris
    state = await household.speaker("Kitchen")
    assert (state["transport"]["state"], state["is_coordinator"]) == ("PLAYING", True)


async def test_a_member_refuses_what_only_coordinators_do(household: SimulatedHousehold) -> None:
    await household.topology([["1", "2"]])
    member = SoCo(household.hosts[1])
    with pytest.raises(SoCoUPnPException) as refused:
        await asyncio.to_thread(
            lambda: member.avTransport.RemoveAllTracksFromQueue([("InstanceID", 0)])
        )
    assert refused.value.error_code == "800"


async def test_group_volume_keeps_the_balance(household: SimulatedHousehold) -> None:
    await household.user(1, "volume", volume=10)
    await household.user(2, "volume", volume=30)
    await household.topology([["1", "2"]])
    group = await asyncio.to_thread(lambda: SoCo(household.hosts[0]).group)
    assert await asyncio.to_thread(lambda: group.volume) == 20
    await asyncio.to_thread(lambda: setattr(group, "volume", 40))
    assert [(await household.speaker(n))["volume"] for n in (1, 2)] == [20, 60]
