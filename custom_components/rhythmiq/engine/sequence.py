"""Tracks in an order: along a path, with smooth transitions.

What a sequence costs, in utility, is the sum over its tracks of

    path · deviation² + transition · cost of the transition into it
    + repeat · times its artist was played before - utility,

where the deviation is the distance from the path at the middle of the track, in standard
deviations: the root of the weighted mean of squares over the path's coordinates, a missing value
adding its variance.
"""

from dataclasses import dataclass
import math

import numpy as np

from .beam import USUAL, Balance, Search
from .deviation import Deviations
from .errors import EngineError
from .pool import Pool
from .transition import Transitions
from .tune_vector import Path

__all__ = ["USUAL", "Balance", "Place", "Sequence", "measure", "sequence"]


@dataclass(frozen=True, slots=True)
class Place:
    """One track of a sequence."""

    index: int  # among the candidates
    start: float  # seconds
    deviation: float  # from the path at the middle of the track, in standard deviations
    transition: float  # cost of the transition into it, 0-1; 0 if nothing was before


@dataclass(frozen=True, slots=True)
class Sequence:
    """Tracks in playing order; `seconds` is when the last one ends, `cost` that of the whole."""

    places: tuple[Place, ...]
    seconds: float
    cost: float

    @property
    def order(self) -> tuple[int, ...]:
        """The indices of the candidates."""
        return tuple(place.index for place in self.places)

    @property
    def deviation(self) -> float:
        """Distance from the path, in standard deviations: the root mean square over all tracks."""
        return math.sqrt(math.fsum(place.deviation**2 for place in self.places) / len(self.places))

    @property
    def transition(self) -> float:
        """Mean cost of a transition between two tracks, 0-1; 0 for a single track."""
        return math.fsum(place.transition for place in self.places[1:]) / max(
            len(self.places) - 1, 1
        )


def sequence(
    candidates: Pool,
    path: Path | None = None,
    *,
    count: int | None = None,
    seconds: float | None = None,
    previous: int | None = None,
    elapsed: float = 0.0,
    balance: Balance = USUAL,
    width: int | None = None,
) -> Sequence:
    """Choose candidates and order them along a path; without one, only smoothly.

    With `count` that many are chosen, with `seconds` as many as end there within half an ordinary
    track, or as near as can be; with neither, all are ordered, same recording or not. Where more
    than one number of tracks will do, the cost per track decides. `previous` is a candidate that
    is playing and is not played again, `elapsed` the time (seconds) when the first track starts.
    `width` is how many partial sequences are kept, None for as many as time allows: of up to 9
    candidates the result is the best there is. The order of the candidates does not matter: ties
    go by uri. Raises EngineError(`nothing_matches`) if there is nothing to play.
    """
    uri = candidates.uri
    for name, value in (("count", count), ("width", width)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1")
    if not (math.isfinite(elapsed) and (seconds is None or math.isfinite(seconds))):
        raise ValueError("elapsed and seconds must be finite")
    if previous is not None and not 0 <= previous < len(uri):
        raise ValueError(f"previous must be one of the {len(uri)} candidates")
    by_uri = sorted(range(len(uri)), key=uri.__getitem__)
    search = Search(
        candidates.take(np.array(by_uri)),
        path or Path.free(),
        balance,
        elapsed,
        distinct=count is not None or seconds is not None,
        width=width,
    )
    before = -1 if previous is None else by_uri.index(previous)
    beam = search.start(before)
    chosen = (
        search.filled(beam, seconds)
        if seconds is not None
        else search.counted(beam, count or len(uri))
    )
    if not chosen:
        raise EngineError("nothing_matches")
    return measure(
        candidates,
        [by_uri[track] for track in chosen],
        path,
        previous=previous,
        elapsed=elapsed,
        balance=balance,
    )


def measure(
    candidates: Pool,
    order: list[int],
    path: Path | None = None,
    *,
    previous: int | None = None,
    elapsed: float = 0.0,
    balance: Balance = USUAL,
) -> Sequence:
    """Return an order of candidates as a sequence: how far off the path, how smooth, at what cost.

    `order` holds at least one index; the other arguments are those of `sequence`.
    """
    rows = np.array(order)
    tracks = candidates.take(rows)
    times = np.cumsum([elapsed, *tracks.seconds])
    starts, ends = times[:-1], times[1:]
    deviations = Deviations(tracks, path or Path.free())
    squares = deviations.squared((starts + ends) / 2, np.arange(len(rows)))
    before = np.array([order[0] if previous is None else previous, *order[:-1]])
    into = Transitions(candidates.motion).cost(before, rows)
    if previous is None:
        into[0] = 0.0
    repeats = sum(tracks.artist[:at].count(name) for at, name in enumerate(tracks.artist) if name)
    cost = math.fsum(
        (
            balance.path * math.fsum(squares),
            balance.transition * math.fsum(into),
            balance.repeat * repeats,
            -math.fsum(tracks.utility),
        )
    )
    columns = (starts.tolist(), np.sqrt(squares).tolist(), into.tolist())
    places = (Place(index, *numbers) for index, *numbers in zip(order, *columns, strict=True))
    return Sequence(tuple(places), float(ends[-1]), cost)
