"""The simulated Sonos household, as a process, and what the demo asks of it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import batched
from pathlib import Path
import sys
from typing import Any
from urllib.parse import unquote

import aiohttp

from .home import ROOMS, Room
from .processes import running, wait_for_line

NETWORK = "127.0.0"
type Address = tuple[str, int]
type Track = dict[str, str | float]


class SimulatedHousehold:
    """The control side of the household: read what plays, teach it what tracks are called."""

    def __init__(self, session: aiohttp.ClientSession, host: str) -> None:
        """Take a session whose base url is the simulator's control API, and a speaker's address."""
        self._session = session
        self.host = host

    async def teach(self, tracks: Iterable[tuple[str, Track]]) -> None:
        """Tell the music service what uris are: title, artist, album, duration (s)."""
        for batch in batched(tracks, 2_000, strict=False):
            async with self._session.post("/catalog", json={"tracks": dict(batch)}) as response:
                response.raise_for_status()

    async def uids(self) -> dict[str, str]:
        """Return the speakers' ids by room name."""
        return {
            speaker["name"]: speaker["uid"] for speaker in (await self._get("/state"))["speakers"]
        }

    async def playing(self, room: Room) -> str | None:
        """Return the uri of the track that sounds in a room, if any."""
        transport = (await self._state(room))["transport"]
        if transport["state"] != "PLAYING" or not transport["track"]:
            return None
        return share_uri(transport["track"]["uri"])

    async def queue(self, room: Room) -> list[str]:
        """Return the uris in a room's queue, in order."""
        return [share_uri(item["uri"]) for item in (await self._state(room))["queue"]["items"]]

    async def _state(self, room: Room) -> dict[str, Any]:
        return await self._get(f"/state/{room.name}")

    async def _get(self, path: str) -> dict[str, Any]:
        async with self._session.get(path) as response:
            response.raise_for_status()
            answer: dict[str, Any] = await response.json()
            return answer


def share_uri(uri: str) -> str:
    """Return the share uri inside the uri that a Sonos queue holds."""
    scheme, _, rest = uri.partition(":")
    return unquote(rest.partition("?")[0]) if scheme == "x-sonos-spotify" else uri


def addresses(network: str) -> tuple[Address, list[Address]]:
    """Return where the control API and the speakers are in a network such as "127.0.0"."""
    speakers = [(f"{network}.{11 + i}", 1400) for i in range(len(ROOMS))]
    return (f"{network}.1", 1499), speakers


@asynccontextmanager
async def simulated_household(network: str, log: Path) -> AsyncIterator[SimulatedHousehold]:
    """Run a household with a speaker in each of the home's rooms."""
    (host, port), speakers = addresses(network)
    command = [
        *(sys.executable, "-m", "simulator.sonos_sim", "--ssdp"),
        f"--speakers={len(ROOMS)}",
        f"--base-ip={speakers[0][0]}",
        f"--names={','.join(room.name for room in ROOMS)}",
        f"--control={host}:{port}",
    ]
    async with running(command, log) as process:
        await wait_for_line(process, log, "READY")
        async with aiohttp.ClientSession(f"http://{host}:{port}") as session:
            yield SimulatedHousehold(session, speakers[0][0])
