"""Choosing and ordering at once, for a request that says where the music should be over time."""

from dataclasses import dataclass

import numpy as np

from .catalog import Catalog
from .eligibility import Eligible
from .features import Doubles, Floats, Rows
from .index import Index
from .pool import Pool
from .recommendation import Reason
from .recordings import first_artist
from .request import Request
from .scoring import Scored, Scoring
from .sequence import USUAL, Sequence, sequence
from .tune_vector import GENRE, MEMBER, Path, TuneVector
from .utility import Term

_STOPS = 8  # times along the path at which candidates are looked for


@dataclass(frozen=True, slots=True)
class Journey:
    """Tracks in playing order: `order` points into what was scored, with each track's costs."""

    scored: Scored
    order: tuple[int, ...]
    costs: tuple[tuple[Reason, ...], ...]


def along(
    vector: TuneVector, catalog: Catalog, request: Request, allowed: Eligible, scoring: Scoring
) -> Journey | None:
    """Choose tracks that are worth it and on the path when they play; None if there are none.

    Candidates are those that score highest at some times along the path, its cost included; of
    them, `sequence` takes the best list it finds. What a track's deviation from the path costs is a
    reason of its own, and so is what an artist costs who was there before.
    """
    index = Index.of(catalog)
    available = np.flatnonzero(allowed.rows)
    usual = float(np.median(index.seconds(available)))
    seconds = request.seconds or vector.seconds
    count = None if seconds is not None else request.count
    lasts = seconds or usual * (request.count or 1)
    path = vector.path(catalog, lasts)
    at_most = scoring.at_most()
    at_most[np.flatnonzero(~allowed.rows)] = -np.inf
    each = min(len(available), 32 + round(2 * lasts / usual))
    stops = (np.arange(_STOPS) + 0.5) / _STOPS * lasts
    found = [
        scoring.best(at_most + _pull(path, at, catalog, index), each)[0] for at in stops.tolist()
    ]
    rows = scoring.with_familiar(np.unique(np.concatenate(found)), at_most)
    rows = _distinct(rows, scoring, index, allowed)
    if len(rows) == 0:
        return None
    scored = scoring.exact(rows)
    if not scored.unwanted.all():
        scored = scored.take(np.flatnonzero(~scored.unwanted))
    pool = Pool.from_catalog(
        catalog, scored.rows, utility=scored.scores, seconds=index.seconds(scored.rows)
    )
    if count is not None:
        count = min(count, len(scored.rows))
    played = sequence(pool, path, count=count, seconds=seconds)
    artists = [first_artist(catalog.artist[row]) for row in scored.rows[list(played.order)]]
    return Journey(scored, played.order, _costs(played, artists))


def _distinct(rows: Rows, scoring: Scoring, index: Index, allowed: Eligible) -> Rows:
    """Return the rows that are no recording left out, the best of each recording."""
    best: dict[object, int] = {}
    scored = scoring.exact(rows)
    for place in np.argsort(-scored.scores, kind="stable").tolist():
        row = int(rows[place])
        if (made := index.recording(row)) not in allowed.left_out:
            best.setdefault(made, row)
    return np.array(sorted(best.values()), dtype=np.int64)


def _pull(path: Path, at: float, catalog: Catalog, index: Index) -> Floats:
    """Return float32[N]: what being near the path at a time is worth, as `sequence` weighs it."""
    places: Doubles = path.at(np.array(at))
    targets = dict(zip(path.names, places.tolist(), strict=True))
    strengths = dict(zip(path.names, (2 * USUAL.path * path.weights).tolist(), strict=True))
    weights = catalog.weights(Term.pull("path", targets, strengths))
    pull = catalog.scores(weights.astype(np.float32))
    for name in path.names:
        if name.startswith(GENRE):
            worth = strengths[name] / 2 * (targets[name] ** 2 - (MEMBER - targets[name]) ** 2)
            pull[index.genre_rows(name.removeprefix(GENRE))] += np.float32(worth)
    return pull


def _costs(played: Sequence, artists: list[str]) -> tuple[tuple[Reason, ...], ...]:
    costs = []
    for at, (place, artist) in enumerate(zip(played.places, artists, strict=True)):
        reasons = []
        if place.deviation:
            reasons.append(Reason("path", -USUAL.path * place.deviation**2))
        if artist and (times := artists[:at].count(artist)):
            reasons.append(Reason("diversity", -USUAL.repeat * times))
        costs.append(tuple(reasons))
    return tuple(costs)
