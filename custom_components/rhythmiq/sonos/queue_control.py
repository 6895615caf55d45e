"""The queue as a person handles it: look at it, start somewhere, take away, move, clear.

Positions count from 1; ``QueuePositionError`` tells of one that is outside the queue.
"""

from typing import Final

from .content import Page, read_page
from .editing import QueueEditor
from .errors import UPNP_QUEUE_EMPTY, PlaybackError, SonosError
from .speaker import Speaker
from .state import Source, source_of

QUEUE: Final = "Q:0"
MOST_ENTRIES: Final = 486
"""What a player returns at once, at most."""
LONGEST: Final = 99_999
"""More than any player queues."""


class QueuePositionError(SonosError):
    """The queue has no such position; ``length`` is how many it has."""

    def __init__(self, speaker: Speaker, position: int, length: int) -> None:
        super().__init__(
            "queue_position_out_of_range",
            speaker=speaker.name,
            value=str(position),
            maximum=str(length),
        )


async def read_entries(speaker: Speaker, position: int, count: int) -> Page:
    """Return at most ``count`` entries of the group's queue, and how many it has.

    Past the end there are none. Raises ``SonosError``.
    """
    return await read_page(speaker.coordinator.control, QUEUE, position - 1, count)


async def play_from(speaker: Speaker, position: int) -> None:
    """Play the group's queue from a position. Raises ``SonosError``."""
    coordinator = speaker.coordinator
    await _check(speaker, position, 1)
    control = coordinator.control
    media = await control.transport("GetMediaInfo")
    if source_of(media.get("CurrentURI", "")) is not Source.QUEUE:
        await control.transport(
            "SetAVTransportURI",
            ("CurrentURI", f"x-rincon-queue:{coordinator.uid}#0"),
            ("CurrentURIMetaData", ""),
        )
    await control.transport("Seek", ("Unit", "TRACK_NR"), ("Target", position))
    await control.transport("Play", ("Speed", 1))


async def remove(speaker: Speaker, position: int, count: int) -> None:
    """Take entries out of the group's queue. Raises ``SonosError``."""
    editor = QueueEditor(speaker.coordinator)
    editor.length = await _check(speaker, position, count)
    await editor.remove(position, count)


async def move(speaker: Speaker, position: int, count: int, to: int) -> None:
    """Move entries so that the first of them is at ``to`` afterwards. Raises ``SonosError``."""
    length = await _check(speaker, position, count)
    if not 1 <= to <= length - count + 1:
        raise QueuePositionError(speaker, to, length - count + 1)
    if to == position:
        return
    await speaker.coordinator.control.transport(
        "ReorderTracksInQueue",
        ("StartingIndex", position),
        ("NumberOfTracks", count),
        ("InsertBefore", to if to < position else to + count),
        ("UpdateID", 0),
    )


async def clear(speaker: Speaker) -> None:
    """Empty the group's queue, also of what is still on its way there. Raises ``SonosError``."""
    coordinator = speaker.coordinator
    async with coordinator.filling.lock:
        await coordinator.filling.cancel()
        try:
            await coordinator.control.transport("RemoveAllTracksFromQueue")
        except PlaybackError as err:
            # Some firmware refuses to clear what is empty
            if err.code != UPNP_QUEUE_EMPTY:
                raise


async def _check(speaker: Speaker, position: int, count: int) -> int:
    """Return the length of the queue, which has to hold the entries."""
    length = (await read_entries(speaker, 1, 1)).total
    for each in (position, position + count - 1):
        if not 1 <= each <= length:
            raise QueuePositionError(speaker, each, length)
    return length
