"""ContentDirectory: everything one can browse."""

# ruff: noqa: ARG002 (all actions of all services share one signature)

import asyncio
from bisect import bisect_left
import re
from xml.etree import ElementTree as ET
from xml.sax.saxutils import unescape

from simulator.sonos_sim.content_tree import ContentTree
from simulator.sonos_sim.errors import SonosError
from simulator.sonos_sim.favorites import Favorite
from simulator.sonos_sim.household import Household
from simulator.sonos_sim.player import Player
from simulator.sonos_sim.rows import title_of
from simulator.sonos_sim.xmlutil import (
    NS_DC,
    NS_DIDL,
    NS_R,
    NS_UPNP,
    DidlInfo,
    didl,
    flag,
    parse_xml,
)

from .base import Actions, Args, Out, action, page


class ContentActions(Actions):
    """Queue, saved queues, favourites, radio and the library."""

    service = "ContentDirectory"

    def __init__(self, household: Household) -> None:
        super().__init__(household)
        self.tree = ContentTree(household)

    @action("Browse")
    def browse(self, player: Player, args: Args) -> Out:
        oid = args["ObjectID"]
        if args["BrowseFlag"] == "BrowseMetadata":
            result, update_id = self.tree.metadata(player, oid)
            return {"Result": result, "NumberReturned": 1, "TotalMatches": 1, "UpdateID": update_id}
        if args["BrowseFlag"] != "BrowseDirectChildren":
            raise SonosError(402)
        rows, update_id = self.tree.children(player, oid)
        chosen, total = page(rows, args, self.hh.settings.max_browse)
        return {
            "Result": didl(*chosen),
            "NumberReturned": len(chosen),
            "TotalMatches": total,
            "UpdateID": update_id,
        }

    @action("CreateObject")
    def create_object(self, player: Player, args: Args) -> Out:
        if args["ContainerID"] != "FV:2":
            raise SonosError(710)
        favorite = self._read_favorite(args["Elements"])
        inner = DidlInfo(favorite.res_md).item_id
        for other in self.hh.favorites:
            same_page = not favorite.uri and DidlInfo(other.res_md).item_id == inner
            if other.uri == favorite.uri and (favorite.uri or same_page):
                raise SonosError(803)
        if len(self.hh.favorites) >= 70:
            raise SonosError(805)
        self.hh.counters.ordinal += 1
        favorite.object_id = f"FV:2/{self.hh.counters.ordinal}"
        self.hh.favorites.append(favorite)
        self.hh.bump_container("FV:2")
        return {"ObjectID": favorite.object_id, "Result": didl(favorite.element(0))}

    @staticmethod
    def _read_favorite(elements: str) -> Favorite:
        """What a client wants kept, as yet without an id; 712 where a part is missing."""
        try:
            item = parse_xml(elements)[0]
        except ET.ParseError, IndexError:
            raise SonosError(712) from None
        res = item.find(f"{NS_DIDL}res")
        title = item.findtext(f"{NS_DC}title") or ""
        res_md = item.findtext(f"{NS_R}resMD") or ""
        if not title or not res_md:
            raise SonosError(712)
        return Favorite(
            object_id="",
            title=title,
            uri=(res.text or "") if res is not None else "",
            protocol=res.get("protocolInfo", "") if res is not None else "",
            res_md=res_md,
            kind=item.findtext(f"{NS_R}type") or "instantPlay",
            description=item.findtext(f"{NS_R}description") or "",
            art=item.findtext(f"{NS_UPNP}albumArtURI") or "",
        )

    @action("UpdateObject")
    def update_object(self, player: Player, args: Args) -> Out:
        oid = args["ObjectID"]
        pairs = re.findall(r"<(dc:title|r:description)>(.*?)</\1>", args["NewTagValue"], re.DOTALL)
        if not pairs:
            raise SonosError(703)
        favorite = next((f for f in self.hh.favorites if f.object_id == oid), None)
        target = favorite or self.hh.saved_queue(oid)
        for tag, escaped in pairs:
            text = unescape(escaped, {"&quot;": '"', "&apos;": "'"})
            if tag == "dc:title":
                target.title = text
            elif favorite:
                favorite.description = text
        self.hh.bump_container("FV:2" if favorite else "SQ:")
        return {}

    @action("DestroyObject")
    def destroy_object(self, player: Player, args: Args) -> Out:
        oid = args["ObjectID"]
        hh = self.hh
        if oid in hh.saved_queues:
            del hh.saved_queues[oid]
            hh.bump_container("SQ:")
        elif any(f.object_id == oid for f in hh.favorites):
            hh.favorites = [f for f in hh.favorites if f.object_id != oid]
            hh.bump_container("FV:2")
        elif any(r[0] == oid for r in hh.radio_stations):
            hh.radio_stations = [r for r in hh.radio_stations if r[0] != oid]
            hh.bump_container("R:0/0")
        elif oid.startswith("S:") and oid[2:] in hh.library.shares:
            hh.library.shares.remove(oid[2:])
            hh.bump_container("S:")
        else:
            raise SonosError(701)
        return {}

    @action("GetSearchCapabilities")
    def get_search_capabilities(self, player: Player, args: Args) -> Out:
        return {"SearchCaps": ""}

    @action("GetSortCapabilities")
    def get_sort_capabilities(self, player: Player, args: Args) -> Out:
        return {"SortCaps": ""}

    @action("GetSystemUpdateID")
    def get_system_update_id(self, player: Player, args: Args) -> Out:
        return {"Id": self.hh.counters.system}

    @action("GetAlbumArtistDisplayOption")
    def get_album_artist_display_option(self, player: Player, args: Args) -> Out:
        return {"AlbumArtistDisplayOption": self.hh.album_artist_option}

    @action("GetLastIndexChange")
    def get_last_index_change(self, player: Player, args: Args) -> Out:
        return {"LastIndexChange": f"S:,{self.hh.counters.shares}"}

    @action("FindPrefix")
    def find_prefix(self, player: Player, args: Args) -> Out:
        rows, update_id = self.tree.children(player, args["ObjectID"])
        at = bisect_left(rows, args["Prefix"].casefold(), key=title_of)
        return {"StartingIndex": at, "UpdateID": update_id}

    @action("RefreshShareIndex")
    def refresh_share_index(self, player: Player, args: Args) -> Out:
        if args["AlbumArtistDisplayOption"]:
            if args["AlbumArtistDisplayOption"] not in ("WMP", "ITUNES", "NONE"):
                raise SonosError(402)
            self.hh.album_artist_option = args["AlbumArtistDisplayOption"]
        self.hh.indexing_until = self.hh.clock.now() + 3
        self.hh.bump_container("S:")
        asyncio.get_running_loop().call_later(
            3 / max(self.hh.clock.speed, 0.1), self.hh.bump_container, "S:"
        )
        return {}

    @action("RequestResort")
    def request_resort(self, player: Player, args: Args) -> Out:
        return {}

    @action("GetShareIndexInProgress")
    def get_share_index_in_progress(self, player: Player, args: Args) -> Out:
        return {"IsIndexing": flag(self.hh.clock.now() < self.hh.indexing_until)}

    @action("GetBrowseable")
    def get_browseable(self, player: Player, args: Args) -> Out:
        return {"IsBrowseable": 1}

    @action("SetBrowseable")
    def set_browseable(self, player: Player, args: Args) -> Out:
        return {}
