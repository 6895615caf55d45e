"""The household on the network: all its servers, calls and faults."""

import asyncio
from collections import Counter, deque
from collections.abc import Coroutine
import time
from typing import Any

from .actions import Args, Soap
from .faults import Faults
from .household import Household
from .player import Player
from .speaker_server import SpeakerServer
from .ssdp import Ssdp
from .subscriptions import EventHub


class Network:
    """The household with all its servers."""

    def __init__(self, household: Household) -> None:
        self.hh = household
        self.faults = Faults()
        self.soap = Soap(household)
        self.events = EventHub(household, self.faults)
        self.servers = [SpeakerServer(self, p) for p in household.players]
        self.calls: deque[dict[str, Any]] = deque(maxlen=20000)
        self.counts: dict[str, Counter[str]] = {p.uid: Counter() for p in household.players}
        self.event_requests: Counter[str] = Counter()
        self.last_call_id = 0
        # Requests that are being answered, and topologies that flap
        self.busy = 0
        # Set while the household is to be discovered
        self.ssdp: Ssdp | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def server(self, player: Player) -> SpeakerServer:
        return next(s for s in self.servers if s.player is player)

    def record(
        self, player: Player, service: str, action: str, args: Args, remote: str | None
    ) -> dict[str, Any]:
        self.last_call_id += 1
        self.counts[player.uid][f"{service}.{action}"] += 1
        record = {
            "id": self.last_call_id,
            "t": time.time(),
            "speaker": player.name,
            "index": player.index,
            "service": service,
            "action": action,
            "args": {k: v[:300] for k, v in args.items()},
            "remote": remote,
        }
        self.calls.append(record)
        return record

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def start(self) -> None:
        for server in self.servers:
            await server.start()
        self.spawn(self.hh.run())

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await self.events.close()
        for server in self.servers:
            await server.stop()

    async def buy(self, name: str, model: str, ip: str | None = None) -> Player:
        """Add a speaker to the household, at the next free address unless one is given."""
        if ip is None:
            prefix = self.hh.players[0].ip.rpartition(".")[0]
            last = max(int(player.ip.rpartition(".")[2]) for player in self.hh.players)
            ip = f"{prefix}.{last + 1}"
        player = self.hh.add_player(name, model, ip)
        self.counts[player.uid] = Counter()
        server = SpeakerServer(self, player)
        self.servers.append(server)
        await server.start()
        self._advertise(player, alive=True)
        return player

    async def sell(self, player: Player) -> None:
        """Take a speaker out of the household for good."""
        self.hh.remove_player(player)
        self._advertise(player, alive=False)
        self.events.drop_player(player)
        server = self.server(player)
        self.servers.remove(server)
        await server.stop()

    def _advertise(self, player: Player, *, alive: bool) -> None:
        if self.ssdp is not None:
            self.ssdp.advertise(player, alive=alive)

    async def offline(
        self,
        player: Player,
        mode: str,
        *,
        seconds: float | None = None,
        reason: str | None = None,
        reboot: bool = False,
        new_ip: str | None = None,
    ) -> None:
        """Take a speaker off the network, for a time when seconds are given."""
        server = self.server(player)
        if reboot:
            self.events.drop_player(player)
        await server.go(mode)
        self.hh.grouping.player_gone(player, reason)
        if seconds is not None:
            self.spawn(self._return(player, seconds, reboot, new_ip))

    async def _return(
        self, player: Player, seconds: float, reboot: bool, new_ip: str | None
    ) -> None:
        await asyncio.sleep(seconds)
        await self.online(player, reboot=reboot, new_ip=new_ip)

    async def online(
        self, player: Player, *, reboot: bool = False, new_ip: str | None = None
    ) -> None:
        server = self.server(player)
        if new_ip:
            await server.stop()
            player.ip = new_ip
        await server.go("up")
        self.hh.grouping.player_back(player, reboot)
        self._advertise(player, alive=True)
