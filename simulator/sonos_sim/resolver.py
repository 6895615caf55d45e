"""What an enqueued uri means."""

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from .errors import SonosError
from .streaming import SERVICES
from .tracks import Track
from .xmlutil import DidlInfo

if TYPE_CHECKING:
    from .household import Household

RADIO_SCHEMES = (
    "x-rincon-mp3radio",
    "x-sonosapi-stream",
    "x-sonosapi-radio",
    "x-sonosapi-hls",
    "hls-radio",
    "aac",
)


class Resolver:
    """Turns an enqueued URI and its metadata into queue tracks."""

    def __init__(self, household: Household) -> None:
        self.hh = household

    # -- streaming services -------------------------------------------------
    def _service_from_desc(self, desc: str) -> int | None:
        match = re.match(r"SA_RINCON(\d+)_", desc)
        if not match:
            return None
        number = int(match.group(1))
        return (number - 7) // 256 if number % 256 == 7 else -1

    def _require_linked(self, service_id: int) -> int:
        """Account serial number of a linked service; 800 when not linked."""
        serial = self.hh.linked_services.get(service_id)
        if serial is None:
            raise SonosError(800)
        return serial

    def _service_track(self, key: str, service_id: int, serial: int) -> Track:
        catalog = self.hh.catalog
        if key in catalog.unavailable:
            raise SonosError(catalog.unavailable[key])
        if service_id in (9, 12) and not re.fullmatch(
            r"spotify:(track|episode):[0-9A-Za-z]{22}", key
        ):
            raise SonosError(800)
        _name, scheme, protocol = SERVICES[service_id]
        ident = quote(key, safe="").replace("%3A", "%3a").replace("%2F", "%2f")
        suffix = "" if scheme == "x-sonos-spotify" else ".mp4"
        uri = f"{scheme}:{ident}{suffix}?sid={service_id}&flags=8224&sn={serial}"
        meta = catalog.track_meta(key)
        art = "/getaa?s=1&u=" + quote(uri, safe="")
        return Track(
            uri=uri,
            title=meta["title"],
            artist=meta["artist"],
            album=meta["album"],
            duration=float(meta["duration"]),
            art=meta.get("art", art),
            protocol=protocol,
            playable=key not in catalog.unplayable,
        )

    def _service_container(
        self, key: str, service_id: int, serial: int, uri: str, meta: str
    ) -> list[Track]:
        catalog = self.hh.catalog
        if key in catalog.unavailable:
            raise SonosError(catalog.unavailable[key])
        tracks = []
        for child in catalog.container_tracks(key):
            try:
                track = self._service_track(child, service_id, serial)
            except SonosError:
                continue  # players leave out what the service will not serve
            track.container_uri, track.container_meta = uri, meta
            tracks.append(track)
        if not tracks:
            raise SonosError(800)
        return tracks

    def resolve(self, uri: str, meta: str) -> list[Track]:
        """Tracks for AddURIToQueue and friends; raises SonosError."""
        if not uri:
            raise SonosError(402)
        info = DidlInfo(meta)
        if meta.strip() and not info.valid:
            raise SonosError(402)
        scheme = uri.partition(":")[0].lower() if ":" in uri else ""
        tracks = self._streamed(uri, meta, scheme, info)
        if tracks is None:
            tracks = self._local(uri, meta, scheme, info)
        if tracks is None:
            raise SonosError(714)
        return tracks

    def _streamed(self, uri: str, meta: str, scheme: str, info: DidlInfo) -> list[Track] | None:
        """Tracks of a streaming service, or None where the uri names none."""
        if scheme == "x-rincon-cpcontainer":
            key = unquote(uri.partition(":")[2].partition("?")[0][8:])
            service_id = self._sid(uri, info)
            serial = self._require_linked(service_id)
            return self._service_container(key, service_id, serial, uri, meta)
        if scheme in ("x-sonos-spotify", "x-sonos-http", "soco", "x-sonosapi-hls-static"):
            body = uri.partition(":")[2].partition("?")[0].removeprefix("//")
            key = re.sub(r"\.(mp3|mp4|flac|unknown)$", "", unquote(body))
        elif uri.startswith("spotify:") or (not scheme and self._is_bare(uri, info)):
            key = unquote(uri)
        else:
            return None
        service_id = self._sid(uri, info)
        return [self._service_track(key, service_id, self._require_linked(service_id))]

    def _is_bare(self, uri: str, info: DidlInfo) -> bool:
        """Whether this is a service's item id alone, as share links send it.

        Spotify's and Apple's hold a colon; TIDAL's and Deezer's (track%2f123, track-123) do not
        and are told by the account in the metadata.
        """
        return "%3a" in uri.lower() or self._service_from_desc(info.desc) is not None

    def _local(self, uri: str, meta: str, scheme: str, info: DidlInfo) -> list[Track] | None:
        """Tracks of the library, of saved queues and of plain addresses."""
        inside = self._inside(uri, scheme)
        if inside is not None:
            return self._contained(inside, uri, meta)
        if scheme == "x-file-cifs":
            known = self.hh.library.track(uri)
            if known:
                return [known.copy()]
            if uri.lower().endswith((".m3u", ".pls")):
                raise SonosError(714)
            return [self._plain(uri, info, "x-file-cifs:*:audio/mpeg:*")]
        if scheme in ("http", "https", "x-rincon-mp3radio", "aac", "hls-radio"):
            protocol = info.protocol or "http-get:*:audio/mpeg:*"
            if protocol.startswith("x-rincon-playlist"):
                protocol = "http-get:*:audio/mpeg:*"
            return [self._plain(uri, info, protocol)]
        if scheme in RADIO_SCHEMES:
            return [self._plain(uri, info, "x-rincon-mp3radio:*:*:*")]
        return None

    def _inside(self, uri: str, scheme: str) -> list[Track] | None:
        """Tracks of a container of the household, or None where the uri names none."""
        if scheme == "file" and "savedqueues.rsq#" in uri:
            return self.hh.saved_queue("SQ:" + uri.rpartition("#")[2]).items
        if scheme == "x-rincon-playlist":
            object_id = uri.partition("#")[2]
        elif uri.startswith("S://"):
            object_id = uri
        else:
            return None
        tracks = self.hh.library.tracks_of(object_id)
        if not tracks:
            raise SonosError(701)
        return tracks

    def _sid(self, uri: str, info: DidlInfo) -> int:
        from_desc = self._service_from_desc(info.desc)
        match = re.search(r"[?&]sid=(\d+)", uri)
        service_id = from_desc if from_desc is not None else int(match[1]) if match else None
        if service_id is None:
            # No account hint at all: players reject it
            raise SonosError(402)
        return service_id

    @staticmethod
    def _contained(tracks: list[Track], uri: str, meta: str) -> list[Track]:
        out = []
        for track in tracks:
            clone = track.copy()
            clone.container_uri, clone.container_meta = uri, meta
            out.append(clone)
        return out

    def _plain(self, uri: str, info: DidlInfo, protocol: str) -> Track:
        override = self.hh.catalog.overrides.get(uri, {})
        title = info.title or unquote(uri.split("?", maxsplit=1)[0].rpartition("/")[2]) or uri
        duration = override.get("duration", info.duration or 180)
        return Track(
            uri=uri,
            title=override.get("title", title),
            artist=override.get("artist", info.creator),
            album=override.get("album", info.album),
            duration=float(duration) if duration else None,
            art=info.art,
            protocol=protocol,
            playable=uri not in self.hh.catalog.unplayable,
        )
