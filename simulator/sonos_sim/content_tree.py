"""What ContentDirectory shows: the tree of queue, saved queues, favourites, radio and library."""

from collections.abc import Sequence
import re

from .errors import SonosError
from .household import Household
from .player import Player
from .queues import SavedQueue
from .xmlutil import container_didl, didl, esc

type Children = tuple[Sequence[str], int]

_ROOTS = {
    "A:": "Attributes",
    "S:": "Music Shares",
    "Q:": "Queues",
    "SQ:": "Saved Queues",
    "R:": "Internet Radio",
    "EN:": "Entire Network",
    "FV:2": "Favorites",
}
_RADIO = {"R:0/0": "My Radio Stations", "R:0/1": "My Radio Shows"}
_EMPTY = ("R:0/1", "EN:", "R:")


def _folder(object_id: str, parent: str, title: str, kind: str = "object.container") -> str:
    return (
        f'<container id="{object_id}" parentID="{parent}" restricted="true">'
        f"<dc:title>{title}</dc:title><upnp:class>{kind}</upnp:class></container>"
    )


class ContentTree:
    """Elements and update ids of the household's objects, as one player tells them."""

    def __init__(self, household: Household) -> None:
        self.hh = household

    def children(self, player: Player, oid: str) -> Children:
        """Child elements and update id of an object; 701 if there is none."""
        if oid in _EMPTY:
            return [], 1
        found = self._fixed(oid) or self._queues(player, oid) or self._shared(oid)
        if found is None:
            raise SonosError(701)
        return found

    @staticmethod
    def _fixed(oid: str) -> Children | None:
        """Folders that never change."""
        match oid:
            case "0":
                return [_folder(key, "0", title) for key, title in _ROOTS.items()], 1
            case "Q:":
                kind = "object.container.playlistContainer"
                return [_folder("Q:0", "Q:", "Queue Instance 0", kind)], 1
            case "R:0":
                return [_folder(key, "R:0", title) for key, title in _RADIO.items()], 1
        return None

    def _queues(self, player: Player, oid: str) -> Children | None:
        """The player's queue and the saved ones."""
        if oid == "Q:0":
            return player.queue_rows(), player.queue.update_id
        if oid == "SQ:":
            saved_queues = self.hh.saved_queues.values()
            return [self._saved_row(saved) for saved in saved_queues], self.hh.counters.saved
        if oid.startswith("SQ:"):
            saved = self.hh.saved_queue(oid)
            rows = [t.element(f"{oid}/{n}", oid) for n, t in enumerate(saved.items, 1)]
            return rows, saved.update_id
        return None

    def _shared(self, oid: str) -> Children | None:
        """Favourites, radio stations and the library."""
        hh = self.hh
        if oid == "FV:2":
            return [f.element(n) for n, f in enumerate(hh.favorites)], hh.counters.favorites
        if oid == "R:0/0":
            return [self._station_row(*station) for station in hh.radio_stations], hh.counters.radio
        if oid.startswith(("A:", "S:")):
            rows = hh.library.browse(oid)
            if rows is not None:
                return rows, hh.counters.shares
        return None

    @staticmethod
    def _station_row(object_id: str, title: str, uri: str) -> str:
        return (
            f'<item id="{object_id}" parentID="R:0/0" restricted="false"><dc:title>{esc(title)}'
            "</dc:title><upnp:class>object.item.audioItem.audioBroadcast</upnp:class>"
            f'<res protocolInfo="x-rincon-mp3radio:*:*:*">{esc(uri)}</res></item>'
        )

    @staticmethod
    def _saved_row(saved: SavedQueue) -> str:
        number = saved.object_id.partition(":")[2]
        art = "".join(
            f"<upnp:albumArtURI>{esc(t.art)}</upnp:albumArtURI>" for t in saved.items[:4] if t.art
        )
        return (
            f'<container id="{saved.object_id}" parentID="SQ:" restricted="true">'
            f"<dc:title>{esc(saved.title)}</dc:title>"
            '<res protocolInfo="file:*:audio/mpegurl:*">'
            f"file:///jffs/settings/savedqueues.rsq#{number}</res>"
            f"<upnp:class>object.container.playlistContainer</upnp:class>{art}</container>"
        )

    def metadata(self, player: Player, oid: str) -> tuple[str, int]:
        """DIDL-Lite and update id of one object itself; 701 if there is none."""
        if oid == "Q:0":
            return self._queue_itself(player), player.queue.update_id
        if match := re.fullmatch(r"Q:0/(\d+)", oid):
            number = int(match[1])
            if not 1 <= number <= len(player.queue.items):
                raise SonosError(701)
            return didl(player.queue.items[number - 1].element(oid, "Q:0")), 1
        if oid.startswith("SQ:") and oid != "SQ:":
            saved = self.hh.saved_queue(oid)
            return didl(self._saved_row(saved)), saved.update_id
        if oid.startswith("FV:2/"):
            for number, favorite in enumerate(self.hh.favorites):
                if favorite.object_id == oid:
                    return didl(favorite.element(number)), 1
            raise SonosError(701)
        if track := self.hh.library.track("x-file-cifs:" + oid.removeprefix("S:")):
            return didl(track.element(oid, "A:TRACKS")), 1
        rows, update_id = self.children(player, oid)
        return container_didl(oid, "0", oid, "object.container", count=len(rows)), update_id

    @staticmethod
    def _queue_itself(player: Player) -> str:
        return container_didl(
            "Q:0",
            "Q:",
            "Queue Instance 0",
            "object.container.playlistContainer",
            res=f'<res protocolInfo="x-rincon-queue:*:*:*">{player.queue_uri}</res>',
            count=len(player.queue.items),
        )
