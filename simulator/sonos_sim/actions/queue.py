"""AVTransport's actions on the queue and on saved queues, and the Queue service."""

# ruff: noqa: ARG002 (all actions of all services share one signature)

import asyncio
import re

from simulator.sonos_sim.errors import SonosError
from simulator.sonos_sim.player import Player
from simulator.sonos_sim.tracks import Track
from simulator.sonos_sim.xmlutil import didl

from .base import (
    Actions,
    Args,
    Out,
    action,
    boolean,
    integer,
    page,
    require_coordinator,
    require_instance,
)


class QueueActions(Actions):
    """The part of AVTransport that edits queues."""

    service = "AVTransport"

    async def _look_up(self, tracks: int, uri: str) -> None:
        """Time a player spends asking the music service about tracks."""
        cost = self.hh.settings.per_track_ms
        if cost and not uri.startswith(("x-file-cifs", "http", "file:", "x-rincon-playlist")):
            await asyncio.sleep(cost * tracks / 1000)

    @action("AddURIToQueue")
    async def add_uri_to_queue(self, player: Player, args: Args) -> Out:
        require_instance(args)
        position = integer(args["DesiredFirstTrackNumberEnqueued"], 0)
        as_next = boolean(args["EnqueueAsNext"])
        tracks = self.hh.resolver.resolve(args["EnqueuedURI"], args["EnqueuedURIMetaData"])
        # A container is one request to the service, not one per track
        await self._look_up(1, args["EnqueuedURI"])
        first = player.enqueue(tracks, position, as_next)
        return {
            "FirstTrackNumberEnqueued": first,
            "NumTracksAdded": len(tracks),
            "NewQueueLength": len(player.queue.items),
        }

    @action("AddMultipleURIsToQueue")
    async def add_multiple_uris_to_queue(self, player: Player, args: Args) -> Out:
        require_instance(args)
        position = integer(args["DesiredFirstTrackNumberEnqueued"], 0)
        as_next = boolean(args["EnqueueAsNext"])
        wanted = integer(args["NumberOfURIs"], 1)
        uris = args["EnqueuedURIs"].split(" ")
        metas = re.split(r"(?<=</DIDL-Lite>)\s+(?=<)", args["EnqueuedURIsMetaData"].strip())
        most = player.batch_most
        if most is None:
            most = self.hh.settings.max_multi_add
        if len(uris) != wanted or wanted > most:
            raise SonosError(402)
        if metas == [""]:
            metas = [""] * wanted
        if len(metas) != wanted:
            raise SonosError(402)
        update_id = integer(args["UpdateID"], 0)
        if update_id and update_id != player.queue.update_id:
            raise SonosError(804)
        tracks: list[Track] = []
        for uri, meta in list(zip(uris, metas, strict=True))[: player.batch_adds]:
            tracks.extend(self.hh.resolver.resolve(uri, meta))
        await self._look_up(wanted, uris[0])
        if args["ContainerURI"]:
            for track in tracks:
                track.container_uri = args["ContainerURI"]
                track.container_meta = args["ContainerMetaData"]
        first = player.enqueue(tracks, position, as_next)
        return {
            "FirstTrackNumberEnqueued": first,
            "NumTracksAdded": len(tracks),
            "NewQueueLength": len(player.queue.items),
            "NewUpdateID": player.queue.update_id,
        }

    @action("ReorderTracksInQueue")
    def reorder_tracks_in_queue(self, player: Player, args: Args) -> Out:
        require_instance(args)
        player.reorder(
            integer(args["StartingIndex"], 1),
            integer(args["NumberOfTracks"], 1),
            integer(args["InsertBefore"], 1),
        )
        return {}

    @action("RemoveTrackFromQueue")
    def remove_track_from_queue(self, player: Player, args: Args) -> Out:
        require_instance(args)
        match = re.fullmatch(r"Q:0/(\d+)", args["ObjectID"])
        if not match:
            raise SonosError(402)
        player.remove_range(int(match[1]) - 1, 1)
        return {}

    @action("RemoveTrackRangeFromQueue")
    def remove_track_range_from_queue(self, player: Player, args: Args) -> Out:
        require_instance(args)
        player.remove_range(
            integer(args["StartingIndex"], 1) - 1, integer(args["NumberOfTracks"], 1)
        )
        return {"NewUpdateID": player.queue.update_id}

    @action("RemoveAllTracksFromQueue")
    def remove_all_tracks_from_queue(self, player: Player, args: Args) -> Out:
        require_instance(args)
        require_coordinator(player)
        player.clear_queue()
        return {}

    @action("SaveQueue")
    def save_queue(self, player: Player, args: Args) -> Out:
        require_instance(args)
        require_coordinator(player)
        items = [t.copy() for t in player.queue.items]
        if args["ObjectID"]:
            saved = self.hh.saved_queue(args["ObjectID"])
            saved.items, saved.update_id = items, saved.update_id + 1
            self.hh.bump_container(saved.object_id)
        else:
            saved = self.hh.add_saved_queue(args["Title"], items)
        return {"AssignedObjectID": saved.object_id}

    @action("BackupQueue")
    def backup_queue(self, player: Player, args: Args) -> Out:
        return {}

    @action("CreateSavedQueue")
    def create_saved_queue(self, player: Player, args: Args) -> Out:
        require_instance(args)
        items: list[Track] = []
        if args["EnqueuedURI"]:
            items = self.hh.resolver.resolve(args["EnqueuedURI"], args["EnqueuedURIMetaData"])
        saved = self.hh.add_saved_queue(args["Title"], items)
        return {
            "NumTracksAdded": len(items),
            "NewQueueLength": len(items),
            "AssignedObjectID": saved.object_id,
            "NewUpdateID": saved.update_id,
        }

    @action("AddURIToSavedQueue")
    async def add_uri_to_saved_queue(self, player: Player, args: Args) -> Out:
        require_instance(args)
        saved = self.hh.saved_queue(args["ObjectID"])
        index = integer(args["AddAtIndex"], 0)
        tracks = self.hh.resolver.resolve(args["EnqueuedURI"], args["EnqueuedURIMetaData"])
        await self._look_up(1, args["EnqueuedURI"])
        at = min(index, len(saved.items))
        saved.items[at:at] = tracks
        saved.update_id += 1
        self.hh.bump_container(saved.object_id)
        return {
            "NumTracksAdded": len(tracks),
            "NewQueueLength": len(saved.items),
            "NewUpdateID": saved.update_id,
        }

    @action("ReorderTracksInSavedQueue")
    def reorder_tracks_in_saved_queue(self, player: Player, args: Args) -> Out:
        require_instance(args)
        saved = self.hh.saved_queue(args["ObjectID"])
        tracks = args["TrackList"].split(",") if args["TrackList"] else []
        places = args["NewPositionList"].split(",") if args["NewPositionList"] else [""]
        if places == [""]:
            places = [""] * len(tracks)
        if len(places) != len(tracks):
            raise SonosError(402)
        items = list(saved.items)
        before = len(items)
        # Track numbers mean the list as it is now; an empty place removes the track
        numbers = [integer(t, 0, before - 1) for t in tracks]
        moved = (
            sorted(
                (integer(place, 0, before), order, items[number])
                for order, (number, place) in enumerate(zip(numbers, places, strict=True))
                if place != ""
            )
            if any(places)
            else []
        )
        items = [t for i, t in enumerate(items) if i not in set(numbers)]
        for place, _order, track in moved:
            items.insert(min(place, len(items)), track)
        saved.items = items
        saved.update_id += 1
        self.hh.bump_container(saved.object_id)
        return {
            "QueueLengthChange": len(items) - before,
            "NewQueueLength": len(items),
            "NewUpdateID": saved.update_id,
        }


class QueueService(QueueActions):
    """The Queue service, which does some of the same under other names."""

    service = "Queue"

    @action("AddURI")
    async def add_uri(self, player: Player, args: Args) -> Out:
        out = await self.add_uri_to_queue(player, {**args, "InstanceID": "0"})
        return {**out, "NewUpdateID": player.queue.update_id}

    @action("Browse")
    def browse(self, player: Player, args: Args) -> Out:
        rows, total = page(player.queue_rows(), args, self.hh.settings.max_browse)
        return {
            "Result": didl(*rows),
            "NumberReturned": len(rows),
            "TotalMatches": total,
            "UpdateID": player.queue.update_id,
        }

    @action("RemoveAllTracks")
    def remove_all_tracks(self, player: Player, args: Args) -> Out:
        player.clear_queue()
        return {"NewUpdateID": player.queue.update_id}

    @action("RemoveTrackRange")
    def remove_track_range(self, player: Player, args: Args) -> Out:
        player.remove_range(
            integer(args["StartingIndex"], 1) - 1, integer(args["NumberOfTracks"], 1)
        )
        return {"NewUpdateID": player.queue.update_id}
