"""From raw rows to the columns the weights multiply.

Household columns: the constant; standardised features; their squares (an optimum inside the
range); context; feature-context; recollections. A listener's own columns deviate from the
household's along the principal directions of the same things, few enough for everybody to have
them. Every group of columns is scaled to a mean squared length of 1 per row, so the prior variance
of its weights is the variance of the reward that the group explains.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from ..features import Doubles, Floats, Rows
from .rows import Column

CLIP = 4.0  # standard deviations
INTERACTIONS = 128  # feature-context products of the household, the strongest
DIRECTIONS = 16  # principal directions of features, and of context, that products are made of
HOUSEHOLD = ("constant", "features", "squares", "context", "interactions", "recollections")
OWN = ("listener", "own features", "own context", "own interactions", "own recollections")
_WIDTHS = {"own features": 16, "own context": 8, "own interactions": 16, "own recollections": 8}


@dataclass(frozen=True, slots=True)
class Scaler:
    """Standardises raw columns; NaN becomes 0, columns without variance drop out."""

    kept: Rows  # which raw columns
    mean: Doubles
    scale: Doubles

    @classmethod
    def fit(cls, raw: Floats | Doubles) -> Scaler:
        """Measure the columns of float[n, d]."""
        kept, means, scales = [], [], []
        for number, column in enumerate(raw.T):
            values = column[~np.isnan(column)].astype(np.float64)
            if len(values) and values.min() < values.max():
                kept.append(number)
                means.append(values.mean())
                scales.append(values.std())
        return cls(np.array(kept, dtype=np.int64), np.array(means), np.array(scales))

    def __call__(self, raw: Floats | Doubles) -> Doubles:
        """Return float64[n, k], within ±CLIP."""
        z = np.clip((raw[:, self.kept] - self.mean) / self.scale, -CLIP, CLIP)
        z[np.isnan(z)] = 0
        return z


@dataclass(frozen=True, slots=True)
class Basis:
    """The columns as they were measured on the first rows; see `fit`."""

    features: Scaler
    context: Scaler
    recollections: Scaler
    curved: Rows  # features (after scaling) with more than two values
    square_mean: Doubles
    square_scale: Doubles
    feature_directions: Doubles  # [features + squares, r], principal first
    context_directions: Doubles  # [context, r]
    recollection_directions: Doubles
    products: Rows  # [2, q]: (feature direction, context direction), strongest first
    lengths: Doubles  # of each group of HOUSEHOLD, then of OWN: what it is divided by
    household_groups: Rows  # group number of each household column
    own_groups: Rows  # group number of each own column

    @classmethod
    def fit(cls, features: Floats, context: Floats, recollections: Floats, width: int) -> Basis:
        """Measure the columns on n rows; a listener's own are at most `width`, the listener one."""
        f, c, r = Scaler.fit(features), Scaler.fit(context), Scaler.fit(recollections)
        z, here, past = f(features), c(context), r(recollections)
        curved = np.array(
            [col for col in range(z.shape[1]) if len(np.unique(z[:, col])) > 2], dtype=np.int64
        )
        squares = z[:, curved] ** 2
        n = max(len(z), 1)
        mean = squares.sum(axis=0) / n
        scale = np.sqrt(((squares - mean) ** 2).sum(axis=0) / n)
        scale[scale == 0] = 1
        curves = (squares - mean) / scale
        f_directions, f_strength = _principal(np.hstack([z, 0.5 * curves]))
        c_directions, c_strength = _principal(here)
        r_directions, _ = _principal(past)
        products = _strongest(f_strength, c_strength)
        sizes = [
            1, z.shape[1], len(curved), here.shape[1], products.shape[1], past.shape[1],
        ]  # fmt: skip
        available = [
            f_directions.shape[1], c_directions.shape[1], products.shape[1], r_directions.shape[1],
        ]  # fmt: skip
        own = [1, *_share(width - 1, available)]
        basis = cls(
            features=f,
            context=c,
            recollections=r,
            curved=curved,
            square_mean=mean,
            square_scale=scale,
            feature_directions=f_directions,
            context_directions=c_directions,
            recollection_directions=r_directions,
            products=products,
            lengths=np.ones(len(HOUSEHOLD) + len(OWN)),
            household_groups=np.repeat(np.arange(len(HOUSEHOLD)), sizes),
            own_groups=np.repeat(np.arange(len(OWN)), own),
        )
        household, listener = basis.columns(features, context, recollections)
        for groups, columns, first in (
            (basis.household_groups, household, 0),
            (basis.own_groups, listener, len(HOUSEHOLD)),
        ):
            power = np.bincount(groups, (columns**2).sum(axis=0) / n)
            basis.lengths[first : first + len(power)] = np.sqrt(np.where(power > 0, power, 1))
        return basis

    def arrays(self) -> dict[str, Column]:
        """Return the arrays this is made of, by name."""
        found: dict[str, Column] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Scaler):
                parts = {f"{field.name}.{part.name}": part.name for part in fields(Scaler)}
                found |= {name: getattr(value, part) for name, part in parts.items()}
            else:
                found[field.name] = value
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Column]) -> Self:
        """Read what `arrays` returned. Raises KeyError if something is missing."""
        made: dict[str, Any] = {}
        for field in fields(cls):
            if field.name in arrays:
                made[field.name] = arrays[field.name]
            else:
                parts = (arrays[f"{field.name}.{part.name}"] for part in fields(Scaler))
                made[field.name] = Scaler(*parts)
        return cls(**made)

    def columns(
        self, features: Floats, context: Floats, recollections: Floats
    ) -> tuple[Doubles, Doubles]:
        """Return the household's columns float64[n, p] and a listener's own float64[n, w]."""
        return self.combine(self.coordinates(features), context, recollections)

    @property
    def width(self) -> int:
        """The number of coordinates of a track's features."""
        return len(self.features.kept) + len(self.curved)

    def coordinates(self, features: Floats) -> Doubles:
        """Return standardised features and their squares, float64[n, k]."""
        z = self.features(features)
        curves = (z[:, self.curved] ** 2 - self.square_mean) / self.square_scale
        return np.hstack([z, curves])

    def combine(
        self, coordinates: Doubles, context: Floats, recollections: Floats
    ) -> tuple[Doubles, Doubles]:
        """Return the same columns for `coordinates` of features, in which they are linear."""
        here, past = self.context(context), self.recollections(recollections)
        one = np.ones((len(coordinates), 1))
        taste = coordinates @ self.feature_directions
        place = here @ self.context_directions
        both = taste[:, self.products[0]] * place[:, self.products[1]]
        times = past @ self.recollection_directions
        household = np.hstack([one, coordinates, here, both, past])
        widths = np.bincount(self.own_groups, minlength=len(OWN))
        own = np.hstack(
            [part[:, :w] for part, w in zip((one, taste, place, both, times), widths, strict=True)]
        )
        return (
            household / self.lengths[self.household_groups],
            own / self.lengths[len(HOUSEHOLD) + self.own_groups],
        )


def _principal(z: Doubles) -> tuple[Doubles, Doubles]:
    """Return the first principal directions [k, r] of rows z, and their variances [r]."""
    if z.shape[1] == 0:
        return np.zeros((0, 0)), np.zeros(0)
    strength, directions = np.linalg.eigh(z.T @ z / len(z))
    order = np.argsort(-strength)[:DIRECTIONS]
    order = order[strength[order] > 1e-9]
    return directions[:, order], strength[order]


def _strongest(features: Doubles, context: Doubles) -> Rows:
    """Return the products of directions with the most variance, int64[2, q]."""
    strength = np.outer(features, context)
    order = np.argsort(-strength, axis=None, kind="stable")[:INTERACTIONS]
    return np.array(np.unravel_index(order, strength.shape), dtype=np.int64).reshape(2, -1)


def _share(budget: int, available: Sequence[int]) -> list[int]:
    """Share `budget` columns among the groups of OWN but the first, in proportion to _WIDTHS."""
    wanted = [min(w, most) for w, most in zip(_WIDTHS.values(), available, strict=True)]
    total = sum(wanted)
    return wanted if total <= budget else [w * max(budget, 0) // total for w in wanted]
