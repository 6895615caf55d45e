"""From a moment and a wish to a list: one product, a few best, an order, and every reason."""

from collections.abc import Sequence
import math

import numpy as np

from .catalog import Catalog
from .eligibility import eligible, seed_rows
from .errors import EngineError
from .features import Doubles, Mask, Rows
from .path import Motion, arrange, shape_for
from .recommendation import Recommendation, RecommendedTrack
from .recordings import first_artist, recording
from .request import Request
from .scoring import Scoring
from .selection import Budget, Candidate, Pick, select
from .topk import top_k

_MARGIN = 1e-3  # utility; far beyond what float32 loses of a score
_ORDINARY_SECONDS = 210.0  # of a track whose duration nobody knows


def rank(catalog: Catalog, request: Request, *, rng: np.random.Generator) -> Recommendation:
    """Recommend tracks for a moment.

    The prior's terms and those of the request are summed to one weight vector; the tracks that
    score highest are chosen with a cost for repeating an artist, never one recording twice, and
    put in an order. The choice is what scoring every track in float64 would give. Raises
    EngineError where the catalog cannot serve the request.
    """
    mask = eligible(catalog, request)
    seeds = seed_rows(catalog, request.seeds)
    scoring = Scoring(catalog, request, mask, seeds, rng)
    chosen = _choose(catalog, request, mask, seeds, scoring)
    if not chosen:  # all that is left are the seeds, or too long for the duration
        raise EngineError("nothing_matches")
    order = arrange(
        _motion(catalog, [row for row, _ in chosen]), shape_for(request.context, request.mood)
    )
    tracks = (_track(catalog, scoring, *chosen[place]) for place in order)
    return Recommendation(tuple(tracks), request.context)


def _choose(
    catalog: Catalog, request: Request, mask: Mask, seeds: Sequence[int], scoring: Scoring
) -> list[tuple[int, float]]:
    """Choose from the best-scoring tracks, looking at more until no other could have been chosen.

    Returns (row, diversity) in the order of choice.
    """
    eligible_rows = np.flatnonzero(mask)
    quick = scoring.quick()[eligible_rows]
    seconds = _seconds(catalog)
    ordinary = float(np.median(seconds[mask])) if request.seconds is not None else 0.0
    wanted = request.seconds / ordinary if request.seconds is not None else request.count or 0
    leave_out = {_recording(catalog, row) for row in seeds}
    pool = 128 + 4 * math.ceil(wanted)
    while True:
        best = top_k(quick, pool)
        rows = eligible_rows[best]
        scores = scoring.exact(rows)
        budget = (
            Budget(request.count)
            if request.seconds is None
            else Budget(None, request.seconds, ordinary)
        )
        picks = select(_candidates(catalog, rows, scores, seconds), budget, leave_out=leave_out)
        everything = len(rows) == len(eligible_rows)
        if everything or (picks and budget.met and _beats(picks[-1], quick[best[-1]])):
            return [(int(rows[pick.index]), pick.diversity) for pick in picks]
        pool *= 4


def _beats(last: Pick, unseen: np.float32) -> bool:
    """Tell whether no track that was not looked at could have come before the last pick."""
    return bool(last.score + last.diversity > unseen + _MARGIN)


def _candidates(catalog: Catalog, rows: Rows, scores: Doubles, seconds: Doubles) -> list[Candidate]:
    return [
        Candidate(
            place,
            catalog.uri[row],
            float(score),
            first_artist(catalog.artist[row]),
            _recording(catalog, row),
            float(seconds[row]),
        )
        for place, (row, score) in enumerate(zip(rows.tolist(), scores, strict=True))
    ]


def _recording(catalog: Catalog, row: int) -> tuple[str, str]:
    """Return what a track is a recording of; one without a title is only itself."""
    title = catalog.title[row]
    return recording(title, catalog.artist[row]) if title else (catalog.uri[row], "")


def _seconds(catalog: Catalog) -> Doubles:
    """Return the duration of every track; the usual one where it is unknown."""
    seconds = catalog.column("duration_ms").astype(np.float64) / 1000
    return np.where(np.isnan(seconds), _ORDINARY_SECONDS, seconds)


def _motion(catalog: Catalog, rows: Sequence[int]) -> Motion:
    names = ("energy", "loudness", "tempo", "key", "mode")
    return Motion(*(catalog.column(name)[rows].astype(np.float64) for name in names))


def _track(catalog: Catalog, scoring: Scoring, row: int, diversity: float) -> RecommendedTrack:
    milliseconds = float(catalog.column("duration_ms")[row])
    reasons = scoring.reasons(row, diversity)
    return RecommendedTrack(
        uri=catalog.uri[row],
        title=catalog.title[row],
        artist=catalog.artist[row],
        album=catalog.album[row],
        duration=None if math.isnan(milliseconds) else milliseconds / 1000,
        score=math.fsum(reason.amount for reason in reasons),
        reasons=reasons,
    )
