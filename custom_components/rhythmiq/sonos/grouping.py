"""Who plays with whom, and how loud together.

A speaker answers before the household's topology shows what it did. So changes of groups return
when the topology shows them: as an event tells, or by asking where none comes in time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final

from .control import Answer
from .errors import PlaybackError, SonosError, SpeakerUnreachableError
from .speaker import Speaker

TOPOLOGY_SECONDS: Final = 5.0
_ASK_SECONDS: Final = 0.7
# A reply was lost: what it was about shows by then, or has not happened
_LOST_REPLY_SECONDS: Final = 1.0

type Command = Callable[[Speaker], Awaitable[Answer]]
type Shown = Callable[[Speaker], bool]


class OtherHouseholdError(SonosError):
    """Speakers of two households cannot play together."""

    def __init__(self, speaker: Speaker, leader: Speaker) -> None:
        super().__init__("other_household", speaker=speaker.name, leader=leader.name)


class GroupingRefusedError(SonosError):
    """The speaker did not change its group; ``code`` is its UPnP error."""

    def __init__(self, speaker: Speaker, code: int | None) -> None:
        super().__init__("grouping_refused", speaker=speaker.name, code=str(code))


class GroupingNotShownError(SonosError):
    """The speaker took the command, but the topology did not show it in time."""

    def __init__(self, speaker: Speaker) -> None:
        super().__init__("grouping_not_shown", speaker=speaker.name)


async def join(leader: Speaker, others: Sequence[Speaker]) -> None:
    """Let others play what the leader's group plays; return when the topology shows it.

    Speakers that lead a group join last, so that its music is handed over as rarely as possible.
    Raises ``SonosError`` for the first that does not join, after the others have.
    """
    for other in others:
        if other.household is not leader.household:
            raise OtherHouseholdError(other, leader)
    coordinator = leader.coordinator
    joining = [each for each in dict.fromkeys(others) if each.coordinator is not coordinator]
    await _change(
        joining,
        lambda each: each.control.transport(
            "SetAVTransportURI",
            ("CurrentURI", f"x-rincon:{coordinator.uid}"),
            ("CurrentURIMetaData", ""),
        ),
        lambda each: each.coordinator is leader.coordinator,
    )


async def unjoin(*speakers: Speaker) -> None:
    """Let speakers stand alone; return when the topology shows it.

    Coordinators leave last, and need not where nobody stays: then the music goes on with them.
    Raises ``SonosError`` for the first that does not leave, after the others have.
    """
    await _change(
        [
            each
            for each in dict.fromkeys(speakers)
            if each.coordinator is not each or not set(each.members).issubset(speakers)
        ],
        lambda each: each.control.transport("BecomeCoordinatorOfStandaloneGroup"),
        lambda each: len(each.members) == 1,
    )


async def regroup(groups: Iterable[Sequence[Speaker]]) -> None:
    """Make exactly these groups, the first of each its coordinator.

    Speakers in none of them keep their group, but are left alone by a coordinator among these.
    Raises ``SonosError`` as ``join`` and ``unjoin`` do.
    """
    wanted = [tuple(dict.fromkeys(group)) for group in groups if group]
    placed = {each for group in wanted for each in group}
    leaving: list[Speaker] = []
    for leader, *_ in wanted:
        if leader.coordinator is leader:
            leaving += [each for each in leader.members if each not in placed]
        else:
            leaving.append(leader)
    await unjoin(*leaving)
    for leader, *others in wanted:
        await join(leader, others)


def group_volume(speaker: Speaker) -> float | None:
    """Return the volume of a group, from 0 to 1: the mean of its members'."""
    volumes = [each.own.volume for each in speaker.members if each.own.volume is not None]
    return sum(volumes) / len(volumes) if volumes else None


async def set_group_volume(speaker: Speaker, volume: float) -> None:
    """Set the volume of a group, from 0 to 1; its members keep their proportions.

    Raises ``SonosError``.
    """
    await _group_rendering(speaker, "SetGroupVolume", ("DesiredVolume", round(volume * 100)))


async def change_group_volume(speaker: Speaker, change: float) -> None:
    """Turn a group up or down, by at most 1, in proportion. Raises ``SonosError``."""
    await _group_rendering(speaker, "SetRelativeGroupVolume", ("Adjustment", round(change * 100)))


class Departure:
    """Lets speakers that are asked to leave their groups one by one, but at once, leave together.

    Home Assistant turns one action for several players into a call for each.
    """

    def __init__(self) -> None:
        self._speakers: list[Speaker] = []
        self._task: asyncio.Task[None] | None = None

    async def leave(self, speaker: Speaker) -> None:
        """Take a speaker out of its group. Raises ``SonosError`` when any of them fails."""
        self._speakers.append(speaker)
        if self._task is None:
            self._task = speaker.hass.async_create_task(self._leave())
        await asyncio.shield(self._task)

    async def _leave(self) -> None:
        await asyncio.sleep(0)  # until everyone who leaves now has said so
        speakers, self._speakers, self._task = self._speakers, [], None
        await unjoin(*speakers)


async def _change(speakers: Sequence[Speaker], command: Command, shown: Shown) -> None:
    """Send a command to members, then to coordinators, and wait until it shows."""
    failures: dict[Speaker, SonosError] = {}

    async def send(speaker: Speaker) -> None:
        try:
            await command(speaker)
        except PlaybackError as err:
            failures[speaker] = GroupingRefusedError(speaker, err.code)
        except SpeakerUnreachableError as err:
            failures[speaker] = err
            speaker.doubt()

    leading = [each for each in speakers if each.coordinator is each]
    for phase in ([each for each in speakers if each not in leading], leading):
        await asyncio.gather(*(send(each) for each in phase))
    took = [each for each in speakers if each not in failures]
    await _wait(took, shown, TOPOLOGY_SECONDS)
    lost = [each for each, err in failures.items() if isinstance(err, SpeakerUnreachableError)]
    await _wait(lost, shown, _LOST_REPLY_SECONDS)
    for speaker in speakers:
        if not shown(speaker):
            raise failures.get(speaker) or GroupingNotShownError(speaker)


async def _wait(speakers: Sequence[Speaker], shown: Shown, seconds: float) -> None:
    """Wait until the topology shows something of all speakers, or the time is up."""
    changed = asyncio.Event()
    stops = [speaker.add_listener(changed.set) for speaker in speakers]
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not all(shown(speaker) for speaker in speakers):
                    changed.clear()
                    await _told_or_asked(changed, speakers)
    finally:
        for stop in stops:
            stop()


async def _told_or_asked(changed: asyncio.Event, speakers: Sequence[Speaker]) -> None:
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            await changed.wait()
    except TimeoutError:
        for household in {speaker.household for speaker in speakers}:
            household.refresh()


async def _group_rendering(speaker: Speaker, action: str, argument: tuple[str, object]) -> None:
    control = speaker.coordinator.control
    instance = ("InstanceID", 0)
    # The proportions are those of the moment of the snapshot
    await control.call("groupRenderingControl", "SnapshotGroupVolume", [instance])
    await control.call("groupRenderingControl", action, [instance, argument])
