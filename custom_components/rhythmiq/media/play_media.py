"""What `media_player.play_media` was given, and how it is played."""

from collections.abc import Sequence
from dataclasses import dataclass

from homeassistant.components import media_source
from homeassistant.components.media_player import async_process_play_media_url
from homeassistant.components.media_player.const import MediaType
from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import is_hass_url

from ..engine import Request
from ..library import LIBRARY
from ..recommender import Recommender, play
from ..sonos.content import (
    FAVORITES,
    LIBRARY as LIBRARY_ROOT,
    NO_SUCH_OBJECT,
    PLAYLISTS,
    SHARES,
    STATIONS,
    Kind,
    Node,
    is_stream,
    playable_of,
)
from ..sonos.errors import UPNP_MEDIA_REFUSED, PlaybackError, SonosError
from ..sonos.favorites import UnknownFavoriteError, find_kept
from ..sonos.media import UnsupportedMediaError
from ..sonos.queue import Enqueue, Playable, play_tracks
from ..sonos.shares import explain_refusal, service_of
from ..sonos.speaker import Speaker
from ..sonos.stream import Stream, StreamNotQueueableError, play_stream
from ..sonos.web_audio import WebAudio, WebAudioError, is_audio_type, look_at
from .media_browser import ARTIST, MOMENT, RECOMMENDATION

FAVORITE_TYPE = "favorite"
# What core's player calls it
_FAVORITE_TYPES = (FAVORITE_TYPE, "favorite_item_id")
_KEPT_IDS = (f"{FAVORITES}/", f"{STATIONS}/", PLAYLISTS)
_RADIO_SOURCE = "media-source://radio_browser/"
_ARTIST_TRACKS = 50


class UnknownMediaError(SonosError):
    """Nothing the household or the catalog has is called this, and it is no address either."""

    def __init__(self, media: str) -> None:
        """Name what was asked for."""
        super().__init__("unknown_media", media=media)


type Media = Sequence[Playable] | Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a player was asked for; ``entity_id`` is the player's."""

    entity_id: str
    media_type: str
    media_id: str
    title: str | None = None


async def async_play_media(
    hass: HomeAssistant, recommender: Recommender, speaker: Speaker, wish: Wish, enqueue: Enqueue
) -> None:
    """Play anything a household can play on the speaker's group.

    Raises ``SonosError``, what recommending raises, and ``HomeAssistantError`` of a media source.
    """
    kind, _, rest = wish.media_id.partition("/")
    if kind == MOMENT:
        request = recommender.usual(Request(), speaker)
        await play(await recommender.answer(request, [speaker]), enqueue)
        return
    if kind == RECOMMENDATION:
        await play([await recommender.again(rest, speaker)], enqueue)
        return
    media = await async_media(hass, speaker, wish)
    if not isinstance(media, Stream):
        await _queue(speaker, wish.media_id, media, enqueue)
    elif enqueue in (Enqueue.NEXT, Enqueue.ADD):
        raise StreamNotQueueableError(media.title or media.uri)
    else:
        await play_stream(speaker, media.uri, media.title, media.metadata)


async def async_audio_url(hass: HomeAssistant, entity_id: str, media_id: str) -> str:
    """Return an address at which the speaker gets a sound.

    Raises ``WebAudioError`` for what is no audio, ``HomeAssistantError`` for a media source's item
    that there is not, and where Home Assistant has no address in the home network.
    """
    if media_source.is_media_source_id(media_id) or media_id.startswith("/"):
        return await _served(hass, entity_id, media_id)
    if not media_id.startswith(("http://", "https://")):
        raise UnsupportedMediaError(media_id)
    if _is_own(hass, media_id):
        return async_process_play_media_url(hass, media_id)
    await look_at(hass, media_id)
    return media_id


async def _served(hass: HomeAssistant, entity_id: str, media_id: str) -> str:
    """Return the address of what Home Assistant serves."""
    if media_source.is_media_source_id(media_id):
        item = await media_source.async_resolve_media(hass, media_id, entity_id)
        if not is_audio_type(item.mime_type):
            raise WebAudioError("media_not_audio", url=media_id, kind=item.mime_type)
        media_id = item.url
    return async_process_play_media_url(hass, media_id)


def _is_own(hass: HomeAssistant, url: str) -> bool:
    """Return whether Home Assistant serves it: speech, for one, is made when it is fetched."""
    try:
        return is_hass_url(hass, url)
    except ValueError as err:
        raise WebAudioError("media_unreachable", url=url, reason=str(err)) from err


async def _queue(
    speaker: Speaker, media_id: str, tracks: Sequence[Playable], enqueue: Enqueue
) -> None:
    service = service_of(media_id)
    try:
        await play_tracks(speaker, tracks, enqueue)
    except PlaybackError as err:
        if err.code == UPNP_MEDIA_REFUSED and service is not None:
            raise await explain_refusal(speaker, media_id) from err
        if err.code == NO_SUCH_OBJECT and media_id.startswith((LIBRARY_ROOT, SHARES)):
            raise UnknownMediaError(media_id) from err
        raise
    if service is not None:
        speaker.household.working_services.add(service)


# -- from what was asked for to what plays: each says None where it is for another to say ---------


async def async_media(hass: HomeAssistant, speaker: Speaker, wish: Wish) -> Media:
    """Return what plays; raises what ``async_play_media`` raises for what there is not."""
    for look in (_artist, _kept, _library, _source, _web, _called):
        if (media := await look(hass, speaker, wish)) is not None:
            return media
    if is_stream(wish.media_id):
        return Stream(wish.media_id, wish.title)
    return [Playable(wish.media_id, wish.title)]


async def _artist(hass: HomeAssistant, _: Speaker, wish: Wish) -> Media | None:
    """Take tracks of the catalog by an artist."""
    if not wish.media_id.startswith(f"{ARTIST}/"):
        return None
    name = wish.media_id.removeprefix(f"{ARTIST}/")
    tracks = await hass.async_add_executor_job(
        hass.data[LIBRARY].tracks.by_artist, name, _ARTIST_TRACKS
    )
    if not tracks:
        raise UnknownMediaError(name)
    return [Playable(track.uri, track.title) for track in tracks]


async def _kept(_: HomeAssistant, speaker: Speaker, wish: Wish) -> Media | None:
    """Take what the household keeps, by its id; by its title where that was said."""
    if wish.media_type in _FAVORITE_TYPES or wish.media_id.startswith(_KEPT_IDS):
        return _of(await find_kept(speaker.control, wish.media_id))
    return None


async def _library(_: HomeAssistant, speaker: Speaker, wish: Wish) -> Media | None:
    """Take a part of the music library."""
    playable = playable_of(wish.media_id, speaker.uid)
    return None if playable is None else [playable]


async def _source(hass: HomeAssistant, _: Speaker, wish: Wish) -> Media | None:
    """Take what Home Assistant serves."""
    media_id = wish.media_id
    if not media_source.is_media_source_id(media_id) and not media_id.startswith("/"):
        return None
    url = await _served(hass, wish.entity_id, media_id)
    if media_id.startswith(_RADIO_SOURCE):
        return Stream(url, wish.title)
    return await _at(hass, url, wish.title)


async def _web(hass: HomeAssistant, _: Speaker, wish: Wish) -> Media | None:
    """Take an address that is no share link."""
    url = wish.media_id
    if not url.startswith(("http://", "https://")) or service_of(url) is not None:
        return None
    return await _at(hass, url, wish.title)


async def _at(hass: HomeAssistant, url: str, title: str | None) -> Media:
    if _is_own(hass, url):
        return [Playable(async_process_play_media_url(hass, url), title)]
    if await look_at(hass, url) is WebAudio.STREAM:
        return Stream(url, title)
    return [Playable(url, title)]


async def _called(_: HomeAssistant, speaker: Speaker, wish: Wish) -> Media | None:
    """Take what the household keeps under a title: an address would have a colon."""
    if ":" in wish.media_id:
        return None
    playlists_first = (PLAYLISTS, FAVORITES) if wish.media_type == MediaType.PLAYLIST else ()
    try:
        return _of(await find_kept(speaker.control, wish.media_id, *playlists_first))
    except UnknownFavoriteError as err:
        raise UnknownMediaError(wish.media_id) from err


def _of(node: Node) -> Media:
    assert node.uri is not None  # find_kept raises for what does not play
    if node.kind is Kind.STATION:
        return Stream(node.uri, node.title, node.metadata)
    return [Playable(node.uri, node.title, node.metadata or "")]
