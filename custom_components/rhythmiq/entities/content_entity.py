"""The part of the media player that is about what there is to play."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, override
from urllib.parse import quote

from homeassistant.components.media_player import BrowseError, MediaPlayerEntity, SearchError
from homeassistant.components.media_player.browse_media import (
    BrowseMedia,
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.components.media_player.const import (
    ATTR_MEDIA_ANNOUNCE,
    ATTR_MEDIA_ENQUEUE,
    ATTR_MEDIA_EXTRA,
    MediaPlayerEnqueue,
    MediaPlayerEntityFeature,
    MediaType,
)
from homeassistant.components.media_player.errors import MediaPlayerException
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..checks import number, within
from ..entity import SpeakerEntity
from ..exceptions import translated_errors
from ..media.media_browser import Browser
from ..media.media_search import async_search
from ..media.play_media import Wish, async_audio_url, async_play_media
from ..sonos.announce import VOLUME_MAX, VOLUME_MIN, Announcer
from ..sonos.errors import SonosError
from ..sonos.favorites import read_kept
from ..sonos.picture import fetch_picture
from ..sonos.queue import Enqueue
from ..sonos.speaker import Speaker
from ..targets import entry_of

CONTENT_FEATURES: Final = (
    MediaPlayerEntityFeature.BROWSE_MEDIA
    | MediaPlayerEntityFeature.MEDIA_ANNOUNCE
    | MediaPlayerEntityFeature.MEDIA_ENQUEUE
    | MediaPlayerEntityFeature.PLAY_MEDIA
    | MediaPlayerEntityFeature.SEARCH_MEDIA
)
# The only page of a speaker that pictures come from
_ARTWORK_PATH: Final = "/getaa?"
_SERVICE_STATIONS: Final = ("x-sonosapi-stream:", "x-sonosapi-radio:", "x-sonosapi-hls:")


@contextmanager
def _raised_as(kind: type[MediaPlayerException]) -> Iterator[None]:
    """Raise every error as the one kind whose words the media browser shows."""
    try:
        yield
    except HomeAssistantError as err:
        raise kind(
            str(err),
            translation_domain=err.translation_domain,
            translation_key=err.translation_key,
            translation_placeholders=err.translation_placeholders,
        ) from err


class ContentEntity(SpeakerEntity, MediaPlayerEntity):
    """Browses, searches, plays and announces."""

    def __init__(self, hass: HomeAssistant, speaker: Speaker) -> None:
        super().__init__(hass, speaker)
        self._announcer = Announcer(speaker)

    @override
    async def async_browse_media(
        self,
        media_content_type: MediaType | str | None = None,
        media_content_id: str | None = None,
    ) -> BrowseMedia:
        with _raised_as(BrowseError), translated_errors():
            return await self._browser.browse(media_content_id)

    @property
    @override
    def media_image_url(self) -> str | None:
        """The track's picture; of a station that sends none, the one its service has."""
        state = self.speaker.state
        station = state.container or state.uri or ""
        if state.artwork is None and station.startswith(_SERVICE_STATIONS):
            return f"http://{self.speaker.host}:1400/getaa?s=1&u={quote(station, safe='')}"
        return state.artwork

    @override
    async def async_get_browse_image(
        self,
        media_content_type: str,
        media_content_id: str,
        media_image_id: str | None = None,
    ) -> tuple[bytes | None, str | None]:
        """Return a picture of the media browser, which may not reach the speaker itself.

        ``media_image_id`` is its path on the speaker; without, it is a favourite's.
        """
        path = media_image_id
        if path is None:
            try:
                kept = await read_kept(self.speaker.control)
            except SonosError:
                return None, None
            path = next((node.artwork for node in kept if node.id == media_content_id), None)
            if path is not None and path.startswith("http://"):
                return await self._async_fetch_image(path)
        if path is None or not path.startswith(_ARTWORK_PATH):
            return None, None
        return await self._async_fetch_image(f"http://{self.speaker.host}:1400{path}")

    @override
    async def _async_fetch_image(self, url: str) -> tuple[bytes | None, str | None]:
        return await fetch_picture(self.hass, url)

    @override
    async def async_search_media(self, query: SearchMediaQuery) -> SearchMedia:
        with _raised_as(SearchError), translated_errors():
            return await async_search(self._browser, query)

    @override
    async def async_play_media(
        self, media_type: MediaType | str, media_id: str, **kwargs: Any
    ) -> None:
        """Play anything there is; replace the queue unless told otherwise."""
        extra = kwargs.get(ATTR_MEDIA_EXTRA) or {}
        if kwargs.get(ATTR_MEDIA_ANNOUNCE):
            await self._announce(media_id, extra.get("volume"))
            return
        enqueue = Enqueue(kwargs.get(ATTR_MEDIA_ENQUEUE) or MediaPlayerEnqueue.REPLACE)
        wish = Wish(
            entity_id=self.entity_id,
            media_type=media_type,
            media_id=media_id,
            title=extra.get("title"),
        )
        recommender = entry_of(self.hass, self.speaker).runtime_data.recommender
        with translated_errors():
            await async_play_media(self.hass, recommender, self.speaker, wish, enqueue)

    async def _announce(self, media_id: str, volume: object) -> None:
        """Play a sound on this speaker alone, and leave everything as it is."""
        percent = None
        if volume is not None:
            percent = round(number("volume", volume))
            within("announcement_volume", percent, VOLUME_MIN, VOLUME_MAX)
        with translated_errors():
            url = await async_audio_url(self.hass, self.entity_id, media_id)
            await self._announcer.announce(url, percent)

    @override
    async def async_will_remove_from_hass(self) -> None:
        await self._announcer.stop()
        await super().async_will_remove_from_hass()

    @property
    def _browser(self) -> Browser:
        return Browser(self.hass, self.speaker, self.get_browse_image_url)
