"""From a uri to what AddURIToQueue wants: the enqueued uri and its metadata."""

from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from soco.data_structures import DidlMusicTrack, DidlResource, to_didl_string
from soco.plugins.sharelink import (
    AppleMusicShare,
    DeezerShare,
    ShareClass,
    SpotifyShare,
    SpotifyUSShare,
    TIDALShare,
)

from .errors import SonosError

# One kind of link may be known under several service numbers: Spotify has another one in the US
_SERVICES: Final[tuple[ShareClass, ...]] = (
    SpotifyShare(),
    SpotifyUSShare(),
    TIDALShare(),
    DeezerShare(),
    AppleMusicShare(),
)
_PROTOCOLS: Final = {
    "http": "http-get:*:audio/mpeg:*",
    "https": "http-get:*:audio/mpeg:*",
    "x-file-cifs": "x-file-cifs:*:audio/mpeg:*",
    "x-sonos-http": "sonos.com-http:*:audio/mpeg:*",
    "x-sonos-spotify": "sonos.com-spotify:*:audio/x-spotify:*",
}
_CONTAINERS: Final = ("x-rincon-cpcontainer:", "x-rincon-playlist:", "file:")
_SHARE_METADATA: Final = (
    '<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/"'
    ' xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/"'
    ' xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/">'
    '<item id="{id}" parentID="-1" restricted="true">'
    "<dc:title>{title}</dc:title><upnp:class>{item_class}</upnp:class>"
    '<desc id="cdudn" nameSpace="urn:schemas-rinconnetworks-com:metadata-1-0/">'
    "SA_RINCON{service}_X_#Svc{service}-0-Token</desc></item></DIDL-Lite>"
)


class UnsupportedMediaError(SonosError):
    """The uri is of no kind that a queue takes."""

    def __init__(self, uri: str) -> None:
        super().__init__("unsupported_media", uri=uri)


@dataclass(frozen=True, slots=True)
class Playable:
    """Something a queue takes, and its title for as long as the player knows none.

    ``metadata`` (DIDL) is what Sonos itself keeps with the uri, of a favourite for instance.
    """

    uri: str
    title: str | None = None
    metadata: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """One way to put a playable to the player; ``service`` is the number it names, if any."""

    uri: str
    metadata: str
    service: int | None = None

    @property
    def is_container(self) -> bool:
        """Whether it stands for many tracks: an album, a playlist, a show."""
        return self.uri.startswith(_CONTAINERS)


def forms_of(playable: Playable) -> tuple[Form, ...]:
    """Return every way a playable can be put; the player takes at most one of them.

    Raises ``UnsupportedMediaError`` when there is none.
    """
    if playable.metadata is not None:
        return (Form(playable.uri, playable.metadata),)
    if shares := tuple(
        _share(service, playable)
        for service in _SERVICES
        if service.canonical_uri(playable.uri) is not None
    ):
        return shares
    protocol = _PROTOCOLS.get(playable.uri.partition(":")[0].lower())
    if protocol is None:
        raise UnsupportedMediaError(playable.uri)
    uri = playable.uri.replace(" ", "%20")
    title = playable.title or uri.rpartition("/")[2]
    track = DidlMusicTrack(title, "-1", "-1", resources=[DidlResource(uri, protocol)])
    return (Form(uri, to_didl_string(track)),)


def _share(service: ShareClass, playable: Playable) -> Form:
    kind, encoded = service.extract(playable.uri)
    magic = service.magic()[kind]
    number: int = service.service_number()
    metadata = _SHARE_METADATA.format(
        id=magic["key"] + encoded,
        title=escape(playable.title or ""),
        item_class=magic["class"],
        service=number,
    )
    return Form(magic["prefix"] + encoded, metadata, number)
