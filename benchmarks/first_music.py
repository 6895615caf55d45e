"""What it costs until music plays: SOAP calls and seconds, at 80 ms per call.

Run with ``python -m benchmarks.first_music``. Each row is one request against a fresh simulated
player; a streaming track costs the player a further 0 or 300 ms of asking its service.
"""

import asyncio
import time
from typing import Literal
from unittest.mock import patch

from aiohttp import ThreadedResolver
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import async_test_home_assistant
from soco.events_asyncio import event_listener

from custom_components.rhythmiq.sonos.household import Household
from custom_components.rhythmiq.sonos.queue import Enqueue, Playable, play_tracks
from tests.household import SimulatedHousehold

CALL_MS = 80

type Spotify = Literal["eu", "us"]
SPOTIFY: tuple[Spotify, ...] = ("eu", "us")


class Resolver(ThreadedResolver):
    """Addresses need no resolver; Home Assistant's own would listen for mDNS everywhere."""

    real_close = ThreadedResolver.close


async def measure(tracks: int, spotify: Spotify, lookup_ms: int, hass: HomeAssistant) -> str:
    """Replace a queue with so many tracks; return one line of the table."""
    wanted = [Playable(f"spotify:track:{number:022d}") for number in range(tracks)]
    with SimulatedHousehold(speakers=1, spotify=spotify) as simulated:
        await simulated.settings(soap_ms=CALL_MS, per_track_ms=lookup_ms, transition_ms=120)
        household = Household(hass, simulated.household_id, simulated.hosts)
        await household.start()
        await simulated.clear_calls()
        began = time.perf_counter()
        started = await play_tracks(household.speakers[simulated.uids[0]], wanted, Enqueue.REPLACE)
        await simulated.wait_playing()
        first = time.perf_counter() - began
        calls = [call["action"] for call in await simulated.calls()]
        await started.finished
        whole = time.perf_counter() - began
        await household.stop()
    return (
        f"{tracks:>6} {spotify:>9} {lookup_ms:>10} ms"
        f" {calls.index('Play') + 1:>15} {first:>13.2f} s {whole:>10.2f} s"
    )


async def main() -> None:
    """Print the table."""
    resolver = "homeassistant.helpers.aiohttp_client._async_make_resolver"
    with patch(resolver, lambda _hass: Resolver()):
        async with async_test_home_assistant() as hass:
            print(f"{CALL_MS} ms per call")
            print("tracks   Spotify  service lookup  calls to music  first music  whole list")
            for lookup_ms in (0, 300):
                for spotify in SPOTIFY:
                    for tracks in (20, 50):
                        print(await measure(tracks, spotify, lookup_ms, hass))
            await hass.async_stop(force=True)
            await event_listener.async_stop()


if __name__ == "__main__":
    asyncio.run(main())
