"""The media browser: what a household has to play, as Home Assistant shows it.

Content ids are Sonos' own (``FV:2/3``, ``SQ:1``, ``A:ALBUM/Salt``, ``S://nas/music``) where there
is one, media sources', the uris of tracks, and for what only RhythmIQ has those below.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from textwrap import shorten
from typing import Final

from homeassistant.components import media_source
from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_player.browse_media import (
    BrowseMedia,
)
from homeassistant.components.media_player.const import MediaClass, MediaType
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..catalog.search import FoundTrack
from ..const import DOMAIN
from ..library import LIBRARY
from ..sonos.content import (
    FAVORITES,
    LIBRARY as MUSIC_LIBRARY,
    NO_SUCH_OBJECT,
    PLAYLISTS,
    SHARES,
    STATIONS,
    Kind,
    Node,
    Range,
    playable_of,
    read_folder,
)
from ..sonos.control import Control
from ..sonos.errors import PlaybackError
from ..sonos.favorites import read_kept
from ..sonos.media import Playable
from ..sonos.speaker import Speaker
from ..store import StoredRecommendation
from ..wording import async_words

ARTIST: Final = "rhythmiq:artist"
MOMENT: Final = "rhythmiq:moment"
RANGE: Final = "rhythmiq:range"
RECOMMENDATION: Final = "rhythmiq:recommendation"
RECOMMENDATIONS: Final = "rhythmiq:recommendations"

_SHOWN_RECOMMENDATIONS: Final = 50
_NAMED_ARTISTS: Final = 3
_RANGE_TITLE_LENGTH: Final = 24

CLASSES: Final = {
    Kind.ALBUM: MediaClass.ALBUM,
    Kind.ARTIST: MediaClass.ARTIST,
    Kind.COMPOSER: MediaClass.COMPOSER,
    Kind.FOLDER: MediaClass.DIRECTORY,
    Kind.GENRE: MediaClass.GENRE,
    Kind.PLAYLIST: MediaClass.PLAYLIST,
    Kind.STATION: MediaClass.CHANNEL,
    Kind.TRACK: MediaClass.TRACK,
}
TYPES: Final = {
    Kind.ALBUM: MediaType.ALBUM,
    Kind.ARTIST: MediaType.ARTIST,
    Kind.COMPOSER: MediaType.COMPOSER,
    Kind.FOLDER: "directory",
    Kind.GENRE: MediaType.GENRE,
    Kind.PLAYLIST: MediaType.PLAYLIST,
    Kind.STATION: MediaType.CHANNEL,
    Kind.TRACK: MediaType.TRACK,
}
# Folders by the key of their name
_FOLDERS: Final = {
    "browse_favorites": FAVORITES,
    "browse_playlists": PLAYLISTS,
    "browse_stations": STATIONS,
    "browse_library": MUSIC_LIBRARY,
    "browse_folders": SHARES,
}
_INDEXES: Final = {
    "browse_artists": "A:ARTIST",
    "browse_album_artists": "A:ALBUMARTIST",
    "browse_albums": "A:ALBUM",
    "browse_genres": "A:GENRE",
    "browse_composers": "A:COMPOSER",
    "browse_tracks": "A:TRACKS",
    "browse_imported": "A:PLAYLISTS",
}

type ImageUrl = Callable[[str, str, str | None], str]


@dataclass(frozen=True, slots=True)
class Browser:
    """What one player shows. ``image_url`` is the player's ``get_browse_image_url``."""

    hass: HomeAssistant
    speaker: Speaker
    image_url: ImageUrl

    @property
    def _control(self) -> Control:
        return self.speaker.control

    # -- browsing ------------------------------------------------------------------------------

    async def browse(self, media_id: str | None) -> BrowseMedia:
        """Return what an id stands for, and what is in it; the root for none.

        Raises ``BrowseError`` for an id that leads nowhere, ``SonosError`` and ``StoreError``.
        """
        words = await async_words(self.hass, "common")
        if not media_id:
            return await self._root(words)
        if media_source.is_media_source_id(media_id):
            return await media_source.async_browse_media(
                self.hass, media_id, content_filter=is_audio
            )
        if media_id == RECOMMENDATIONS:
            return await self._recommendations(words)
        kind, _, rest = media_id.partition("/")
        if kind == RECOMMENDATION:
            return await self._recommendation(rest)
        folder, start, count = media_id, 0, None
        if kind == RANGE:
            folder, start, count = _range(rest)
        return await self._folder(words, folder, start, count)

    async def _root(self, words: dict[str, str]) -> BrowseMedia:
        children = [
            _directory(words["browse_recommendations"], RECOMMENDATIONS, MediaClass.PLAYLIST),
            *(_directory(words[key], folder) for key, folder in _FOLDERS.items()),
        ]
        try:
            sources = await media_source.async_browse_media(
                self.hass, None, content_filter=is_audio
            )
        except BrowseError:
            pass  # media sources are not set up
        else:
            children += sources.children or () if sources.domain is None else [sources]
        root = _directory(words["browse_root"], "", children=children)
        root.can_search = True
        return root

    async def _folder(
        self, words: dict[str, str], folder: str, start: int, count: int | None
    ) -> BrowseMedia:
        try:
            found = await read_folder(self._control, folder, start, count)
        except PlaybackError as err:
            if err.code != NO_SUCH_OBJECT:
                raise
            raise BrowseError(
                translation_domain=DOMAIN,
                translation_key="unknown_media",
                translation_placeholders={"media": folder},
            ) from err
        names = {each: words[key] for key, each in (_FOLDERS | _INDEXES).items()}
        playable = playable_of(folder, self.speaker.uid)
        children = [
            *(self.show(node, names.get(node.id)) for node in found.nodes),
            *(_show_range(folder, *pair) for pair in zip_longest(found.ranges, found.ranges[1:])),
        ]
        return BrowseMedia(
            title=names.get(folder) or await self._title(folder, playable),
            media_class=MediaClass.DIRECTORY,
            media_content_id=folder,
            media_content_type=TYPES[Kind.FOLDER],
            can_play=playable is not None and count is None,
            can_expand=True,
            children=children,
            # An empty library has no first child to tell the class of the others
            children_media_class=None if children else MediaClass.DIRECTORY,
            can_search=True,
        )

    async def _title(self, folder: str, playable: Playable | None) -> str:
        """Return what people call a folder; only a Sonos playlist does not have it in its id."""
        if folder.startswith(PLAYLISTS):
            for node in await read_kept(self._control, PLAYLISTS):
                if node.id == folder:
                    return node.title
        return (playable and playable.title) or folder

    async def _recommendations(self, words: dict[str, str]) -> BrowseMedia:
        stored = await self.hass.async_add_executor_job(
            self.hass.data[LIBRARY].store.latest_recommendations, _SHOWN_RECOMMENDATIONS
        )
        moment = BrowseMedia(
            title=words["browse_moment"],
            media_class=MediaClass.PLAYLIST,
            media_content_id=MOMENT,
            media_content_type=MediaType.PLAYLIST,
            can_play=True,
            can_expand=False,
        )
        # What was played again is shown once, as of the last time
        lists: dict[tuple[str, ...], StoredRecommendation] = {}
        for each in stored:
            lists.setdefault(tuple(track["uri"] for track in each.tracks), each)
        children = [moment, *(self._show_recommendation(lists[each]) for each in lists if each)]
        return _directory(
            words["browse_recommendations"], RECOMMENDATIONS, MediaClass.PLAYLIST, children
        )

    async def _recommendation(self, recommendation_id: str) -> BrowseMedia:
        stored = await self.hass.async_add_executor_job(
            self.hass.data[LIBRARY].store.recommendation, recommendation_id
        )
        if stored is None:
            raise BrowseError(
                translation_domain=DOMAIN,
                translation_key="unknown_recommendation",
                translation_placeholders={"id": recommendation_id},
            )
        shown = self._show_recommendation(stored)
        shown.children = [
            show_track(FoundTrack(*(track[name] for name in FoundTrack.__slots__)))
            for track in stored.tracks
        ]
        return shown

    def _show_recommendation(self, stored: StoredRecommendation) -> BrowseMedia:
        """Show when it was given, where if that was elsewhere, and whom it begins with."""
        when = dt_util.as_local(dt_util.utc_from_timestamp(stored.created))
        parts = [f"{when:%Y-%m-%d %H:%M}"]
        if self.speaker.uid not in stored.speakers:
            speakers = self.speaker.household.speakers
            parts += [speakers[uid].name for uid in stored.speakers if uid in speakers]
        artists = dict.fromkeys(track["artist"] for track in stored.tracks if track["artist"])
        parts.append(", ".join(list(artists)[:_NAMED_ARTISTS]))
        return BrowseMedia(
            title=" · ".join(parts),
            media_class=MediaClass.PLAYLIST,
            media_content_id=f"{RECOMMENDATION}/{stored.id}",
            media_content_type=MediaType.PLAYLIST,
            can_play=True,
            can_expand=True,
        )

    def show(self, node: Node, name: str | None = None) -> BrowseMedia:
        """Return a node of the content directory as Home Assistant shows it, under our name."""
        kind = TYPES[node.kind]
        # A track in a Sonos playlist has no id that plays it
        media_id = node.uri if node.uri and node.kind is Kind.TRACK else node.id
        title = name or node.title
        if node.artist and node.kind is Kind.TRACK:
            title = f"{title} · {node.artist}"
        return BrowseMedia(
            title=title,
            media_class=CLASSES[node.kind],
            media_content_id=media_id,
            media_content_type=kind,
            can_play=node.playable is not None,
            can_expand=node.expandable,
            thumbnail=self._thumbnail(kind, node),
        )

    def _thumbnail(self, kind: str, node: Node) -> str | None:
        """Return where the browser gets the picture: of the home network, by Home Assistant."""
        if not (artwork := node.artwork) or artwork.startswith("https://"):
            return artwork or None
        return self.image_url(kind, node.id, artwork if artwork.startswith("/") else None)


def is_audio(item: BrowseMedia) -> bool:
    """Return whether a media source's item is something to listen to."""
    return item.media_content_type.startswith("audio/")


def _range(text: str) -> tuple[str, int, int]:
    """Read ``start/count/folder``. Raises ``BrowseError``."""
    match text.split("/", 2):
        case [start, count, folder] if start.isdecimal() and count.isdecimal():
            return folder, int(start), int(count)
    raise BrowseError(
        translation_domain=DOMAIN,
        translation_key="unknown_media",
        translation_placeholders={"media": text},
    )


def _directory(
    title: str,
    media_id: str,
    media_class: MediaClass = MediaClass.DIRECTORY,
    children: list[BrowseMedia] | None = None,
) -> BrowseMedia:
    return BrowseMedia(
        title=title,
        media_class=MediaClass.DIRECTORY,
        media_content_id=media_id,
        media_content_type=TYPES[Kind.FOLDER],
        can_play=False,
        can_expand=True,
        children=children,
        children_media_class=media_class,
    )


def _show_range(folder: str, part: Range, following: Range | None) -> BrowseMedia:
    title = f"{_short(part.first)} …"
    if following is not None:
        title += f" {_short(following.first)}"
    return _directory(title, f"{RANGE}/{part.start}/{part.count}/{folder}")


def _short(title: str) -> str:
    return shorten(title, _RANGE_TITLE_LENGTH, placeholder="") or title[:_RANGE_TITLE_LENGTH]


def show_track(track: FoundTrack) -> BrowseMedia:
    """Return a track of the catalog as Home Assistant shows it."""
    return BrowseMedia(
        title=f"{track.title} · {track.artist}" if track.artist else track.title,
        media_class=MediaClass.TRACK,
        media_content_id=track.uri,
        media_content_type=MediaType.TRACK,
        can_play=True,
        can_expand=False,
    )
