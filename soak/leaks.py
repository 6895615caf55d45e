"""What a step may not leave behind: tasks, threads and subscriptions."""

import asyncio
from collections import Counter
from dataclasses import dataclass
import re
import threading

from soco.events_asyncio import subscriptions_map

# Home Assistant's pool of threads grows to its size and stays; the household has its own
_OTHERS = re.compile(r"SyncWorker|ImportExecutor|asyncio_\d|waitpid|MainThread|sonos-|loop watch")
_NUMBERS = re.compile(r"\d+")
_OF_A_ROOM = re.compile(r"^(rhythmiq) .* (\w+)$")


@dataclass(frozen=True, slots=True)
class Left:
    """What is there at one instant, by name."""

    tasks: Counter[str]
    threads: Counter[str]
    subscriptions: Counter[str]

    def beyond(self, before: Left) -> list[str]:
        """Return in words what there is more of than before."""
        return [
            f"{count} more of {kind} {name}"
            for kind in ("tasks", "threads", "subscriptions")
            for name, count in (getattr(self, kind) - getattr(before, kind)).items()
        ]


def left() -> Left:
    """Look at this process."""
    return Left(
        Counter(_task_name(each) for each in asyncio.all_tasks()),
        Counter(each.name for each in threading.enumerate() if not _OTHERS.search(each.name)),
        Counter(
            each.service.service_type for each in tuple(subscriptions_map.subscriptions.values())
        ),
    )


def _task_name(task: asyncio.Task[object]) -> str:
    """Return a name that is the same for all tasks of a kind: what it is, else what it runs."""
    name = task.get_name()
    if re.fullmatch(r"Task-\d+", name):
        coroutine = task.get_coro()
        name = getattr(coroutine, "__qualname__", repr(coroutine))
    return _NUMBERS.sub("#", _OF_A_ROOM.sub(r"\1 … \2", name))
