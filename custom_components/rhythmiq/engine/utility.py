"""What a moment or a wish is worth, as a sum of terms over features.

A term is Σ (slope · z - ½ · curvature · z²) over standardised coordinates z, so it is 0 for the
catalog's average track, and linear in a catalog's columns: scoring is one matrix-vector product.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of a track's score; `key` names its reason.

    `slopes` and `curvatures` map coordinates (a feature's name, or the key's two) to utility per
    standard deviation (squared).
    """

    key: str
    slopes: Mapping[str, float]
    curvatures: Mapping[str, float] = field(default_factory=dict)

    def scaled(self, share: float) -> Self:
        """Return a share of this term."""
        return type(self)(
            self.key,
            {name: share * slope for name, slope in self.slopes.items()},
            {name: share * bend for name, bend in self.curvatures.items()},
        )

    @classmethod
    def pull(cls, key: str, targets: Mapping[str, float], strengths: Mapping[str, float]) -> Self:
        """Draw towards `targets` (standardised): what being there is worth over being average.

        ½ · strength · (target² - (z - target)²), written out.
        """
        return cls(
            key,
            {name: strengths[name] * target for name, target in targets.items()},
            {name: strengths[name] for name in targets},
        )
