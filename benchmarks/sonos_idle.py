"""What a large household costs while nobody does anything: start-up, memory, processor, calls.

Run with ``python -m benchmarks.sonos_idle``. The simulated household has a process of its own, so
what is measured is Home Assistant with this integration: media players, devices, events and all.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import gc
from pathlib import Path
import sys
import time
from typing import Any
from unittest.mock import patch

from aiohttp import ClientSession, ThreadedResolver
from homeassistant import loader
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

import custom_components  # noqa: F401 (before the test harness brings its own)

DOMAIN = "rhythmiq"
FIRST = "127.9.0.11"
CONTROL = "127.9.0.1:1499"
_SETTLE_SECONDS = 5
# A minute of the clock then holds four of music, so that every speaker changes its track
_SPEED = 4


class Resolver(ThreadedResolver):
    """Addresses need no resolver; Home Assistant's own would listen for mDNS everywhere."""

    real_close = ThreadedResolver.close


@asynccontextmanager
async def simulated(speakers: int) -> AsyncIterator[ClientSession]:
    """Run a household in a process of its own; give a session for its control API."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator.sonos_sim", "--speakers", str(speakers)),
        *("--base-ip", FIRST, "--control", CONTROL),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        while (line := await process.stdout.readline()).strip() != b"READY":
            if not line:
                raise RuntimeError("the simulated household does not start")
        async with ClientSession(f"http://{CONTROL}") as control:
            yield control
    finally:
        process.terminate()
        await process.wait()


async def ask(control: ClientSession, path: str) -> Any:
    """Read from the control API."""
    async with control.get(path) as answer:
        return await answer.json()


def memory() -> float:
    """Return the megabytes this process holds."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


async def measure(hass: HomeAssistant, control: ClientSession, seconds: float) -> None:
    """Set up the integration, let every speaker play, and print what that costs."""
    hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
    await async_setup_component(hass, "homeassistant", {})
    await async_setup_component(hass, "http", {})
    await async_setup_component(hass, "media_player", {})
    state = await ask(control, "/state")
    speakers = state["speakers"]
    alone = memory()
    entry = MockConfigEntry(
        domain=DOMAIN, unique_id=state["household_id"], data={"host": speakers[0]["ip"]}
    )
    entry.add_to_hass(hass)
    began = time.perf_counter()
    worked = time.process_time()
    assert await hass.config_entries.async_setup(entry.entry_id)
    start, start_work = time.perf_counter() - began, time.process_time() - worked
    available = sum(each.state != "unavailable" for each in hass.states.async_all("media_player"))
    print(f"{len(speakers)} speakers, {available} available when set up")
    print(f"start-up            {start:8.2f} s ({start_work:.2f} s of processor)")

    for each in speakers:
        await control.post("/demo", json={"speaker": each["uid"]})
    await control.post("/clock", json={"speed": _SPEED})
    await asyncio.sleep(_SETTLE_SECONDS)
    playing = sum(each.state == "playing" for each in hass.states.async_all("media_player"))
    await control.delete("/calls")
    began, worked = time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    share = (time.process_time() - worked) / (time.perf_counter() - began)
    calls = (await ask(control, "/calls/counts"))["by_action"]
    print(f"above Home Assistant{memory() - alone:8.1f} MB ({alone:.0f} MB without)")
    print(f"processor           {share:8.2%} of one core, {playing} playing, {seconds:.0f} s")
    events = (await ask(control, "/events"))["events"]
    print(f"events heard        {len(events):8}")
    print(f"SOAP calls          {sum(calls.values()):8} {calls or ''}")
    assert await hass.config_entries.async_unload(entry.entry_id)


async def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speakers", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    resolver = "homeassistant.helpers.aiohttp_client._async_make_resolver"
    with patch(resolver, lambda _hass: Resolver()):
        async with (
            simulated(options.speakers) as control,
            async_test_home_assistant() as hass,
        ):
            await measure(hass, control, options.seconds)
            await hass.async_stop(force=True)
            from soco.events_asyncio import event_listener  # noqa: PLC0415 (counted as ours)

            await event_listener.async_stop()


if __name__ == "__main__":
    asyncio.run(main())
