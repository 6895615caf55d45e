"""Doing several things at once, and leaving none of them behind."""

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any


async def first_of(*jobs: Coroutine[Any, Any, object]) -> None:
    """Run all until the first has ended, cancel the others, and raise what the first raised."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(tasks)
    for task in done:
        task.result()


async def all_of(*jobs: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run all and return their results in order; the first that raises ends the others."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        return await asyncio.gather(*tasks)
    finally:
        await end(tasks)


async def end(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they are through with it, however often one is cancelled oneself.

    What they clean up would otherwise go on behind the back of whoever waits for its end.
    """
    for task in tasks:
        task.cancel()
    await _through(tasks)


async def finish(job: Coroutine[Any, Any, None]) -> None:
    """Run what must not be left half done to its end, however often one is cancelled meanwhile."""
    task = asyncio.create_task(job)
    await _through([task])
    task.result()


async def _through(tasks: Collection[asyncio.Task[Any]]) -> None:
    cancelled = False
    while pending := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(pending)
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
