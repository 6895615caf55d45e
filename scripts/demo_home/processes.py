"""Processes that the demo starts, each in a group of its own, and that end with it."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
import os
from pathlib import Path
import signal

from .config_folder import REPOSITORY
from .waiting import holds

PATIENCE = 15.0
"""Seconds between the polite and the forced end of a process."""


class StartError(Exception):
    """Something could not be started; the text says what and where its log is."""


@asynccontextmanager
async def running(command: Sequence[str], log: Path) -> AsyncIterator[Process]:
    """Run `command` in the repository, its output in `log`; end its whole group at exit."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=REPOSITORY,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        await _end(process)


async def wait_for_line(process: Process, log: Path, line: str, within: float = 30.0) -> str:
    """Wait until the process has printed a line that begins with `line`; return that line.

    Raises `StartError` when the process ends first or takes longer than `within` seconds.
    """
    found = ""

    async def printed() -> bool:
        nonlocal found
        text = await asyncio.to_thread(log.read_text, encoding="utf-8", errors="replace")
        whole = text[: text.rfind("\n") + 1].splitlines()
        found = next((given for given in whole if given.startswith(line)), "")
        if not found and process.returncode is not None:
            raise StartError(f"{whole[-1] if whole else 'nothing printed'} (see {log})")
        return bool(found)

    if not await holds(printed, within):
        raise StartError(f"no answer from what writes {log}")
    return found


async def _end(process: Process) -> None:
    """Ask the group to end, wait, then insist; members that outlived the leader go as well."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
