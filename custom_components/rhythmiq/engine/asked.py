"""How much of a feature a moment asks for, before anything is known about who listens."""

from math import fsum
from statistics import NormalDist

from . import prior
from .context import Context
from .moods import MOODS

_ORDINARY = NormalDist()  # how a standardised feature is spread, about


def asked(feature: str, context: Context, mood: str | None = None) -> float:
    """Return the share (0-1) of ordinary music that has less of a feature than is asked for.

    The base bends each feature, so what a moment and a mood push adds up to an optimum, push /
    curvature standard deviations off the ordinary: 0.5 is the middle, 0.84 one of them above it.
    `feature` is one that the base bends.
    """
    terms = [prior.BASE, *prior.terms(context)]
    if mood is not None:
        terms.append(MOODS[mood].term())
    push = fsum(term.slopes.get(feature, 0.0) for term in terms)
    return _ORDINARY.cdf(push / prior.BASE.curvatures[feature])
