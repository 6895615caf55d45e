"""From scores to a list: the best tracks, diverse by artist, no recording twice."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
import heapq

REPEAT_COST = 0.6  # utility; the second track of an artist pays it once, the third twice, ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A track that may be chosen."""

    index: int  # the caller's
    uri: str
    score: float
    artist: str  # as compared; "" is unknown and never repeats
    recording: tuple[str, str]
    seconds: float


@dataclass(frozen=True, slots=True)
class Pick:
    """A chosen candidate: its score, and what it paid (at most 0) for repeating its artist."""

    index: int
    score: float
    diversity: float


@dataclass(slots=True)
class Budget:
    """How much to choose: a number of tracks, or a duration met within half an ordinary track."""

    count: int | None
    seconds: float = 0.0
    ordinary: float = 0.0  # seconds

    def takes(self, seconds: float) -> bool:
        """Tell whether a track of this length still fits."""
        return self.count is not None or seconds <= self.seconds + self.ordinary / 2

    def spend(self, seconds: float) -> None:
        """Account for a chosen track."""
        if self.count is not None:
            self.count -= 1
        self.seconds -= seconds

    @property
    def met(self) -> bool:
        """Tell whether enough was chosen."""
        return self.count == 0 if self.count is not None else self.seconds < self.ordinary / 2


def select(
    candidates: Sequence[Candidate],
    budget: Budget,
    *,
    leave_out: Collection[tuple[str, str]] = (),
) -> list[Pick]:
    """Choose greedily by score less the cost of repeating an artist, until the budget is met.

    Costs only grow, so a candidate whose cost is up to date on top of the heap is the best there
    is: the result equals recomputing all costs at every step. Ties go by uri, and no two uris are
    equal. At least one track is chosen if any fits. `leave_out` names recordings.
    """
    heap = [(-candidate.score, candidate.uri, candidate, 0.0) for candidate in candidates]
    heapq.heapify(heap)
    seen = set(leave_out)
    times: Counter[str] = Counter()
    picks: list[Pick] = []
    while heap and not (picks and budget.met):
        _, uri, best, paid = heap[0]
        cost = REPEAT_COST * times[best.artist] if best.artist else 0.0
        if cost > paid:
            heapq.heapreplace(heap, (cost - best.score, uri, best, cost))
            continue
        heapq.heappop(heap)
        if best.recording in seen or not budget.takes(best.seconds):
            continue
        seen.add(best.recording)
        times[best.artist] += 1
        budget.spend(best.seconds)
        picks.append(Pick(best.index, best.score, -cost))
    return picks
