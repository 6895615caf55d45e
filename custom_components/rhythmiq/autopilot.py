"""Playing for now, if now is a time for music: whether, what and how loud.

A person who presses a button wants music; an automation has to ask itself. Quiet hours, a call,
somebody who sleeps and a home without people speak against it, in this order. What plays is what
the moment asks for, no longer than until quiet hours begin; how loud is what the room's noise asks
for within the bounds of the room, where it has such and no music plays yet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from homeassistant.util import dt as dt_util

from .const import CONF_QUIET, CONF_VOLUME
from .engine import Context, Request
from .engine.request import SECONDS
from .quiet_hours import QuietHours
from .recommender import Answer, NoRoomError, Recommender, play
from .rooms import Room
from .sonos.speaker import Speaker
from .sonos.state import Playback
from .volume_follow import Bounds, set_volume_ourselves

_AN_EVENING: Final = 2 * 3600.0  # quiet hours that begin later do not shorten a list


class Verdict(StrEnum):
    """Why there is music, or none; what is personal is told by name only."""

    MOMENT = "moment"
    QUIET_HOURS = "quiet_hours"
    CALL = "call"
    SLEEP = "sleep"
    NOBODY_HOME = "nobody_home"
    PLAYING = "playing"


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud a room's speaker is to be, 0-1."""

    room: Room
    speaker: Speaker
    volume: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for the rooms of a group; ``loudness`` is of those whose volume was set."""

    speakers: tuple[Speaker, ...]
    rooms: tuple[Room, ...]
    verdict: Verdict
    answer: Answer | None = None
    loudness: tuple[Loudness, ...] = ()


async def play_for_now(
    recommender: Recommender, speakers: Sequence[Speaker], *, only_if_idle: bool
) -> list[Decision]:
    """Decide for each group among the speakers, and play where that is the decision.

    Raises ``NoRoomError`` for a group without a room, and what recommending and playing raise.
    """
    groups: dict[Speaker, list[Speaker]] = {}
    for speaker in speakers:
        groups.setdefault(speaker.coordinator, []).append(speaker)
    decisions = [
        await _decide(recommender, coordinator, group, only_if_idle=only_if_idle)
        for coordinator, group in groups.items()
    ]
    for decision in decisions:
        for loudness in decision.loudness:
            await set_volume_ourselves(loudness.speaker, loudness.volume)
    await play([decision.answer for decision in decisions if decision.answer is not None])
    return decisions


async def _decide(
    recommender: Recommender,
    coordinator: Speaker,
    group: Sequence[Speaker],
    *,
    only_if_idle: bool,
) -> Decision:
    """Decide for one group; nothing plays yet."""
    rooms = _rooms_of(recommender, coordinator)
    idle = coordinator.own.state is not Playback.PLAYING
    local = dt_util.now()
    verdict = _verdict(recommender, rooms, local, idle=idle or not only_if_idle)
    if verdict is not Verdict.MOMENT:
        return Decision(tuple(group), rooms, verdict)
    hours = (QuietHours.of(room.data.get(CONF_QUIET)) for room in rooms)
    left = min((each.seconds_left(local) for each in hours if each is not None), default=None)
    request = Request()
    if left is not None and left < _AN_EVENING:
        request = Request(seconds=max(left, SECONDS[0]))
    (answer,) = await recommender.answer(recommender.usual(request, coordinator), group)
    loudness = tuple(_loudness(rooms)) if idle else ()
    return Decision(tuple(group), rooms, verdict, answer, loudness)


def _rooms_of(recommender: Recommender, coordinator: Speaker) -> tuple[Room, ...]:
    found = (recommender.rooms.of_speaker(member.uid) for member in coordinator.members)
    if not (rooms := tuple(room for room in found if room is not None)):
        raise NoRoomError(coordinator.name)
    return rooms


def _verdict(
    recommender: Recommender, rooms: Sequence[Room], local: datetime, *, idle: bool
) -> Verdict:
    """Return what speaks most against music in any of the rooms, MOMENT if nothing does."""
    moments = [room.moment.read() for room in rooms]
    people = recommender.rooms.at_home()
    hours = (QuietHours.of(room.data.get(CONF_QUIET)) for room in rooms)
    if any(each.hold(local) for each in hours if each is not None):
        return Verdict.QUIET_HOURS
    if any(moment.values.get("call") == "on" for moment in moments):
        return Verdict.CALL
    if any(_sleeps(recommender.rooms.personal([person])) for person in people):
        return Verdict.SLEEP
    if any(moment.values.get("people_home") == 0 for moment in moments):
        return Verdict.NOBODY_HOME
    return Verdict.MOMENT if idle else Verdict.PLAYING


def _sleeps(personal: Context) -> bool:
    return personal.values.get("sleep") == "asleep"


def _loudness(rooms: Sequence[Room]) -> Iterator[Loudness]:
    """Yield how loud each room is to be that has bounds."""
    for room in rooms:
        bounds, speaker = Bounds.of(room.data.get(CONF_VOLUME)), room.speaker
        if bounds is None or speaker is None or speaker.own.volume is None:
            continue
        noise = room.moment.read().values.get("noise_level")
        if isinstance(noise, float):
            volume = bounds.level(noise)
        else:
            volume = bounds.hold(speaker.own.volume)
        yield Loudness(room, speaker, round(volume, 2))
