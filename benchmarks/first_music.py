"""What it costs until music plays: SOAP calls and seconds, at 80 ms per call.

Run with ``python -m benchmarks.first_music``. Each row is one request against a simulated player
with a queue of its own: playing that queue, playing something else, or shuffled. A streaming track
costs the player a further 0 or 300 ms of asking its service. The calls that undo needs are made
meanwhile and counted apart; the whole list is compared with SoCo's own batch call for the same
tracks, to the same player, in the same run (which means something only where tracks cost anything).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
import sys
import time
from typing import Literal, override
from unittest.mock import patch

from aiohttp import ThreadedResolver
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import async_test_home_assistant
from soco import SoCo
from soco.data_structures import DidlMusicTrack, DidlResource
from soco.events_asyncio import event_listener

from custom_components.rhythmiq.sonos.household import Household
from custom_components.rhythmiq.sonos.queue import Enqueue, Playable, play_tracks
from tests.household import SimulatedHousehold

CALL_MS = 80
OWN = [f"spotify:track:{number:022d}" for number in range(900, 910)]
SAVING = ("Browse", "GetMediaInfo", "GetPositionInfo", "GetTransportSettings")
FIRST_SECONDS = {"queue": 0.75, "shuffled": 0.75, "radio": 0.9, "fresh": 0.9}
MOST_CALLS, MOST_SAVING, MOST_RATIO = 5, 3, 1.1

type Spotify = Literal["eu", "us"]
type Start = Literal["queue", "shuffled", "radio", "fresh"]


@dataclass(frozen=True, slots=True)
class Row:
    """What one request cost: calls until Play, those for undo, and seconds."""

    start: Start
    tracks: int
    spotify: Spotify
    lookup_ms: int
    calls: int
    saving: int
    first: float
    whole: float
    batch: float

    @property
    def failures(self) -> list[str]:
        """Return which of the promises it breaks."""
        promises = {
            "calls": self.calls <= MOST_CALLS,
            "calls for undo": self.saving <= MOST_SAVING,
            "first music": self.first <= FIRST_SECONDS[self.start],
            "whole list": self.whole <= MOST_RATIO * self.batch or not self.lookup_ms,
        }
        return [name for name, kept in promises.items() if not kept]

    @override
    def __str__(self) -> str:
        """Return the row of the table."""
        return (
            f"{self.start:>9} {self.tracks:>6} {self.spotify:>7} {self.lookup_ms:>8} ms"
            f" {self.calls:>5} + {self.saving} {self.first:>9.2f} s {self.whole:>8.2f} s"
            f" {self.whole / self.batch:>8.2f}  {', '.join(self.failures)}"
        )


class Resolver(ThreadedResolver):
    """Addresses need no resolver; Home Assistant's own would listen for mDNS everywhere."""

    real_close = ThreadedResolver.close


async def measure(
    hass: HomeAssistant, start: Start, tracks: int, spotify: Spotify, lookup_ms: int
) -> Row:
    """Replace a queue with so many tracks."""
    uris = [f"spotify:track:{number:022d}" for number in range(tracks)]
    wanted = [Playable(uri) for uri in uris]
    with SimulatedHousehold(speakers=1, spotify=spotify) as simulated:
        household = Household(hass, simulated.household_id, simulated.hosts)
        await household.start()
        speaker = household.speakers[simulated.uids[0]]
        await _begin(simulated, start)
        await simulated.settings(soap_ms=CALL_MS, per_track_ms=lookup_ms, transition_ms=120)
        batch = await hass.async_add_executor_job(_batch, simulated.hosts[0], uris, spotify)
        await simulated.settings(soap_ms=0)
        await simulated.user(1, "remove", track=1 if start == "fresh" else 11, count=tracks)
        await asyncio.sleep(0.5)
        await simulated.settings(soap_ms=CALL_MS)
        await simulated.clear_calls()
        began = time.perf_counter()
        started = await play_tracks(speaker, wanted, Enqueue.REPLACE, keep=True)
        await simulated.wait_until(
            lambda now: (
                now["transport"]["state"] == "PLAYING"
                and uris[0].rpartition(":")[2] in str(now["transport"])
            ),
            speaker=1,
        )
        first = time.perf_counter() - began
        calls = [call["action"] for call in await simulated.calls()]
        await started.finished
        whole = time.perf_counter() - began
        assert len(await simulated.queue_uris()) == tracks
        await household.stop()
    until_play = calls[: calls.index("Play") + 1]
    saving = sum(until_play.count(action) > 0 for action in SAVING)
    others = sum(action not in SAVING for action in until_play)
    return Row(start, tracks, spotify, lookup_ms, others, saving, first, whole, batch)


async def _begin(simulated: SimulatedHousehold, start: Start) -> None:
    if start != "fresh":
        await simulated.user(1, "enqueue", uris=OWN)
    match start:
        case "queue" | "shuffled":
            mode = "NORMAL" if start == "queue" else "SHUFFLE"
            await simulated.user(1, "play_mode", mode=mode)
            await simulated.user(1, "play_queue", track=4)
        case "radio":
            await simulated.user(1, "play_uri", uri="x-rincon-mp3radio://radio.invalid/one")
    if start != "fresh":
        await simulated.wait_playing()


def _batch(host: str, uris: Sequence[str], spotify: Spotify) -> float:
    """Return the seconds SoCo takes to add tracks by its batch call, to the end of a queue."""
    sid = 9 if spotify == "eu" else 12
    items = [
        DidlMusicTrack(
            "",
            "-1",
            "-1",
            resources=[
                DidlResource(
                    f"x-sonos-spotify:{uri.replace(':', '%3a')}?sid={sid}&flags=8224&sn=7",
                    "sonos.com-spotify:*:audio/x-spotify:*",
                )
            ],
        )
        for uri in uris
    ]
    began = time.perf_counter()
    SoCo(host).add_multiple_to_queue(items)
    return time.perf_counter() - began


async def main() -> int:
    """Print the table; return how many promises are broken."""
    resolver = "homeassistant.helpers.aiohttp_client._async_make_resolver"
    rows: list[Row] = []
    with patch(resolver, lambda _hass: Resolver()):
        async with async_test_home_assistant() as hass:
            print(f"{CALL_MS} ms per call; whole list: seconds, and times SoCo's own batch call")
            print("    start tracks Spotify   lookup   calls + undo first music  whole list  ratio")
            starts: tuple[Start, ...] = ("queue", "shuffled", "radio", "fresh")
            for start in starts:
                rows.append(await measure(hass, start, 50, "eu", 300))
                print(rows[-1], flush=True)
            others: tuple[tuple[int, Spotify, int], ...] = (
                (20, "eu", 0),
                (50, "eu", 0),
                (50, "us", 0),
                (50, "us", 300),
            )
            for tracks, spotify, lookup_ms in others:
                rows.append(await measure(hass, "radio", tracks, spotify, lookup_ms))
                print(rows[-1], flush=True)
            await hass.async_stop(force=True)
            await event_listener.async_stop()
    return sum(bool(row.failures) for row in rows)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
