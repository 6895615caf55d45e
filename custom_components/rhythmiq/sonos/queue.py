"""Putting a list of tracks into a queue so that music starts at once.

The first track is added and started by three or four SOAP calls, whatever the length of the list
and of the queue; the rest follows in the background, in order, until the next request for the same
coordinator.

Nothing is destroyed before the player has taken a track: it goes to the end and plays there, and
what it replaces is removed afterwards.
"""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace as changed
from enum import StrEnum
from functools import partial
import logging
from typing import TYPE_CHECKING, Final

from .editing import insist
from .errors import PlaybackError, SonosError, SpeakerUnreachableError
from .filling import Fill, Filling, PlaybackFinished, Replace
from .media import Playable, UnsupportedMediaError
from .snapshot import GroupSnapshot, glance, queue_uri, set_transport
from .state import Playback

if TYPE_CHECKING:
    from .speaker import Speaker

__all__ = ["Enqueue", "Filling", "Playable", "PlaybackFinished", "PlaybackStarted", "play_tracks"]

_LOGGER = logging.getLogger(__name__)

# What plays a list in another order, or never to its end, as it would be straight
_STRAIGHT: Final = {
    "SHUFFLE": "REPEAT_ALL",
    "SHUFFLE_NOREPEAT": "NORMAL",
    "SHUFFLE_REPEAT_ONE": "NORMAL",
    "REPEAT_ONE": "NORMAL",
}


class Enqueue(StrEnum):
    """Where tracks go: Home Assistant's words."""

    PLAY = "play"
    REPLACE = "replace"
    NEXT = "next"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    """Music plays (or is queued, where that was asked); ``finished`` follows, never failing.

    The first track is entry ``number`` (from 1) of the queue; ``replaces`` tells that all others
    go. ``before`` is the group as it was, where that was to be kept and the player told it.
    """

    number: int
    replaces: bool
    queued: int
    skipped: tuple[Playable, ...]
    finished: asyncio.Future[PlaybackFinished]
    before: GroupSnapshot | None


async def play_tracks(
    speaker: Speaker,
    tracks: Sequence[Playable],
    enqueue: Enqueue,
    *,
    replace: Replace | None = None,
    keep: bool = False,
) -> PlaybackStarted:
    """Queue tracks on the speaker's group; return as soon as the first is in and playing.

    ``replace`` is asked for other tracks when the player refuses some; ``keep`` asks the group what
    it plays, to be brought back some time.

    Raises ``UnsupportedMediaError`` for a uri no queue takes, before anything is changed,
    ``PlaybackError`` when the player takes none of the tracks, and ``SpeakerUnreachableError``.
    The queue is as it was then.
    """
    if not tracks:
        raise UnsupportedMediaError("")
    coordinator = speaker.coordinator
    filling = coordinator.filling
    starts = enqueue in (Enqueue.PLAY, Enqueue.REPLACE)
    async with filling.lock:
        await filling.cancel()
        if starts:
            await coordinator.accompaniment.end()
        try:
            with coordinator.own_hand.at_work() if starts else nullcontext():
                if enqueue in (Enqueue.REPLACE, Enqueue.ADD):
                    return await _play_at_end(coordinator, tracks, enqueue, replace, keep=keep)
                return await _play_in_between(coordinator, tracks, enqueue, replace)
        except SpeakerUnreachableError:
            coordinator.doubt()
            raise


async def start_nothing(speaker: Speaker) -> PlaybackStarted:
    """Return what a start without a queue is like: what the group plays is kept, to be undone."""
    finished: asyncio.Future[PlaybackFinished] = asyncio.get_running_loop().create_future()
    finished.set_result(PlaybackFinished(0, (), True, (), (), True))
    before = await _glance(speaker.coordinator)
    return PlaybackStarted(
        1, replaces=False, queued=0, skipped=(), finished=finished, before=before
    )


async def _play_at_end(
    coordinator: Speaker,
    tracks: Sequence[Playable],
    enqueue: Enqueue,
    replace: Replace | None,
    *,
    keep: bool,
) -> PlaybackStarted:
    starts = enqueue is Enqueue.REPLACE
    fill = Fill(
        coordinator,
        tracks,
        keep=0 if starts else None,
        replace=replace,
        settle=_straighten if starts else None,
    )
    # What is added at the end changes nothing of what is to be kept
    keeping = asyncio.ensure_future(_glance(coordinator)) if keep else None
    try:
        number = await fill.begin()
        if starts:
            await _start(fill, number)
    except SonosError, asyncio.CancelledError:
        if keeping is not None:
            keeping.cancel()
        raise
    before = None if keeping is None else await keeping
    if before is not None:
        before = changed(before, queue=before.queue[: number - 1])
    return _started(fill, number, before, replaces=starts)


async def _play_in_between(
    coordinator: Speaker, tracks: Sequence[Playable], enqueue: Enqueue, replace: Replace | None
) -> PlaybackStarted:
    """Queue behind the current track where the queue is what plays.

    Otherwise what is to play goes to the end, and what is to play next to the front.
    """
    starts = enqueue is Enqueue.PLAY
    before = await glance(coordinator)
    if before.plays_queue:
        position = before.track + 1 if before.track < len(before.queue) else 0
    else:
        position = 0 if starts else 1
    fill = Fill(
        coordinator, tracks, position, replace=replace, settle=_straighten if starts else None
    )
    fill.editor.length = len(before.queue)
    number = await fill.begin()
    if starts:
        await _start(fill, number)
    return _started(fill, number, before, replaces=False)


def _started(
    fill: Fill, number: int, before: GroupSnapshot | None, *, replaces: bool
) -> PlaybackStarted:
    fill.start()
    return PlaybackStarted(number, replaces, fill.count, tuple(fill.skipped), fill.finished, before)


async def _glance(coordinator: Speaker) -> GroupSnapshot | None:
    """Return what the group plays; that it does not tell keeps no music from playing."""
    try:
        return await glance(coordinator)
    except SonosError as err:
        _LOGGER.warning("%s does not tell what it plays, to undo it: %s", coordinator.name, err)
        return None


async def _start(fill: Fill, number: int) -> None:
    """Play the queue from a number; where that fails or is called off, the queue is as it was."""
    coordinator = fill.coordinator
    try:
        if coordinator.transport_uri == queue_uri(coordinator):
            try:
                await _play_from(coordinator, number)
            except PlaybackError:
                # Somebody chose another source a moment ago
                await set_transport(coordinator, queue_uri(coordinator))
                await _play_from(coordinator, number)
        else:
            await set_transport(coordinator, queue_uri(coordinator))
            await _play_from(coordinator, number)
    except SonosError, asyncio.CancelledError:
        await fill.take_back()
        raise


async def _play_from(coordinator: Speaker, number: int) -> None:
    control = coordinator.control
    commands = [partial(control.transport, "Play", ("Speed", 1))]
    if number > 1:
        jump = ("Unit", "TRACK_NR"), ("Target", number)
        commands.insert(0, partial(control.transport, "Seek", *jump))
    if coordinator.own.state is Playback.PLAYING:
        # What plays already goes on after the jump: it does not matter which is first
        for result in await asyncio.gather(*map(insist, commands), return_exceptions=True):
            if isinstance(result, BaseException):
                raise result
        return
    for command in commands:
        await insist(command)


async def _straighten(coordinator: Speaker) -> None:
    """Let the queue play in its order, to its end."""
    try:
        settings = await coordinator.control.transport("GetTransportSettings")
        if mode := _STRAIGHT.get(settings.get("PlayMode", "")):
            await coordinator.control.transport("SetPlayMode", ("NewPlayMode", mode))
    except PlaybackError as err:
        _LOGGER.debug("%s plays in an order of its own: %s", coordinator.name, err)
