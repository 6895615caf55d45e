"""Queues of tracks: a player's own, and those saved as Sonos playlists."""

from dataclasses import dataclass, field

from .tracks import Track


@dataclass
class Queue:
    items: list[Track] = field(default_factory=list)
    update_id: int = 1

    def touch(self) -> int:
        self.update_id += 1
        return self.update_id


@dataclass
class SavedQueue:
    object_id: str
    title: str
    items: list[Track] = field(default_factory=list)
    update_id: int = 1
