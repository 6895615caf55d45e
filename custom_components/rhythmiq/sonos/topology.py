"""Who is in the household and who plays with whom, as the speakers themselves publish it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .xml import parse

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


@dataclass(frozen=True, slots=True)
class Member:
    """One visible player: a speaker, or the one that stands for a stereo pair or bonded set.

    ``boot`` grows with each reboot. ``channels`` are those it plays with what is bonded to it, such
    as LF, RF, LR, RR and SW; none when alone.
    """

    uid: str
    name: str
    host: str
    boot: int
    channels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Topology:
    """The household at one instant.

    ``bonded`` are the players that nobody addresses: the other half of a stereo pair, surrounds,
    subs and bridges. ``vanished`` are those that were switched off or unplugged.
    """

    members: Mapping[str, Member] = field(default_factory=dict)
    coordinators: Mapping[str, str] = field(default_factory=dict)
    bonded: frozenset[str] = frozenset()
    vanished: frozenset[str] = frozenset()

    @classmethod
    def from_xml(cls, text: str) -> Topology:
        """Read a ZoneGroupState document. Raises ``ValueError`` when it is none."""
        return _read(text)

    def agrees(self, other: Topology) -> bool:
        """Whether both tell the same about who is there and who plays with whom."""
        return (self.members, self.coordinators) == (other.members, other.coordinators)


# All speakers publish every change, in the same words
@lru_cache(maxsize=4)
def _read(text: str) -> Topology:
    root = parse(text)
    members: dict[str, Member] = {}
    coordinators: dict[str, str] = {}
    bonded = {element.attrib["UUID"] for element in root.iter("Satellite")}
    for group in root.iter("ZoneGroup"):
        for element in group.findall("ZoneGroupMember"):
            if element.get("Invisible") == "1" or element.get("IsZoneBridge") == "1":
                bonded.add(element.attrib["UUID"])
                continue
            member = _member(element)
            members[member.uid] = member
            coordinators[member.uid] = group.get("Coordinator", member.uid)
    vanished = frozenset(
        uid for device in root.iter("Device") if (uid := device.get("UUID")) is not None
    )
    return Topology(members, coordinators, frozenset(bonded), vanished)


def _member(element: Element) -> Member:
    host = urlsplit(element.get("Location", "")).hostname or ""
    if not ip_address(host).is_private:
        raise ValueError(f"{host} is not inside the home network")
    return Member(
        uid=element.attrib["UUID"],
        name=element.get("ZoneName", ""),
        host=host,
        boot=int(element.get("BootSeq", "0")),
        channels=frozenset(
            channel
            for name in ("ChannelMapSet", "HTSatChanMapSet")
            for player in element.get(name, "").split(";")
            for channel in player.partition(":")[2].split(",")
            if channel
        ),
    )
