"""Eventing: subscriptions and the delivery of their events."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
import logging
import re
import time
from urllib.parse import urlparse

import aiohttp

from .events import EventContent, Properties
from .faults import Faults
from .household import Household
from .player import Player
from .services import Service
from .xmlutil import propertyset

_LOG = logging.getLogger(__name__)

type Headers = Mapping[str, str]


@dataclass
class Subscription:
    sid: str
    player: Player
    service: str
    path: str
    callback: str
    timeout: int
    expires: float
    seq: int = 0
    sent: int = 0
    failures: int = 0
    dead: bool = False
    created: float = field(default_factory=time.time)
    outbox: asyncio.Queue[Properties] = field(default_factory=asyncio.Queue)
    task: asyncio.Task[None] | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "sid": self.sid,
            "speaker": self.player.name,
            "ip": self.player.ip,
            "service": self.service,
            "callback": self.callback,
            "timeout": self.timeout,
            "seconds_left": round(self.expires - time.monotonic(), 1),
            "next_seq": self.seq,
            "sent": self.sent,
            "failures": self.failures,
        }


class EventHub:
    """All subscriptions of the household."""

    def __init__(self, household: Household, faults: Faults) -> None:
        self.hh = household
        self.content = EventContent(household)
        self.faults = faults
        self.subs: dict[str, Subscription] = {}
        self.sessions: dict[str, aiohttp.ClientSession] = {}
        self.log: deque[dict[str, object]] = deque(maxlen=2000)
        self._number = 0
        household.on_event = self.publish

    async def close(self) -> None:
        for sub in list(self.subs.values()):
            self.drop(sub)
        for session in self.sessions.values():
            await session.close()

    def drop(self, sub: Subscription) -> None:
        sub.dead = True
        self.subs.pop(sub.sid, None)
        if sub.task:
            sub.task.cancel()

    def drop_player(self, player: Player) -> None:
        for sub in [s for s in self.subs.values() if s.player is player]:
            self.drop(sub)

    def expire(self) -> None:
        now = time.monotonic()
        for sub in [s for s in self.subs.values() if s.expires < now]:
            self.drop(sub)

    def subscribe(
        self, player: Player, service: Service, headers: Headers
    ) -> tuple[int, dict[str, str]]:
        """Handle SUBSCRIBE; return HTTP status and response headers."""
        self.expire()
        sid = headers.get("SID")
        callback = headers.get("CALLBACK")
        seconds = 3600
        match = re.fullmatch(r"Second-(\d+)", headers.get("TIMEOUT", ""), re.IGNORECASE)
        if match:
            seconds = max(1, min(86400, int(match[1])))
        if sid:
            if callback or headers.get("NT"):
                return 400, {}
            sub = self.subs.get(sid)
            if sub is None or sub.player is not player or sub.path != service.path:
                return 412, {}
            sub.timeout, sub.expires = seconds, time.monotonic() + seconds
            return 200, {"SID": sid, "TIMEOUT": f"Second-{seconds}"}
        if headers.get("NT") != "upnp:event" or not callback:
            return 412, {}
        url = callback.strip().lstrip("<").split(">")[0]
        host = urlparse(url).hostname or ""
        if not host.startswith("127."):
            # The simulator never sends anything off this machine
            return 412, {}
        if self.hh.settings.replace_same_callback:
            for old in list(self.subs.values()):
                if old.player is player and old.path == service.path and old.callback == url:
                    self.drop(old)
        self._number += 1
        sub = Subscription(
            sid=f"uuid:{player.uid}_sub{self._number:010d}",
            player=player,
            service=service.name,
            path=service.path,
            callback=url,
            timeout=seconds,
            expires=time.monotonic() + seconds,
        )
        self.subs[sub.sid] = sub
        sub.task = asyncio.get_running_loop().create_task(self._deliver(sub))
        props = self.content.build(player, service.name, {"*"}, initial=True)
        sub.outbox.put_nowait(props)
        return 200, {"SID": sub.sid, "TIMEOUT": f"Second-{seconds}"}

    def unsubscribe(self, player: Player, service: Service, headers: Headers) -> int:
        self.expire()
        sub = self.subs.get(headers.get("SID", ""))
        if sub is None or sub.player is not player or sub.path != service.path:
            return 412
        self.drop(sub)
        return 200

    def publish(self, player: Player, service: str, keys: set[str]) -> None:
        self.expire()
        targets = [s for s in self.subs.values() if s.player is player and s.service == service]
        if not targets or not player.online:
            return
        props = self.content.build(player, service, keys, initial=False)
        if not props:
            return
        for sub in targets:
            sub.outbox.put_nowait(props)

    def _session(self, player: Player) -> aiohttp.ClientSession:
        session = self.sessions.get(player.ip)
        if session is None:
            # Events come from the speaker's own address, as on a real network
            connector = aiohttp.TCPConnector(local_addr=(player.ip, 0), force_close=True)
            session = aiohttp.ClientSession(
                connector=connector, timeout=aiohttp.ClientTimeout(total=5)
            )
            self.sessions[player.ip] = session
        return session

    async def _deliver(self, sub: Subscription) -> None:
        """Send the events of one subscription in order."""
        held: tuple[int, Properties] | None = None
        # Let the SUBSCRIBE answer leave first, as players do
        await asyncio.sleep(0.02)
        while not sub.dead:
            props = await sub.outbox.get()
            fault = self.faults.match(sub.player, sub.service, "NOTIFY")
            seq = sub.seq
            sub.seq = 1 if sub.seq >= 4294967295 else sub.seq + 1
            if fault is not None:
                if fault.kind == "drop":
                    self._note(sub, seq, props, "suppressed")
                    continue
                if fault.kind in ("delay", "hang"):
                    await asyncio.sleep(fault.ms / 1000)
                if fault.kind == "reorder":
                    held = (seq, props)
                    continue
            await self._post(sub, seq, props)
            if fault is not None and fault.kind == "duplicate":
                await self._post(sub, seq, props)
            if held is not None:
                await self._post(sub, *held)
                held = None

    def _note(self, sub: Subscription, seq: int, props: Properties, outcome: str) -> None:
        self.log.append(
            {
                "t": time.time(),
                "speaker": sub.player.name,
                "service": sub.service,
                "sid": sub.sid,
                "seq": seq,
                "names": [name for name, _value in props],
                "outcome": outcome,
            }
        )

    async def _post(self, sub: Subscription, seq: int, props: Properties) -> None:
        body = propertyset(props).encode()
        headers = {
            "CONTENT-TYPE": "text/xml",
            "NT": "upnp:event",
            "NTS": "upnp:propchange",
            "SID": sub.sid,
            "SEQ": str(seq),
        }
        try:
            async with self._session(sub.player).request(
                "NOTIFY", sub.callback, data=body, headers=headers
            ) as response:
                status = response.status
            sub.failures = 0 if status < 400 else sub.failures + 1
            sub.sent += 1
            self._note(sub, seq, props, str(status))
            if status == 412:
                self.drop(sub)
        except (aiohttp.ClientError, OSError, TimeoutError) as err:
            sub.failures += 1
            self._note(sub, seq, props, type(err).__name__)
            _LOG.debug("NOTIFY to %s failed: %s", sub.callback, err)
        if sub.failures >= 4:
            sub.dead = True
            self.subs.pop(sub.sid, None)
