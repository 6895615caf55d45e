"""Searching: the words a person says, and what of a household they fit best.

Voice plays the first result, so the order is what counts: the better a title (and whose it is)
answers the words, the earlier; of what fits alike, first what people keep, then what holds more,
the library before the catalog.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Final

from homeassistant.components import media_source
from homeassistant.components.media_player import BrowseError, SearchError
from homeassistant.components.media_player.browse_media import (
    BrowseMedia,
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.components.media_player.const import MediaClass, MediaType

from ..catalog.search import FoundTrack, match, words_of
from ..library import LIBRARY
from ..sonos.content import Kind, Node, search_library
from ..sonos.favorites import read_kept
from ..store import StoreError
from .media_browser import ARTIST, CLASSES, TYPES, Browser, show_track

_MOST_FOUND: Final = 50
_FOUND_PER_KIND: Final = 30
_FOUND_PER_WORD: Final = 100
# Beyond these a sentence is no title
_MOST_WORDS: Final = 8
# What people put between a title and whose it is
_LINKS: Final = frozenset({"by", "from", "von", "van", "par", "de", "di", "por", "av", "af"})
_KINDS: Final = tuple(kind for kind in Kind if kind is not Kind.FOLDER)
_ORDER: Final = (Kind.PLAYLIST, Kind.GENRE, Kind.COMPOSER, Kind.ARTIST, Kind.ALBUM, Kind.TRACK)
_KEPT: Final = -1


@dataclass(frozen=True, slots=True)
class _Found:
    """A result, how well it fits (up to 1), and the place of its kind among what fits alike."""

    score: float
    place: int
    shown: BrowseMedia


async def async_search(browser: Browser, query: SearchMediaQuery) -> SearchMedia:
    """Return what the words find, the best first.

    Raises ``SearchError`` for a media source that cannot be searched, and ``SonosError``.
    """
    scope = query.media_content_id
    if scope and media_source.is_media_source_id(scope):
        try:
            return await media_source.async_search_media(browser.hass, scope, query)
        except BrowseError as err:
            raise SearchError(str(err)) from err
    kinds = _wanted(query)
    words = words_of(query.search_query)
    found = await _find(browser, query.search_query, words, kinds)
    if not found and 1 < len(words) <= _MOST_WORDS:
        # "Salt by The Low Tides": speakers look for the whole, and into titles only
        words = [word for word in words if word not in _LINKS]
        found = [
            *await _find_by_words(browser, words, kinds),
            *_from_catalog(words, await _catalog(browser, " ".join(words)), kinds),
        ]
    found.sort(key=lambda each: (-each.score, each.place))
    return SearchMedia(result=[each.shown for each in found[:_MOST_FOUND]])


def _wanted(query: SearchMediaQuery) -> tuple[Kind, ...]:
    """Return the kinds a search is limited to; all of them where it is limited to none of ours."""
    classes = {str(each) for each in query.media_filter_classes or ()}
    if query.media_content_type:
        classes.add(str(query.media_content_type))
    wanted = (kind for kind in _KINDS if {str(CLASSES[kind]), str(TYPES[kind])} & classes)
    return tuple(wanted) or _KINDS


async def _find(
    browser: Browser, text: str, words: list[str], kinds: tuple[Kind, ...]
) -> list[_Found]:
    control = browser.speaker.control
    library = asyncio.gather(
        *(search_library(control, kind, text, _FOUND_PER_KIND) for kind in kinds)
    )
    kept, pages, tracks = await asyncio.gather(read_kept(control), library, _catalog(browser, text))
    return [
        *_ranked(browser, words, (node for node in kept if node.kind in kinds), _KEPT),
        *_ranked(browser, words, chain.from_iterable(pages)),
        *_from_catalog(words, tracks, kinds),
    ]


async def _find_by_words(
    browser: Browser, words: list[str], kinds: tuple[Kind, ...]
) -> list[_Found]:
    """Return what of the library holds all words in its title or its artist's name."""
    pages = await asyncio.gather(
        *(
            search_library(browser.speaker.control, kind, word, _FOUND_PER_WORD)
            for kind in kinds
            if kind in (Kind.TRACK, Kind.ALBUM)
            for word in words
        )
    )
    return _ranked(browser, words, {node.id: node for page in pages for node in page}.values())


def _ranked(
    browser: Browser, words: list[str], nodes: Iterable[Node], place: int | None = None
) -> list[_Found]:
    return [
        _Found(score, _ORDER.index(node.kind) if place is None else place, browser.show(node))
        for node in nodes
        if node.playable is not None and (score := match(words, node.title, node.artist or ""))
    ]


async def _catalog(browser: Browser, text: str) -> list[FoundTrack]:
    """Return tracks of the catalog; one that is damaged must not silence the library."""
    try:
        return await browser.hass.async_add_executor_job(
            browser.hass.data[LIBRARY].tracks.search, text, _MOST_FOUND
        )
    except StoreError:
        return []


def _from_catalog(
    words: list[str], tracks: list[FoundTrack], kinds: tuple[Kind, ...]
) -> list[_Found]:
    found: list[_Found] = []
    last = len(_ORDER)
    if Kind.ARTIST in kinds:
        names = {name for track in tracks for name in track.artist.split(", ")}
        found += [
            _Found(1.0, last, _show_artist(name))
            for name in sorted(names)
            if words_of(name) == words
        ]
    if Kind.TRACK in kinds:
        found += [
            _Found(match(words, track.title, track.artist), last, show_track(track))
            for track in tracks
        ]
    return found


def _show_artist(name: str) -> BrowseMedia:
    return BrowseMedia(
        title=name,
        media_class=MediaClass.ARTIST,
        media_content_id=f"{ARTIST}/{name}",
        media_content_type=MediaType.ARTIST,
        can_play=True,
        can_expand=False,
    )
