"""A player: its settings, its queue, its place in a group."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .clips import Clips
from .errors import SonosError
from .hardware import MODELS
from .queues import Queue
from .tracks import Track
from .transport import PLAY_MODES, Transport

if TYPE_CHECKING:
    from .household import Household


@dataclass
class Group:
    coordinator: Player
    members: list[Player]
    number: int

    @property
    def group_id(self) -> str:
        return f"{self.coordinator.uid}:{self.number}"


class Player:
    def __init__(self, household: Household, index: int, ip: str, name: str, model: str) -> None:
        self.household = household
        self.index = index
        self.ip = ip
        self.name = name
        self.icon = ""
        self.model = MODELS[model]
        tail = f"{0x0A1B00 + household.options.number * 256 + index:06X}"
        mac = "48A6B8" + tail
        self.mac = ":".join(mac[i : i + 2] for i in range(0, 12, 2))
        self.serial = self.mac.replace(":", "-") + ":A"
        self.uid = f"RINCON_{mac}01400"
        self.boot_seq = 40 + index
        self.volume = 20
        self.lf = self.rf = 100
        self.mute = False
        self.bass = self.treble = 0
        self.loudness = True
        self.eq = {"SubGain": 0, "SubEnable": 1, "SubCrossover": 0}
        if self.model.soundbar:
            self.eq.update(
                NightMode=0,
                DialogLevel=0,
                AudioDelay=0,
                SurroundEnable=1,
                SurroundMode=0,
                SurroundLevel=0,
                MusicSurroundLevel=0,
            )
        self.output_fixed = False
        self.supports_fixed = False
        # How AddMultipleURIsToQueue goes: most uris a call, and how many of them it really adds
        self.batch_most: int | None = None
        self.batch_adds: int | None = None
        self.calibration = True
        self.led = "On"
        self.button_lock = "Off"
        self.mic_enabled = 1
        self.voice_config = 0
        self.line_in_name = "Line-In"
        self.battery_level = 87
        self.autoplay: dict[str, str | int] = {
            "RoomUUID": "",
            "IncludeLinkedZones": 1,
            "Volume": 20,
            "UseVolume": 0,
        }
        # What a speaker bonded to another one plays: RF of a pair, SW, LR or RR of a home theatre
        self.channel = ""
        self.own_name = name
        self.main: Player | None = None
        self.bonded: list[Player] = []
        self.ramp_task: asyncio.Task[None] | None = None
        self.queue = Queue()
        self.transport = Transport(self)
        self.clips = Clips(self)
        self._group = Group(self, [self], household.grouping.new_number())
        self.online = True
        self.strings: dict[str, str] = {}

    @property
    def group(self) -> Group:
        """The group it plays in; a satellite's is its soundbar's, which does not list it."""
        return self.main.group if self.main is not None and self.is_satellite else self._group

    @group.setter
    def group(self, group: Group) -> None:
        self._group = group

    @property
    def is_satellite(self) -> bool:
        """Whether it belongs to a home theatre, be it a surround or a sub."""
        return self.main is not None and self.main.model.soundbar

    @property
    def invisible(self) -> bool:
        """Whether apps show it as a part of another player only."""
        return self.main is not None

    @property
    def channel_map(self) -> str:
        """ChannelMapSet of a stereo pair, the same at each of its parts; else empty."""
        head = self.main or self
        if not head.bonded or head.model.soundbar:
            return ""
        parts = [f"{head.uid}:LF,LF", *(f"{p.uid}:{p.channel},{p.channel}" for p in head.bonded)]
        return ";".join(parts)

    @property
    def theatre_map(self) -> str:
        """HTSatChanMapSet: the whole theatre at its soundbar, their own part at satellites."""
        head = self.main or self
        if not head.bonded or not head.model.soundbar:
            return ""
        listed = [self] if self.main else head.bonded
        return ";".join([f"{head.uid}:LF,RF", *(f"{p.uid}:{p.channel}" for p in listed)])

    @property
    def coordinator(self) -> Player:
        return self.group.coordinator

    @property
    def is_coordinator(self) -> bool:
        return self.group.coordinator is self

    def followers(self) -> list[Player]:
        if not self.is_coordinator:
            return []
        return [m for m in self.group.members if m is not self]

    def group_attributes(self) -> tuple[str, str, str]:
        """Name, id and members of the group, as its coordinator tells them."""
        if not self.is_coordinator:
            return "", "", ""
        visible = [m for m in self.group.members if not m.invisible]
        name = self.name if len(visible) < 2 else f"{self.name} + {len(visible) - 1}"
        return name, self.group.group_id, ",".join(m.uid for m in self.group.members)

    def queue_rows(self) -> list[str]:
        """The queue as DIDL-Lite elements."""
        return [t.element(f"Q:0/{n}", "Q:0") for n, t in enumerate(self.queue.items, 1)]

    @property
    def queue_uri(self) -> str:
        return f"x-rincon-queue:{self.uid}#0"

    def set_volume(self, volume: int) -> None:
        self.volume = max(0, min(100, volume))
        for part in (self, *self.bonded):
            part.volume = self.volume
            self.household.mark(part, "RenderingControl", "Volume")
        self.household.mark(self.coordinator, "GroupRenderingControl")

    def set_mute(self, mute: bool) -> None:
        for part in (self, *self.bonded):
            part.mute = mute
            self.household.mark(part, "RenderingControl", "Mute")
        self.household.mark(self.coordinator, "GroupRenderingControl")

    # -- editing the queue --
    def queue_changed(self, added: list[Track] | None = None, as_next: bool = False) -> None:
        """Bring the play order in line with the queue and tell everyone."""
        self.queue.touch()
        self.transport.queue_changed(added, as_next)
        self.household.bump_container("Q:0", self)
        self.household.mark(self, "Queue")
        self.transport.changed()

    def enqueue(self, tracks: list[Track], position: int, as_next: bool) -> int:
        """Insert tracks; return the 1-based number of the first one."""
        items = self.queue.items
        transport = self.transport
        at = position - 1 if 0 < position <= len(items) else len(items)
        if position == 0 and as_next and PLAY_MODES[transport.play_mode][0]:
            at = len(items)
        current = transport.track() if transport.kind == "queue" else None
        items[at:at] = tracks
        if current is not None:
            transport.index = next(i for i, t in enumerate(items) if t is current)
        self.queue_changed(tracks, as_next)
        return at + 1

    def remove_range(self, start: int, amount: int) -> None:
        """Remove queue entries; start is 0-based."""
        items = self.queue.items
        if amount < 1 or start < 0 or start + amount > len(items):
            raise SonosError(402)
        transport = self.transport
        current = transport.track() if transport.kind == "queue" else None
        removed = items[start : start + amount]
        del items[start : start + amount]
        if current is not None:
            if current in removed:
                was_active = transport.state in ("PLAYING", "TRANSITIONING")
                if not items:
                    transport.index = 0
                    transport.stop()
                else:
                    transport.index = min(start, len(items) - 1)
                    transport.position_base = 0.0
                    if was_active and start <= len(items) - 1:
                        self.queue_changed()
                        transport.jump(transport.index)
                        return
                    transport.stop()
            else:
                transport.index = next(i for i, t in enumerate(items) if t is current)
        elif transport.kind != "queue":
            transport.index = min(transport.index, max(0, len(items) - 1))
        self.queue_changed()

    def clear_queue(self) -> None:
        if not self.queue.items and self.household.settings.clear_empty_error:
            raise SonosError(804)
        self.queue.items.clear()
        self.transport.index = 0
        if self.transport.kind == "queue":
            self.transport.stop()
        self.queue_changed()

    def reorder(self, start: int, amount: int, before: int) -> None:
        """1-based start and insert-before, as ReorderTracksInQueue takes them."""
        items = self.queue.items
        if start < 1 or amount < 1 or start + amount - 1 > len(items) or before < 1:
            raise SonosError(402)
        transport = self.transport
        current = transport.track() if transport.kind == "queue" else None
        block = items[start - 1 : start - 1 + amount]
        rest = items[: start - 1] + items[start - 1 + amount :]
        at = before - 1
        if at > start - 1:
            at -= amount
        at = max(0, min(at, len(rest)))
        items[:] = rest[:at] + block + rest[at:]
        if current is not None:
            transport.index = next(i for i, t in enumerate(items) if t is current)
        self.queue_changed()
