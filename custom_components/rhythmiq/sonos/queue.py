"""Putting a list of tracks into a queue so that music starts at once.

The first track is added and started by four SOAP calls, whatever the length of the list; the rest
follows in the background, in order, until the next request for the same coordinator.

Tracks are added sixteen at a time where the player takes that and one by one where it does not.
The safe way between the two: a batch counts only when the player says it added as many tracks as
were sent. A refused batch is repeated track by track, from where the queue then stands, which also
finds the one track that spoiled it; when there was none, batches themselves were refused and are
not tried again on that player.

Adding is not idempotent. Where no answer came back, the queue's length tells what arrived.
"""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
import logging
from typing import TYPE_CHECKING, Final

from .control import Answer
from .errors import (
    UPNP_QUEUE_EMPTY,
    PlaybackError,
    SonosError,
    SpeakerUnreachableError,
)
from .media import Form, Playable, UnsupportedMediaError, forms_of
from .state import Source, source_of

if TYPE_CHECKING:
    from .speaker import Speaker

__all__ = ["Enqueue", "Filling", "Playable", "PlaybackFinished", "PlaybackStarted", "play_tracks"]

_LOGGER = logging.getLogger(__name__)

BATCH: Final = 16
ADD_SECONDS: Final = 10.0
BATCH_SECONDS: Final = 30.0
# A service that is not linked refuses everything: do not ask five hundred times
_FIRST_ATTEMPTS: Final = 5
# A player may still be working on what it has not confirmed
_LOOK_AGAIN_SECONDS: Final = 1.0


class Enqueue(StrEnum):
    """Where tracks go: Home Assistant's words."""

    PLAY = "play"
    REPLACE = "replace"
    NEXT = "next"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    """What became of a request: tracks in the queue, tracks the player refused.

    ``complete`` is false where it was cut short: by the next request, by the end of the
    integration, by regrouping or by an outage.
    """

    queued: int
    skipped: tuple[Playable, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    """Music plays (or is queued, where that was asked); ``finished`` follows, never failing."""

    queued: int
    skipped: tuple[Playable, ...]
    finished: asyncio.Future[PlaybackFinished]


@dataclass(slots=True)
class Filling:
    """The one request a coordinator's queue is being filled for."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: asyncio.Task[None] | None = None
    batches: bool = True

    async def cancel(self) -> None:
        """End the background part, after the call it is in the middle of."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])
            self.task = None


async def play_tracks(
    speaker: Speaker, tracks: Sequence[Playable], enqueue: Enqueue
) -> PlaybackStarted:
    """Queue tracks on the speaker's group; return as soon as the first is in and playing.

    Raises ``UnsupportedMediaError`` for a uri no queue takes, before anything is changed,
    ``PlaybackError`` when the player takes none of the tracks, and ``SpeakerUnreachableError``.
    """
    request = _Request(speaker.coordinator, tracks, enqueue)
    filling = request.coordinator.filling
    async with filling.lock:
        await filling.cancel()
        starts = enqueue in (Enqueue.PLAY, Enqueue.REPLACE)
        try:
            with request.coordinator.own_hand.at_work() if starts else nullcontext():
                started = await request.start()
        except SpeakerUnreachableError:
            request.coordinator.doubt()
            raise
        if not started.finished.done():
            filling.task = request.coordinator.hass.async_create_background_task(
                request.fill(), f"rhythmiq {request.coordinator.name} queue"
            )
    return started


class _Request:
    """One list on its way into one queue."""

    def __init__(self, coordinator: Speaker, tracks: Sequence[Playable], enqueue: Enqueue) -> None:
        if not tracks:
            raise UnsupportedMediaError("")
        self.coordinator = coordinator
        self._household = coordinator.household
        self._enqueue = enqueue
        self._rest = [(track, forms_of(track)) for track in tracks]
        self._queued = 0
        self._skipped: list[Playable] = []
        self._finished: asyncio.Future[PlaybackFinished] = (
            asyncio.get_running_loop().create_future()
        )
        # Where the next track goes (from 1), 0 for the end; the queue's length as last told
        self._position = 0
        self._length: int | None = None

    # -- until music plays ---------------------------------------------------------------------

    async def start(self) -> PlaybackStarted:
        control = self.coordinator.control
        starts = self._enqueue in (Enqueue.PLAY, Enqueue.REPLACE)
        on_queue = False
        if self._enqueue is Enqueue.REPLACE:
            await self._clear()
        elif self._enqueue is not Enqueue.ADD:
            on_queue = await self._find_place()
        number = await self._add_first()
        if starts:
            if not on_queue:
                await control.transport(
                    "SetAVTransportURI",
                    ("CurrentURI", f"x-rincon-queue:{self.coordinator.uid}#0"),
                    ("CurrentURIMetaData", ""),
                )
            if self._enqueue is Enqueue.PLAY:
                await control.transport("Seek", ("Unit", "TRACK_NR"), ("Target", number))
            await control.transport("Play", ("Speed", 1))
        if not self._rest:
            self._finish(complete=True)
        return PlaybackStarted(self._queued, tuple(self._skipped), self._finished)

    async def _clear(self) -> None:
        try:
            await self.coordinator.control.transport("RemoveAllTracksFromQueue")
        except PlaybackError as err:
            # Some firmware refuses to clear what is empty
            if err.code != UPNP_QUEUE_EMPTY:
                raise
        self._length = 0

    async def _find_place(self) -> bool:
        """Aim behind the current track; return whether the queue is what plays.

        Otherwise what is to play goes to the end, and what is to play next to the front.
        """
        coordinator = self.coordinator
        if (uri := coordinator.transport_uri) is not None:
            current = coordinator.own.queue_position or 0
        else:
            media, position = await asyncio.gather(
                coordinator.control.transport("GetMediaInfo"), coordinator.control.position()
            )
            uri, current = media.get("CurrentURI", ""), position.track
        if source_of(uri) is Source.QUEUE:
            self._position = current + 1
            return True
        self._position = 1 if self._enqueue is Enqueue.NEXT else 0
        return False

    async def _add_first(self) -> int:
        """Add the first track the player takes; return its number in the queue (from 1)."""
        refusal = PlaybackError(None, self.coordinator.name)
        for track, forms in self._rest[:_FIRST_ATTEMPTS]:
            for form in self._in_order(forms):
                try:
                    number = await self._add(form)
                except PlaybackError as err:
                    if err.code is None:
                        raise
                    refusal = err
                else:
                    del self._rest[: len(self._skipped) + 1]
                    return number
            self._skipped.append(track)
        raise PlaybackError(
            refusal.code,
            self.coordinator.name,
            "nothing_playable",
            track=self._skipped[0].title or self._skipped[0].uri,
        )

    # -- in the background ---------------------------------------------------------------------

    async def fill(self) -> None:
        """Add the rest; never raises but when cancelled."""
        complete = False
        try:
            rest = iter(self._rest)
            while chunk := list(islice(rest, BATCH)):
                if self.coordinator.coordinator is not self.coordinator:
                    _LOGGER.debug("%s follows another speaker now", self.coordinator.name)
                    return
                await self._add_chunk(chunk)
            complete = True
        except SonosError as err:
            _LOGGER.warning(
                "Queueing on %s stopped after %d tracks: %s",
                self.coordinator.name,
                self._queued,
                err,
            )
        finally:
            self._finish(complete=complete)
            if self._skipped:
                _LOGGER.info(
                    "%s refused %d tracks: %s",
                    self.coordinator.name,
                    len(self._skipped),
                    ", ".join(track.title or track.uri for track in self._skipped),
                )

    def _finish(self, *, complete: bool) -> None:
        self._finished.set_result(PlaybackFinished(self._queued, tuple(self._skipped), complete))

    async def _add_chunk(self, chunk: list[tuple[Playable, tuple[Form, ...]]]) -> None:
        batch = [self._in_order(forms)[0] for _, forms in chunk]
        filling = self.coordinator.filling
        together = (
            filling.batches and len(batch) > 1 and not any(form.is_container for form in batch)
        )
        added = await self._add_batch(batch) if together else 0
        refused = len(self._skipped)
        for (track, _), form in zip(chunk[added:], batch[added:], strict=True):
            try:
                await self._add(form)
            except PlaybackError as err:
                if err.code is None:
                    raise
                self._skipped.append(track)
        if together and added < len(batch) and len(self._skipped) == refused:
            _LOGGER.debug("%s takes no batches", self.coordinator.name)
            filling.batches = False

    def _in_order(self, forms: tuple[Form, ...]) -> tuple[Form, ...]:
        """Put the form first whose service number worked last in this household."""
        known = self._household.spotify_service
        return tuple(sorted(forms, key=lambda form: form.service != known))

    # -- calls that must not be made twice -----------------------------------------------------

    async def _add(self, form: Form) -> int:
        """Add one form once; return its number in the queue (from 1)."""
        try:
            answer = await self._send(
                "AddURIToQueue",
                ("EnqueuedURI", form.uri),
                ("EnqueuedURIMetaData", form.metadata),
                ("DesiredFirstTrackNumberEnqueued", self._position),
                ("EnqueueAsNext", 0),
                seconds=ADD_SECONDS,
            )
        except SpeakerUnreachableError:
            if not await self._arrived(1):
                return await self._add(form)
            number = self._last_number()
        else:
            control = self.coordinator.control
            number = control.number(answer, "FirstTrackNumberEnqueued")
            self._count(
                control.number(answer, "NumTracksAdded"),
                control.number(answer, "NewQueueLength"),
            )
        if form.service is not None and form.uri.startswith("spotify%3a"):
            self._household.spotify_service = form.service
        return number

    async def _add_batch(self, forms: list[Form]) -> int:
        """Add forms in one call; return how many are in now."""
        control = self.coordinator.control
        try:
            answer = await self._send(
                "AddMultipleURIsToQueue",
                ("UpdateID", 0),
                ("NumberOfURIs", len(forms)),
                ("EnqueuedURIs", " ".join(form.uri for form in forms)),
                ("EnqueuedURIsMetaData", " ".join(form.metadata for form in forms)),
                ("ContainerURI", ""),
                ("ContainerMetaData", ""),
                ("DesiredFirstTrackNumberEnqueued", self._position),
                ("EnqueueAsNext", 0),
                seconds=BATCH_SECONDS,
            )
        except (PlaybackError, SpeakerUnreachableError) as err:
            _LOGGER.debug("%s did not take a batch: %s", self.coordinator.name, err)
            return await self._arrived(len(forms))
        added = control.number(answer, "NumTracksAdded")
        self._count(added, control.number(answer, "NewQueueLength"))
        return min(added, len(forms))

    async def _arrived(self, sent: int) -> int:
        """Return how many of the tracks just sent, without a clear answer, the queue holds."""
        if self._length is None:
            # What was there before is unknown, so the queue cannot tell
            raise SpeakerUnreachableError(self.coordinator.name)
        length = self._length
        for pause in (0, _LOOK_AGAIN_SECONDS):
            await asyncio.sleep(pause)
            length, _ = await self.coordinator.control.queue(0, 1)
            if length > self._length:
                break
        added = max(0, min(length - self._length, sent))
        self._count(added, length)
        return added

    def _last_number(self) -> int:
        return self._position - 1 if self._position else self._length or 0

    def _count(self, added: int, length: int) -> None:
        self._queued += added
        self._length = length
        if self._position:
            self._position += added

    async def _send(self, action: str, *arguments: tuple[str, object], seconds: float) -> Answer:
        """Send a call that changes the queue; a cancellation waits until it is through.

        Otherwise the next request could clear the queue while a track is still on its way.
        """
        call = asyncio.ensure_future(
            self.coordinator.control.call(
                "avTransport", action, [("InstanceID", 0), *arguments], seconds
            )
        )
        try:
            await asyncio.wait([call])
        except asyncio.CancelledError:
            await asyncio.wait([call])
            call.exception()  # seen, and of no interest any more
            raise
        return call.result()
