"""The order of a list: along an energy path that fits the moment, with smooth transitions.

For the few tracks of a recommendation, and quick: `sequence` does the same along any path.
"""

from collections.abc import Sequence

import numpy as np

from .context import Context
from .features import Doubles
from .transition import Motion, Transitions
from .tune_vector import Shape, levels

__all__ = ["Motion", "Shape", "arrange", "shape_for"]

_REACH = 12  # how many tracks are turned around at most
_PATH = 4.0  # cost of being half the list off the path, in breaks
_MOOD_SHAPES: dict[str, Shape] = {
    "calm": "descent", "sleep": "descent", "focus": "hold", "energetic": "ascent", "party": "arc",
}  # fmt: skip


def shape_for(context: Context, mood: str | None) -> Shape:
    """Return the path for a moment: the evening winds down, the morning wakes up, else an arc."""
    if mood in _MOOD_SHAPES:
        return _MOOD_SHAPES[mood]
    match context.values.get("time_of_day"):
        case float(hour) if hour >= 21 or hour < 4:
            return "descent"
        case float(hour) if 5 <= hour < 11:
            return "ascent"
        case _:
            return "arc"


def arrange(motion: Motion, shape: Shape, *, follows: bool = False) -> list[int]:
    """Return the playing order: indices into `motion`.

    Where it `follows`, the first of `motion` is what plays before: it counts as a transition, is
    not in the order, and the indices are those of the others among themselves.

    Tracks are placed by the rank of their energy along the path, or each after the one it follows
    best where there is none; then parts of the list are turned around as long as that lowers the
    cost, the squared distance from the path plus all transitions (2-opt: G. A. Croes 1958, Oper.
    Res. 6, 791). Ties keep the given order.
    """
    step = Transitions(motion).all()
    energy, into = motion.energy, None
    if follows:
        step, energy, into = step[1:, 1:], energy[1:], step[0, 1:]
    n = len(energy)
    lead = None if into is None else into.tolist()
    if shape in {"hold", "free"}:
        return _improved(_chained(step, into), step.tolist(), lead=lead)
    places = (np.arange(n) + 0.5) / max(n, 1)
    target = (levels(shape, places) + 1) / 2
    by_energy = np.argsort(np.nan_to_num(energy, nan=0.5), kind="stable")
    rank = np.empty(n)
    rank[by_energy] = places
    order = np.empty(n, dtype=np.int64)
    order[np.argsort(target, kind="stable")] = by_energy
    return _improved(order.tolist(), step.tolist(), rank.tolist(), target.tolist(), lead=lead)


def _chained(step: Doubles, into: Doubles | None) -> list[int]:
    """Return an order that goes on as smoothly as it can, `into` each from what plays before.

    Where nothing does, it begins with the least usual track.
    """
    order: list[int] = []
    cost, played = -step.sum(axis=0) if into is None else into, np.zeros(len(step))
    for _ in range(len(step)):
        track = int(np.argmin(cost + played))
        order.append(track)
        played[track] = np.inf
        cost = step[track]
    return order


def _improved(
    order: list[int],
    step: list[list[float]],
    rank: Sequence[float] = (),
    target: Sequence[float] = (),
    *,
    lead: list[float] | None = None,
) -> list[int]:
    """Turn parts around while that helps; transitions cost the same in both directions.

    `rank` is where on the path each track belongs, `target` where each place is; none, no path.
    `lead` is what it costs to begin with each track, nothing where nothing plays before.
    """
    n = len(order)
    belongs = [rank[track] for track in order] if target else []
    improving = True
    while improving:
        improving = False
        for a in range(n - 1):
            before = step[order[a - 1]] if a > 0 else lead
            first = order[a]
            for b in range(a + 1, min(a + _REACH, n)):
                last = order[b]
                change = before[last] - before[first] if before else 0.0
                if b < n - 1:
                    after = step[order[b + 1]]
                    change += after[first] - after[last]
                if target:  # what the squared distances change by as the two ends change places
                    near, far, apart = a, b, 0.0
                    while near < far:
                        apart += (belongs[near] - belongs[far]) * (target[near] - target[far])
                        near += 1
                        far -= 1
                    change += 2 * _PATH * apart
                if change < -1e-9:
                    order[a : b + 1] = order[a : b + 1][::-1]
                    belongs[a : b + 1] = belongs[a : b + 1][::-1]
                    first = last
                    improving = True
    return order
