"""The household: players, what they share, and the clock that drives them."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
import random

from .alarms import DEFAULTS, Alarms
from .clock import Clock
from .errors import SonosError
from .favorites import RADIO_STATIONS, default_favorites
from .grouping import Grouping
from .hardware import MODELS, Firmware
from .library import Library
from .options import Options
from .player import Player
from .queues import SavedQueue
from .resolver import Resolver
from .streaming import Catalog, TrackData
from .tracks import Track


@dataclass
class Counters:
    """Update ids of what the household shares."""

    system: int = 1
    saved: int = 1
    favorites: int = 1
    shares: int = 1
    radio: int = 1
    # favourites made so far
    ordinal: int = 5
    containers: dict[str, int] = field(default_factory=dict)


class Household:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.settings = options.settings
        self.clock = Clock(options.speed, options.began)
        self.random = random.Random(options.seed)
        # Households differ in their number, so that several can share one machine
        self.household_id = f"Sonos_h0ld0utS1mHouseholdAbCdE{options.number:04x}"
        # S1 households have no id in the cloud API
        self.muse_id = self.household_id + ".p7JxQ2mWnR4kLt0vYbZc" if self.is_s2 else ""
        self.spotify_sid = 12 if options.spotify == "us" else 9
        self.linked_services: dict[int, int] = {254: 0, 303: 8}
        if options.spotify != "none":
            self.linked_services[self.spotify_sid] = 7
        self.catalog = Catalog()
        self.resolver = Resolver(self)
        self.grouping = Grouping(self)
        self.dirty: dict[tuple[str, str], set[str]] = {}
        self._flush: asyncio.TimerHandle | None = None
        self.running = False
        self._wake = asyncio.Event()
        self.history: deque[tuple[str, str]] = deque(maxlen=1000)
        # Told (player, service, keys) when a service has news; set by the event hub
        self.on_event: Callable[[Player, str, set[str]], None] | None = None
        self.counters = Counters()
        self.players: list[Player] = []
        for index, ip in enumerate(options.hosts):
            name = options.names[index] if index < len(options.names) else f"Room {index + 1}"
            model = options.models[index % len(options.models)]
            self.players.append(Player(self, index + 1, ip, name, model))
        self.library = Library(self.players[0].uid, options.library_tracks)
        self.saved_queues: dict[str, SavedQueue] = {}
        self.saved_next = 1
        self.favorites = default_favorites(self.players[0].uid, self.spotify_sid, 7)
        self.radio_stations = list(RADIO_STATIONS)
        self.alarms = Alarms(self)
        self.indexing_until = 0.0
        self.album_artist_option = "NONE"
        for head, parts in options.bonded_sets():
            by_number = {self.players[number - 1]: channel for number, channel in parts.items()}
            self.grouping.bond(self.players[head - 1], by_number)
        self.grouping.published = self.grouping.render()
        self.add_saved_queue("Sunday Mix", [t.copy() for t in self.library.tracks[5:12]])
        self.alarms.add({**DEFAULTS, "RoomUUID": self.players[0].uid})

    def add_player(self, name: str, model: str, ip: str) -> Player:
        """A speaker that was bought; ValueError for one that cannot join this household."""
        if model not in MODELS or MODELS[model].firmware.generation != self.firmware.generation:
            raise ValueError(f"no {model} in this household")
        if any(player.ip == ip for player in self.players):
            raise ValueError(f"{ip} is taken")
        index = max(player.index for player in self.players) + 1
        player = Player(self, index, ip, name, model)
        self.players.append(player)
        self.grouping.changed()
        return player

    def remove_player(self, player: Player) -> None:
        """A speaker that was sold; ValueError for the last one."""
        if len(self.players) == 1:
            raise ValueError("the last speaker stays")
        if player.main or player.bonded:
            self.grouping.unbond(player)
        self.grouping.leave(player)
        player.transport.cancel_transition()
        self.players.remove(player)
        self.alarms.remove_room(player.uid)
        self.grouping.changed()

    @property
    def is_s2(self) -> bool:
        return self.firmware.generation > 1

    @property
    def firmware(self) -> Firmware:
        return self.options.firmware

    @property
    def alarm_version(self) -> str:
        return f"{self.players[0].uid}:{self.alarms.version}"

    def saved_queue(self, object_id: str) -> SavedQueue:
        """The Sonos playlist with this id; 701 if there is none."""
        saved = self.saved_queues.get(object_id)
        if saved is None:
            raise SonosError(701)
        return saved

    def by_uid(self, uid: str) -> Player | None:
        return next((p for p in self.players if p.uid == uid), None)

    def select(self, text: str) -> list[Player]:
        """The players an index, address, room name, uid or "*" means."""
        if text in ("*", "all", ""):
            return list(self.players)
        wanted = text.casefold()
        return [
            player
            for player in self.players
            if wanted in (str(player.index), player.ip, player.uid.casefold())
            # All that is bonded in a room has its name; its visible player is meant
            or (wanted == player.name.casefold() and not player.invisible)
        ]

    def mark(self, player: Player, service: str, key: str = "*") -> None:
        """Note that a service has news; it is evented after the moderation time."""
        self.dirty.setdefault((player.uid, service), set()).add(key)
        if self._flush is None and self.running:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_later(self.settings.event_ms / 1000, self._flush_now)

    def _flush_now(self) -> None:
        self._flush = None
        dirty, self.dirty = self.dirty, {}
        for (uid, service), keys in dirty.items():
            player = self.by_uid(uid)
            if player and self.on_event:
                self.on_event(player, service, keys)

    def bump_container(self, container: str, player: Player | None = None) -> None:
        """A content container changed: event ContentDirectory."""
        self.counters.system += 1
        kind = container.split("/", maxsplit=1)[0]
        if kind.startswith("SQ:"):
            self.counters.saved += 1
        elif kind == "FV:2":
            self.counters.favorites += 1
        elif kind.startswith("S:"):
            self.counters.shares += 1
        elif kind.startswith("R:0"):
            self.counters.radio += 1
        containers = self.counters.containers
        containers[container] = containers.get(container, 0) + 1
        for target in [player] if player else self.players:
            self.mark(target, "ContentDirectory", container)

    def kick(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Let playback proceed until cancelled."""
        # Making the household was no news
        self.dirty.clear()
        self.running = True
        while True:
            self._wake.clear()
            ticks = [self.alarms.tick(), *(player.transport.tick() for player in self.players)]
            waits = [wait for wait in ticks if wait is not None]
            timeout = min([*waits, 0.5])
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), max(0.005, timeout))
            await asyncio.sleep(0.002)

    def add_saved_queue(self, title: str, items: list[Track]) -> SavedQueue:
        saved = SavedQueue(f"SQ:{self.saved_next}", title, items)
        self.saved_next += 1
        self.saved_queues[saved.object_id] = saved
        self.bump_container("SQ:")
        return saved

    def group_volume(self, player: Player) -> int:
        members = [member for member in player.group.members if not member.invisible]
        return round(sum(m.volume for m in members) / len(members))

    def set_group_volume(self, player: Player, wanted: int) -> int:
        wanted = max(0, min(100, wanted))
        members = player.group.members
        now = self.group_volume(player)
        for member in members:
            if now <= 0:
                member.set_volume(wanted)
            else:
                member.set_volume(round(member.volume * wanted / now))
        return self.group_volume(player)

    def takeover(self, player: Player, source: str, key: str = "") -> None:
        """Spotify Connect or AirPlay starts playing on this player's group."""
        target = player.coordinator
        transport = target.transport
        transport.cancel_transition()
        key = key or "spotify:track:4uLU6hMCjMI75M1A2tKUQC"
        meta = self.catalog.track_meta(key)
        if source == "spotify_connect":
            transport.uri = f"x-sonos-vli:{target.uid}:2,spotify:0123456789abcdef0123456789abcdef"
        else:
            transport.uri = f"x-sonos-vli:{target.uid}:1,airplay:0123456789abcdef0123456789abcdef"
        transport.kind, transport.uri_meta = "vli", ""
        transport.single = self._taken_over(transport.uri, meta)
        transport.position_base, transport.started_at = 0.0, self.clock.now()
        transport.state = "PLAYING"
        self.mark(target, "DeviceProperties", "play")
        transport.changed()

    def vli_step(self, player: Player) -> None:
        transport = player.transport
        ident = self.random.randbytes(8).hex()
        meta = self.catalog.track_meta(f"vli:{ident}")
        transport.single = self._taken_over(transport.uri, meta)
        transport.position_base, transport.started_at = 0.0, self.clock.now()
        transport.changed()

    @staticmethod
    def _taken_over(uri: str, meta: TrackData) -> Track:
        """What another app plays through the player."""
        return Track(
            uri=uri,
            title=meta["title"],
            artist=meta["artist"],
            album=meta["album"],
            duration=float(meta["duration"]),
            protocol="sonos.com-http:*:audio/mp4:*",
        )
