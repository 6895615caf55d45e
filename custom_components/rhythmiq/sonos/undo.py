"""What can be brought back: what played before RhythmIQ, and what somebody asked to be kept.

One step back for each speaker. Undoing remembers what it replaces, so undoing again redoes. All of
it is written down at once: it outlives a restart of Home Assistant.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import callback
from homeassistant.helpers.storage import Store

from .entries import names
from .errors import SonosError, SpeakerUnreachableError
from .filling import PlaybackFinished
from .snapshot import GroupSnapshot, Restored, Snapshot, restore, take

if TYPE_CHECKING:
    from .household import Household
    from .queue import PlaybackStarted
    from .speaker import Speaker

_VERSION: Final = 1
_SAVE_SECONDS: Final = 1.0


class NothingToUndoError(SonosError):
    """RhythmIQ has not played there, or what it replaced is part of a later one."""

    def __init__(self, speaker: str) -> None:
        super().__init__("nothing_to_undo", speaker=speaker)


class NoSnapshotError(SonosError):
    """Nobody asked to keep what plays there."""

    def __init__(self, speaker: str) -> None:
        super().__init__("no_snapshot", speaker=speaker)


@dataclass(slots=True, eq=False)
class Step:
    """One way back; ``after`` names what each queue held when RhythmIQ was done, by coordinator."""

    before: Snapshot
    after: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """A group that plays as before; ``by_hand`` tells that a person had changed its queue since."""

    restored: Restored
    by_hand: bool


class Memory:
    """What can be brought back in one household."""

    def __init__(self, household: Household, key: str) -> None:
        """Write down under a key what there is to remember."""
        self._household = household
        self._store = Store[dict[str, Any]](household.hass, _VERSION, key)
        self._lock = asyncio.Lock()
        self._steps: list[Step] | None = None
        self._kept: list[Snapshot] = []

    async def forget(self) -> None:
        """Forget all ways back, also what is written down."""
        async with self._lock:
            self._steps = []
            self._kept = []
            await self._store.async_remove()

    async def remember(self, started: PlaybackStarted) -> None:
        """Take note of what a group played before something started there."""
        if started.before is None:
            return
        async with self._lock:
            group = started.before
            step = Step(Snapshot(self._household, (group,)), {})
            self._put(await self._load(), step)
            await self._save()
        before = names(group.queue)

        def queue(finished: PlaybackFinished) -> list[str]:
            ours = names(finished.tracks)
            return ours if started.replaces else _inserted(before, ours, started.number - 1)

        self._note_after(step, group.coordinator, started.finished, queue)

    @callback
    def exchanged(self, coordinator: str, queue: list[str]) -> None:
        """Take note of what RhythmIQ made of a queue since, by the names of its entries."""
        for step in self._steps or ():
            if coordinator in step.after:
                step.after[coordinator] = queue
                self._store.async_delay_save(self._data, _SAVE_SECONDS)

    async def undo(self, speakers: Sequence[Speaker]) -> list[BroughtBack]:
        """Bring back what played before RhythmIQ did on any of the speakers.

        Raises ``NothingToUndoError`` where that is nowhere, and ``SonosError``.
        """
        async with self._lock:
            steps = await self._load()
            found = [step for step in steps if _touches(step.before, speakers)]
            if not found:
                raise NothingToUndoError(speakers[0].name)
            return [each for step in found for each in await self._undo(steps, step)]

    async def keep(self, speakers: Sequence[Speaker]) -> None:
        """Keep what the speakers' groups play, until the next time. Raises ``SonosError``."""
        async with self._lock:
            await self._load()
            snapshot = await take(*speakers)
            self._kept = [each for each in self._kept if each.members.isdisjoint(snapshot.members)]
            self._kept.append(snapshot)
            await self._save()

    async def restore(self, speakers: Sequence[Speaker]) -> list[BroughtBack]:
        """Bring back what was kept for any of the speakers.

        Raises ``NoSnapshotError`` where that is nothing, and ``SonosError``.
        """
        async with self._lock:
            await self._load()
            found = [each for each in self._kept if _touches(each, speakers)]
            if not found:
                raise NoSnapshotError(speakers[0].name)
            return [
                BroughtBack(restored, by_hand=False)
                for snapshot in found
                for restored in await restore(snapshot)
            ]

    async def _undo(self, steps: list[Step], step: Step) -> list[BroughtBack]:
        known = self._household.speakers
        there = [known[uid] for uid in step.before.members & known.keys() if known[uid].available]
        if not there:
            uid = step.before.groups[0].coordinator
            raise SpeakerUnreachableError(known[uid].name if uid in known else uid)
        now = await take(*there)
        restored = await restore(step.before)
        redo = Step(now, {})
        self._put(steps, redo)
        await self._save()
        for group, each in zip(step.before.groups, restored, strict=True):
            self._note_after(redo, each.coordinator.uid, each.finished, _restored(group))
        queues = {group.coordinator: names(group.queue) for group in now.groups}
        return [
            BroughtBack(
                each,
                by_hand=any(
                    queue != queues[uid] for uid, queue in step.after.items() if uid in queues
                ),
            )
            for each in restored
        ]

    @staticmethod
    def _put(steps: list[Step], step: Step) -> None:
        """Let a step be the way back for its speakers, instead of all earlier ones."""
        members = step.before.members
        steps[:] = [each for each in steps if each.before.members.isdisjoint(members)]
        steps.append(step)

    def _note_after(
        self,
        step: Step,
        coordinator: str,
        finished: asyncio.Future[PlaybackFinished],
        queue: Callable[[PlaybackFinished], list[str] | None],
    ) -> None:
        """Note what a queue holds once it is filled, so that changes by hand can be told."""

        @callback
        def note(done: asyncio.Future[PlaybackFinished]) -> None:
            result = done.result()
            if step not in (self._steps or ()):
                return  # forgotten, or part of a later one
            if result.complete and result.plain and (held := queue(result)) is not None:
                step.after[coordinator] = held
                self._store.async_delay_save(self._data, _SAVE_SECONDS)

        finished.add_done_callback(note)

    async def _load(self) -> list[Step]:
        """Read what was written down, the first time."""
        if self._steps is None:
            data = await self._store.async_load() or {"steps": [], "kept": []}
            self._steps = [
                Step(self._read(step["before"]), dict(step["after"])) for step in data["steps"]
            ]
            self._kept = [self._read(each) for each in data["kept"]]
        return self._steps

    def _read(self, data: Mapping[str, Any]) -> Snapshot:
        return Snapshot.from_json(self._household, data)

    async def _save(self) -> None:
        await self._store.async_save(self._data())

    def _data(self) -> dict[str, Any]:
        return {
            "steps": [
                {"before": step.before.to_json(), "after": step.after} for step in self._steps or ()
            ],
            "kept": [each.to_json() for each in self._kept],
        }


def _touches(snapshot: Snapshot, speakers: Iterable[Speaker]) -> bool:
    return any(speaker.uid in snapshot.members for speaker in speakers)


def _restored(group: GroupSnapshot) -> Callable[[PlaybackFinished], list[str] | None]:
    """Return how to tell what the group's queue holds once it is brought back."""
    return lambda finished: None if finished.skipped else names(group.queue)


def _inserted(queue: list[str], ours: list[str], at: int) -> list[str]:
    return [*queue[:at], *ours, *queue[at:]]
