"""The command line: `scripts/soak --help`."""

import argparse
import asyncio
from contextlib import AsyncExitStack
import json
import logging
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
import time
from unittest.mock import patch

from aiohttp import ThreadedResolver
from homeassistant import loader
from pytest_homeassistant_custom_component.common import async_test_home_assistant
from soco.events_asyncio import event_listener

from .home import Home, short_patience, simulated, sound_server
from .log import ErrorLog
from .loop_watch import LoopWatch
from .run import Soak, SoakError, Step


class Resolver(ThreadedResolver):
    """Addresses need no resolver; Home Assistant's own would listen for mDNS everywhere."""

    real_close = ThreadedResolver.close


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/soak", description=sys.modules["soak"].__doc__)
    parser.add_argument("--seed", type=int, default=1, help="what all chance follows from")
    parser.add_argument("--operations", type=int, default=1000, help="stop at this number")
    parser.add_argument("--first", type=int, default=0, help="begin at this number, in a new home")
    parser.add_argument(
        "--resume", type=Path, help="keep in this file how far it got, and go on from there"
    )
    parser.add_argument("--verbose", action="store_true", help="print every step")
    return parser.parse_args()


async def soak(options: argparse.Namespace) -> int:
    """Run the steps in a home of their own; return 0 when all was well."""
    first = max(options.first, _kept(options))
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="rhythmiq-soak-"))
        household = stack.enter_context(simulated())
        stack.enter_context(
            patch("homeassistant.helpers.aiohttp_client._async_make_resolver", lambda _: Resolver())
        )
        await stack.enter_async_context(short_patience())
        prefix = household.hosts[0].rpartition(".")[0]
        sound = await stack.enter_async_context(sound_server(f"{prefix}.2"))
        hass = await stack.enter_async_context(async_test_home_assistant(config_dir=folder))
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
        home = Home(hass, household, sound)
        await home.furnish()
        watch, log = LoopWatch(), ErrorLog()
        stack.enter_context(watch.watching())
        stack.enter_context(log.listening())
        steps = Soak(home, options.seed, watch, log)

        def tell(step: Step) -> None:
            if options.verbose:
                print(step, flush=True)
            elif step.number % 50 == 49:
                minutes = (time.monotonic() - began) / 60
                print(f"{step.number + 1} operations, {minutes:.1f} min", flush=True)
            if options.resume:
                kept = {"seed": options.seed, "next": step.number + 1}
                options.resume.write_text(json.dumps(kept))

        failure = None
        try:
            await steps.run(first, options.operations - first, tell)
        except SoakError as err:
            failure = err
        await home.leave()
        await hass.async_stop(force=True)
        await event_listener.async_stop()
    figures = steps.figures
    print(
        f"seed {options.seed}: {figures.steps} operations ({figures.faulty} with faults,"
        f" {sum(figures.refused.values())} refused), calm after at most"
        f" {figures.longest_calm:.2f} s, longest callback {figures.longest_on_loop * 1000:.0f} ms,"
        f" {(time.monotonic() - began) / 60:.1f} min"
    )
    for outcome, count in figures.refused.most_common():
        print(f"{count:>6} {outcome}")
    if failure is not None:
        print(f"\nFAILED at {failure}", file=sys.stderr)
    return int(failure is not None)


def _kept(options: argparse.Namespace) -> int:
    """Return the number a run with this seed got to."""
    if options.resume is None or not options.resume.exists():
        return 0
    kept = json.loads(options.resume.read_text())
    return int(kept["next"]) if kept["seed"] == options.seed else 0


if __name__ == "__main__":
    logging.lastResort = None  # what is logged is told with the step it belongs to
    sys.exit(asyncio.run(soak(_parse())))
