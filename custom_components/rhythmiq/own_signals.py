"""What a home's own listening tells of a moment: its rhythm, its ratings, how soon it skips.

Never shown as sensors; they count in the rooms that switched them on.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
import math
from typing import Final

from homeassistant.util import dt as dt_util

from .engine.rewards import Kind
from .interactions import Interaction, Interactions
from .moment.rhythm import HOURS, home_rhythm

RHYTHM_DAYS: Final = 60  # what was heard in these is the home's rhythm
RECENT: Final = timedelta(hours=3)  # so long a rating or a skip says something of the moment
_FEWEST_SKIPS: Final = 2
_ASKED: Final = (Kind.STARTED, Kind.SKIPPED, Kind.RATED)

# When, its reward, and by whom of which recommendation, where it was said since the start
type _Rating = tuple[float, float, tuple[str | None, tuple[str, ...]] | None]


class OwnSignals:
    """The signals of one home."""

    def __init__(self) -> None:
        """Begin knowing nothing."""
        self.clear()

    def clear(self) -> None:
        """Know nothing."""
        self._heard = [0.0] * HOURS
        self._ratings: deque[_Rating] = deque(maxlen=100)
        self._skips: deque[tuple[float, float]] = deque(maxlen=100)  # when, seconds listened

    def load(self, interactions: Interactions, now: float) -> None:
        """Take in what is stored; blocking. `now` is in seconds since the epoch."""
        since = now - timedelta(days=RHYTHM_DAYS).total_seconds()
        for kind, happened, uri, listened, reward in interactions.signals(_ASKED, since):
            self._take(kind, happened, uri, listened, reward)

    def stored(self, rows: Sequence[Interaction]) -> None:
        """Take in what people said of whole recommendations, and took back; of now, not of then."""
        for row in rows:
            said = (row.recommendation, tuple(row.listeners))
            if row.kind is Kind.RATED and row.uri is None and row.reward is not None:
                self._ratings.append((row.happened, row.reward, said))
            elif row.retracts is not None:
                kept = [rating for rating in self._ratings if rating[2] != said]
                self._ratings = deque(kept, maxlen=self._ratings.maxlen)

    def happened(self, interaction: Interaction) -> None:
        """Take in what happens."""
        self._take(
            interaction.kind,
            interaction.happened,
            interaction.uri,
            interaction.listened,
            interaction.reward,
        )

    def tell(self, now: datetime) -> Mapping[str, float | None]:
        """Return the variables as of `now` (timezone-aware); None where there is nothing to say."""
        local = dt_util.as_local(now)
        since = now.timestamp() - RECENT.total_seconds()
        ratings = [reward for when, reward, _ in self._ratings if when >= since]
        skips = [seconds for when, seconds in self._skips if when >= since]
        return {
            "home_rhythm": home_rhythm(self._heard, local.hour + local.minute / 60),
            "recent_rating": math.fsum(ratings) / len(ratings) if ratings else None,
            "time_to_skip": (
                min(math.fsum(skips) / len(skips), 3600.0) if len(skips) >= _FEWEST_SKIPS else None
            ),
        }

    def _take(
        self,
        kind: Kind,
        happened: float,
        uri: str | None,
        listened: float | None,
        reward: float | None,
    ) -> None:
        match kind:
            case Kind.STARTED:
                self._heard[dt_util.as_local(dt_util.utc_from_timestamp(happened)).hour] += 1
            case Kind.SKIPPED if listened is not None:
                self._skips.append((happened, listened))
            case Kind.RATED if uri is None and reward is not None:  # a whole recommendation
                self._ratings.append((happened, reward, None))
