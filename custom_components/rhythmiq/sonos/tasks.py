"""Doing several things at once, and leaving none of them behind."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def first_of(*jobs: Coroutine[Any, Any, object]) -> None:
    """Run all until the first has ended, cancel the others, and raise what the first raised."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in done:
        task.result()


async def all_of(*jobs: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run all and return their results in order; the first that raises ends the others."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
