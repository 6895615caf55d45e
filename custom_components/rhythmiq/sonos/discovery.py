"""Finding households and knowing a Sonos player from anything else that answers."""

import asyncio
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
import logging
import socket
from typing import Final, override

from aiohttp import ClientError, ClientResponseError, ClientTimeout
from homeassistant.components import network
from homeassistant.core import HomeAssistant
import soco.discovery

from .control import Control
from .errors import (
    InvalidHostError,
    NotASonosError,
    S1OnlyError,
    SonosError,
    SpeakerUnreachableError,
    UpnpDisabledError,
)
from .http import TooLargeError, request
from .topology import Topology
from .xml import parse

_LOGGER = logging.getLogger(__name__)

PORT: Final = 1400
_DESCRIPTION_LIMIT: Final = 256 * 1024
_DESCRIPTION_TIMEOUT: Final = ClientTimeout(total=4, sock_connect=3)
_SEARCH_SECONDS: Final = 2
_S1: Final = 1
# What SoCo sends, as often and as far
_PLAYER_SEARCH: Final = b"""M-SEARCH * HTTP/1.1
HOST: 239.255.255.250:1900
MAN: "ssdp:discover"
MX: 1
ST: urn:schemas-upnp-org:device:ZonePlayer:1
"""
_MULTICAST: Final = ("239.255.255.250", 1900)
_REPEATS: Final = 3
_HOPS: Final = 4
_HOUSEHOLD: Final = "X-RINCON-HOUSEHOLD"
# Whoever answers is asked who they are; nobody has more than this, Sonos allows 32 players
_HOUSEHOLDS: Final = 8
_PLAYERS: Final = 32
_NAMESPACE: Final = "{urn:schemas-upnp-org:device-1-0}"
_DEVICE_TYPE: Final = "urn:schemas-upnp-org:device:ZonePlayer:1"


@dataclass(frozen=True, slots=True)
class Description:
    """What a player says about itself. ``generation`` is 1 for S1, 2 for S2 firmware."""

    uid: str
    name: str
    model: str
    version: str
    generation: int


@dataclass(frozen=True, slots=True)
class FoundSpeaker:
    """One visible player of a household; ``model`` is known of the player that answered."""

    uid: str
    name: str
    host: str
    model: str | None


@dataclass(frozen=True, slots=True)
class FoundHousehold:
    """A household and the player through which it was found."""

    household_id: str
    host: str
    speakers: tuple[FoundSpeaker, ...]
    topology: Topology


async def discover(hass: HomeAssistant, household_id: str | None = None) -> list[FoundHousehold]:
    """Search every enabled network adapter for two seconds and return all who answered.

    With ``household_id`` only that household counts. Finding nothing is no error, but raises
    ``S1OnlyError`` when it was S1 that answered and nothing else.
    """
    addresses: set[str] = set()
    try:
        addresses.update(
            str(address)
            for address in await network.async_get_enabled_source_ips(hass)
            if isinstance(address, IPv4Address)
        )
    except OSError as err:
        _LOGGER.debug("No network adapters known: %s", err)
    if not addresses:
        # In some containers only SoCo knows better
        addresses = await hass.async_add_executor_job(soco.discovery._find_ipv4_addresses)  # noqa: SLF001
    players: dict[str, set[str]] = {}
    for answers in await asyncio.gather(*(_listen(address) for address in addresses)):
        for household, hosts in answers.items():
            if household_id in (None, household):
                players.setdefault(household, set()).update(hosts)
    results = await asyncio.gather(*(_contact_any(hass, hosts) for hosts in players.values()))
    households = {each.household_id: each for each in results if isinstance(each, FoundHousehold)}
    if not households:
        for result in results:
            if isinstance(result, S1OnlyError):
                raise result
    return list(households.values())


async def contact(hass: HomeAssistant, host: str) -> FoundHousehold:
    """Ask the player at ``host``, a name or an IPv4 address, for its household.

    Raises ``InvalidHostError``, ``SpeakerUnreachableError`` (within about five seconds),
    ``NotASonosError`` or ``S1OnlyError``.
    """
    address = await resolve(host)
    description = await describe(hass, address)
    if description.generation == _S1:
        raise S1OnlyError(host)
    control = Control(hass, address, host)
    household_id = await control.household_id()
    topology = await control.topology()
    return FoundHousehold(
        household_id,
        address,
        tuple(
            FoundSpeaker(
                member.uid,
                member.name,
                member.host,
                description.model if member.uid == description.uid else None,
            )
            for member in topology.members.values()
        ),
        topology,
    )


async def resolve(host: str) -> str:
    """Return the IPv4 address of a host inside the home network.

    A name with any address outside is refused, so that no record can point a request elsewhere.
    """
    if not (name := host.strip()):
        raise InvalidHostError("host_unknown", host=host)
    try:
        answers = await asyncio.get_running_loop().getaddrinfo(
            name, PORT, family=socket.AF_INET, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError) as err:
        raise InvalidHostError("host_unknown", host=host) from err
    addresses = [ip_address(answer[4][0]) for answer in answers]
    if any(
        not address.is_private or address.is_unspecified or address.is_multicast
        for address in addresses
    ):
        raise InvalidHostError("host_not_local", host=host)
    return str(addresses[0])


async def describe(hass: HomeAssistant, address: str) -> Description:
    """Read a player's description, before anything else is sent to its address.

    Raises ``SpeakerUnreachableError``, ``NotASonosError`` or ``UpnpDisabledError``.
    """
    url = f"http://{address}:{PORT}/xml/device_description.xml"
    try:
        status, body = await request(
            hass, "GET", url, timeout=_DESCRIPTION_TIMEOUT, limit=_DESCRIPTION_LIMIT
        )
    except (ClientResponseError, TooLargeError) as err:
        raise NotASonosError(address) from err
    except (TimeoutError, ClientError, OSError) as err:
        raise SpeakerUnreachableError(address) from err
    if status == 403:
        raise UpnpDisabledError(address)
    if status != 200:
        raise NotASonosError(address)
    try:
        return _description(body.decode())
    except ValueError as err:
        raise NotASonosError(address) from err


def _description(text: str) -> Description:
    device = parse(text).find(f"{_NAMESPACE}device")
    if device is None:
        raise ValueError("no device is described")

    def field(name: str) -> str:
        return (device.findtext(_NAMESPACE + name) or "").strip()

    uid = field("UDN").removeprefix("uuid:")
    if field("deviceType") != _DEVICE_TYPE or not uid.startswith("RINCON_"):
        raise ValueError("another maker's device")
    return Description(
        uid=uid,
        name=field("roomName"),
        model=field("displayName") or field("modelName"),
        version=field("displayVersion") or field("softwareVersion"),
        generation=int(field("swGen") or _S1),
    )


async def _contact_any(hass: HomeAssistant, hosts: set[str]) -> FoundHousehold | SonosError | None:
    """Return the household of the first player that is of use, else why the last one is not."""
    failure: SonosError | None = None
    for host in hosts:
        try:
            return await contact(hass, host)
        except SonosError as err:
            _LOGGER.debug("What was discovered is of no use: %s", err)
            failure = err
    return failure


async def _listen(address: str) -> dict[str, set[str]]:
    """Return the addresses of the players that answer on one adapter, by household.

    SoCo asks the same, but listens to the first player only: it cannot tell households apart.
    """
    search = _Search()
    try:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: search, local_addr=(address, 0)
        )
    except OSError as err:
        _LOGGER.debug("Search on %s failed: %s", address, err)
        return {}
    try:
        adapter = transport.get_extra_info("socket")
        adapter.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _HOPS)
        adapter.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        for _ in range(_REPEATS):
            transport.sendto(_PLAYER_SEARCH, _MULTICAST)
        await asyncio.sleep(_SEARCH_SECONDS)
    finally:
        transport.close()
    return search.players


class _Search(asyncio.DatagramProtocol):
    """Collects who answers a search."""

    def __init__(self) -> None:
        self.players: dict[str, set[str]] = {}

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        headers = (line.partition(":") for line in data.decode(errors="replace").splitlines())
        for name, _, value in headers:
            if name.upper() != _HOUSEHOLD:
                continue
            household = value.strip()
            if household in self.players or len(self.players) < _HOUSEHOLDS:
                players = self.players.setdefault(household, set())
                if len(players) < _PLAYERS:
                    players.add(addr[0])
