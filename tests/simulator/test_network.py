"""Faults, outages, reboots, discovery, S1 firmware and the command line."""

import asyncio
import signal
import sys
import time
from xml.etree import ElementTree as ET

import aiohttp
import pytest
import requests
from soco import SoCo, discover
from soco.exceptions import SoCoUPnPException

from tests.household import ControlError, NotASonos, SimulatedHousehold, alone_in_discovery


@pytest.mark.parametrize(
    ("kind", "rule", "error"),
    [
        ("error", {"code": 803}, SoCoUPnPException),
        ("http", {"status": 403}, requests.HTTPError),
        ("drop", {}, requests.ConnectionError),
        ("hang", {"ms": 3000}, requests.Timeout),
        ("garbage", {}, ET.ParseError),
        ("empty", {}, ET.ParseError),
        ("flood", {"size": 1 << 20}, ET.ParseError),
    ],
    ids=["error", "http", "drop", "hang", "garbage", "empty", "flood"],
)
async def test_faults_before_the_work(
    household: SimulatedHousehold,
    speaker: SoCo,
    kind: str,
    rule: dict[str, object],
    error: type[Exception],
) -> None:
    """One call fails in its way, nothing was done, the next one works."""
    await household.fault(kind, action="Seek", count=1, **rule)
    await household.demo()
    await household.wait_playing()
    with pytest.raises(error):
        await asyncio.to_thread(lambda: speaker.seek("0:01:00"))
    assert (await household.speaker())["transport"]["position"] < 30
    await asyncio.to_thread(lambda: speaker.seek("0:01:00"))
    assert (await household.speaker())["transport"]["position"] >= 60


@pytest.mark.parametrize("kind", ["drop_after", "hang_after"])
async def test_faults_after_the_work(
    household: SimulatedHousehold, speaker: SoCo, kind: str
) -> None:
    """The reply is lost but the track is there: adds are not idempotent."""
    await household.fault(kind, action="AddURIToQueue", count=1, ms=3000)
    with pytest.raises((requests.ConnectionError, requests.Timeout)):
        await asyncio.to_thread(lambda: speaker.add_uri_to_queue("http://127.0.0.1/a.mp3"))
    assert await household.queue_uris() == ["http://127.0.0.1/a.mp3"]


async def test_delay_and_counting(household: SimulatedHousehold, speaker: SoCo) -> None:
    await household.fault("delay", action="GetVolume", ms=150, skip=1, count=1)
    for _ in range(3):
        await asyncio.to_thread(lambda: speaker.volume)
    slow = [row["ms"] >= 150 for row in await household.calls(action="GetVolume")]
    assert slow == [False, True, False]


async def test_a_flood_ends_when_nobody_reads_on(household: SimulatedHousehold) -> None:
    await household.fault("flood", service="HTTP", action="/xml/device_description.xml")
    url = f"http://{household.hosts[0]}:1400/xml/device_description.xml"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.content_length is None
        assert len(await response.content.readexactly(1 << 20)) == 1 << 20
    await household.wait_until(lambda state: bool(state["speakers"]))


async def test_a_speaker_that_sends_its_visitors_elsewhere(household: SimulatedHousehold) -> None:
    url = f"http://{household.hosts[0]}:1400"
    description = "/xml/device_description.xml"
    with NotASonos() as elsewhere:
        there = f"http://{elsewhere.host}:1400/x"
        await household.fault("redirect", service="HTTP", action=description, location=there)
        await household.fault("redirect", service="RenderingControl", location=there)
        async with aiohttp.ClientSession(url) as session:
            async with session.get(description, allow_redirects=False) as response:
                assert (response.status, response.headers["Location"]) == (302, there)
            async with session.get(description) as response:
                assert response.status == 404
        assert elsewhere.requests == ["GET /x"]
        speaker = SoCo(household.hosts[0])
        with pytest.raises(requests.HTTPError):
            await asyncio.to_thread(lambda: speaker.volume)


async def test_a_trickle_is_right_but_slow(household: SimulatedHousehold, speaker: SoCo) -> None:
    await household.fault("trickle", action="GetVolume", ms=10)
    began = time.monotonic()
    assert await asyncio.to_thread(lambda: speaker.volume) == 20
    assert time.monotonic() - began > 0.15


async def test_a_flapping_topology_settles(household: SimulatedHousehold, speaker: SoCo) -> None:
    await household.flap([["1", "2"]], [["3", "1"]], times=7, ms=10)
    await household.wait_until(
        lambda state: [g["members"] for g in state["groups"]] != [["Living Room"]]
    )
    await asyncio.sleep(0.15)
    state = await household.state()
    assert [g["members"] for g in state["groups"]] == [["Living Room", "Kitchen"], ["Office"]]
    assert {
        g.coordinator.player_name for g in await asyncio.to_thread(lambda: speaker.all_groups)
    } == {
        "Living Room",
        "Office",
    }


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("refuse", requests.ConnectionError),
        ("hang", requests.ReadTimeout),
        ("blackhole", requests.ConnectTimeout),
    ],
)
async def test_outages(
    household: SimulatedHousehold, speaker: SoCo, mode: str, error: type[Exception]
) -> None:
    await household.offline(1, mode=mode, reason="powered off")
    with pytest.raises(error):
        await asyncio.to_thread(lambda: speaker.volume)
    await household.wait_until(lambda state: 'Reason="powered off"' in state["published_topology"])
    await household.online(1)
    assert await asyncio.to_thread(lambda: speaker.volume) == 20


async def test_a_reboot_may_change_the_address(household: SimulatedHousehold) -> None:
    await household.demo()
    uris = await household.queue_uris()
    old = household.hosts[0]
    new = old.rpartition(".")[0] + ".99"
    await household.reboot(1, seconds=0.05, new_ip=new)
    await household.wait_until(lambda state: new in state["published_topology"])
    assert household.hosts[0] == new
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(old, 1400)
    back = SoCo(new)
    assert await asyncio.to_thread(lambda: back.uid) == household.uids[0]
    assert len(await asyncio.to_thread(back.get_queue)) == len(uris)
    state = await household.speaker()
    assert (state["boot_seq"], state["transport"]["state"]) == (42, "STOPPED")


async def test_socos_own_discovery(loopback_sockets: None) -> None:
    with SimulatedHousehold(ssdp=True) as household:
        found = await asyncio.to_thread(
            lambda: discover(
                timeout=2, interface_addr="127.0.0.1", household_id=household.household_id
            )
        )
        assert {zone.ip_address for zone in found or ()} == set(household.hosts)
    nothing = await asyncio.to_thread(
        lambda: discover(
            timeout=0.3, interface_addr="127.0.0.1", household_id=household.household_id
        )
    )
    assert nothing is None


async def test_discovery_after_a_new_address(loopback_sockets: None) -> None:
    with SimulatedHousehold(speakers=1, ssdp=True) as household:
        new = household.hosts[0].rpartition(".")[0] + ".99"
        await household.reboot(1, seconds=0.05, new_ip=new)
        await household.wait_until(lambda state: new in state["published_topology"])
        found = await asyncio.to_thread(
            lambda: discover(
                timeout=2, interface_addr="127.0.0.1", household_id=household.household_id
            )
        )
        assert {zone.ip_address for zone in found or ()} == {new}


async def test_s1_and_s2_can_be_told_apart(household: SimulatedHousehold) -> None:
    def generations(host: str) -> tuple[str, set[str | None]]:
        description = requests.get(f"http://{host}:1400/xml/device_description.xml", timeout=2)
        generation = ET.fromstring(description.text).findtext(".//{*}swGen") or ""  # noqa: S314
        state = SoCo(host).zoneGroupTopology.GetZoneGroupState()["ZoneGroupState"]
        members = ET.fromstring(state).iter("ZoneGroupMember")  # noqa: S314
        return generation, {member.get("SWGen") for member in members}

    assert await asyncio.to_thread(generations, household.hosts[0]) == ("2", {"2"})
    with SimulatedHousehold(speakers=2, models="one-s1") as old:
        assert await asyncio.to_thread(generations, old.hosts[0]) == ("1", {"1"})
        info = await asyncio.to_thread(SoCo(old.hosts[1]).get_speaker_info)
        assert info["software_version"].startswith("57.")


async def test_what_s1_cannot(loopback_sockets: None, soco_clean: None) -> None:
    with SimulatedHousehold(speakers=2, models="one-s1") as old:
        speaker = SoCo(old.hosts[0])
        with pytest.raises(SoCoUPnPException) as refused:
            await asyncio.to_thread(
                lambda: speaker.renderingControl.GetHeadphoneConnected([("InstanceID", 0)])
            )
        assert refused.value.error_code == "401"
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(old.hosts[0], 1443)
        async with (
            aiohttp.ClientSession(f"http://{old.hosts[0]}:1400") as session,
            session.get("/info") as response,
        ):
            assert response.status == 404
        with pytest.raises(ControlError):
            await old.user(1, "airplay")
        await asyncio.to_thread(lambda: speaker.create_stereo_pair(SoCo(old.hosts[1])))


def test_s1_and_s2_never_mix() -> None:
    with pytest.raises(ValueError, match="S1 and S2"):
        SimulatedHousehold(models="one,one-s1")


async def test_the_command_line_starts_and_stops(loopback_sockets: None) -> None:
    """READY within a few seconds, gone within one after SIGTERM."""
    with SimulatedHousehold(speakers=1) as household:
        prefix = household.hosts[0].rpartition(".")[0]
    with alone_in_discovery():
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "simulator.sonos_sim", "--ssdp", "--speakers=3"),
            *(f"--base-ip={prefix}.11", f"--control={prefix}.1:1499"),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        async with asyncio.timeout(20):
            lines: list[str] = []
            while not lines or lines[-1] != "READY":
                lines.append((await process.stdout.readline()).decode().strip())
        assert sum(line.endswith("01400") for line in lines) == 3
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert await process.wait() == 0
        assert time.monotonic() - began < 1


async def test_the_command_line_says_what_is_wrong(
    loopback_sockets: None, household: SimulatedHousehold
) -> None:
    async def run(*arguments: str) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "simulator.sonos_sim", *arguments),
            stderr=asyncio.subprocess.PIPE,
        )
        _out, err = await process.communicate()
        return process.returncode, err.decode()

    code, text = await run("--base-ip=192.168.1.10")
    assert (code, "only loopback" in text) == (2, True)
    code, text = await run(f"--base-ip={household.hosts[0]}")
    assert (code, "address already in use" in text) == (1, True)
