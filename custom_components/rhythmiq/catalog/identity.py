"""What makes two rows the same thing: the uri to play, and the recording behind it."""

import re
from typing import Final
from urllib.parse import urlsplit

from ..engine.recordings import recording
from .errors import RowRefusedError

MAX_URI_LENGTH: Final = 2048
# One recording is measured alike everywhere; another version of the song seldom is.
SAME_RECORDING_MS: Final = 10_000

_SPOTIFY_ID: Final = re.compile(r"[0-9A-Za-z]{22}")
_SPOTIFY_LINK: Final = re.compile(
    r"(?:spotify:track:|https?://open\.spotify\.com/(?:intl-[a-z-]+/)?track/)"
    r"([0-9A-Za-z]{22})(?:[?#].*)?"
)
# Everything else Sonos plays by address: web audio, share links of other services (Apple Music,
# Deezer, TIDAL) and files of a music library share.
_PLAYABLE_SCHEMES: Final = frozenset({"http", "https", "x-file-cifs"})


def playable_uri(text: str) -> str:
    """Return the uri of a Spotify id, uri or link, or any other address that Sonos can play.

    Raises `RowRefusedError` for everything else, among it local files of the Spotify app and
    addresses that carry a password.
    """
    if _SPOTIFY_ID.fullmatch(text):
        return f"spotify:track:{text}"
    if found := _SPOTIFY_LINK.fullmatch(text):
        return f"spotify:track:{found[1]}"
    if not text:
        raise RowRefusedError("the track has no id")
    if text.startswith("spotify:local:"):
        raise RowRefusedError("a local file of the Spotify app cannot be played by a speaker")
    if len(text) > MAX_URI_LENGTH:
        raise RowRefusedError(f"the address is longer than {MAX_URI_LENGTH} characters")
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in _PLAYABLE_SCHEMES or not parts.hostname:
        raise RowRefusedError("neither a Spotify track id nor an address that a speaker can play")
    if " " in text or not text.isprintable():
        raise RowRefusedError("the address contains spaces or control characters")
    if "@" in parts.netloc:
        raise RowRefusedError("the address carries a user name or password")
    return text


def recording_key(title: str, artist: str) -> str | None:
    """Return what is equal for one recording under several ids, or None if that cannot be told.

    The engine's notion of a recording; the catalog asks for a matching duration besides.
    """
    if not artist:
        return None
    return "\n".join(reversed(recording(title, artist)))
