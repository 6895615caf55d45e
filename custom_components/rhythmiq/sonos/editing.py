"""Changing a queue: every change once, whatever becomes of the answer.

Adding and removing are not idempotent. Where no answer came back, or none that made sense, the
queue tells what happened before anything is repeated.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
import logging
from typing import TYPE_CHECKING, Final

from .control import Answer
from .entries import name_of, names, parse_entries
from .errors import UPNP_MEDIA_REFUSED, PlaybackError, SonosError, SpeakerUnreachableError
from .media import Form

if TYPE_CHECKING:
    from .control import Control
    from .speaker import Speaker

_LOGGER = logging.getLogger(__name__)

ADD_SECONDS: Final = 10.0
BATCH_SECONDS: Final = 30.0
_TRIES: Final = 2
# A player may still be working on what it has not confirmed
_LOOK_AGAIN_SECONDS: Final = 1.0
# What failed at once may be tried again; a speaker that is away is waited for once
_AT_ONCE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Added:
    """Where in the queue something is now: the number of its first entry (from 1), and how many."""

    number: int
    count: int


class QueueEditor:
    """Changes one player's queue; ``length`` is the queue's as last told.

    ``late`` is what the player did add though whoever asked for it was cancelled meanwhile.
    """

    def __init__(self, speaker: Speaker) -> None:
        self.speaker = speaker
        self.length: int | None = None
        self.late: Added | None = None

    @property
    def control(self) -> Control:
        """The speaker's remote control at its present address."""
        return self.speaker.control

    async def add(self, form: Form, position: int) -> Added:
        """Add one form at a place (from 1), or at the end (0).

        Raises ``PlaybackError`` with a code when the player refuses it, without one when it keeps
        answering nonsense, and ``SpeakerUnreachableError``.
        """
        for left in reversed(range(_TRIES)):
            try:
                answer = await self._send(
                    "AddURIToQueue",
                    ("EnqueuedURI", form.uri),
                    ("EnqueuedURIMetaData", form.metadata),
                    ("DesiredFirstTrackNumberEnqueued", position),
                    ("EnqueueAsNext", 0),
                    seconds=ADD_SECONDS,
                )
                return self._added(answer)
            except PlaybackError as err:
                # Other refusals than of the medium may pass
                if not left or err.code == UPNP_MEDIA_REFUSED:
                    raise
                if err.code is None and (added := await self._arrived([form], position)):
                    return self._take_note(added, position)
            except SpeakerUnreachableError:
                if added := await self._arrived([form], position):
                    return self._take_note(added, position)
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def add_batch(self, forms: Sequence[Form], position: int) -> int:
        """Add forms in one call; return how many are in now, which none of them may be.

        Raises ``SpeakerUnreachableError`` when the queue does not tell either.
        """
        try:
            answer = await self._send(
                "AddMultipleURIsToQueue",
                ("UpdateID", 0),
                ("NumberOfURIs", len(forms)),
                ("EnqueuedURIs", " ".join(form.uri for form in forms)),
                ("EnqueuedURIsMetaData", " ".join(form.metadata for form in forms)),
                ("ContainerURI", ""),
                ("ContainerMetaData", ""),
                ("DesiredFirstTrackNumberEnqueued", position),
                ("EnqueueAsNext", 0),
                seconds=BATCH_SECONDS,
            )
            return min(self._added(answer).count, len(forms))
        except (PlaybackError, SpeakerUnreachableError) as err:
            _LOGGER.debug("%s did not take a batch: %s", self.speaker.name, err)
            refused = isinstance(err, PlaybackError) and err.code is not None
            added = await self._arrived(forms, position, look_again=not refused)
            return self._take_note(added, position).count

    async def remove(self, first: int, count: int) -> None:
        """Remove entries from a number (from 1) on; the queue's length has to be known."""
        assert self.length is not None
        for left in reversed(range(_TRIES)):
            try:
                await self._send(
                    "RemoveTrackRangeFromQueue",
                    ("UpdateID", 0),
                    ("StartingIndex", first),
                    ("NumberOfTracks", count),
                    seconds=ADD_SECONDS,
                )
            except (PlaybackError, SpeakerUnreachableError) as err:
                length, _ = await self.control.queue(0, 1)
                if length > self.length - count:
                    _LOGGER.debug("%s did not remove tracks: %s", self.speaker.name, err)
                    if not left:
                        raise
                    continue
            self.length -= count
            return

    def _added(self, answer: Answer) -> Added:
        number = self.control.number
        added = Added(number(answer, "FirstTrackNumberEnqueued"), number(answer, "NumTracksAdded"))
        self.length = number(answer, "NewQueueLength")
        return added

    def _take_note(self, added: int, position: int) -> Added:
        """Work out where what arrived without an answer must be."""
        assert self.length is not None
        self.length += added
        return Added(position or self.length - added + 1, added)

    async def _arrived(
        self, forms: Sequence[Form], position: int, *, look_again: bool = True
    ) -> int:
        """Return how many of the forms just sent, without a clear answer, the queue holds."""
        for pause in (0, _LOOK_AGAIN_SECONDS) if look_again else (0,):
            await asyncio.sleep(pause)
            length, _ = await self.control.queue(0, 1)
            if self.length is None:
                at = (position or length) - 1
                if 0 <= at < length and await self._is_at(at, forms[0]):
                    # What was there before can be told now
                    self.length = length - 1
                    return 1
            elif length > self.length:
                return min(length - self.length, len(forms))
        self.length = length
        return 0

    async def _is_at(self, index: int, form: Form) -> bool:
        _, text = await self.control.queue(index, 1)
        try:
            return names(parse_entries(text)) == [name_of(form)]
        except ValueError:
            return False

    async def _send(self, action: str, *arguments: tuple[str, object], seconds: float) -> Answer:
        """Send a call that changes the queue; a cancellation waits until it is through.

        Otherwise the next request could clear the queue while a track is still on its way.
        """
        call = asyncio.ensure_future(
            self.control.call("avTransport", action, [("InstanceID", 0), *arguments], seconds)
        )
        try:
            await asyncio.wait([call])
        except asyncio.CancelledError:
            await asyncio.wait([call])
            if call.exception() is None and "NumTracksAdded" in call.result():
                with suppress(SonosError):
                    self.late = self._added(call.result())
            raise
        return call.result()


async def insist[T](command: Callable[[], Awaitable[T]]) -> T:
    """Give a command that may be given twice, once more where it failed at once."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        return await command()
    except SonosError:
        if loop.time() - began > _AT_ONCE_SECONDS:
            raise
    return await command()
