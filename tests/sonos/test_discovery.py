"""Finding households, and what else may answer on port 1400."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from ipaddress import IPv4Address
import socket
from types import SimpleNamespace
from typing import Any

from aiohttp import web
from homeassistant.core import HomeAssistant
import pytest

from custom_components.rhythmiq.sonos import discovery
from custom_components.rhythmiq.sonos.discovery import _Search, contact, discover, resolve
from custom_components.rhythmiq.sonos.errors import (
    InvalidHostError,
    NotASonosError,
    S1OnlyError,
    SonosError,
    SpeakerUnreachableError,
)
from tests.household import NotASonos, SimulatedHousehold

HOSTILE = "127.19.77.1"
GROUP = '<ZoneGroupState><ZoneGroup><ZoneGroupMember UUID="x"{}/></ZoneGroup></ZoneGroupState>'

type Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
type Serve = Callable[[Handler], Awaitable[str]]


@pytest.fixture
async def serve(loopback_sockets: None, soco_clean: None) -> AsyncIterator[Serve]:
    """Return how to serve something of one's own on port 1400; it returns the address."""
    runners: list[web.ServerRunner] = []

    async def start(handler: Handler) -> str:
        runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, HOSTILE, 1400, reuse_address=True).start()
        return HOSTILE

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
def names(loopback_sockets: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Know two names instead of asking the network for any."""
    known = {"kitchen.lan": ["192.168.1.7"], "both.lan": ["192.168.1.7", "8.8.8.8"]}

    def answer(host: str, port: int, *_kind: int) -> list[Any]:
        if host not in known:
            try:
                known[host] = [str(IPv4Address(host))]
            except ValueError as err:
                raise socket.gaierror(f"{host} is unknown") from err
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


async def test_contact(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    found = await contact(hass, f" {household.hosts[1]} ")
    assert found.household_id == household.household_id
    assert found.host == household.hosts[1]
    assert [each.uid for each in found.speakers] == household.uids
    assert [each.name for each in found.speakers] == household.names
    assert [each.host for each in found.speakers] == household.hosts
    assert [each.model for each in found.speakers] == [None, "Era 100", None]


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("8.8.8.8", "host_not_local"),
        ("0.0.0.0", "host_not_local"),  # noqa: S104 (to be refused)
        ("224.0.0.1", "host_not_local"),
        ("100.64.0.1", "host_not_local"),
        ("", "host_unknown"),
        ("no such host", "host_unknown"),
        ("speaker.invalid", "host_unknown"),
        ("a" * 300, "host_unknown"),
        ("::1", "host_unknown"),
        ("both.lan", "host_not_local"),
        ("http://127.0.0.1", "host_unknown"),
    ],
)
async def test_hosts_outside_the_home_are_refused(
    hass: HomeAssistant, names: None, host: str, key: str
) -> None:
    with pytest.raises(InvalidHostError) as caught:
        await contact(hass, host)
    assert caught.value.key == key
    assert caught.value.placeholders == {"host": host}


async def test_names_are_resolved(names: None) -> None:
    assert await resolve(" kitchen.lan ") == "192.168.1.7"


@pytest.mark.parametrize("mode", ["refuse", "hang", "blackhole"])
async def test_a_speaker_that_is_off(
    household: SimulatedHousehold, hass: HomeAssistant, mode: str
) -> None:
    await household.offline(1, mode=mode)
    began = hass.loop.time()
    with pytest.raises(SpeakerUnreachableError):
        await contact(hass, household.hosts[0])
    assert hass.loop.time() - began < 5


@pytest.mark.parametrize("answer", ["404", "html", "xml"])
async def test_another_device(
    loopback_sockets: None, soco_clean: None, hass: HomeAssistant, answer: Any
) -> None:
    with NotASonos(answer) as device:
        with pytest.raises(NotASonosError):
            await contact(hass, device.host)
        assert device.requests == ["GET /xml/device_description.xml"]


def description(**fields: str) -> web.Response:
    known = {
        "deviceType": "urn:schemas-upnp-org:device:ZonePlayer:1",
        "UDN": "uuid:RINCON_000E58AAAAAA01400",
        "swGen": "2",
    }
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in (known | fields).items())
    return web.Response(
        text=f'<root xmlns="urn:schemas-upnp-org:device-1-0"><device>{inner}</device></root>'
    )


@pytest.mark.parametrize("generation", ["1", ""])
async def test_s1_is_told_apart(hass: HomeAssistant, serve: Serve, generation: str) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return description(swGen=generation)

    with pytest.raises(S1OnlyError):
        await contact(hass, await serve(answer))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "<root/>",
        '<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>',
        "\udcff",
    ],
)
async def test_odd_descriptions_are_no_sonos(hass: HomeAssistant, serve: Serve, text: str) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(body=text.encode(errors="surrogateescape"))

    with pytest.raises(NotASonosError):
        await contact(hass, await serve(answer))


async def test_an_endless_answer_is_cut_off(hass: HomeAssistant, serve: Serve) -> None:
    sent = 0

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(16384):
            await response.write(b" " * 65536)
            sent += 65536
        return response

    with pytest.raises(NotASonosError):
        await contact(hass, await serve(answer))
    await asyncio.sleep(0.1)
    assert sent < 64 * 1024 * 1024


async def test_a_slow_trickle_is_cut_off(hass: HomeAssistant, serve: Serve) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.2)

    began = hass.loop.time()
    with pytest.raises(SpeakerUnreachableError):
        await contact(hass, await serve(answer))
    assert hass.loop.time() - began < 5.5


async def test_redirects_are_not_followed(hass: HomeAssistant, serve: Serve) -> None:
    seen: list[str] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        seen.append(request.path)
        raise web.HTTPFound(f"http://{HOSTILE}:1400/elsewhere")

    with pytest.raises(NotASonosError):
        await contact(hass, await serve(answer))
    assert seen == ["/xml/device_description.xml"]


async def test_no_http_at_all(hass: HomeAssistant, loopback_sockets: None) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"SSH-2.0-nothing here\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, HOSTILE, 1400)
    async with server:
        with pytest.raises(NotASonosError):
            await contact(hass, HOSTILE)


@pytest.mark.parametrize(
    "state",
    [
        "<ZoneGroupState/>",
        GROUP.format(' Location="http://8.8.8.8:1400/"'),
        GROUP.format(""),
        "nonsense",
    ],
)
async def test_an_impostors_topology(hass: HomeAssistant, serve: Serve, state: str) -> None:
    """It may describe itself as a player, but nobody is sent outside the home by it."""

    async def answer(request: web.BaseRequest) -> web.Response:
        if request.method == "GET":
            return description()
        action = request.headers["SOAPACTION"].strip('"').partition("#")[2]
        escaped = state.replace("<", "&lt;")
        return web.Response(
            text='<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            f"<u:{action}Response xmlns:u='x'><CurrentHouseholdID>Sonos_x</CurrentHouseholdID>"
            f"<ZoneGroupState>{escaped}</ZoneGroupState></u:{action}Response></s:Body></s:Envelope>"
        )

    host = await serve(answer)
    if "Member" not in state and state.startswith("<"):
        assert (await contact(hass, host)).speakers == ()
        return
    with pytest.raises(SonosError) as caught:
        await contact(hass, host)
    assert caught.value.key == "speaker_confused"


@pytest.fixture
def announced(loopback_sockets: None, soco_clean: None) -> Iterator[SimulatedHousehold]:
    with SimulatedHousehold(ssdp=True) as running:
        yield running


def adapters(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let Home Assistant have these network adapters."""
    known = [
        SimpleNamespace(
            nice_name=f"eth{number}",
            ips=[SimpleNamespace(is_IPv6=False, ip=address, network_prefix=24)],
            index=number,
        )
        for number, address in enumerate(addresses)
    ]
    monkeypatch.setattr("homeassistant.components.network.util.ifaddr.get_adapters", lambda: known)


def configured(hass_storage: dict[str, Any], *names: str) -> None:
    hass_storage["core.network"] = {
        "version": 1,
        "key": "core.network",
        "data": {"configured_adapters": list(names)},
    }


async def test_discover(
    announced: SimulatedHousehold,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    hass: HomeAssistant,
) -> None:
    adapters(monkeypatch, announced.hosts[0].rpartition(".")[0] + ".1")
    configured(hass_storage, "eth0")
    # On one machine the households of other test runs answer too
    assert await discover(hass)
    [found] = await discover(hass, announced.household_id)
    assert found.household_id == announced.household_id
    assert [each.name for each in found.speakers] == announced.names
    assert await discover(hass, "Sonos_another") == []

    await announced.fault("http", service="HTTP", action="/xml/device_description.xml", status=404)
    assert await discover(hass, announced.household_id) == []


@pytest.fixture
def neighbour(announced: SimulatedHousehold) -> Iterator[SimulatedHousehold]:
    with SimulatedHousehold(names="Attic,Cellar,Hall", ssdp=True) as running:
        yield running


@pytest.fixture
def old(loopback_sockets: None, soco_clean: None) -> Iterator[SimulatedHousehold]:
    """A household of one S1 speaker."""
    with SimulatedHousehold(speakers=1, models="one-s1", ssdp=True) as running:
        yield running


async def test_every_household_is_discovered(
    announced: SimulatedHousehold,
    neighbour: SimulatedHousehold,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    hass: HomeAssistant,
) -> None:
    adapters(monkeypatch, *(each.hosts[0] for each in (announced, neighbour)))
    configured(hass_storage, "eth0", "eth1")
    found = {each.household_id: each for each in await discover(hass)}
    for each in (announced, neighbour):
        assert [speaker.uid for speaker in found[each.household_id].speakers] == each.uids
        assert found[each.household_id].host in each.hosts


async def test_one_player_that_does_not_answer_hides_no_household(
    announced: SimulatedHousehold, monkeypatch: pytest.MonkeyPatch, hass: HomeAssistant
) -> None:
    monkeypatch.setattr("soco.discovery._find_ipv4_addresses", lambda: {"127.0.0.1"})
    adapters(monkeypatch)
    for speaker in (1, 3):
        await announced.fault("garbage", action="GetHouseholdID", speaker=str(speaker))
    [found] = [each for each in await discover(hass) if each.household_id == announced.household_id]
    assert found.host == announced.hosts[1]


async def test_s1_hides_no_s2(
    old: SimulatedHousehold,
    announced: SimulatedHousehold,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    hass: HomeAssistant,
) -> None:
    adapters(monkeypatch, old.hosts[0])
    configured(hass_storage, "eth0")
    found = [each.household_id for each in await discover(hass)]
    assert announced.household_id in found
    assert old.household_id not in found


async def test_s1_alone_is_said(
    old: SimulatedHousehold,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    hass: HomeAssistant,
) -> None:
    adapters(monkeypatch, old.hosts[0])
    configured(hass_storage, "eth0")
    # The households of other test runs are not asked
    monkeypatch.setattr(discovery, "_MULTICAST", (old.hosts[0], 1900))
    with pytest.raises(S1OnlyError):
        await discover(hass)


async def test_an_adapter_that_is_gone_finds_nothing(
    loopback_sockets: None,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    hass: HomeAssistant,
) -> None:
    adapters(monkeypatch, "192.0.2.1")
    configured(hass_storage, "eth0")
    assert await discover(hass) == []


async def test_discover_without_adapters_or_answers(
    household: SimulatedHousehold,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    hass: HomeAssistant,
) -> None:
    adapters(monkeypatch)
    configured(hass_storage)
    # SoCo then looks for interfaces itself
    monkeypatch.setattr("soco.discovery._find_ipv4_addresses", lambda: {"127.0.0.1"})
    assert await discover(hass, household.household_id) == []


async def test_discover_where_adapters_cannot_be_read(
    announced: SimulatedHousehold, monkeypatch: pytest.MonkeyPatch, hass: HomeAssistant
) -> None:
    def fail() -> None:
        raise OSError("no netlink here")

    monkeypatch.setattr("homeassistant.components.network.util.ifaddr.get_adapters", fail)
    monkeypatch.setattr("soco.discovery._find_ipv4_addresses", lambda: {"127.0.0.1"})
    await announced.fault("garbage", action="GetHouseholdID")
    assert await discover(hass, announced.household_id) == []
    await announced.clear_faults()
    [found] = await discover(hass, announced.household_id)
    assert found.household_id == announced.household_id


def test_a_flood_of_answers_is_bounded() -> None:
    search = _Search()
    for household in range(100):
        for player in range(100):
            search.datagram_received(
                f"HTTP/1.1 200 OK\r\nX-RINCON-HOUSEHOLD: Sonos_{household}\r\n".encode(),
                (f"127.0.{household}.{player}", 1900),
            )
    assert len(search.players) == 8
    assert {len(players) for players in search.players.values()} == {32}
