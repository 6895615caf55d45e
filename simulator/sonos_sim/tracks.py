"""A track, in a queue or playing."""

from dataclasses import dataclass, field, replace
from itertools import count

from .xmlutil import didl, esc, hms

_ids = count(1)


@dataclass
class Track:
    uri: str
    title: str = ""
    artist: str = ""
    album: str = ""
    duration: float | None = None
    art: str = ""
    protocol: str = "http-get:*:audio/mpeg:*"
    item_class: str = "object.item.audioItem.musicTrack"
    number: int = 0
    object_id: str = ""
    parent_id: str = ""
    container_uri: str = ""
    container_meta: str = ""
    stream_content: str = ""
    playable: bool = True
    # tells queue entries with the same uri apart
    tid: int = field(default_factory=lambda: next(_ids))

    def copy(self) -> Track:
        """The same recording as another queue entry."""
        return replace(self, tid=next(_ids))

    def element(self, item_id: str, parent_id: str, current: bool = False) -> str:
        length = f' duration="{hms(self.duration)}"' if self.duration else ""
        parts = [
            f'<item id="{esc(item_id)}" parentID="{esc(parent_id)}" restricted="true">',
            f'<res protocolInfo="{esc(self.protocol)}"{length}>{esc(self.uri)}</res>',
        ]
        if current:
            parts.append(f"<r:streamContent>{esc(self.stream_content)}</r:streamContent>")
        if self.art:
            parts.append(f"<upnp:albumArtURI>{esc(self.art)}</upnp:albumArtURI>")
        parts.append(f"<dc:title>{esc(self.title)}</dc:title>")
        parts.append(f"<upnp:class>{self.item_class}</upnp:class>")
        if self.artist:
            parts.append(f"<dc:creator>{esc(self.artist)}</dc:creator>")
        if self.album:
            parts.append(f"<upnp:album>{esc(self.album)}</upnp:album>")
        if self.number:
            parts.append(f"<upnp:originalTrackNumber>{self.number}</upnp:originalTrackNumber>")
        parts.append("</item>")
        return "".join(parts)

    def now_playing(self) -> str:
        return didl(self.element("-1", "-1", current=True))

    def to_json(self) -> dict[str, object]:
        return {
            "uri": self.uri,
            "title": self.title,
            "artist": self.artist,
            "album": self.album,
            "duration": self.duration,
            "playable": self.playable,
            "stream_content": self.stream_content,
        }
