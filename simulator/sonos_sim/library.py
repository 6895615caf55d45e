"""The local music library: 27 tracks with awkward names, and a large collection if wanted."""

from collections.abc import Iterable, Sequence
import re
from urllib.parse import quote, unquote
from xml.sax.saxutils import unescape

from .archive import Archive
from .collection import SHARE, Collection
from .rows import Merged, container, element, title_of
from .streaming import digest
from .tracks import Track
from .xmlutil import esc

_ALBUMS = [
    ("Kite Theory", "Paper Weather", "Indie", "N. Okafor", 2019,
     ["Updraft", "Low Ceiling", "Barometer", "Fine Thread", "Landing"]),
    ("Kite Theory", "Second Wind", "Indie", "N. Okafor", 2022,
     ["Tailwind", "Knots", "Drift", "Home by Dark"]),
    ("Selma & Finn", "Don't Wake the House", "Folk", "Selma Lund", 2016,
     ["Creak", "Kettle", "What's Left", "Rain/Shine", "Lamp"]),
    ("Ivo Brandt", "Études für Nacht", "Classical", "Ivo Brandt", 2011,
     ["I. Dämmerung", "II. Stille", "III. Läufer", "IV. Morgen"]),
    ("The Low Tides", "Salt", "Rock", "Low Tides", 2008,
     ["Undertow", "Breakwater", "Foghorn", "Salt", "Gulls", "Pier #9"]),
    ("Mara Oak", "100% Oak", "Jazz", "Mara Oak", 2024,
     ["Grain", "Ring by Ring", "Varnish <live>"]),
]  # fmt: skip


def _enc(text: str) -> str:
    return quote(text, safe="")


# ids and titles below A:
_ROOTS = {
    "ARTIST": "Artists",
    "ALBUMARTIST": "Album Artists",
    "ALBUM": "Albums",
    "GENRE": "Genres",
    "COMPOSER": "Composers",
    "TRACKS": "Tracks",
    "PLAYLISTS": "Imported Playlists",
}


class Library:
    SHARE = "//nas/music"

    def __init__(self, owner_uid: str, size: int = 0) -> None:
        self.owner_uid = owner_uid
        self.collection = Collection(size) if size else None
        self._archive = Archive(self.collection, owner_uid) if self.collection else None
        self.tracks: list[Track] = []
        self.meta: dict[int, tuple[str, str]] = {}
        self.by_uri: dict[str, Track] = {}
        self.shares = [self.SHARE, *([SHARE] if size else [])]
        for artist, album, genre, composer, _year, titles in _ALBUMS:
            for number, title in enumerate(titles, 1):
                name = f"{number:02d} {title}".replace("/", "-")
                path = "/".join(_enc(p) for p in (artist, album, name + ".mp3"))
                uri = f"x-file-cifs:{self.SHARE}/{path}"
                track = Track(
                    uri=uri,
                    title=title,
                    artist=artist,
                    album=album,
                    duration=float(140 + digest(uri) % 200),
                    art="/getaa?u=" + quote(uri, safe="") + "&v=15",
                    protocol="x-file-cifs:*:audio/mpeg:*",
                    number=number,
                    object_id="S:" + uri.removeprefix("x-file-cifs:"),
                )
                self.tracks.append(track)
                self.meta[track.tid] = (genre, composer)
                self.by_uri[uri] = track
        self.playlists = {"friday.m3u": self.tracks[:3] + self.tracks[-2:]}

    def _container(
        self, oid: str, parent: str, title: str, kind: str, *, art: str = "", creator: str = ""
    ) -> str:
        return container(self.owner_uid, oid, parent, title, kind, art=art, creator=creator)

    def _uniq(self, values: Iterable[str]) -> list[str]:
        return sorted(dict.fromkeys(values), key=str.casefold)

    def _album_xml(self, oid: str, parent: str, album: str, pool: list[Track]) -> str:
        first = next(t for t in pool if t.album == album)
        return self._container(
            oid,
            parent,
            album,
            "object.container.album.musicAlbum",
            art=first.art,
            creator=first.artist,
        )

    def track(self, uri: str) -> Track | None:
        """The track with this address."""
        found = self.by_uri.get(uri)
        return self.collection.find(uri) if found is None and self.collection else found

    def browse(self, object_id: str) -> Sequence[str] | None:
        """Child elements of an A: or S: object, or None when there is no such one."""
        if object_id.startswith("S:"):
            rows = self._browse_share(object_id)
            return self._archive.folder(object_id) if rows is None and self._archive else rows
        path, search = self._split_search(object_id)
        needle = None if search is None else search.casefold()
        few = self._browse_path(path)
        if few is not None and needle is not None:
            few = [row for row in few if needle in title_of(row)]
        many = self._archive.browse(path, needle) if self._archive else None
        return Merged(many, few) if many is not None and few else few or many

    @staticmethod
    def _split_search(object_id: str) -> tuple[list[str], str | None]:
        body = object_id[2:]
        search = None
        if ":" in body:
            body, _, search = body.partition(":")
            search = unquote(search)
        return [unquote(part) for part in body.split("/")], search

    def _browse_path(self, path: list[str]) -> list[str] | None:
        root, rest = path[0], path[1:]
        if not root:
            return [element(f"A:{k}", "A:", t, "object.container") for k, t in _ROOTS.items()]
        match root:
            case "ARTIST" | "ALBUMARTIST":
                rows = self._artist_level(f"A:{root}", self.tracks, rest)
            case "ALBUM":
                rows = self._album_level(rest)
            case "GENRE" | "COMPOSER":
                rows = self._trait_level(root, rest)
            case "TRACKS":
                by_title = sorted(self.tracks, key=lambda t: t.title.casefold())
                rows = self._track_rows(by_title, "A:TRACKS")
            case "PLAYLISTS":
                rows = [self._playlist_xml(name) for name in self.playlists]
            case _:
                rows = None
        return rows

    def _playlist_xml(self, name: str) -> str:
        path = f"{self.SHARE}/{_enc(name)}"
        return (
            f'<container id="S:{path}" parentID="A:PLAYLISTS"'
            ' restricted="true"><res protocolInfo="x-file-cifs:*:audio/mpegurl:*">'
            f"x-file-cifs:{path}</res><dc:title>{esc(name)}</dc:title>"
            "<upnp:class>object.container.playlistContainer</upnp:class></container>"
        )

    def _album_level(self, rest: list[str]) -> list[str] | None:
        if not rest:
            return [
                self._album_xml(f"A:ALBUM/{_enc(name)}", "A:ALBUM", name, self.tracks)
                for name in self._uniq(t.album for t in self.tracks)
            ]
        pool = [t for t in self.tracks if t.album == rest[0]]
        return self._track_rows(pool, f"A:ALBUM/{_enc(rest[0])}") if pool else None

    def _trait_level(self, root: str, rest: list[str]) -> list[str] | None:
        """Genres or composers, and the artists below one of them."""
        index = 0 if root == "GENRE" else 1
        kind = ("object.container.genre.musicGenre", "object.container.person.composer")[index]
        if not rest:
            return [
                self._container(f"A:{root}/{_enc(name)}", f"A:{root}", name, kind)
                for name in self._uniq(m[index] for m in self.meta.values())
            ]
        pool = [t for t in self.tracks if self.meta[t.tid][index] == rest[0]]
        if not pool:
            return None
        return self._artist_level(f"A:{root}/{_enc(rest[0])}", pool, rest[1:])

    def _artist_level(self, base: str, pool: list[Track], rest: list[str]) -> list[str] | None:
        """Artists; below one its albums and "All" (an empty name); below those the tracks."""
        if not rest:
            kind = "object.container.person.musicArtist"
            return [
                self._container(f"{base}/{_enc(name)}", base, name, kind)
                for name in self._uniq(t.artist for t in pool)
            ]
        if rest[0]:
            pool = [t for t in pool if t.artist == rest[0]]
        here = f"{base}/{_enc(rest[0])}"
        if not pool:
            return None
        if len(rest) == 1:
            kind = "object.container.playlistContainer.sameArtist"
            albums = self._uniq(t.album for t in pool)
            return [
                self._container(f"{here}/", here, "All", kind),
                *(self._album_xml(f"{here}/{_enc(name)}", here, name, pool) for name in albums),
            ]
        if rest[1]:
            pool = [t for t in pool if t.album == rest[1]]
        return self._track_rows(pool, f"{here}/{_enc(rest[1])}") if pool else None

    def _track_rows(self, tracks: list[Track], parent: str) -> list[str]:
        return [t.element(t.object_id, parent) for t in tracks]

    def _browse_share(self, object_id: str) -> list[str] | None:
        if object_id == "S:":
            return [self._container(f"S:{s}", "S:", s, "object.container") for s in self.shares]
        base = f"S:{self.SHARE}"
        if not object_id.startswith(base):
            return None
        path = [unquote(p) for p in object_id[len(base) :].strip("/").split("/") if p]
        if path and path[-1] in self.playlists:
            return self._track_rows(self.playlists[path[-1]], object_id)
        return self._browse_folder(object_id, path)

    def _browse_folder(self, object_id: str, path: list[str]) -> list[str] | None:
        """The share itself, an artist's folder or an album's."""
        pool = [t for t in self.tracks if path in ([], [t.artist], [t.artist, t.album])]
        if not pool:
            return None
        if len(path) == 2:
            return self._track_rows(pool, object_id)
        names = self._uniq((t.album if path else t.artist) for t in pool)
        parent = object_id.rstrip("/")
        return [
            self._container(f"{parent}/{_enc(name)}", object_id, name, "object.container")
            for name in names
        ]

    def tracks_of(self, object_id: str) -> list[Track]:
        """All tracks below a container, or the track itself."""
        track = self.track("x-file-cifs:" + object_id.removeprefix("S:"))
        if track:
            return [track]
        rows = self.browse(object_id)
        out: list[Track] = []
        for row in rows or []:
            match = re.match(r'<(item|container) id="([^"]*)"', row)
            if not match:
                continue
            child = unescape(match[2], {"&quot;": '"', "&apos;": "'"})
            if match[1] == "item":
                found = self.track("x-file-cifs:" + child.removeprefix("S:"))
                if found:
                    out.append(found)
            elif child != object_id and not child.endswith("/"):
                out.extend(self.tracks_of(child))
        return out
