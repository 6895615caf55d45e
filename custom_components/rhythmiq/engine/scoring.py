"""The sum that is computed for every track, and each of its terms."""

from dataclasses import replace
import math

import numpy as np

from . import prior
from .catalog import Catalog
from .features import KEY_COSINE, KEY_SINE, Doubles, Floats, Mask, Rows
from .moods import MOODS
from .recommendation import Reason
from .request import Request
from .utility import Term

VARIETY = 0.2  # utility; deviation of the draw that keeps the same evening from the same list
_TARGET_STRENGTH = 6.0  # utility per squared standard deviation, for what is asked in words
_SEED_STRENGTH = 1.5
_SEED_IMPORTANCE = {  # of a feature for being alike; 1 unless said
    "release_year": 1.5,  # says the most where playlists are continued
    "popularity": 0.0,
    "mode": 0.0,
    KEY_COSINE: 0.0,
    KEY_SINE: 0.0,
}
_SEED_GENRE = 1.5  # utility of sharing the seeds' rarest genre


class Scoring:
    """The sum that is computed: terms as weights, and extras that are known per track."""

    def __init__(
        self,
        catalog: Catalog,
        request: Request,
        eligible: Mask,
        seeds: list[int],
        rng: np.random.Generator,
    ) -> None:
        """Weigh a request; `seeds` are the rows of its seed tracks."""
        self._catalog = catalog
        self._terms = _terms(catalog, request, eligible, seeds)
        self._weights = np.stack([catalog.weights(term) for term in self._terms])
        self._extras = {"variety": _variety(catalog, rng)}
        if seeds:
            self._extras["seeds"] = _seed_genres(catalog, seeds)

    def quick(self) -> Floats:
        """Return every track's score in float32."""
        score = self._catalog.scores(self._weights.sum(axis=0).astype(np.float32))
        for extra in self._extras.values():
            score += extra
        return score

    def exact(self, rows: Rows) -> Doubles:
        """Return the scores of some tracks in float64, the same wherever a track's row is."""
        z = self._catalog.matrix[:, rows].T.astype(np.float64)
        score: Doubles = (z * self._weights.sum(axis=0)).sum(axis=1)
        for extra in self._extras.values():
            score += extra[rows]
        return score

    def reasons(self, row: int, diversity: float) -> tuple[Reason, ...]:
        """Return all terms of a track's score, as computed in float64."""
        z = self._catalog.matrix[:, row].astype(np.float64)
        reasons: dict[str, Reason] = {}
        for term, weights in zip(self._terms, self._weights, strict=True):
            amounts = z * weights
            amount = math.fsum(amounts)
            reasons[term.key] = Reason(term.key, amount, self._leading(amounts, amount))
        for key, extra in self._extras.items():
            earlier = reasons.get(key, Reason(key, 0.0))
            reasons[key] = replace(earlier, amount=earlier.amount + float(extra[row]))
        if diversity:
            reasons["diversity"] = Reason("diversity", diversity)
        return tuple(reasons.values())

    def _leading(self, amounts: Doubles, total: float) -> str | None:
        """Return the feature that contributed most in the direction of the total."""
        by_feature: dict[str, float] = {}
        for (name, _), amount in zip(self._catalog.columns, amounts, strict=True):
            feature = "key" if name in (KEY_COSINE, KEY_SINE) else name
            by_feature[feature] = by_feature.get(feature, 0.0) + math.copysign(1, total) * amount
        leading = max(by_feature, key=by_feature.__getitem__, default=None)
        return leading if leading is not None and by_feature[leading] > 0 else None


def _terms(
    catalog: Catalog, request: Request, eligible: Mask, seeds: list[int]
) -> tuple[Term, ...]:
    named = request.genres or request.artists
    terms = [
        prior.base(_usual(catalog, eligible) if named else {}),
        *prior.terms(request.context),
    ]
    if request.mood is not None:
        terms.append(MOODS[request.mood].term())
    wishes = dict(request.features)
    if request.key is not None:
        wishes["key"] = request.key
    if request.mode is not None:
        wishes["mode"] = request.mode
    tonal = {"key", "mode"}
    for key, names in (("features", wishes.keys() - tonal), ("key", wishes.keys() & tonal)):
        targets: dict[str, float] = {}
        for name in sorted(names):
            targets |= catalog.place(name, wishes[name])
        if targets:
            terms.append(Term.pull(key, targets, dict.fromkeys(targets, _TARGET_STRENGTH)))
    if seeds:
        terms.append(_seed_term(catalog, seeds))
    return tuple(terms)


def _usual(catalog: Catalog, mask: Mask) -> dict[str, float]:
    """Return the mean coordinates of some tracks, in float32 so that their order does not show."""
    means = catalog.matrix[:, mask].mean(axis=1, dtype=np.float64).astype(np.float32)
    return {
        name: float(mean)
        for (name, power), mean in zip(catalog.columns, means, strict=True)
        if power == 1
    }


def _seed_term(catalog: Catalog, rows: list[int]) -> Term:
    """Draw towards the seeds' centre, the more on a feature the more they agree on it."""
    targets, strengths = {}, {}
    for (name, power), line in zip(catalog.columns, catalog.matrix, strict=True):
        importance = _SEED_IMPORTANCE.get(name, 1.0)
        if power == 1 and importance > 0:
            z = line[rows].astype(np.float64)
            variance = (z.var() * len(z) + 1.0) / (len(z) + 1.0)  # shrunk towards the catalog's
            targets[name] = float(z.mean())
            strengths[name] = importance * _SEED_STRENGTH / max(float(variance), 0.1)
    return Term.pull("seeds", targets, strengths)


def _seed_genres(catalog: Catalog, rows: list[int]) -> Floats:
    """Return float32[n]: what sharing genres with the seeds is worth, rare genres the most."""
    bonus = np.zeros(catalog.n_tracks, dtype=np.float32)
    for name in sorted({name for row in rows for name in catalog.genres[row]}):
        members = catalog.genre_rows(name)
        share = sum(name in catalog.genres[row] for row in rows) / len(rows)
        rarity = math.log(catalog.n_tracks / len(members)) / math.log(catalog.n_tracks + 1)
        worth = np.float32(_SEED_GENRE * share * rarity)
        bonus[members] = np.maximum(bonus[members], worth)
    return bonus


def _variety(catalog: Catalog, rng: np.random.Generator) -> Floats:
    """Return float32[n]: one draw per track, by the order of uris and not of rows."""
    draw = rng.standard_normal(catalog.n_tracks, dtype=np.float32) * np.float32(VARIETY)
    return draw if catalog.uri_rank is None else draw[catalog.uri_rank]
