"""From a moment and a wish to a list: one product, a few best, an order, and every reason."""

from collections.abc import Hashable, Iterator, Sequence
from functools import partial
import math

import numpy as np

from .along import Journey, along
from .catalog import Catalog
from .eligibility import Eligible, eligible
from .errors import EngineError
from .features import Rows
from .index import Index
from .learning import ContextModel
from .listener import Listener
from .path import Motion, arrange, shape_for
from .recommendation import Reason, Recommendation, RecommendedTrack
from .request import Request
from .scoring import Scored, Scoring
from .selection import Budget, Candidates, Choice, select
from .tune_vector import AUDIBLE


def rank(
    catalog: Catalog,
    request: Request,
    listeners: Sequence[Listener] = (),
    *,
    model: ContextModel | None = None,
    now: float | None = None,
    rng: np.random.Generator,
) -> Recommendation:
    """Recommend tracks for a moment and the listeners who are there.

    The prior's terms and those of the request are summed to one weight vector; what is known per
    track, of the listeners above all, is added; the tracks that score highest are chosen at a cost
    for being like each other, never one recording twice, and put in an order. Fewer come than asked
    for where fewer are eligible. The choice is what scoring every track in float64 would give.

    `model` is what was learned of the listeners (`situation.new_model`); it is asked about the
    tracks that score highest by a linear form of it and about those somebody heard, so with a model
    the choice is the best among these. Without listeners it says what anybody would like.

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
    scoring = Scoring(catalog, request, allowed.rows, listeners, model=model, now=now, seed=seed)
    chosen = (
        _best(catalog, request, allowed, scoring)
        if request.path is None
        else along(request.path, catalog, request, allowed, scoring)
    )
    if chosen is None:  # all that is left are the seeds, or too long for the duration
        raise EngineError("nothing_matches")
    return Recommendation(tuple(_tracks(catalog, scoring, chosen)), request.context)


def _best(
    catalog: Catalog, request: Request, allowed: Eligible, scoring: Scoring
) -> Journey | None:
    """Choose the best tracks and put them in the order of the moment."""
    scored, choice = _choose(catalog, request, allowed, scoring)
    if not choice.picks:
        return None
    rows = scored.rows[[pick.index for pick in choice.picks]]
    shape = shape_for(request.context, request.mood)
    before = None if request.after is None else catalog.index_of(request.after)
    if before is None:
        order = arrange(Motion.of(catalog, rows), shape)
    else:
        order = arrange(Motion.of(catalog, np.append(before, rows)), shape, follows=True)
    picks = [choice.picks[place] for place in order]
    return Journey(
        scored,
        tuple(pick.index for pick in picks),
        tuple((Reason("diversity", pick.diversity),) if pick.diversity else () for pick in picks),
    )


def _choose(
    catalog: Catalog, request: Request, allowed: Eligible, scoring: Scoring
) -> tuple[Scored, Choice]:
    """Choose from the best-scoring tracks, looking at more until no other could have been chosen.

    The choice is in the order of choice; it points into what was scored.
    """
    index = Index.of(catalog)
    available = int(np.count_nonzero(allowed.rows))
    at_most = scoring.at_most()
    at_most[np.flatnonzero(~allowed.rows)] = -np.inf
    ordinary, wanted = 0.0, float(request.count or 0)
    if request.seconds is not None:
        ordinary = float(np.median(index.seconds(np.flatnonzero(allowed.rows))))
        wanted = request.seconds / ordinary
    pool = 128 + 4 * math.ceil(wanted) if scoring.complete else 32 + 2 * math.ceil(wanted)
    while True:
        best, least = scoring.best(at_most, min(pool, available))
        rows = scoring.with_familiar(best, at_most)
        rows = np.array(sorted(rows.tolist(), key=catalog.uri.__getitem__))  # ties go by uri
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
        unseen = least + scoring.bound
        if len(best) == available or (met and (choice.worst > unseen or not scoring.complete)):
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
        sound=catalog.matrix[np.ix_(audible, rows)].T.astype(np.float64, order="C"),
        seconds=index.seconds(rows),
    )


def _recording(index: Index, rows: Rows, place: int) -> Hashable:
    return index.recording(int(rows[place]))


_AUDIBLE = {(name, 1) for name in AUDIBLE}


def _tracks(catalog: Catalog, scoring: Scoring, chosen: Journey) -> Iterator[RecommendedTrack]:
    rows = chosen.scored.rows[list(chosen.order)]
    seconds = (catalog.column("duration_ms")[rows].astype(np.float64) / 1000).tolist()
    terms = scoring.reasons(chosen.scored, chosen.order)
    for row, length, of_track, costs in zip(
        rows.tolist(), seconds, terms, chosen.costs, strict=True
    ):
        reasons = (*of_track, *costs)
        yield RecommendedTrack(
            uri=catalog.uri[row],
            title=catalog.title[row],
            artist=catalog.artist[row],
            album=catalog.album[row],
            duration=None if math.isnan(length) else length,
            score=math.fsum([reason.amount for reason in reasons]),
            reasons=reasons,
        )
