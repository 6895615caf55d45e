"""Streaming services and what they say about their tracks.

Nothing here talks to the network. Streaming items get stable invented metadata derived from
their id, which a test can override through the control API.
"""

import hashlib
from typing import TypedDict

from .xmlutil import esc

# service id -> (name, URI scheme of a track, protocolInfo of a track)
SERVICES = {
    9: ("Spotify", "x-sonos-spotify", "sonos.com-spotify:*:audio/x-spotify:*"),
    12: ("Spotify", "x-sonos-spotify", "sonos.com-spotify:*:audio/x-spotify:*"),
    2: ("Deezer", "x-sonos-http", "sonos.com-http:*:audio/flac:*"),
    174: ("TIDAL", "x-sonos-http", "sonos.com-http:*:audio/flac:*"),
    204: ("Apple Music", "x-sonos-http", "sonos.com-http:*:audio/mp4:*"),
    201: ("Amazon Music", "x-sonosapi-hls-static", "sonos.com-http:*:*:*"),
    254: ("TuneIn", "x-sonosapi-stream", "x-rincon-mp3radio:*:*:*"),
    303: ("Sonos Radio", "x-sonosapi-radio", "sonos.com-http:*:*:*"),
    160: ("SoundCloud", "x-sonos-http", "sonos.com-http:*:audio/mpeg:*"),
    212: ("Plex", "x-sonos-http", "sonos.com-http:*:audio/mpeg:*"),
}


def service_type(service_id: int) -> int:
    """Sonos service type: 9 -> 2311, 12 -> 3079, 204 -> 52231."""
    return service_id * 256 + 7


class TrackData(TypedDict, total=False):
    """What a test may say about a track, an album or a playlist."""

    title: str
    artist: str
    album: str
    duration: float
    art: str
    tracks: list[str]


_FIRST = [
    "Amber", "Blue", "Calm", "Dusty", "Early", "Faint", "Golden", "Hidden", "Inner", "Jade", "Keen",
    "Lunar",
]  # fmt: skip

_SECOND = [
    "River", "Signal", "Harbour", "Window", "Orchard", "Meridian", "Lantern", "Echo", "Static",
    "Summer",
]  # fmt: skip

_NAMES = ["Mara Oak", "The Low Tides", "Ivo Brandt", "Selma & Finn", "Kite Theory", "N. Okafor"]


def digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


class Catalog:
    """Streaming-service metadata: invented by default, overridable per id."""

    def __init__(self) -> None:
        self.overrides: dict[str, TrackData] = {}
        self.unavailable: dict[str, int] = {}
        self.unplayable: set[str] = set()

    def clear(self) -> None:
        """Forget what tests said."""
        self.overrides.clear()
        self.unavailable.clear()
        self.unplayable.clear()

    def track_meta(self, key: str) -> TrackData:
        seed = digest(key)
        meta: TrackData = {
            "title": f"{_FIRST[seed % 12]} {_SECOND[seed // 12 % 10]}",
            "artist": _NAMES[seed // 120 % 6],
            "album": f"{_SECOND[seed // 720 % 10]} Sessions",
            "duration": 150 + seed // 7200 % 180,
        }
        meta.update(self.overrides.get(key, {}))
        return meta

    def container_tracks(self, key: str) -> list[str]:
        """Track keys inside an album, playlist or show key such as spotify:album:X."""
        override = self.overrides.get(key, {})
        if "tracks" in override:
            return list(override["tracks"])
        size = 10 if ":album:" in key else 25
        alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        prefix = key.split(":", maxsplit=1)[0]
        out = []
        for number in range(size):
            value = int.from_bytes(hashlib.sha256(f"{key}/{number}".encode()).digest())
            ident = ""
            for _ in range(22):
                value, digit = divmod(value, 62)
                ident += alphabet[digit]
            out.append(f"{prefix}:track:{ident}")
        return out

    def container_title(self, key: str) -> str:
        seed = digest(key)
        default = f"{_SECOND[seed % 10]} {'Mix' if 'playlist' in key else 'Sessions'}"
        return self.overrides.get(key, {}).get("title", default)


def service_descriptors(spotify_sid: int) -> tuple[str, str]:
    """AvailableServiceDescriptorList and AvailableServiceTypeList."""
    rows, types = [], []
    for sid, (name, _scheme, _protocol) in sorted(SERVICES.items()):
        if name == "Spotify" and sid != spotify_sid:
            continue
        auth = "Anonymous" if sid in (254, 303) else "AppLink"
        host = name.lower().replace(" ", "-")
        rows.append(
            f'<Service Id="{sid}" Name="{esc(name)}" Version="1.1"'
            f' Uri="https://{host}.invalid/smapi" SecureUri="https://{host}.invalid/smapi"'
            ' ContainerType="MService" Capabilities="2636347" MaxMessagingChars="0">'
            f'<Policy Auth="{auth}" PollInterval="30"/>'
            f'<Presentation><Strings Version="31" Uri="https://{host}.invalid/strings.xml"/>'
            f'<PresentationMap Version="37" Uri="https://{host}.invalid/pmap.xml"/>'
            f'</Presentation><Manifest Version="25" Uri="https://{host}.invalid/manifest"/>'
            "</Service>"
        )
        types.append(str(service_type(sid)))
    return (
        '<?xml version="1.0"?><Services SchemaVersion="1">' + "".join(rows) + "</Services>",
        ",".join(types),
    )
