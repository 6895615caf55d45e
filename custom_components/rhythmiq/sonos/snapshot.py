"""What groups of speakers play, kept so that it can be brought back: their queues, too.

A queue is brought back with as few changes as it takes. What it begins and ends with already stays;
when all of it is new, the track that was playing is added first and sounds at once, and the rest
follows around it in the background.

What another app streams through a speaker (Spotify Connect, AirPlay, a queue in the cloud) has no
address to go back to: everything around it is brought back, and ``Restored.lost`` says what is not.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import takewhile
import logging
from typing import TYPE_CHECKING, Any, Final, Self

from .editing import insist
from .entries import read_queue
from .errors import PlaybackError, SonosError, SpeakerUnreachableError
from .filling import Fill, PlaybackFinished
from .grouping import regroup
from .media import Playable
from .play_mode import word_for
from .state import Playback, PlaybackState, Source, seconds, source_of

if TYPE_CHECKING:
    from .household import Household
    from .speaker import Speaker

_LOGGER = logging.getLogger(__name__)

_QUESTIONS: Final = (
    "GetMediaInfo",
    "GetPositionInfo",
    "GetTransportInfo",
    "GetTransportSettings",
    "GetCrossfadeMode",
)
# Another app's
_SESSIONS: Final = (Source.AIRPLAY, Source.SPOTIFY_CONNECT)


@dataclass(frozen=True, slots=True)
class Loudness:
    """One speaker's volume (0 to 1) and whether it was muted; None where it did not say."""

    volume: float | None
    muted: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSnapshot:
    """One group at one instant.

    ``members`` maps uids to loudness, the coordinator first. ``track`` counts from 1, ``position``
    is seconds. ``play_mode`` and ``crossfade`` are None where nobody said.
    """

    members: Mapping[str, Loudness]
    queue: tuple[Playable, ...]
    transport_uri: str
    transport_metadata: str
    track: int
    position: float | None
    playing: bool
    play_mode: str | None
    crossfade: bool | None

    @property
    def coordinator(self) -> str:
        """The uid of the speaker that led the group."""
        return next(iter(self.members))

    @property
    def source(self) -> Source:
        """Where the sound came from."""
        return source_of(self.transport_uri)

    @property
    def plays_queue(self) -> bool:
        """Whether the speaker's own queue was the source; number 0 is, others are in the cloud."""
        return self.source is Source.QUEUE and self.transport_uri.endswith("#0")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``asdict`` made of one."""
        return cls(
            **{
                **data,
                "members": {uid: Loudness(**each) for uid, each in data["members"].items()},
                "queue": tuple(Playable(**entry) for entry in data["queue"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Whole groups of a household, as they were."""

    household: Household
    groups: tuple[GroupSnapshot, ...]

    @property
    def members(self) -> frozenset[str]:
        """The uids of all speakers in it."""
        return frozenset(uid for group in self.groups for uid in group.members)

    def to_json(self) -> dict[str, Any]:
        """Return the groups as JSON can hold them."""
        return {"groups": [asdict(group) for group in self.groups]}

    @classmethod
    def from_json(cls, household: Household, data: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` returned."""
        return cls(household, tuple(GroupSnapshot.from_json(group) for group in data["groups"]))


@dataclass(frozen=True, slots=True)
class Restored:
    """A group that plays as it did; the rest of its queue follows until ``finished``.

    ``lost`` is a source that cannot be brought back, ``missing`` are members that are not there.
    """

    coordinator: Speaker
    lost: Source | None
    missing: tuple[str, ...]
    finished: asyncio.Future[PlaybackFinished]


async def take(*speakers: Speaker) -> Snapshot:
    """Ask the groups of some speakers for everything; raises ``SonosError``."""
    coordinators = dict.fromkeys(speaker.coordinator for speaker in speakers)
    try:
        groups = await asyncio.gather(*map(_ask, coordinators))
    except SpeakerUnreachableError:
        for speaker in speakers:
            speaker.doubt()
        raise
    return Snapshot(speakers[0].household, tuple(groups))


async def glance(coordinator: Speaker) -> GroupSnapshot:
    """Return a group's snapshot by three calls at once, and more only for a queue of many pages.

    The rest is as events told, or core's player, perhaps a blink ago. Raises ``SonosError``.
    """
    own, control = coordinator.own, coordinator.control
    on_queue = coordinator.transport_uri == queue_uri(coordinator)
    queue, position, answer = await asyncio.gather(
        read_queue(control),
        control.transport("GetPositionInfo"),
        # A play mode means something on the queue only, which needs no metadata in turn
        control.transport("GetTransportSettings" if on_queue else "GetMediaInfo"),
    )
    return GroupSnapshot(
        members={
            each.uid: Loudness(each.own.volume, each.own.muted) for each in coordinator.members
        },
        queue=queue,
        transport_uri=queue_uri(coordinator) if on_queue else answer.get("CurrentURI", ""),
        transport_metadata=answer.get("CurrentURIMetaData", ""),
        track=control.number(position, "Track"),
        position=seconds(position.get("RelTime")),
        playing=own.state is Playback.PLAYING,
        play_mode=answer.get("PlayMode") if on_queue else _play_mode(own),
        crossfade=own.crossfade,
    )


async def _ask(coordinator: Speaker) -> GroupSnapshot:
    control = coordinator.control
    members = coordinator.members
    queue, loudness, (media, position, info, settings, crossfade) = await asyncio.gather(
        read_queue(control),
        asyncio.gather(*map(_loudness, members)),
        asyncio.gather(*map(control.transport, _QUESTIONS)),
    )
    return GroupSnapshot(
        members={member.uid: each for member, each in zip(members, loudness, strict=True)},
        queue=queue,
        transport_uri=media.get("CurrentURI", ""),
        transport_metadata=media.get("CurrentURIMetaData", ""),
        track=control.number(position, "Track"),
        position=seconds(position.get("RelTime")),
        playing=info.get("CurrentTransportState") in ("PLAYING", "TRANSITIONING"),
        play_mode=settings.get("PlayMode"),
        crossfade=crossfade.get("CrossfadeMode") == "1",
    )


async def _loudness(speaker: Speaker) -> Loudness:
    volume, mute = await asyncio.gather(
        speaker.control.rendering("GetVolume"), speaker.control.rendering("GetMute")
    )
    return Loudness(
        speaker.control.number(volume, "CurrentVolume") / 100, mute.get("CurrentMute") == "1"
    )


def _play_mode(state: PlaybackState) -> str | None:
    if state.shuffle is None or state.repeat is None:
        return None
    return word_for(shuffle=state.shuffle, repeat=state.repeat)


def queue_uri(coordinator: Speaker) -> str:
    """Return what a transport is set to when the speaker's own queue plays."""
    return f"x-rincon-queue:{coordinator.uid}#0"


# -- bringing it back --------------------------------------------------------------------------


async def restore(snapshot: Snapshot) -> tuple[Restored, ...]:
    """Bring groups, loudness, queues and what played back; return when music plays where it did.

    Speakers that are not there are left out. Raises ``SonosError``; the queue of a group that
    failed is as it was before.
    """
    speakers = snapshot.household.speakers
    there: list[list[Speaker]] = []
    for group in snapshot.groups:
        known = [speaker for uid in group.members if (speaker := speakers.get(uid)) is not None]
        if not (present := [speaker for speaker in known if speaker.available]):
            raise SpeakerUnreachableError(known[0].name if known else group.coordinator)
        there.append(present)
    await regroup(
        group for group in there if group[0].coordinator is not group[0] or _differs(group)
    )
    return tuple(
        await asyncio.gather(
            *(
                _restore(present[0], group)
                for present, group in zip(there, snapshot.groups, strict=True)
            )
        )
    )


def _differs(group: Sequence[Speaker]) -> bool:
    return set(group[0].members) != set(group)


async def _restore(leader: Speaker, group: GroupSnapshot) -> Restored:
    filling = leader.filling
    async with filling.lock:
        await filling.cancel()
        await leader.accompaniment.end()
        try:
            with leader.own_hand.at_work():
                fill = await _bring_back(leader, group)
        except SpeakerUnreachableError:
            leader.doubt()
            raise
        fill.start()
    here = {member.uid for member in leader.members}
    return Restored(
        leader,
        group.source if _is_lost(group) else None,
        tuple(uid for uid in group.members if uid not in here),
        fill.finished,
    )


def _is_lost(group: GroupSnapshot) -> bool:
    return group.source in _SESSIONS or (group.source is Source.QUEUE and not group.plays_queue)


async def _bring_back(leader: Speaker, group: GroupSnapshot) -> Fill:
    """Let a group sound as it did; return what is left to do to its queue."""
    current = await read_queue(leader.control)
    await _set_loudness(leader, group)
    if not group.playing:
        await _if_possible(leader, "Stop")
    if not group.plays_queue:
        await _set_modes(leader, group)
        await _play_source(leader, group)
        fill, _ = _compare(leader, current, group.queue, -1)
        return fill
    fill, there = _compare(leader, current, group.queue, group.track - 1)
    number = await fill.begin() if there is None else there
    try:
        await _play_queue(leader, group, number, at_start=bool(fill.skipped))
    except SonosError:
        if there is None:
            await fill.take_back()
        raise
    return fill


def _compare(
    leader: Speaker, current: Sequence[Playable], wanted: Sequence[Playable], at: int
) -> tuple[Fill, int | None]:
    """Return what turns one queue into another, and the number of the wanted track at an index.

    The number is None where the track has to be added first: the filling begins with it. There is
    none, so 0, outside of what is wanted.
    """
    old, new = [entry.uri for entry in current], [entry.uri for entry in wanted]
    begin = _in_common(old, new)
    end = _in_common(reversed(old[begin:]), reversed(new[begin:]))
    removed = len(old) - begin - end
    middle = wanted[begin : len(new) - end]
    keep = begin if removed else None
    first = begin + removed + 1
    position = first if end else 0
    number: int | None = None
    if begin <= at < len(new) - end:
        fill = Fill(leader, middle[at - begin :], position, head=middle[: at - begin], keep=keep)
    else:
        fill = Fill(leader, middle, position, keep=keep, first=first)
        number = at + 1 if at < begin else at + 1 + len(old) - len(new) if at < len(new) else 0
    fill.editor.length = len(old)
    return fill, number


def _in_common(some: Iterable[str], others: Iterable[str]) -> int:
    """Return how many items two sequences begin with in common."""
    return sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(some, others, strict=False))
    )


async def _play_queue(
    leader: Speaker, group: GroupSnapshot, number: int, *, at_start: bool
) -> None:
    if leader.transport_uri != queue_uri(leader):
        await set_transport(leader, queue_uri(leader))
    await _set_modes(leader, group)
    if number:
        await _command(leader, "Seek", ("Unit", "TRACK_NR"), ("Target", number))
        if group.position and not at_start:
            await _seek(leader, group.position)
        if group.playing:
            await _command(leader, "Play", ("Speed", 1))


async def _play_source(leader: Speaker, group: GroupSnapshot) -> None:
    if not group.transport_uri or _is_lost(group):
        await _if_possible(leader, "Stop")
        return
    if leader.transport_uri != group.transport_uri or not group.playing:
        await set_transport(leader, group.transport_uri, group.transport_metadata)
    if group.source is Source.TRACK and group.position:
        await _seek(leader, group.position)
    if group.playing:
        await _command(leader, "Play", ("Speed", 1))


async def set_transport(leader: Speaker, uri: str, metadata: str = "") -> None:
    """Choose what a group plays. Raises ``SonosError``."""
    await _command(
        leader, "SetAVTransportURI", ("CurrentURI", uri), ("CurrentURIMetaData", metadata)
    )


async def _set_loudness(leader: Speaker, group: GroupSnapshot) -> None:
    """Set volumes and mutes; a fixed volume stays what it is."""
    members = {member.uid: member for member in leader.members}

    async def command(speaker: Speaker, action: str, argument: tuple[str, object]) -> None:
        try:
            await insist(lambda: speaker.control.rendering(action, argument))
        except PlaybackError as err:
            _LOGGER.debug("%s keeps its volume: %s", speaker.name, err)

    commands = []
    for uid, loudness in group.members.items():
        if (speaker := members.get(uid)) is None:
            continue
        if loudness.volume is not None:
            volume = ("DesiredVolume", round(loudness.volume * 100))
            commands.append(command(speaker, "SetVolume", volume))
        if loudness.muted is not None:
            commands.append(command(speaker, "SetMute", ("DesiredMute", int(loudness.muted))))
    await asyncio.gather(*commands)


async def _set_modes(leader: Speaker, group: GroupSnapshot) -> None:
    """Set play mode and crossfade, which sources other than the queue do not have."""
    if group.play_mode is not None:
        await _if_possible(leader, "SetPlayMode", ("NewPlayMode", group.play_mode))
    if group.crossfade is not None:
        await _if_possible(leader, "SetCrossfadeMode", ("CrossfadeMode", int(group.crossfade)))


async def _seek(leader: Speaker, position: float) -> None:
    minutes, whole = divmod(int(position), 60)
    hours, minutes = divmod(minutes, 60)
    target = f"{hours}:{minutes:02d}:{whole:02d}"
    await _if_possible(leader, "Seek", ("Unit", "REL_TIME"), ("Target", target))


async def _command(leader: Speaker, action: str, *arguments: tuple[str, object]) -> None:
    await insist(lambda: leader.control.transport(action, *arguments))


async def _if_possible(leader: Speaker, action: str, *arguments: tuple[str, object]) -> None:
    try:
        await _command(leader, action, *arguments)
    except PlaybackError as err:
        if err.code is None:
            raise
        _LOGGER.debug("%s does not take %s: %s", leader.name, action, err)
