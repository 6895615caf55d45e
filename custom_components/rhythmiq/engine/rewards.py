"""What happens to music, and what each of it says: the one table of rewards.

A reward from 0 (unwanted) to 1 (wanted) is what the model learns from, its weight how many ordinary
outcomes it counts for. What says nothing about liking has no reward: the end of an evening is no
verdict on the track that happened to play.

Skips and finishes are graded by the share that was heard, as in Y. Hu, Y. Koren and C. Volinsky
2008 (ICDM, 263: how much was consumed says how sure the preference is; what is consumed again says
more) and B. Brost, R. Mehrotra and T. Jehan 2019 (WWW, 2594: skips early and late are different
things). Streaming services count a play from 30 seconds. The sizes of the weights are assumptions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What an interaction is: one row of the record, one word for it everywhere."""

    STARTED = "started"
    FINISHED = "finished"
    LEFT_LATE = "left_late"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    PAUSED = "paused"
    TAKEN_OVER = "taken_over"
    REPLACED = "replaced"
    UNCLEAR = "unclear"
    REPLAYED = "replayed"
    VOLUME = "volume"
    RATED = "rated"
    RETRACTED = "retracted"


OUTCOMES: Final = frozenset(
    {
        Kind.FINISHED,
        Kind.LEFT_LATE,
        Kind.SKIPPED,
        Kind.STOPPED,
        Kind.PAUSED,
        Kind.TAKEN_OVER,
        Kind.REPLACED,
        Kind.UNCLEAR,
    }
)
"""How a play ends; each has one of these, or none yet."""

EARLY: Final = 0.5  # share heard until which leaving is a skip
UNHEARD_SECONDS: Final = 12.0  # what finishing leaves out at most: a fade-out, a crossfade
UNHEARD_SHARE: Final = 0.2  # and of a short track at most so much
COUNTS_SECONDS: Final = 30.0  # what a play needs where nobody knows the track's length
RATINGS: Final = (1, 5)


@dataclass(frozen=True, slots=True)
class Reward:
    """What something says (0-1; None: nothing) and how much that weighs."""

    value: float | None
    weight: float


_NOTHING: Final = Reward(None, 0.0)
REWARDS: Final[Mapping[Kind, Reward]] = {
    **dict.fromkeys(Kind, _NOTHING),
    Kind.SKIPPED: Reward(0.0, 1.0),
    Kind.FINISHED: Reward(1.0, 1.0),
    Kind.REPLAYED: Reward(1.0, 2.0),
}
"""What needs nothing but the kind; LEFT_LATE and RATED are graded by `left_late` and `rated`."""


def left(heard: float, duration: float | None) -> Kind:
    """Return what leaving a track for the next one is, after `heard` seconds of it.

    SKIPPED, LEFT_LATE or FINISHED; of unknown duration (None, or not above 0) it is SKIPPED within
    30 seconds and UNCLEAR after.
    """
    if not duration or duration <= 0:
        return Kind.SKIPPED if heard < COUNTS_SECONDS else Kind.UNCLEAR
    if duration - heard <= min(UNHEARD_SECONDS, UNHEARD_SHARE * duration):
        return Kind.FINISHED
    return Kind.SKIPPED if heard < EARLY * duration else Kind.LEFT_LATE


def left_late(heard: float, duration: float) -> Reward:
    """Return the reward of leaving late: from 0 at half of the track to 1 at its end."""
    share = (heard / duration - EARLY) / (1 - EARLY)
    return Reward(min(max(share, 0.0), 1.0), 1.0)


def rated(stars: float) -> Reward:
    """Return the reward of a rating from 1 to 5; a thumb down is 1, a thumb up 5.

    Raises ValueError for any other rating.
    """
    low, high = RATINGS
    if not low <= stars <= high:  # nor is NaN
        raise ValueError(f"a rating is from {low} to {high}")
    return Reward((stars - low) / (high - low), 3.0)


def reward_of(kind: Kind, heard: float | None = None, duration: float | None = None) -> Reward:
    """Return what an interaction other than a rating says, `heard` and `duration` in seconds."""
    if kind is Kind.LEFT_LATE and heard is not None and duration:
        return left_late(heard, duration)
    return REWARDS[kind]
