"""What a speaker can play besides music: the inputs of its own and of others."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .errors import UPNP_TRANSITION_NOT_AVAILABLE, PlaybackError
from .state import Source

if TYPE_CHECKING:
    from .speaker import Speaker

TV: Final = "TV"
LINE_IN: Final = "Line-in"

_TAKEOVERS: Final = {Source.AIRPLAY: "AirPlay", Source.SPOTIFY_CONNECT: "Spotify Connect"}
_WITH_TV: Final = frozenset({"amp", "arc", "arc ultra", "beam", "playbar", "playbase", "ray"})
_WITH_LINE_IN: Final = frozenset(
    {
        *("amp", "connect", "connect:amp", "era 100", "era 300", "five", "move 2", "play:5"),
        "port",
    }
)


@dataclass(frozen=True, slots=True)
class Input:
    """One input as a person names it, and the speaker whose transport is set to its ``uri``."""

    name: str
    uri: str
    plays_on: Speaker


def inputs_of(speaker: Speaker) -> list[Input]:
    """Return the speaker's television and line-in, and the other speakers' line-ins.

    Every group can play every line-in. The television belongs to its speaker, which leaves a
    group that it does not lead.
    """
    found: list[Input] = []
    if _is(speaker, _WITH_TV):
        found.append(Input(TV, f"x-sonos-htastream:{speaker.uid}:spdif", speaker))
    others = sorted(speaker.household.speakers.values(), key=lambda each: each.name)
    found += [
        Input(_line_in(each, speaker), f"x-rincon-stream:{each.uid}", speaker.coordinator)
        for each in sorted(others, key=lambda each: each is not speaker)
        if _is(each, _WITH_LINE_IN)
    ]
    return found


async def play_input(source: Input) -> None:
    """Play an input. Raises ``SonosError``."""
    control = source.plays_on.control
    await control.transport(
        "SetAVTransportURI", ("CurrentURI", source.uri), ("CurrentURIMetaData", "")
    )
    try:
        await control.transport("Play", ("Speed", 1))
    except PlaybackError as err:
        # An input without a signal, or one that plays by itself
        if err.code != UPNP_TRANSITION_NOT_AVAILABLE:
            raise


def source_name(speaker: Speaker) -> str | None:
    """Return what a person calls the source of a speaker's sound, None for music of its own."""
    state = speaker.state
    match state.source:
        case Source.TV:
            return TV
        case Source.LINE_IN:
            uid = (state.uri or "").partition(":")[2]
            owner = speaker.household.speakers.get(uid, speaker.coordinator)
            return _line_in(owner, speaker)
        case source:
            return _TAKEOVERS.get(source)


def _line_in(owner: Speaker, speaker: Speaker) -> str:
    return LINE_IN if owner is speaker else f"{LINE_IN}: {owner.name}"


def _is(speaker: Speaker, models: frozenset[str]) -> bool:
    return (speaker.model or "").partition(" (")[0].casefold() in models
