"""Filling a queue in the background, to the end, whatever happens meanwhile.

Tracks are added sixteen at a time where the player takes that and one by one where it does not.
The safe way between the two: a batch counts only when the player says it added as many tracks as
were sent. A refused batch is repeated track by track, from where the queue then stands, which also
finds the one track that spoiled it; when there was none, batches themselves were refused and are
not tried again on that player.

When the speaker goes away, the work waits for it; when another speaker takes the lead, the work
follows the queue there. In both cases it reads the queue and goes on from where that stands.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
import logging
from typing import TYPE_CHECKING, Final

from .editing import Added, QueueEditor
from .entries import names, read_queue
from .errors import PlaybackError, SonosError, SpeakerUnreachableError
from .media import Form, Playable, forms_of

if TYPE_CHECKING:
    from .speaker import Speaker

_LOGGER = logging.getLogger(__name__)

BATCH: Final = 16
# A service that is not linked refuses everything: do not ask five hundred times
_FIRST_ATTEMPTS: Final = 5
_RETRY_SECONDS: Final = 1.0
_RETRY_SECONDS_MAX: Final = 15.0
_PATIENCE_SECONDS: Final = 15 * 60.0
# A player that answers, but does not do this
_STUCK: Final = 3

type Replace = Callable[[Sequence[Playable]], Awaitable[Sequence[Playable]]]
"""Returns other tracks for those the player refused, none of them offered before."""


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    """What became of a request.

    ``queued`` counts entries of the queue, which the ``tracks`` became, one each where all are
    ``plain``. ``skipped`` are those the player refused and ``replaced`` those that came in their
    place. ``complete`` is false where it was cut short: by the next request, by the end of the
    integration, by somebody who took over, by a long outage.
    """

    queued: int
    tracks: tuple[Playable, ...]
    plain: bool
    skipped: tuple[Playable, ...]
    replaced: tuple[Playable, ...]
    complete: bool


class TakenOverError(SonosError):
    """The queue is somebody else's by now."""

    def __init__(self, speaker: str) -> None:
        super().__init__("queue_taken_over", speaker=speaker)


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


@dataclass(slots=True)
class Block:
    """Tracks that go into the queue one behind the other.

    ``position`` is where the next one goes (from 1), 0 for the end; ``queued`` are in already.
    """

    waiting: deque[Playable]
    position: int = 0
    queued: list[Playable] = field(default_factory=list)

    @property
    def chunk(self) -> list[Playable]:
        """The next tracks, as many as go into one call."""
        return list(islice(self.waiting, BATCH))


class Fill:
    """One list on its way into one queue.

    ``tracks`` go to ``position`` (from 1; 0 for the end), in order, and ``head`` goes before them
    once they are in. Between the first ``keep`` entries and ``first``, where the tracks begin,
    stands what is to be removed before; nothing is where ``keep`` is None.
    """

    def __init__(
        self,
        coordinator: Speaker,
        tracks: Iterable[Playable],
        position: int = 0,
        *,
        head: Iterable[Playable] = (),
        keep: int | None = None,
        first: int = 0,
        replace: Replace | None = None,
        settle: Callable[[Speaker], Awaitable[object]] | None = None,
    ) -> None:
        self.editor = QueueEditor(coordinator)
        self.skipped: list[Playable] = []
        self.count = 0
        self.finished: asyncio.Future[PlaybackFinished] = asyncio.get_running_loop().create_future()
        self._body = Block(deque(tracks), position)
        self._head = Block(deque(head))
        self._at_end = not position
        self._keep = keep
        self._first = first
        self._settle = settle
        self._replace = replace
        self._asked = 0
        self._refused: list[Playable] = []
        self._replaced: list[Playable] = []
        # Who the group is, to know its music again when somebody else leads it
        self._members = coordinator.members
        self._leaders = self._leading()
        self._moved = False
        self._failures = 0
        # Raises what is wrong with a track before anything is changed
        self._plain = not any(
            forms_of(track)[0].is_container for track in (*self._body.waiting, *self._head.waiting)
        )

    @property
    def coordinator(self) -> Speaker:
        """The speaker whose queue is filled at present."""
        return self.editor.speaker

    # -- until music plays ---------------------------------------------------------------------

    async def begin(self) -> int:
        """Add the first track the player takes; return its number in the queue (from 1).

        Raises ``PlaybackError`` when the player takes none of the first few, and
        ``SpeakerUnreachableError``. Where it is cancelled, nothing stays added.
        """
        refusal = PlaybackError(None, self.coordinator.name)
        for track in list(islice(self._body.waiting, _FIRST_ATTEMPTS)):
            try:
                self._first = await self._add(self._body, self._forms(track))
            except PlaybackError as err:
                if err.code is None:
                    raise
                refusal = err
                self._refuse(self._body, track)
            except asyncio.CancelledError:
                if (late := self.editor.late) is not None:
                    self._first, self.count = late.number, late.count
                    await self.take_back()
                raise
            else:
                return self._first
        raise PlaybackError(
            refusal.code,
            self.coordinator.name,
            "nothing_playable",
            track=self.skipped[0].title or self.skipped[0].uri,
        )

    async def take_back(self) -> None:
        """Remove what ``begin`` added, where music did not start; raises no ``SonosError``."""
        try:
            await self.editor.remove(self._first, self.count)
        except SonosError as err:
            _LOGGER.debug("%s keeps a track too many: %s", self.coordinator.name, err)

    def start(self) -> None:
        """Do the rest, if there is any, in the background."""
        if (
            self._body.waiting
            or self._head.waiting
            or self._keep is not None
            or self._settle is not None
            or (self._refused and self._replace is not None)
        ):
            self.coordinator.filling.task = self.coordinator.hass.async_create_background_task(
                self._run(), f"rhythmiq {self.coordinator.name} queue"
            )
        else:
            self._finish(complete=True)

    # -- in the background ---------------------------------------------------------------------

    async def _run(self) -> None:
        """Do the rest; never raises but when cancelled."""
        complete = False
        try:
            while not complete:
                try:
                    await self._work()
                    complete = True
                except (PlaybackError, SpeakerUnreachableError) as err:
                    self._failures += 1
                    if self._failures == _STUCK:
                        raise
                    _LOGGER.debug("Queueing on %s waits: %s", self.coordinator.name, err)
                    self.coordinator.doubt()
                    await self._recover()
        except SonosError as err:
            _LOGGER.warning(
                "Queueing on %s stopped after %d tracks: %s",
                self.coordinator.name,
                self.count,
                err,
            )
        finally:
            self._finish(complete=complete)
            if self.skipped:
                _LOGGER.info(
                    "%s refused %d tracks: %s",
                    self.coordinator.name,
                    len(self.skipped),
                    ", ".join(track.title or track.uri for track in self.skipped),
                )

    def _finish(self, *, complete: bool) -> None:
        self.finished.set_result(
            PlaybackFinished(
                self.count,
                (*self._head.queued, *self._body.queued),
                self._plain,
                tuple(self.skipped),
                tuple(self._replaced),
                complete,
            )
        )

    async def _work(self) -> None:
        """Do what is left to do, in an order that can be taken up again anywhere."""
        if self._settle is not None:
            await self._settle(self.coordinator)
            self._settle = None
        if self._keep is not None:
            # The current track's number changes, and nothing that is heard
            if (count := self._first - 1 - self._keep) > 0:
                await self.editor.remove(self._keep + 1, count)
            self._removed()
        await self._fill(self._body)
        self._head.position = self._first + len(self._head.queued)
        await self._fill(self._head)

    def _removed(self) -> None:
        """Take note that nothing stands between what is kept and the tracks any more."""
        assert self._keep is not None
        if not self._at_end:
            self._body.position += self._keep + 1 - self._first
        self._first = self._keep + 1
        self._keep = None

    async def _fill(self, block: Block) -> None:
        while block.waiting or self._refused:
            if self._leading() != self._leaders:
                await self._recover()
            if self._refused:
                await self._find_others(block)
            if block.waiting:
                await self._add_chunk(block, block.chunk)

    async def _find_others(self, block: Block) -> None:
        """Put other tracks in the place of refused ones, for as long as there are any."""
        refused, self._refused = self._refused, []
        if self._replace is None or self._asked == _FIRST_ATTEMPTS:
            return
        self._asked += 1
        others = await self._replace(refused)
        self._replaced += others
        block.waiting.extendleft(reversed(others))

    async def _add_chunk(self, block: Block, chunk: Sequence[Playable]) -> None:
        """Add the first of the tracks that wait."""
        forms = [self._forms(track)[0] for track in chunk]
        filling = self.coordinator.filling
        together = filling.batches and len(forms) > 1 and all(map(_is_single, forms))
        added, before = 0, self.editor.length
        if together and (added := await self.editor.add_batch(forms, block.position)):
            number = block.position or (self.editor.length or 0) - added + 1
            await self._make_way(before, Added(number, added))
            self._take_in(block, forms[0], added, added)
        refused = len(self.skipped)
        for track in chunk[added:]:
            try:
                await self._add(block, self._known(self._forms(track)))
            except PlaybackError as err:
                if err.code is None:
                    raise
                if self._leading() != self._leaders:
                    # Only a coordinator takes tracks
                    raise SpeakerUnreachableError(self.coordinator.name) from err
                self._refuse(block, track)
        if together and added < len(forms) and len(self.skipped) == refused:
            _LOGGER.debug("%s takes no batches", self.coordinator.name)
            filling.batches = False

    async def _add(self, block: Block, forms: Sequence[Form]) -> int:
        """Add the track that waits first; return its number. Raises what the last form met."""
        *others, last = forms
        for form in others:
            try:
                return await self._add_form(block, form)
            except PlaybackError as err:
                if err.code is None:
                    raise
        return await self._add_form(block, last)

    async def _add_form(self, block: Block, form: Form) -> int:
        before = self.editor.length
        added = await self.editor.add(form, block.position)
        await self._make_way(before, added)
        self._take_in(block, form, 1, added.count)
        return added.number

    async def _make_way(self, before: int | None, added: Added) -> None:
        """Take back what was added, where somebody has cleared the queue since the last time.

        Raises ``TakenOverError`` then. What only lost some of its tracks is ours still.
        """
        length = self.editor.length
        if not self.count or before is None or length is None or length >= before + added.count:
            return
        queue = names(await read_queue(self.coordinator.control))
        del queue[added.number - 1 : added.number - 1 + added.count]
        if set(queue).isdisjoint(names([*self._head.queued, *self._body.queued])) and self._plain:
            await self.editor.remove(added.number, added.count)
            raise TakenOverError(self.coordinator.name)

    def _take_in(self, block: Block, form: Form, tracks: int, entries: int) -> None:
        """Take note that the first of the tracks that wait are in the queue."""
        block.queued += (block.waiting.popleft() for _ in range(tracks))
        if block.position:
            block.position += entries
        self.count += entries
        self._failures = 0
        if form.service is not None and form.uri.startswith("spotify%3a"):
            self.coordinator.household.spotify_service = form.service

    def _refuse(self, block: Block, track: Playable) -> None:
        block.waiting.popleft()
        self.skipped.append(track)
        self._refused.append(track)
        if track in self._replaced:
            self._replaced.remove(track)

    def _forms(self, track: Playable) -> tuple[Form, ...]:
        """Put the form first whose service number worked last in this household."""
        known = self.coordinator.household.spotify_service
        return tuple(sorted(forms_of(track), key=lambda form: form.service != known))

    def _known(self, forms: tuple[Form, ...]) -> tuple[Form, ...]:
        """Return the form whose service number is known to work, all of them if none is."""
        known = self.coordinator.household.spotify_service
        return forms[:1] if forms[0].service == known else forms

    # -- after an outage, or when another speaker leads ----------------------------------------

    def _leading(self) -> tuple[Speaker, ...]:
        """Return who leads the speakers of the group as it was, as far as they belong to it."""
        leaders = dict.fromkeys(member.coordinator for member in self._members)
        return tuple(leader for leader in leaders if leader in self._members)

    async def _recover(self) -> None:
        """Wait until the queue can be read where the music plays, and see how far it got.

        Raises ``SonosError`` when that takes too long, and ``TakenOverError``.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE_SECONDS
        pause = _RETRY_SECONDS
        while True:
            try:
                await self._follow()
                await self._locate()
            except PlaybackError, SpeakerUnreachableError:
                if loop.time() > until:
                    raise
                await asyncio.sleep(pause)
                pause = min(2 * pause, _RETRY_SECONDS_MAX)
            else:
                return

    async def _follow(self) -> None:
        """Go on where the music went, when the group changed."""
        leaders = self._leading()
        if leaders == self._leaders:
            return
        old = self.coordinator
        playing = [leader for leader in leaders if len(leaders) > 1 and await _plays(leader)]
        new = next(iter(playing or leaders), None) if old not in playing else old
        if new is None:
            raise TakenOverError(old.name)
        if new is not old:
            if new.filling.lock.locked() or (new.filling.task and not new.filling.task.done()):
                raise TakenOverError(new.name)
            _LOGGER.debug("The queue of %s is led by %s now", old.name, new.name)
            self._moved = True
            old.filling.task, new.filling.task = None, old.filling.task
            length = self.editor.length
            self.editor = QueueEditor(new)
            self.editor.length = length
        self._members = new.members
        self._leaders = self._leading()

    async def _locate(self) -> None:
        """Read the queue and go on from where it stands.

        What was sent last may have arrived. Where a person has changed the order meanwhile, the
        rest goes behind the last of ours; where nothing of ours is left, it stays away.
        """
        if not self._plain:
            # What an album became in the queue cannot be told
            raise TakenOverError(self.coordinator.name)
        queue = names(await read_queue(self.coordinator.control))
        block = self._head if self._body.queued and not self._body.waiting else self._body
        if self._moved:
            self._take_out(block, queue)
        ours = names([*self._head.queued, *self._body.queued])
        # Before the old tracks are removed, none but the first is sent
        sent = names(block.chunk) if self._keep is None else []
        where = len(self._head.queued) if block is self._head else len(ours)
        versions = [[*ours[:where], *sent[:at], *ours[where:]] for at in range(len(sent) + 1)]
        if found := _find(queue, versions, self._first - 1):
            at, arrived = found
            self._first = at + 1
            end = at + len(versions[arrived])
        else:
            arrived, end = self._locate_scattered(queue, ours, sent)
        if arrived:
            self._take_in(block, self._forms(block.waiting[0])[0], arrived, arrived)
        if block is self._body and not self._at_end:
            self._body.position = end + 1
        self.editor.length = len(queue)
        self._moved = False

    def _take_out(self, block: Block, queue: list[str]) -> None:
        """Let tracks wait again that went to the one who led before, and not to this queue."""
        after = [] if block is self._body else self._body.queued
        versions = [
            names([*block.queued[:count], *after]) for count in range(len(block.queued) + 1)
        ]
        if found := _find(queue, versions, self._first - 1):
            _, count = found
            self.count -= len(block.queued) - count
            block.waiting.extendleft(reversed(block.queued[count:]))
            del block.queued[count:]

    def _locate_scattered(
        self, queue: Sequence[str], ours: Sequence[str], sent: Sequence[str]
    ) -> tuple[int, int]:
        """Return how many of the tracks sent last arrived, and behind how many entries to go on."""
        if not ours:
            assert self.editor.length is not None
            if self._keep is not None and len(queue) < self.editor.length:
                self._removed()
            return 0, self._body.position - 1
        if not (left := [at for at, each in enumerate(queue) if each in ours]):
            raise TakenOverError(self.coordinator.name)
        # What was to be removed is a person's choice by now
        self._keep = None
        self._first = left[0] + 1
        arrived = sum(1 for _ in takewhile(set(queue).difference(ours).__contains__, sent))
        return arrived, left[-1] + 1 + arrived


async def _plays(speaker: Speaker) -> bool:
    answer = await speaker.control.transport("GetTransportInfo")
    return answer.get("CurrentTransportState") in ("PLAYING", "TRANSITIONING")


def _is_single(form: Form) -> bool:
    """Whether a form stands for one track, and can be told apart in a list of them."""
    return not form.is_container and " " not in form.uri


def _find(queue: list[str], versions: list[list[str]], likely: int) -> tuple[int, int] | None:
    """Return where the longest version of a part is in the queue, and which version it is.

    It is where it was likely to be, else where it is last.
    """
    for places in ((likely,), reversed(range(len(queue)))):
        for at in places:
            for number, part in reversed(list(enumerate(versions))):
                begins = 0 <= at < len(queue) and part and queue[at] == part[0]
                if begins and queue[at : at + len(part)] == part:
                    return at, number
    return None
