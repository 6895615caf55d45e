"""Audio clips: short sounds a player mixes over what plays, such as announcements."""

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .player import Player

# Nothing is fetched, so that a clip is as long as the catalog says or this
CLIP_SECONDS: Final = 3.0
_numbers = count(1)


@dataclass(slots=True, kw_only=True)
class Clip:
    """One clip; times are seconds of the household's clock."""

    clip_id: str
    url: str
    volume: int | None
    name: str
    app_id: str
    priority: str
    starts: float
    ends: float
    outcome: str = "DONE"


class Clips:
    """What one player was asked to announce, oldest first."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self.all: list[Clip] = []

    def _now(self) -> float:
        return self._player.household.clock.now()

    def status(self, clip: Clip) -> str:
        """PENDING, ACTIVE, and then DONE, INTERRUPTED, DISMISSED or ERROR."""
        now = self._now()
        if now < clip.starts:
            return "PENDING"
        return "ACTIVE" if now < clip.ends else clip.outcome

    def load(self, *, url: str, volume: int | None, name: str, app_id: str, priority: str) -> Clip:
        """Play a clip; only a clip of low priority waits for one of high priority."""
        catalog = self._player.household.catalog
        starts = self._now()
        for other in self.all:
            if other.ends <= starts:
                continue
            if (other.priority, priority) == ("HIGH", "LOW"):
                starts = other.ends
            else:
                other.ends, other.outcome = starts, "INTERRUPTED"
        unplayable = url in catalog.unplayable
        seconds = catalog.overrides.get(url, {}).get("duration", CLIP_SECONDS)
        clip = Clip(
            clip_id=f"{self._player.uid}-{next(_numbers)}",
            url=url,
            volume=volume,
            name=name,
            app_id=app_id,
            priority=priority,
            starts=starts,
            ends=starts if unplayable else starts + seconds,
            outcome="ERROR" if unplayable else "DONE",
        )
        self.all.append(clip)
        return clip

    def cancel(self, clip_id: str) -> bool:
        """Silence a clip; False where none of that id is left to play."""
        now = self._now()
        for clip in self.all:
            if clip.clip_id == clip_id and now < clip.ends:
                clip.starts, clip.ends = min(clip.starts, now), now
                clip.outcome = "DISMISSED"
                return True
        return False

    def report(self) -> list[dict[str, object]]:
        """The clips as the control API tells them."""
        return [
            {
                "id": clip.clip_id,
                "url": clip.url,
                "volume": clip.volume,
                "name": clip.name,
                "app_id": clip.app_id,
                "priority": clip.priority,
                "status": self.status(clip),
            }
            for clip in self.all
        ]
