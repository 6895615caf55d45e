"""Start Home Assistant with a database and a simulated household, and say what that takes as JSON.

    python -m benchmarks.home_start FOLDER

What is of RhythmIQ is imported when Home Assistant does it, so that its memory counts, too.
"""

import asyncio
from contextlib import AsyncExitStack
import gc
import importlib
import json
from pathlib import Path
import sys
import time
from typing import Any, Final
from unittest.mock import patch

from aiohttp import ThreadedResolver
from homeassistant import loader
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant
from soco.events_asyncio import event_listener

from tests.household import SimulatedHousehold

LISTENERS: Final = tuple(f"01BENCHLISTENER{number}" for number in range(4))
ROOM: Final = "01BENCHROOM"
ANSWERS: Final = 21
WARM_UP: Final = "rhythmiq warm up"
_MIB: Final = 1024.0


class Resolver(ThreadedResolver):
    """Addresses need no resolver; Home Assistant's own would listen for mDNS everywhere."""

    real_close = ThreadedResolver.close


async def start(folder: Path) -> dict[str, float]:
    """Start with the database in a folder, ask for lists, and stop; seconds and MiB."""
    taken: dict[str, float] = {}
    async with AsyncExitStack() as stack:
        household = stack.enter_context(SimulatedHousehold(speakers=1))
        stack.enter_context(
            patch("homeassistant.helpers.aiohttp_client._async_make_resolver", lambda _: Resolver())
        )
        hass = await stack.enter_async_context(async_test_home_assistant(config_dir=str(folder)))
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
        await async_setup_component(hass, "homeassistant", {})
        uid = household.uids[0]
        for number in range(len(LISTENERS)):
            hass.states.async_set(f"person.listener_{number}", "home")
        entry = MockConfigEntry(
            domain="rhythmiq", title="Home", unique_id=household.household_id,
            data={"host": household.hosts[0]}, subentries_data=_furniture(uid),
        )  # fmt: skip
        entry.add_to_hass(hass)
        gc.collect()
        resident = _status("VmRSS")
        await hass.async_add_executor_job(_reset_peak)

        began, busy = time.perf_counter(), time.process_time()
        if not await hass.config_entries.async_setup(entry.entry_id):
            raise RuntimeError("RhythmIQ cannot be set up")
        taken["start, s"] = time.perf_counter() - began
        taken["start, s of processor"] = time.process_time() - busy
        began = time.perf_counter()
        warming = [task for task in asyncio.all_tasks() if task.get_name() == WARM_UP]
        await asyncio.gather(*warming)
        taken["ready in the background, s"] = time.perf_counter() - began
        recommender = entry.runtime_data.recommender
        speaker = entry.runtime_data.household.speakers[uid]
        request = importlib.import_module("custom_components.rhythmiq.engine").Request(count=25)

        async def answer() -> float:
            began = time.perf_counter()
            await recommender.answer(request, [speaker])
            return 1000 * (time.perf_counter() - began)

        taken["first list, ms"] = await answer()
        lists = sorted([await answer() for _ in range(ANSWERS)])
        taken["next lists, ms"] = lists[ANSWERS // 10]
        taken["next lists, median, ms"] = lists[ANSWERS // 2]
        gc.collect()
        taken["memory, MiB"] = (_status("VmRSS") - resident) / _MIB
        taken["memory, peak, MiB"] = (_status("VmHWM") - resident) / _MIB
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_stop(force=True)
        await event_listener.async_stop()
    return taken


def _furniture(uid: str) -> list[ConfigSubentryDataWithId]:
    bindings = {"time_of_day": None, "day_type": None, "home_rhythm": None}
    data: list[tuple[str, str, str, dict[str, Any]]] = [
        (ROOM, "room", uid, {"speaker": uid, "area_id": None, "bindings": bindings})
    ]
    for number, key in enumerate(LISTENERS):
        person = f"person.listener_{number}"
        taste = {"person": person, "adventurousness": 0.2, "explicit": True, "bindings": {}}
        data.append((key, "listener", person, taste))
    return [
        ConfigSubentryDataWithId(
            subentry_id=key, subentry_type=kind, title=key, unique_id=unique, data=values
        )
        for key, kind, unique, values in data
    ]


def _reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _status(field: str) -> float:
    """Return a size of this process in KiB, from Linux."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return float(value.split()[0])
    raise KeyError(field)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(start(Path(sys.argv[1])))))
