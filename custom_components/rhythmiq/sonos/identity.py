"""One name for a track, whoever writes its uri: a person, the catalog or a player.

A player does not report the uri that it was given. Spotify's `spotify:track:ID` comes back as
`x-sonos-spotify:spotify%3atrack%3aID?sid=9&flags=8224&sn=7`, other services' share links as
`x-sonos-http:` with the service's own id and number, which the links hold in other words.
"""

from collections.abc import Callable, Mapping
import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from soco.plugins.sharelink import (
    AppleMusicShare,
    DeezerShare,
    ShareClass,
    SpotifyShare,
    TIDALShare,
)

_SPOTIFY: Final = SpotifyShare()
_OTHERS: Final[tuple[tuple[str, ShareClass], ...]] = (
    ("apple", AppleMusicShare()),
    ("deezer", DeezerShare()),
    ("tidal", TIDALShare()),
)
# By the number that players write as `sid`
_SERVICE_OF: Final = {"204": "apple", "2": "deezer", "174": "tidal"}
# Forms of a track's number in players' uris: "song:123", "tr:123", "track-123", "track/123"
_NUMBER: Final = re.compile(r"(?:song|track|tr)[:/-](\d+)")


def track_name(uri: str) -> str | None:
    """Return the same text for every uri of a track; None where a uri names none.

    For Spotify and for addresses that is the uri the catalog uses; for tracks of other services it
    is "service:track:number", the catalog having share links.
    """
    name = _NAMES.get(uri.partition(":")[0].lower())
    try:
        return name(uri) if name is not None else None
    except ValueError:  # what urlsplit says of a host in half a pair of brackets
        return None


def _of_spotify(uri: str) -> str | None:
    name: str | None = _SPOTIFY.canonical_uri(unquote(uri.partition("?")[0]))
    return name if name and name.startswith(("spotify:track:", "spotify:episode:")) else None


def _of_service(uri: str) -> str:
    """Name what a player plays of another service, by its own uri if the service is unknown."""
    path, _, query = uri.partition("?")
    service = _SERVICE_OF.get(parse_qs(query).get("sid", [""])[0])
    number = _NUMBER.search(unquote(path))
    return f"{service}:track:{number[1]}" if service and number else uri


def _of_link(uri: str) -> str | None:
    host = urlsplit(uri).hostname or ""
    if host == "open.spotify.com":
        return _of_spotify(uri)
    for service, shares in _OTHERS:
        if service in host and (canonical := shares.canonical_uri(uri)) is not None:
            kind, _, number = canonical.removeprefix(f"{service}:").partition(":")
            return f"{service}:track:{number}" if kind in {"song", "track"} else None
    return _of_file(uri)


def _of_file(uri: str) -> str:
    return uri.replace(" ", "%20")


def _of_stream(uri: str) -> str:
    """Name web radio by the address it was given as."""
    return f"http:{uri.partition(':')[2]}"


_NAMES: Final[Mapping[str, Callable[[str], str | None]]] = {
    "spotify": _of_spotify,
    "x-sonos-spotify": _of_spotify,
    "x-sonos-http": _of_service,
    "http": _of_link,
    "https": _of_link,
    "x-file-cifs": _of_file,
    "x-rincon-mp3radio": _of_stream,
    "aac": _of_stream,
    "hls-radio": _of_file,
    "x-sonosapi-stream": _of_file,
    "x-sonosapi-radio": _of_file,
    "x-sonosapi-hls": _of_file,
    "x-sonosapi-hls-static": _of_service,
}
