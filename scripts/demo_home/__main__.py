"""From nothing to music: a home with simulated speakers, a real Home Assistant, and RhythmIQ."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
import shutil
import signal
import socket
import sys
from tempfile import TemporaryDirectory
import time

import aiohttp

from custom_components.rhythmiq.const import DATABASE
from scripts import export_catalog, starter_catalog

from . import config_folder, dashboard, library, setup_flow
from .cloud import local_cloud
from .home import MOMENTS
from .home_assistant import HomeAssistant, RefusedError, home_assistant
from .household import NETWORK, addresses, simulated_household
from .moments import Outcome, live_through
from .processes import StartError
from .table import side_by_side

USER = PASSWORD = "demo"  # noqa: S105 (a home without secrets, on loopback)
TRACKS = 15


def main() -> int:
    """Run the demo; return 0 when both moments got their music."""
    options = _parse()
    config = options.folder.resolve() / "config"
    if config_folder.is_foreign(config):
        print(
            f"demo: {config} was not made by this demo, which would replace it. "
            "Move it away, or choose another folder with --folder.",
            file=sys.stderr,
        )
        return 1
    control, speakers = addresses(options.network)
    if taken := _taken([("127.0.0.1", options.port), control, *speakers]):
        print(
            f"demo: {taken} is in use already. Is another demo running? ", file=sys.stderr, end=""
        )
        print("Home Assistant's port can be chosen with --port.", file=sys.stderr)
        return 1
    return asyncio.run(_interruptible(options))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the two lists: 0 or 1")
    parser.add_argument("--catalog", type=Path, help="import this file, not the invented tracks")
    parser.add_argument("--cloud", action="store_true", help="recommend through a local cloud")
    parser.add_argument("--port", type=int, default=8123, help="of Home Assistant on 127.0.0.1")
    parser.add_argument(
        "--folder",
        type=Path,
        default=config_folder.REPOSITORY / ".demo",
        help="everything the demo writes goes here; made anew each time",
    )
    # several demos at once, as in tests: the first three numbers of the speakers' addresses
    parser.add_argument("--network", default=NETWORK, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.catalog and not options.catalog.is_file():
        parser.error(f"there is no file {options.catalog}")
    if not 1024 <= options.port <= 65535:
        parser.error("--port must lie between 1024 and 65535")
    return options


def _taken(addresses: list[tuple[str, int]]) -> str | None:
    """Return the first address that somebody listens on, as text."""
    for address in addresses:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError:
                return "{}:{}".format(*address)
    return None


async def _interruptible(options: argparse.Namespace) -> int:
    """Run until done or told to end, either way leaving nothing behind."""
    task = asyncio.ensure_future(_run(options))

    def stop() -> None:
        if not task.cancelling():  # whoever is impatient must not interrupt the tidying
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        print("\ndemo: stopped")
        return 130
    except (StartError, RefusedError, aiohttp.ClientError) as err:
        print(f"demo: {err}", file=sys.stderr)
        return 1


async def _run(options: argparse.Namespace) -> int:
    folder: Path = options.folder.resolve()
    config = folder / "config"
    async with AsyncExitStack() as stack:
        async with step("preparing a home"):
            catalog_file = _prepare(options.catalog, config, options.port)
        async with step("starting three speakers"):
            household = await stack.enter_async_context(
                simulated_household(options.network, folder / "household.log")
            )
        async with step("starting Home Assistant"):
            home = await stack.enter_async_context(
                home_assistant(config, options.port, folder / "home_assistant.log")
            )
            await home.sign_in(USER, PASSWORD)
        async with step("setting up RhythmIQ and its rooms"):
            await setup_flow.furnish(home)
            entry_id = await setup_flow.set_up(home, household)
            await dashboard.install(home)
        async with step("importing the catalog"):
            report = await home.ask("rhythmiq.import_catalog", path=str(catalog_file))
            catalog = await asyncio.to_thread(export_catalog.read, config / DATABASE)
            await household.teach(library.described(catalog, home.url))
        print(f"         {report['new']:,} tracks, {report['rejected']:,} rows rejected")
        if options.cloud:
            async with step("starting the cloud on this machine"):
                url, token = await stack.enter_async_context(
                    local_cloud(folder / "cloud", catalog, folder / "cloud.log")
                )
                await setup_flow.connect_cloud(home, entry_id, household.host, url, token)
        outcomes = []
        for moment in MOMENTS:
            async with step(f"playing: {moment.title}"):
                engine = "cloud" if options.cloud else "local"
                outcomes.append(
                    await live_through(moment, home, household, engine=engine, count=TRACKS)
                )
        _show(outcomes)
        if options.once:
            return int(any(outcome.problem for outcome in outcomes))
        _invite(home)
        await home.ended()
        raise StartError("Home Assistant has ended")


def _prepare(given: Path | None, config: Path, port: int) -> Path:
    """Make the config folder; return the catalog in it, which may come from the one before."""
    config.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=config.parent) as aside:
        catalog = _provide_catalog(given, Path(aside))
        config_folder.make(config, port)
        return catalog.rename(config / config_folder.IMPORTS / catalog.name)


def _provide_catalog(given: Path | None, folder: Path) -> Path:
    """Put the catalog into a folder."""
    if given is None:
        starter_catalog.write(folder / "invented.csv.gz")
        return folder / "invented.csv.gz"
    return Path(shutil.copy(given, folder))


def _show(outcomes: list[Outcome]) -> None:
    left, right = (
        (
            [
                f"{outcome.moment.title}, {outcome.moment.room.name}",
                f"first music after {outcome.seconds:.2f} s, engine: {outcome.engine}",
            ],
            outcome.tracks,
        )
        for outcome in outcomes
    )
    width = shutil.get_terminal_size((150, 40)).columns
    print(f"\n{side_by_side(left, right, width)}\n", flush=True)
    for outcome in outcomes:
        if outcome.problem:
            print(f"demo: {outcome.moment.title}: {outcome.problem}", file=sys.stderr)


def _invite(home: HomeAssistant) -> None:
    print(f"Home Assistant   {home.url}/{dashboard.PATH}")
    print(f"user, password   {USER}, {PASSWORD}")
    print("The tracks are played by simulated speakers, so there is nothing to hear.")
    print("Ctrl-C ends everything.", flush=True)


@asynccontextmanager
async def step(what: str) -> AsyncIterator[None]:
    """Say what happens and how long it took."""
    start = time.monotonic()
    if sys.stdout.isatty():
        print(f"   …     {what}", end="\r", flush=True)
    yield
    print(f"{time.monotonic() - start:6.1f} s {what}", flush=True)


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        sys.exit(main())
