"""A music collection of any size, none of which is held in memory.

Track, album and artist number i have names that end in i and begin with words that grow with
their place in the alphabet, so that lists are sorted by construction and a name alone says what it
names.
"""

from collections.abc import Callable, Sequence
from math import gcd
from typing import Final, override
from urllib.parse import quote, unquote

from .tracks import Track

SHARE: Final = "//nas/archive"
_TRACKS_PER_ALBUM = 12
_ALBUMS_PER_ARTIST = 4

# Each list in alphabetical order
GENRES: Final = [
     "Ambient", "Bachata", "Blues", "Chanson", "Country", "Disco", "Dub", "Electro", "Flamenco",
    "Folk", "Funk", "Gospel", "House", "Indie", "Jazz", "Klezmer", "Latin", "Metal", "Pop",
    "Reggae", "Rock", "Soul", "Techno", "Waltz",
]  # fmt: skip
_FIRST = [
     "Amber", "Bright", "Cold", "Distant", "Early", "Faint", "Golden", "Hollow", "Idle",
    "Jagged", "Kind", "Lost", "Midnight", "Northern", "Open", "Paper", "Quiet", "Red", "Silver",
    "Tall", "Upper", "Velvet", "Winter", "Young", "Zero",
]  # fmt: skip
_SECOND = [
     "Arcade", "Bridge", "Cinema", "Doors", "Engine", "Ferry", "Garden", "Harbour", "Island",
    "Junction", "Kites", "Letters", "Mirror", "Needle", "Orchard", "Pilots", "Quarry", "Rooms",
    "Signals", "Tides",
]  # fmt: skip


class _Names:
    """`count` names, each with its number; `places` are the numbers in alphabetical order."""

    def __init__(self, count: int, stride: int) -> None:
        self.count = count
        # A stride without common factor visits every number once
        while gcd(stride, count) != 1:
            stride += 1
        self._stride, self._back = stride, pow(stride, -1, count)
        self._lower: list[str] = []

    def of(self, number: int) -> str:
        """The name of one number."""
        place = number * self._stride % self.count
        words = place * len(_FIRST) * len(_SECOND) // self.count
        first, second = divmod(words, len(_SECOND))
        return f"{_FIRST[first]} {_SECOND[second]} {place:06d}"

    def at(self, place: int) -> int:
        """The number at a place in the alphabet."""
        return place * self._back % self.count

    def number(self, name: str) -> int | None:
        """The number a name belongs to."""
        tail = name.rpartition(" ")[2]
        if not tail.isdecimal() or int(tail) >= self.count:
            return None
        number = self.at(int(tail))
        return number if self.of(number) == name else None

    def having(self, needle: str) -> list[int]:
        """Numbers of the names that contain a text, in alphabetical order."""
        if not self._lower:
            self._lower = [self.of(self.at(place)).casefold() for place in range(self.count)]
        return [self.at(place) for place, name in enumerate(self._lower) if needle in name]

    def sorted(self) -> Sequence[int]:
        """All numbers in alphabetical order."""
        return _Mapped(range(self.count), self.at)


class _Mapped(Sequence[int]):
    """The images of a range, one at a time."""

    def __init__(self, keys: range, image: Callable[[int], int]) -> None:
        self._keys, self._image = keys, image

    @override
    def __len__(self) -> int:
        return len(self._keys)

    @override
    def __getitem__(self, at: int) -> int:  # type: ignore[override]
        return self._image(self._keys[at])


class Collection:
    """`size` tracks on albums of twelve, by artists with four albums each."""

    def __init__(self, size: int) -> None:
        self.size = size
        albums = -(-size // _TRACKS_PER_ALBUM)
        self.titles = _Names(size, 7919)
        self.albums = _Names(albums, 613)
        self.artists = _Names(-(-albums // _ALBUMS_PER_ARTIST), 1)

    def album_of(self, track: int) -> int:
        """The album a track is on."""
        return track // _TRACKS_PER_ALBUM

    def artist_of(self, album: int) -> int:
        """The artist of an album."""
        return album // _ALBUMS_PER_ARTIST

    def tracks_on(self, album: int) -> range:
        """The tracks of an album, in its order."""
        first = album * _TRACKS_PER_ALBUM
        return range(first, min(first + _TRACKS_PER_ALBUM, self.size))

    def albums_by(self, artist: int) -> list[int]:
        """The albums of an artist, by name."""
        first = artist * _ALBUMS_PER_ARTIST
        numbers = range(first, min(first + _ALBUMS_PER_ARTIST, self.albums.count))
        return sorted(numbers, key=self.albums.of)

    def artists_in(self, genre: str) -> range:
        """The artists of a genre, by name; none for a genre there is not."""
        first = GENRES.index(genre) if genre in GENRES else self.artists.count
        return range(first, self.artists.count, len(GENRES))

    def track(self, number: int) -> Track:
        """One track, as a new queue entry."""
        album = self.album_of(number)
        artist = self.artist_of(album)
        position = number - album * _TRACKS_PER_ALBUM + 1
        title = self.titles.of(number)
        names = (self.artists.of(artist), self.albums.of(album), f"{position:02d} {title}.mp3")
        path = f"{SHARE}/" + "/".join(quote(name, safe="") for name in names)
        uri = f"x-file-cifs:{path}"
        return Track(
            uri=uri,
            title=title,
            artist=names[0],
            album=names[1],
            duration=float(140 + number * 37 % 200),
            art="/getaa?u=" + quote(uri, safe="") + "&v=15",
            protocol="x-file-cifs:*:audio/mpeg:*",
            number=position,
            object_id=f"S:{path}",
        )

    def find(self, uri: str) -> Track | None:
        """The track behind a uri of this collection's share."""
        name = unquote(uri.rpartition("/")[2].removesuffix(".mp3"))
        number = self.titles.number(name[3:])
        if number is None:
            return None
        track = self.track(number)
        return track if track.uri == uri else None
