"""Speakers that are bought and sold while the household runs."""

import asyncio
from collections.abc import Iterator
import socket
import struct

import pytest
from soco import SoCo

from tests.household import ControlError, SimulatedHousehold

GROUP = ("239.255.255.250", 1900)


@pytest.fixture
def adverts(loopback_sockets: None) -> Iterator[socket.socket]:
    """Return a socket that hears what is advertised on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(GROUP)
        member = struct.pack("4s4s", socket.inet_aton(GROUP[0]), socket.inet_aton("127.0.0.1"))
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        listener.setblocking(False)
        yield listener


async def _hear(adverts: socket.socket, kind: str, uid: str) -> dict[str, str]:
    """Wait for an advert of this kind about a speaker; return its headers."""
    async with asyncio.timeout(3):
        while True:
            data = await asyncio.get_running_loop().sock_recv(adverts, 4096)
            first, *lines = data.decode().splitlines()
            headers = dict(line.split(": ", 1) for line in lines if ": " in line)
            wanted = first == "NOTIFY * HTTP/1.1" and headers["NTS"] == f"ssdp:{kind}"
            if wanted and uid in headers["USN"]:
                return headers


async def test_bought_and_sold(household: SimulatedHousehold, speaker: SoCo) -> None:
    bath = await household.buy("Bath", model="era100")
    await household.wait_until(lambda state: bath["uid"] in state["published_topology"])
    assert await asyncio.to_thread(lambda: SoCo(bath["ip"]).uid) == bath["uid"]
    await household.user("Kitchen", "join", to="Bath")
    await household.user("Bath", "enqueue", uris=["http://127.0.0.1/a.mp3"])
    await household.sell("Bath")
    await household.wait_until(lambda state: bath["uid"] not in state["published_topology"])
    assert bath["uid"] not in {zone.uid for zone in await asyncio.to_thread(_zones, speaker)}
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(bath["ip"], 1400)
    # What played there goes on where it was grouped
    assert await household.queue_uris("Kitchen") == ["http://127.0.0.1/a.mp3"]


def _zones(speaker: SoCo) -> set[SoCo]:
    speaker.zone_group_state.clear_cache()
    zones: set[SoCo] = speaker.all_zones
    return zones


async def test_the_first_one_may_go(household: SimulatedHousehold) -> None:
    uid = household.uids[0]
    await household.sell(1)
    assert household.names == ["Kitchen", "Office"]
    assert (await household.state())["alarms"] == []
    again = await household.buy("Living Room")
    assert again["uid"] != uid


async def test_sold_out(household: SimulatedHousehold) -> None:
    await household.sell(3)
    await household.sell(2)
    with pytest.raises(ControlError):
        await household.sell(1)
    with pytest.raises(ControlError):
        await household.buy("Old", model="one-s1")
    with pytest.raises(ControlError):
        await household.buy("Twin", ip=household.hosts[0])
    with pytest.raises(ControlError):
        await household.buy("Abroad", ip="192.168.1.4")


async def test_adverts(adverts: socket.socket, soco_clean: None) -> None:
    with SimulatedHousehold(speakers=1, ssdp=True) as household:
        headers = await _hear(adverts, "alive", household.uids[0])
        assert headers["LOCATION"].startswith(f"http://{household.hosts[0]}:1400/")
        assert headers["X-RINCON-HOUSEHOLD"] == household.household_id
        bath = await household.buy("Bath")
        await _hear(adverts, "alive", bath["uid"])
        await household.sell("Bath")
        await _hear(adverts, "byebye", bath["uid"])
        await household.reboot(1, seconds=0.01)
        headers = await _hear(adverts, "alive", household.uids[0])
        assert headers["X-RINCON-BOOTSEQ"] == "42"
