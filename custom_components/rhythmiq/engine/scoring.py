"""The sum that is computed for every track, and each of its terms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import repeat
import math
from typing import Self

import numpy as np

from . import prior
from .affinity import Affinity
from .blend import least_happy, unwanted
from .catalog import Catalog
from .draws import uniform
from .eligibility import seed_rows
from .features import FEATURES, ORIGIN, Doubles, Floats, Mask, Rows
from .ids import UNKNOWN
from .index import Index
from .learned import Learned, Shares
from .learning import ContextModel
from .listener import Listener
from .moods import MOODS
from .recommendation import Reason
from .request import Request
from .selection import UNWANTED
from .similar import Likeness
from .topk import top_k
from .union import united
from .utility import Term

VARIETY = 0.2  # utility; deviation of the draw that keeps the same evening from the same list
MARGIN = 1e-3  # utility; far beyond what float32 loses of a score
_ANYBODY = Listener(id=UNKNOWN)
_FAMILIAR = 32  # of the tracks somebody heard, so many a model is always asked about
_WIDEST = math.sqrt(3)  # of a uniform draw from ±1, over its deviation
_TARGET_STRENGTH = 6.0  # utility per squared standard deviation, for what is asked in words
SEED_LIKENESS = 1.0  # utility of a track being e times as likely among the seeds


@dataclass(frozen=True, slots=True)
class Amount:
    """One term of the score float64[k] of k tracks that is known per track; see Reason."""

    key: str
    amounts: Doubles
    subject: str | None = None
    listener: str | int | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """Some rows int64[k] with their scores, and the terms of these that are known per track.

    What is `unwanted` comes only after everything else.
    """

    rows: Rows
    scores: Doubles
    unwanted: Mask
    known: tuple[Amount, ...]

    def take(self, places: Rows) -> Self:
        """Return some of the tracks."""
        known = (replace(amount, amounts=amount.amounts[places]) for amount in self.known)
        return type(self)(
            self.rows[places], self.scores[places], self.unwanted[places], tuple(known)
        )


class Scoring:
    """The sum that is computed: terms as weights, and terms that are known per track."""

    def __init__(
        self,
        catalog: Catalog,
        request: Request,
        mask: Mask,
        listeners: Sequence[Listener] = (),
        *,
        model: ContextModel | None = None,
        now: float | None = None,
        seed: int = 0,
    ) -> None:
        """Weigh a request for some listeners; `mask` is what is eligible, `seed` for draws."""
        self._catalog = catalog
        self._index = Index.of(catalog)
        self._seed = seed
        if model is not None and not listeners:
            listeners = (_ANYBODY,)
        self._listeners = listeners
        self._learned = (
            Learned(
                model, catalog, request.context, listeners, now,
                exploration=request.exploration, seed=seed,
            )
            if model is not None
            else None
        )  # fmt: skip
        shares = self._learned.shares if self._learned is not None else Shares()
        self._terms = _terms(catalog, request, mask, shares)
        self._weights = np.stack([catalog.weights(term) for term in self._terms])
        seeds = seed_rows(catalog, request.seeds)
        self._likeness = Likeness(catalog, seeds) if seeds else None
        self._alike: Floats | None = None
        if self._likeness is not None:
            self._alike = (SEED_LIKENESS * self._likeness.scores()).astype(np.float32)
        self._variety = VARIETY * request.variety
        self._affinities = [
            Affinity(listener, catalog, now, fatigue=request.fatigue, novelty=request.novelty)
            for listener in listeners
        ]

    @property
    def bound(self) -> float:
        """How much more than `best` says a score may be."""
        return MARGIN + self._variety * _WIDEST

    @property
    def complete(self) -> bool:
        """Tell whether `best` and `bound` say how much every track may score.

        A model is asked about few tracks; the others' artists and the tracks themselves may be
        worth anything to it.
        """
        return self._learned is None

    def at_most(self) -> Floats:
        """Return what each track scores without its draw if it is worth the same to everybody.

        float32[N]. Where it is not, the least happy listener takes from that, as `best` knows.
        """
        weights = self._weights.sum(axis=0)
        if self._learned is not None:
            weights += self._learned.weights.mean(axis=0)
        score = self._catalog.scores(weights.astype(np.float32))
        if self._alike is not None:
            score += self._alike
        for affinity in self._affinities:
            affinity.add_to(score, 1 / len(self._affinities))
        return score

    def best(self, at_most: Floats, k: int) -> tuple[Rows, float]:
        """Return the `k` rows that score highest without their draws, and the least such score.

        `at_most` is what `at_most` said, infinitely little where not eligible, maybe with more
        added; the score is as `value` counts it.
        """
        look = k if len(self._listeners) <= 1 else 3 * k
        while True:
            rows = top_k(at_most, look)
            score = at_most[rows] - self._taken(rows)
            order = np.argsort(-score, kind="stable")[:k]
            least = float(score[order[-1]])
            if len(rows) < look or least >= at_most[rows[-1]]:
                return rows[order], least
            look *= 4

    def with_familiar(self, rows: Rows, at_most: Floats) -> Rows:
        """Add those rows the model may know by themselves: of what was heard, the best on average.

        `at_most` is what `best` was given.
        """
        if self._learned is None:
            return rows
        heard = united(*(affinity.heard for affinity in self._affinities))
        heard = heard[at_most[heard] > -np.inf]
        return united(rows, heard[top_k(at_most[heard], _FAMILIAR)])

    def _taken(self, rows: Rows) -> Doubles:
        """Return what the least happy listener takes from the score of some tracks; >= 0."""
        if not self._listeners:
            return np.zeros(len(rows))
        happiness = np.stack([affinity.at(rows) for affinity in self._affinities])
        if self._learned is not None:
            happiness += self._learned.weights @ self._catalog.matrix.take(rows, axis=1)
        taken: Doubles = UNWANTED * unwanted(happiness + MARGIN) - least_happy(happiness)
        return taken

    def exact(self, rows: Rows) -> Scored:
        """Score some tracks in float64, the same wherever a track's row is."""
        z = np.ascontiguousarray(self._catalog.matrix[:, rows].T, dtype=np.float64)
        score: Doubles = (z * self._weights.sum(axis=0)).sum(axis=1)
        known = [Amount("variety", self._drawn(rows))]
        if self._alike is not None:
            known.append(Amount("seeds", self._alike[rows].astype(np.float64)))
        happiness = np.zeros((max(len(self._listeners), 1), len(rows)))
        together: dict[str, Doubles] = {}
        for number, (listener, affinity) in enumerate(
            zip(self._listeners, self._affinities, strict=True)
        ):
            for effect in affinity.effects:
                amounts = effect.at(rows)
                happiness[number] += amounts
                share = amounts / len(self._listeners)
                if effect.subject is None:
                    together[effect.key] = together.get(effect.key, 0.0) + share
                else:
                    known.append(Amount(effect.key, share, effect.subject, listener.id))
        if self._learned is not None:
            expected, drawn = self._learned.expect(rows)
            happiness += expected
            together["learned"] = expected.mean(axis=0)
            if drawn is not None:
                together["exploration"] = drawn.mean(axis=0)
        known += (Amount(key, amounts) for key, amounts in together.items())
        if len(self._listeners) > 1:
            known.append(Amount("least_happy", least_happy(happiness)))
        for amount in known:
            score += amount.amounts
        return Scored(rows, score, unwanted(happiness), tuple(known))

    def reasons(self, scored: Scored, picks: Sequence[int]) -> list[list[Reason]]:
        """Return the terms of some scored tracks, as computed in float64."""
        places = np.array(picks)
        z = np.ascontiguousarray(self._catalog.matrix[:, scored.rows[places]].T, dtype=np.float64)
        parts = z[:, None, :] * self._weights  # [track, term, column]
        amounts = parts.sum(axis=2)
        leading = _leading(self._catalog, parts, amounts)
        keys = [term.key for term in self._terms]
        reasons = [
            [Reason(*term) for term in zip(keys, of_track, features, strict=True)]
            for of_track, features in zip(amounts.tolist(), leading, strict=True)
        ]
        for amount in scored.known:
            sizes = amount.amounts[places]
            features: Iterable[str | None] = repeat(None)
            if amount.key == "seeds" and self._likeness is not None:
                features = _most_alike(self._likeness.parts(scored.rows[places]), sizes)
            for track, size, feature in zip(reasons, sizes.tolist(), features, strict=False):
                if size:
                    track.append(Reason(amount.key, size, feature, amount.subject, amount.listener))
        return reasons

    def _drawn(self, rows: Rows) -> Doubles:
        """Return the draw of each track: uniform, of deviation VARIETY."""
        ids = self._index.track_ids[rows]
        drawn: Doubles = self._variety * _WIDEST * (2 * uniform(ids, self._seed) - 1)
        return drawn


def _leading(catalog: Catalog, parts: Doubles, totals: Doubles) -> list[list[str | None]]:
    """Return, per track and term, the feature that contributed most in the total's direction.

    `parts` is float64[k, terms, columns], `totals` float64[k, terms].
    """
    features, belongs = _features(catalog.columns)
    by_feature = (parts * np.copysign(1.0, totals)[:, :, None]) @ belongs
    found = by_feature.argmax(axis=2)
    most = np.take_along_axis(by_feature, found[:, :, None], axis=2)[:, :, 0]
    return [
        [features[place] if amount > 0 else None for place, amount in zip(*pair, strict=True)]
        for pair in zip(found.tolist(), most.tolist(), strict=True)
    ]


@lru_cache(maxsize=8)
def _features(columns: tuple[tuple[str, int], ...]) -> tuple[list[str], Doubles]:
    """Return the features of some columns, and which column (first axis) belongs to which."""
    names = [ORIGIN.get(name, name) for name, _ in columns]
    features = list(dict.fromkeys(names))
    return features, np.array([[float(name == feature) for feature in features] for name in names])


def _terms(catalog: Catalog, request: Request, mask: Mask, shares: Shares) -> tuple[Term, ...]:
    """Return the terms that are weights: shares of the prior, and what was asked for."""
    named = request.genres or request.artists
    base = prior.base(_usual(catalog, mask) if named else {})
    terms = [base.scaled(shares.base)]
    terms += (term.scaled(shares.moment) for term in prior.terms(request.context))
    if request.mood is not None:
        mood = MOODS[request.mood].term()
        # what is left of the base no longer bends enough: no mood asks for "ever more"
        bends = {name: (1 - shares.base) * base.curvatures.get(name, 0.0) for name in mood.slopes}
        terms.append(replace(mood, curvatures=bends) if shares.base < 1 else mood)
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
    return tuple(terms)


def _usual(catalog: Catalog, mask: Mask) -> dict[str, float]:
    """Return the mean coordinates of some tracks, in float32 so that their order does not show."""
    means = catalog.matrix[:, mask].mean(axis=1, dtype=np.float64).astype(np.float32)
    return {
        name: float(mean)
        for (name, power), mean in zip(catalog.columns, means, strict=True)
        if power == 1
    }


def _most_alike(parts: Mapping[str, Doubles], totals: Doubles) -> list[str | None]:
    """Return, per track, what contributed most in the total's direction, of what has a name."""
    names = [name for name in parts if name in FEATURES or name in {"artist", "genre"}]
    if not names:
        return [None] * len(totals)
    amounts = np.stack([parts[name] for name in names]) * np.copysign(1.0, totals)
    most = amounts.argmax(axis=0).tolist()
    return [
        names[place] if amount > 0 else None
        for place, amount in zip(most, amounts.max(axis=0).tolist(), strict=True)
    ]
