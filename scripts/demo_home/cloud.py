"""The cloud on this machine: the backend's local runner with the home's catalog."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
import sys

from custom_components.rhythmiq.engine import Catalog

from .config_folder import REPOSITORY
from .processes import StartError, running, wait_for_line


@asynccontextmanager
async def local_cloud(folder: Path, catalog: Catalog, log: Path) -> AsyncIterator[tuple[str, str]]:
    """Run the cloud with its files in `folder`; yields its address and a household token."""
    saved, tokens = folder / "catalog.npz", folder / "tokens.json"
    await asyncio.to_thread(_save, catalog, saved)
    command = [
        *(sys.executable, "-m", "backend.local", "--port=0"),
        *(f"--catalog={saved}", f"--token-file={tokens}"),
    ]
    token = await _create_token(tokens)
    async with running(command, log) as process:
        ready = await wait_for_line(process, log, "READY")
        yield ready.removeprefix("READY").strip(), token


def _save(catalog: Catalog, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(catalog.save())


async def _create_token(tokens: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "backend.tokens", "--in", str(tokens)),
        *("create", "--profile", "demo"),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise StartError("no token could be made for the local cloud")
    return output.decode().strip()
