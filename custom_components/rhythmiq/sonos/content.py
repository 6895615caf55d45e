"""The content directory: what a household has to play, page by page.

Every speaker shows the same tree: ``FV:2`` favourites, ``SQ:`` Sonos playlists, ``R:0/0`` radio
stations, ``A:`` the music library by artist, album and so on, ``S:`` its folders. Nothing is kept:
a page costs one call, and is what people see in the Sonos app at that moment.

A library may hold 100,000 tracks. So an answer never holds more than ``MOST_NODES``: what is
larger comes in alphabetical ranges, each named by its first title, and those again if need be.
"""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from math import ceil
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from .control import Answer, Control
from .errors import PlaybackError
from .media import Playable
from .xml import parse

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

FAVORITES: Final = "FV:2"
PLAYLISTS: Final = "SQ:"
STATIONS: Final = "R:0/0"
LIBRARY: Final = "A:"
SHARES: Final = "S:"

NO_SUCH_OBJECT: Final = 701
MOST_NODES: Final = 400
_PAGE_NODES: Final = 200
_MOST_RANGES: Final = 40
_PARALLEL_CALLS: Final = 4
_BROWSE_SECONDS: Final = 10.0
# A share is played from its folders on: //server/share/folder
_FOLDER_SLASHES: Final = 4

_DIDL: Final = "{urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_UPNP: Final = "{urn:schemas-upnp-org:metadata-1-0/upnp/}"
_RINCON: Final = "{urn:schemas-rinconnetworks-com:metadata-1-0/}"
_NOT_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LIBRARY_METADATA: Final = (
    '<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/"'
    ' xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/"'
    ' xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/">'
    '<item id="{id}" parentID="{parent}" restricted="true">'
    "<dc:title>{title}</dc:title><upnp:class>{upnp_class}</upnp:class>"
    '<desc id="cdudn" nameSpace="urn:schemas-rinconnetworks-com:metadata-1-0/">'
    "RINCON_AssociatedZPUDN</desc></item></DIDL-Lite>"
)
_AUDIO_FILES: Final = (
    *(".mp3", ".m4a", ".mp4", ".aac", ".flac", ".ogg", ".oga", ".wma", ".wav", ".aif", ".aiff"),
    *(".alac", ".opus", ".dsf"),
)
_SAVED_QUEUE: Final = "file:///jffs/settings/savedqueues.rsq#"
_LISTS: Final = ("x-rincon-playlist:", "x-rincon-cpcontainer:", _SAVED_QUEUE)
_STREAMS: Final = (
    *("x-sonosapi-stream:", "x-sonosapi-radio:", "x-sonosapi-hls:", "x-rincon-mp3radio:"),
    *("hls-radio:", "aac:", "x-rincon-stream:"),
)


class Kind(StrEnum):
    """What a node is, for the eye and for the ear."""

    ALBUM = "album"
    ARTIST = "artist"
    COMPOSER = "composer"
    FOLDER = "folder"
    GENRE = "genre"
    PLAYLIST = "playlist"
    STATION = "station"
    TRACK = "track"


# Prefixes of upnp:class, most specific first
_KINDS: Final = (
    ("object.item.audioItem.audioBroadcast", Kind.STATION),
    ("object.item", Kind.TRACK),
    ("object.container.album", Kind.ALBUM),
    ("object.container.person.composer", Kind.COMPOSER),
    ("object.container.person", Kind.ARTIST),
    ("object.container.genre", Kind.GENRE),
    ("object.container.playlistContainer", Kind.PLAYLIST),
)
_SEARCHED: Final = {
    Kind.ARTIST: "A:ALBUMARTIST",
    Kind.ALBUM: "A:ALBUM",
    Kind.COMPOSER: "A:COMPOSER",
    Kind.GENRE: "A:GENRE",
    Kind.PLAYLIST: "A:PLAYLISTS",
    Kind.TRACK: "A:TRACKS",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One entry: ``id`` leads to it, ``uri`` with ``metadata`` plays it (None: nothing does).

    ``artwork`` is a URL, or a path on any speaker.
    """

    id: str
    kind: Kind
    title: str
    artist: str | None = None
    album: str | None = None
    artwork: str | None = None
    uri: str | None = None
    metadata: str | None = None
    expandable: bool = False

    @property
    def playable(self) -> Playable | None:
        """What a queue takes to play it."""
        return None if self.uri is None else Playable(self.uri, self.title, self.metadata)


@dataclass(frozen=True, slots=True)
class Page:
    """Some nodes of a folder that has ``total`` of them."""

    nodes: tuple[Node, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Range:
    """``count`` nodes of a folder from ``start`` (0-based); ``first`` is the title it begins at."""

    start: int
    count: int
    first: str


@dataclass(frozen=True, slots=True)
class Folder:
    """What is in a folder, or the ranges it comes in because it is too large; never both."""

    nodes: tuple[Node, ...] = ()
    ranges: tuple[Range, ...] = ()


def is_stream(uri: str) -> bool:
    """Return whether a uri is one endless stream, which no queue takes."""
    return uri.startswith(_STREAMS)


async def read_page(control: Control, folder: str, start: int = 0, count: int = 1) -> Page:
    """Return at most ``count`` nodes of a folder from ``start`` (0-based) on.

    Players return fewer than asked for where that is more than they like. Raises ``SonosError``,
    ``PlaybackError`` with code 701 for a folder that is not there.
    """
    answer = await control.call(
        "contentDirectory",
        "Browse",
        [
            ("ObjectID", folder),
            ("BrowseFlag", "BrowseDirectChildren"),
            ("Filter", "*"),
            ("StartingIndex", start),
            ("RequestedCount", count),
            ("SortCriteria", ""),
        ],
        _BROWSE_SECONDS,
    )
    return await control.hass.async_add_executor_job(partial(_page, control, answer))


async def read_folder(
    control: Control, folder: str, start: int = 0, count: int | None = None
) -> Folder:
    """Return the nodes of a folder, or of a range of it; its ranges where it is too large.

    Raises what ``read_page`` raises.
    """
    wanted = _PAGE_NODES if count is None else min(count, _PAGE_NODES)
    page = await read_page(control, folder, start, wanted)
    left = max(page.total - start, 0)
    count = left if count is None else min(count, left)
    if count > MOST_NODES:
        return Folder(ranges=await _ranges(control, folder, start, count))
    nodes = list(page.nodes)
    while page.nodes and len(nodes) < count:
        wanted = min(_PAGE_NODES, count - len(nodes))
        page = await read_page(control, folder, start + len(nodes), wanted)
        nodes += page.nodes
    return Folder(tuple(nodes[:count]))


async def _ranges(control: Control, folder: str, start: int, count: int) -> tuple[Range, ...]:
    size = max(MOST_NODES, ceil(count / _MOST_RANGES))
    # A speaker plays while it answers
    patience = asyncio.Semaphore(_PARALLEL_CALLS)

    async def read(begin: int) -> Range:
        async with patience:
            page = await read_page(control, folder, begin)
        first = page.nodes[0].title if page.nodes else ""
        return Range(begin, min(size, start + count - begin), first)

    begins = range(start, start + count, size)
    return tuple(await asyncio.gather(*(read(begin) for begin in begins)))


async def search_library(control: Control, kind: Kind, words: str, count: int) -> tuple[Node, ...]:
    """Return nodes of the library whose title contains the words, as the speakers match them.

    Empty for kinds without an index, and where there is no library. Raises ``SonosError``.
    """
    if not words.strip() or (index := _SEARCHED.get(kind)) is None:
        return ()
    try:
        page = await read_page(control, f"{index}:{quote(words, safe='')}", 0, count)
    except PlaybackError as err:
        if err.code != NO_SUCH_OBJECT:
            raise
        return ()
    return page.nodes


def playable_of(object_id: str, uid: str) -> Playable | None:
    """Return what plays a Sonos playlist (``SQ:``) or a part of the library (``A:``, ``S:``).

    Takes Sonos' own uris of lists, too. None for what is none of these, or stands for the whole
    library. ``uid`` is any speaker's, whose index is asked.
    """
    if object_id.startswith(_LISTS):
        return Playable(object_id, None, "")
    root, _, rest = object_id.partition(":")
    title = unquote(object_id.rstrip("/").rpartition("/")[2])
    if root == "SQ" and rest.isdecimal():
        return Playable(_SAVED_QUEUE + rest, None, "")
    if root == "S" and rest.startswith("//"):
        if rest.lower().endswith(_AUDIO_FILES):
            return Playable(f"x-file-cifs:{rest}", title)
        if rest.count("/") < _FOLDER_SLASHES and not rest.endswith((".m3u", ".m3u8", ".pls")):
            return None
    elif root != "A" or "/" not in rest:
        return None
    metadata = _LIBRARY_METADATA.format(
        id=_attribute(object_id),
        parent=_attribute(object_id.rstrip("/").rpartition("/")[0]),
        title=escape(title),
        upnp_class=_class_of(object_id),
    )
    return Playable(f"x-rincon-playlist:{uid}#{object_id}", title, metadata)


def _class_of(object_id: str) -> str:
    index, _, path = object_id.partition("/")
    depth = path.count("/")
    if index == "A:ALBUM" or (index in ("A:ARTIST", "A:ALBUMARTIST") and depth == 1):
        return "object.container.album.musicAlbum"
    if index in ("A:ARTIST", "A:ALBUMARTIST"):
        return "object.container.person.musicArtist"
    if index == "A:GENRE" and depth == 0:
        return "object.container.genre.musicGenre"
    return "object.container"


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _page(control: Control, answer: Answer) -> Page:
    """Read an answer to Browse; blocking."""
    total = control.number(answer, "TotalMatches")
    text = control.expect(answer, "Result")
    try:
        root = parse(_NOT_XML.sub("", text))
        return Page(tuple(_node(element) for element in root if "id" in element.attrib), total)
    except ValueError as err:
        raise PlaybackError(None, control.name) from err


def _node(element: Element) -> Node:
    object_id = element.attrib["id"]
    upnp_class = element.findtext(f"{_UPNP}class") or ""
    uri = element.findtext(f"{_DIDL}res") or None
    metadata = element.findtext(f"{_RINCON}resMD") or None
    if metadata is not None:
        # A favourite is of the kind of what it leads to
        upnp_class = parse(metadata).findtext(f".//{_UPNP}class") or ""
    kind = _kind(upnp_class, uri)
    if object_id.startswith(SHARES) and object_id.count("/") < _FOLDER_SLASHES:
        uri = uri if kind is Kind.PLAYLIST else None
    return Node(
        id=object_id,
        kind=kind,
        title=element.findtext(f"{_DC}title") or unquote(object_id.rpartition("/")[2]),
        artist=element.findtext(f"{_DC}creator"),
        album=element.findtext(f"{_UPNP}album"),
        artwork=element.findtext(f"{_UPNP}albumArtURI"),
        uri=uri,
        metadata=metadata,
        expandable=element.tag == f"{_DIDL}container",
    )


def _kind(upnp_class: str, uri: str | None) -> Kind:
    if uri is not None and is_stream(uri):
        return Kind.STATION
    for prefix, kind in _KINDS:
        if upnp_class.startswith(prefix):
            return kind
    return Kind.FOLDER
