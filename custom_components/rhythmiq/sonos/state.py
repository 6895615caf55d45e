"""What a speaker is doing, as plain facts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from soco.data_structures import DidlObject

# Prefixes of transport uris, most specific first
_SOURCES: Final = (
    ("x-rincon-queue:", "queue"),
    ("x-rincon-stream:", "line_in"),
    ("x-sonos-htastream:", "tv"),
    ("x-sonosapi-", "radio"),
    ("x-rincon-mp3radio:", "radio"),
    ("hls-radio:", "radio"),
    ("aac:", "radio"),
)


class Playback(StrEnum):
    """What a listener would say; the instant between two tracks is playing."""

    PLAYING = "playing"
    PAUSED = "paused"
    IDLE = "idle"


class Source(StrEnum):
    """Where the sound comes from."""

    NONE = "none"
    QUEUE = "queue"
    TRACK = "track"
    RADIO = "radio"
    LINE_IN = "line_in"
    TV = "tv"
    AIRPLAY = "airplay"
    SPOTIFY_CONNECT = "spotify_connect"


class Repeat(StrEnum):
    """What happens at the end of the queue, or of the track."""

    OFF = "off"
    ALL = "all"
    ONE = "one"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackState:
    """One speaker at one instant; None where the speaker did not say.

    ``duration`` and ``position`` are seconds, the position as of ``position_updated_at`` (UTC).
    ``volume`` goes from 0 to 1. ``queue_position`` counts from 1, while the queue plays.
    ``artwork`` is a URL on the speaker, on the internet, or a path of Home Assistant.
    ``container`` is the uri the current track was queued from: a playlist, an album, a favourite.
    """

    state: Playback = Playback.IDLE
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    artwork: str | None = None
    duration: float | None = None
    position: float | None = None
    position_updated_at: datetime | None = None
    volume: float | None = None
    muted: bool | None = None
    queue_position: int | None = None
    source: Source = Source.NONE
    uri: str | None = None
    container: str | None = None
    shuffle: bool | None = None
    repeat: Repeat | None = None
    crossfade: bool | None = None


def playback(transport_state: str | None, title: str | None) -> Playback:
    """Return the state for a UPnP transport state: stopped with a track in hand is paused."""
    if transport_state in ("PLAYING", "TRANSITIONING"):
        return Playback.PLAYING
    return Playback.PAUSED if title else Playback.IDLE


def source_of(transport_uri: str) -> Source:
    """Return the kind of source for the uri a transport is set to (not the track's uri)."""
    if not transport_uri:
        return Source.NONE
    if transport_uri.startswith("x-sonos-vli:"):
        return Source.AIRPLAY if ",airplay:" in transport_uri else Source.SPOTIFY_CONNECT
    for prefix, source in _SOURCES:
        if transport_uri.startswith(prefix):
            return Source(source)
    return Source.TRACK


def seconds(text: str | None) -> float | None:
    """Return the seconds of ``H:MM:SS``, None for what is no time or endless (0:00:00)."""
    match (text or "").split(":"):
        case hours, minutes, rest if all(
            part.replace(".", "", 1).isdecimal() for part in (hours, minutes, rest)
        ):
            return float(hours) * 3600 + float(minutes) * 60 + float(rest)
        case _:
            return None


def clock(duration: float) -> str:
    """Return seconds as ``HH:MM:SS``, rounded down."""
    minutes, rest = divmod(int(duration), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}"


def track_facts(metadata: object, host: str) -> dict[str, Any]:
    """Return title, artist, album and artwork from parsed track metadata (DIDL), as far as given.

    ``host`` serves the pictures that the speaker names by path. SoCo caches what it parsed: it is
    only read here.
    """
    if not isinstance(metadata, DidlObject):
        return {}
    artwork = getattr(metadata, "album_art_uri", None)
    if artwork and artwork.startswith("/"):
        artwork = f"http://{host}:1400{artwork}"
    title = getattr(metadata, "stream_content", None) or metadata.title
    return {
        "title": (title or "").strip() or None,
        "artist": getattr(metadata, "creator", None) or None,
        "album": getattr(metadata, "album", None) or None,
        "artwork": artwork or None,
    }
