"""Finding households and knowing a Sonos player from anything else that answers."""

import asyncio
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, ip_address
import logging
import socket
from typing import Final

from aiohttp import ClientError, ClientResponseError, ClientTimeout
from homeassistant.components import network
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from soco import SoCo, discover as soco_discover

from .control import Control
from .errors import (
    SOCO_ERRORS,
    InvalidHostError,
    NotASonosError,
    S1OnlyError,
    SonosError,
    SpeakerUnreachableError,
)
from .topology import S1, Topology
from .xml import parse

_LOGGER = logging.getLogger(__name__)

PORT: Final = 1400
_DESCRIPTION_LIMIT: Final = 256 * 1024
_DESCRIPTION_TIMEOUT: Final = ClientTimeout(total=4, sock_connect=3)
_SEARCH_SECONDS: Final = 2
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
    """Search every enabled network adapter, two seconds long, and return who answered.

    With ``household_id`` only players of that household count. Finding nothing is no error.
    """
    addresses: set[str | None] = set()
    try:
        addresses.update(
            str(address)
            for address in await network.async_get_enabled_source_ips(hass)
            if isinstance(address, IPv4Address)
        )
    except OSError as err:
        _LOGGER.debug("No network adapters known: %s", err)
    # Without a known adapter (some containers) SoCo looks for interfaces itself
    answers = await asyncio.gather(
        *(_search(hass, address, household_id) for address in addresses or {None})
    )
    found = await asyncio.gather(
        *(_contact_found(hass, host) for host in {host for hosts in answers for host in hosts})
    )
    households: dict[str, FoundHousehold] = {}
    for each in found:
        if each is not None:
            households.setdefault(each.household_id, each)
    return list(households.values())


async def contact(hass: HomeAssistant, host: str) -> FoundHousehold:
    """Ask the player at ``host``, a name or an IPv4 address, for its household.

    Raises ``InvalidHostError``, ``SpeakerUnreachableError`` (within about five seconds),
    ``NotASonosError`` or ``S1OnlyError``.
    """
    address = await resolve(host)
    description = await describe(hass, address)
    if description.generation == S1:
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
    """Read a player's description, bounded in time and size, following no redirect.

    It comes before anything else is sent to an address, because SoCo reads answers of any size
    and follows wherever it is sent.
    """
    url = f"http://{address}:{PORT}/xml/device_description.xml"
    body = bytearray()
    try:
        async with async_get_clientsession(hass).get(
            url,
            allow_redirects=False,
            auto_decompress=False,
            timeout=_DESCRIPTION_TIMEOUT,
        ) as response:
            if response.status != 200:
                raise NotASonosError(address)
            async for chunk in response.content.iter_chunked(16 * 1024):
                body += chunk
                if len(body) > _DESCRIPTION_LIMIT:
                    raise NotASonosError(address)
    except ClientResponseError as err:
        raise NotASonosError(address) from err
    except (TimeoutError, ClientError, OSError) as err:
        raise SpeakerUnreachableError(address) from err
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
        generation=int(field("swGen") or S1),
    )


async def _contact_found(hass: HomeAssistant, host: str) -> FoundHousehold | None:
    try:
        return await contact(hass, host)
    except SonosError as err:
        _LOGGER.debug("What was discovered is of no use: %s", err)
        return None


async def _search(hass: HomeAssistant, address: str | None, household_id: str | None) -> list[str]:
    """Return addresses of players that answered on one adapter."""
    search = partial(soco_discover, timeout=_SEARCH_SECONDS, interface_addr=address)
    if household_id is not None:
        search = partial(search, household_id=household_id)
    try:
        async with asyncio.timeout(_SEARCH_SECONDS + 5):
            zones: set[SoCo] | None = await hass.async_add_executor_job(search)
    except SOCO_ERRORS as err:
        _LOGGER.debug("Search on %s failed: %s", address, err)
        return []
    # One player knows all the others
    return [zone.ip_address for zone in zones or ()][:1]
