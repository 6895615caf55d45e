"""Playing what has no end: radio stations are set as the source, not queued."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from .errors import SonosError, SpeakerUnreachableError

if TYPE_CHECKING:
    from .speaker import Speaker

# TuneIn's number: players show a station of it by the title they are told
_STATION_METADATA: Final = (
    '<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/"'
    ' xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/"'
    ' xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/">'
    '<item id="R:0/0/0" parentID="R:0/0" restricted="true"><dc:title>{title}</dc:title>'
    "<upnp:class>object.item.audioItem.audioBroadcast</upnp:class>"
    '<desc id="cdudn" nameSpace="urn:schemas-rinconnetworks-com:metadata-1-0/">'
    "SA_RINCON65031_</desc></item></DIDL-Lite>"
)


class StreamNotQueueableError(SonosError):
    """A station was to be queued: it can only play now, in place of the queue."""

    def __init__(self, name: str) -> None:
        super().__init__("stream_not_queueable", name=name)


@dataclass(frozen=True, slots=True)
class Stream:
    """One endless source; ``metadata`` is what Sonos keeps with it."""

    uri: str
    title: str | None
    metadata: str | None = None


async def play_stream(
    speaker: Speaker, uri: str, title: str | None = None, metadata: str | None = None
) -> None:
    """Play a stream on the speaker's group; its queue stays as it is.

    An http(s) address is played as a station. Without Sonos' own ``metadata`` players show the
    title. Raises ``PlaybackError`` and ``SpeakerUnreachableError``.
    """
    coordinator = speaker.coordinator
    await coordinator.accompaniment.end()
    await start_stream(coordinator, Stream(uri, title, metadata))


async def start_stream(coordinator: Speaker, stream: Stream) -> None:
    """Do the same on a coordinator, without an end to what goes along with its music."""
    uri, metadata = stream.uri, stream.metadata
    scheme, _, rest = uri.partition(":")
    if scheme in ("http", "https"):
        uri = f"x-rincon-mp3radio:{rest}"
    if metadata is None:
        metadata = _STATION_METADATA.format(title=escape(stream.title or rest.rpartition("/")[2]))
    async with coordinator.filling.lock:
        await coordinator.filling.cancel()
        try:
            await coordinator.control.transport(
                "SetAVTransportURI", ("CurrentURI", uri), ("CurrentURIMetaData", metadata)
            )
            await coordinator.control.transport("Play", ("Speed", 1))
        except SpeakerUnreachableError:
            coordinator.doubt()
            raise
