"""From a moment and a wish to a list: one product, a few best, an order, and every reason."""

from collections.abc import Hashable, Sequence
from functools import partial
import math

import numpy as np

from .catalog import Catalog
from .eligibility import Eligible, eligible
from .errors import EngineError
from .features import Rows
from .index import Index
from .listener import Listener
from .path import Motion, arrange, shape_for
from .recommendation import Reason, Recommendation, RecommendedTrack
from .request import Request
from .scoring import Scored, Scoring
from .selection import Budget, Candidates, Choice, select
from .topk import top_k
from .tune_vector import AUDIBLE


def rank(
    catalog: Catalog,
    request: Request,
    listeners: Sequence[Listener] = (),
    *,
    now: float | None = None,
    rng: np.random.Generator,
) -> Recommendation:
    """Recommend tracks for a moment and the listeners who are there.

    The prior's terms and those of the request are summed to one weight vector; what is known per
    track, of the listeners above all, is added; the tracks that score highest are chosen at a cost
    for being like each other, never one recording twice, and put in an order. Fewer come than asked
    for where fewer are eligible. The choice is what scoring every track in float64 would give.

    `now` is in seconds, since the origin that the listeners' histories use; without it, it is when
    the last of them ends. Raises EngineError where the catalog cannot serve the request, ValueError
    for a `now` that is no number.
    """
    if now is None:
        now = max((heard.when for who in listeners for heard in who.history), default=None)
    elif not math.isfinite(now):
        raise ValueError("now must be finite")
    allowed = eligible(catalog, request, listeners, now)
    seed = int(rng.integers(1 << 62))
    scoring = Scoring(catalog, request, allowed.rows, listeners, now=now, seed=seed)
    scored, choice = _choose(catalog, request, allowed, scoring)
    if not choice.picks:  # all that is left are the seeds, or too long for the duration
        raise EngineError("nothing_matches")
    chosen = [pick.index for pick in choice.picks]
    reasons = scoring.reasons(scored, chosen)
    for of_track, pick in zip(reasons, choice.picks, strict=True):
        if pick.diversity:
            of_track.append(Reason("diversity", pick.diversity))
    rows = scored.rows[chosen]
    order = arrange(_motion(catalog, rows), shape_for(request.context, request.mood))
    tracks = _tracks(catalog, rows, reasons)
    return Recommendation(tuple(tracks[place] for place in order), request.context)


def _choose(
    catalog: Catalog, request: Request, allowed: Eligible, scoring: Scoring
) -> tuple[Scored, Choice]:
    """Choose from the best-scoring tracks, looking at more until no other could have been chosen.

    The choice is in the order of choice; it points into what was scored.
    """
    index = Index.of(catalog)
    available = int(np.count_nonzero(allowed.rows))
    quick = scoring.quick()
    np.copyto(quick, -np.inf, where=~allowed.rows)
    ordinary, wanted = 0.0, float(request.count or 0)
    if request.seconds is not None:
        ordinary = float(np.median(index.seconds(np.flatnonzero(allowed.rows))))
        wanted = request.seconds / ordinary
    pool = 128 + 4 * math.ceil(wanted)
    while True:
        best = top_k(quick, min(pool, available))
        rows = np.array(sorted(best.tolist(), key=catalog.uri.__getitem__))  # ties go by uri
        scored = scoring.exact(rows)
        budget = (
            Budget(request.count)
            if request.seconds is None
            else Budget(None, request.seconds, ordinary)
        )
        choice = select(
            _candidates(catalog, index, scored),
            budget,
            partial(_recording, index, rows),
            left_out=allowed.left_out,
            diversity=request.diversity,
        )
        met = bool(choice.picks) and budget.met
        if len(rows) == available or (
            met and choice.worst > float(quick[best[-1]]) + scoring.bound
        ):
            return scored, choice
        pool *= 4


def _candidates(catalog: Catalog, index: Index, scored: Scored) -> Candidates:
    rows = scored.rows
    audible = np.array([column in _AUDIBLE for column in catalog.columns])
    return Candidates(
        score=scored.scores,
        unwanted=scored.unwanted,
        artist=index.artist[rows],
        album=index.album[rows],
        genre=index.genre[rows],
        sound=catalog.matrix[np.ix_(audible, rows)].T,
        seconds=index.seconds(rows),
    )


def _recording(index: Index, rows: Rows, place: int) -> Hashable:
    return index.recording(int(rows[place]))


_AUDIBLE = {(name, 1) for name in AUDIBLE}


def _motion(catalog: Catalog, rows: Rows) -> Motion:
    names = ("energy", "loudness", "tempo", "key", "mode")
    return Motion(*(catalog.column(name)[rows].astype(np.float64) for name in names))


def _tracks(
    catalog: Catalog, rows: Rows, reasons: Sequence[Sequence[Reason]]
) -> list[RecommendedTrack]:
    seconds = (catalog.column("duration_ms")[rows].astype(np.float64) / 1000).tolist()
    return [
        RecommendedTrack(
            uri=catalog.uri[row],
            title=catalog.title[row],
            artist=catalog.artist[row],
            album=catalog.album[row],
            duration=None if math.isnan(length) else length,
            score=math.fsum(reason.amount for reason in of_track),
            reasons=tuple(of_track),
        )
        for row, length, of_track in zip(rows.tolist(), seconds, reasons, strict=True)
    ]
