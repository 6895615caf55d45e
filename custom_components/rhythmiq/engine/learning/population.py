"""What is expected of somebody nobody knows: the household's weights, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from ..features import Doubles, Floats
from .basis import Basis
from .memory import RECOLLECTIONS
from .rows import Column

EXPECTED = 0.5  # of a reward, before anything is known


@dataclass(frozen=True, slots=True)
class Population:
    """The posterior mean of a household's weights, with the columns they belong to."""

    basis: Basis
    weights: Doubles  # of the household columns
    below: Population | None  # what was expected before these weights were learned

    def expect(self, features: Floats, context: Floats) -> Doubles:
        """Return the expected reward of each row, float64[n], not clipped."""
        nothing = np.zeros((len(features), RECOLLECTIONS), dtype=np.float32)
        household, _ = self.basis.columns(features, context, nothing)
        return expected(self.below, features, context) + household @ self.weights

    def arrays(self, prefix: str) -> dict[str, Column]:
        """Return the arrays this is made of, by names that begin with `prefix`."""
        found = {f"{prefix}weights": self.weights}
        found |= {f"{prefix}basis.{name}": array for name, array in self.basis.arrays().items()}
        return found if self.below is None else found | self.below.arrays(f"{prefix}below.")

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Column], prefix: str) -> Self:
        """Read what `arrays` returned. Raises KeyError if something is missing."""
        start = f"{prefix}basis."
        basis = {n.removeprefix(start): arrays[n] for n in arrays if n.startswith(start)}
        below = f"{prefix}below."
        return cls(
            Basis.from_arrays(basis),
            arrays[f"{prefix}weights"],
            cls.from_arrays(arrays, below) if f"{below}weights" in arrays else None,
        )


def expected(prior: Population | None, features: Floats, context: Floats) -> Doubles:
    """Return what is expected of each row before any is observed, float64[n]."""
    return np.full(len(features), EXPECTED) if prior is None else prior.expect(features, context)
