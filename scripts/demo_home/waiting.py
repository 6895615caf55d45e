"""Wait for something that only asking can tell."""

import asyncio
from collections.abc import Awaitable, Callable


async def holds(check: Callable[[], Awaitable[bool]], within: float) -> bool:
    """Ask until the answer is yes, for at most `within` seconds; return whether it came."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while not await check():
        if loop.time() >= deadline:
            return False
        await asyncio.sleep(0.05)
    return True
