"""The large collection as ContentDirectory shows it, below A: and as folders of its share."""

from collections.abc import Sequence
from urllib.parse import quote, unquote

from .collection import GENRES, SHARE, Collection
from .rows import Written, container, title_of

type Rows = Sequence[str]

_ARTIST = "object.container.person.musicArtist"
_COMPOSER = "object.container.person.composer"
_GENRE = "object.container.genre.musicGenre"
_ALBUM = "object.container.album.musicAlbum"
_ALL = "object.container.playlistContainer.sameArtist"


def _enc(text: str) -> str:
    return quote(text, safe="")


class Archive:
    """Elements of a collection, written as they are looked at."""

    def __init__(self, collection: Collection, owner_uid: str) -> None:
        self._whole = collection
        self._owner_uid = owner_uid

    def browse(self, path: list[str], needle: str | None) -> Rows | None:
        """Children of A: and this path whose title has `needle`; None where it leads nowhere."""
        root, *rest = path
        base = "A:" + "/".join([root, *(_enc(part) for part in rest)])
        if not rest:
            return self._top(root, base, needle)
        rows = self._below(root, rest, base)
        if rows is None or needle is None:
            return rows
        return [row for row in rows if needle in title_of(row)]

    def folder(self, object_id: str) -> Rows | None:
        """Children of a folder of the share: artists, their albums, the tracks."""
        base = f"S:{SHARE}"
        if not object_id.startswith(base):
            return None
        here = object_id.rstrip("/")
        match [unquote(part) for part in here[len(base) :].split("/") if part]:
            case []:
                return self._artists(range(self._whole.artists.count), here)
            case [artist]:
                return self._albums_by(artist, here)
            case [artist, album]:
                return self._tracks_on(artist, album, here)
        return None

    def _top(self, root: str, base: str, needle: str | None) -> Rows | None:
        """A whole list: all artists, all albums, all tracks or all genres."""
        whole = self._whole
        if root == "GENRE":
            named = [name for name in GENRES if needle is None or needle in name.casefold()]
            return [self._container(base, name, _GENRE) for name in named]
        names = {"TRACKS": whole.titles, "ALBUM": whole.albums}.get(root, whole.artists)
        keys = names.sorted() if needle is None else names.having(needle)
        match root:
            case "TRACKS":
                return self._tracks(keys, base)
            case "ALBUM":
                return self._albums(keys, base)
            case "ARTIST" | "ALBUMARTIST":
                return self._artists(keys, base)
            case "COMPOSER":
                return self._artists(keys, base, _COMPOSER)
        return None

    def _below(self, root: str, rest: list[str], base: str) -> Rows | None:
        whole = self._whole
        match root, *rest:
            case "ALBUM", name:
                album = whole.albums.number(name)
                return None if album is None else self._tracks(whole.tracks_on(album), base)
            case "GENRE", genre:
                return self._artists(whole.artists_in(genre), base) if genre in GENRES else None
            case "COMPOSER", name:
                composer = whole.artists.number(name)
                return None if composer is None else self._artists([composer], base)
            case (("ARTIST" | "ALBUMARTIST"), *names):
                return self._by_artist(names, base)
            case (("GENRE" | "COMPOSER"), _trait, *names):
                return self._by_artist(names, base)
        return None

    def _by_artist(self, names: list[str], base: str) -> Rows | None:
        """An artist's albums and "All" (an empty name); below those the tracks."""
        if len(names) > 1:
            return self._tracks_on(names[0], names[1], base)
        albums = self._albums_by(names[0], base)
        everything = container(self._owner_uid, f"{base}/", base, "All", _ALL)
        return None if albums is None else [everything, *albums]

    def _albums_by(self, name: str, base: str) -> Rows | None:
        artist = self._whole.artists.number(name)
        return None if artist is None else self._albums(self._whole.albums_by(artist), base)

    def _tracks_on(self, name: str, title: str, base: str) -> Rows | None:
        """The tracks of an artist's album, or of all of them where the title is empty."""
        artist = self._whole.artists.number(name)
        if artist is None:
            return None
        albums = self._whole.albums_by(artist)
        if title:
            albums = [album for album in albums if self._whole.albums.of(album) == title]
        keys = [track for album in albums for track in self._whole.tracks_on(album)]
        return self._tracks(keys, base) if keys else None

    def _container(self, base: str, name: str, kind: str) -> str:
        return container(self._owner_uid, f"{base}/{_enc(name)}", base, name, kind)

    def _tracks(self, keys: Sequence[int], base: str) -> Rows:
        def write(number: int) -> str:
            track = self._whole.track(number)
            return track.element(track.object_id, base)

        return Written(keys, write)

    def _albums(self, keys: Sequence[int], base: str) -> Rows:
        def write(number: int) -> str:
            name = self._whole.albums.of(number)
            first = self._whole.track(self._whole.tracks_on(number)[0])
            return container(
                self._owner_uid,
                f"{base}/{_enc(name)}",
                base,
                name,
                _ALBUM,
                art=first.art,
                creator=first.artist,
            )

        return Written(keys, write)

    def _artists(self, keys: Sequence[int], base: str, kind: str = _ARTIST) -> Rows:
        return Written(keys, lambda n: self._container(base, self._whole.artists.of(n), kind))
