"""Exchanging what a queue has not come to yet, while it plays."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .entries import names
from .errors import SonosError, SpeakerUnreachableError
from .filling import Fill, PlaybackFinished, Replace
from .media import Playable
from .snapshot import glance

if TYPE_CHECKING:
    from .speaker import Speaker


class QueueChangedError(SonosError):
    """Somebody else changes the queue."""

    def __init__(self, speaker: str) -> None:
        super().__init__("queue_taken_over", speaker=speaker)


async def exchange_rest(
    speaker: Speaker,
    queue: Sequence[str],
    keep: int,
    tracks: Sequence[Playable],
    replace: Replace | None = None,
) -> asyncio.Future[PlaybackFinished]:
    """Let tracks follow the first ``keep`` entries of the group's queue, instead of all others.

    ``queue`` names its entries as the caller knows them. The current track and the next one stay,
    whatever was to be kept, and nothing that sounds is touched: the first of the tracks is in
    before any goes, the rest follows in the background. The result is of the tracks alone.

    Raises ``QueueChangedError`` when the queue is another one by now, or is just being filled, or
    there is nothing to exchange any more, and ``SonosError``. The queue is as it was then.
    """
    coordinator = speaker.coordinator
    filling = coordinator.filling
    async with filling.lock:
        if filling.task is not None and not filling.task.done():
            raise QueueChangedError(coordinator.name)
        try:
            now = await glance(coordinator)
            keep = max(keep, now.track + 1)
            if names(now.queue) != list(queue) or not now.plays_queue or keep >= len(queue):
                raise QueueChangedError(coordinator.name)
            fill = Fill(coordinator, tracks, keep=keep, replace=replace)
            fill.editor.length = len(queue)
            if await fill.begin() != len(queue) + 1:
                await fill.take_back()
                raise QueueChangedError(coordinator.name)
        except SpeakerUnreachableError:
            coordinator.doubt()
            raise
        fill.start()
    return fill.finished
