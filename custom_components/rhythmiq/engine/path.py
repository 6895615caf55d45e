"""The order of a list: along an energy path that fits the moment, with smooth transitions."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .context import Context
from .features import Doubles

type Shape = Literal["ascent", "descent", "arc", "hold"]

_WINDOW = 6  # places a track may be moved in one step of the improvement
_PATH_WEIGHT = 12.0  # cost of being at the wrong end of the path, in units of a full transition
_MOOD_SHAPES: dict[str, Shape] = {
    "calm": "descent", "sleep": "descent", "focus": "hold", "energetic": "ascent", "party": "arc",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Motion:
    """What is heard from one track to the next, float64[n] each; NaN where unknown."""

    energy: Doubles
    loudness: Doubles  # dB
    tempo: Doubles  # beats per minute
    key: Doubles  # pitch class
    mode: Doubles


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


def arrange(motion: Motion, shape: Shape) -> list[int]:
    """Return the playing order: indices into `motion`.

    Tracks are placed by the rank of their energy along the path, then pairs near each other swap
    as long as that lowers the cost, the squared distance from the path plus all transitions. Ties
    keep the given order.
    """
    n = len(motion.energy)
    target = _targets(shape, n)
    rank = np.empty(n)
    by_energy = np.argsort(np.nan_to_num(motion.energy, nan=0.5), kind="stable")
    rank[by_energy] = np.linspace(0, 1, n)
    order = np.empty(n, dtype=np.int64)
    order[np.argsort(target, kind="stable")] = by_energy
    off_path = _PATH_WEIGHT * (rank[:, None] - target[None, :]) ** 2
    if shape == "hold":
        off_path *= 0
    return _improved(order.tolist(), off_path.tolist(), transitions(motion).tolist())


def transitions(motion: Motion) -> Doubles:
    """Return the cost float64[n, n] of playing one track after another, each part within 0-1.

    Tempo as a ratio, half and double time being the same; key by fifths, a minor key standing at
    its relative major; an unknown value costs nothing.
    """
    octaves = np.log2(np.where(motion.tempo > 0, motion.tempo, np.nan))
    ratio = np.abs(_differences(octaves))
    tempo = np.minimum(ratio, np.abs(ratio - 1)) * 2
    home = (motion.key + np.where(motion.mode == 0, 3, 0)) * 7
    steps = np.abs(_differences(home)) % 12
    fifths = np.minimum(steps, 12 - steps) / 6
    loudness = np.minimum(np.abs(_differences(motion.loudness)) / 12, 1)
    energy = np.abs(_differences(motion.energy))
    parts = (1.0 * tempo, 0.5 * fifths, 0.7 * loudness, 1.0 * energy)
    total: Doubles = sum((np.nan_to_num(part, nan=0.0) for part in parts), np.zeros_like(ratio))
    return total


def _differences(values: Doubles) -> Doubles:
    return values[:, None] - values[None, :]


def _targets(shape: Shape, n: int) -> Doubles:
    """Return where on the range of energies (0-1) each place of the list should be."""
    along = np.linspace(0, 1, n)
    match shape:
        case "ascent":
            return along
        case "descent":
            return 1 - along
        case "arc":  # up to a peak at two thirds, then half the way down
            rise = along / (2 / 3)
            return np.where(along <= 2 / 3, rise, 1 - 0.5 * (along - 2 / 3) * 3)
        case _:
            return np.zeros(n)


def _improved(order: list[int], off_path: list[list[float]], step: list[list[float]]) -> list[int]:
    n = len(order)

    def cost(place: int) -> float:
        track = order[place]
        total = off_path[track][place]
        if place > 0:
            total += step[order[place - 1]][track]
        if place < n - 1:
            total += step[track][order[place + 1]]
        return total

    improving = True
    while improving:
        improving = False
        for a in range(n):
            for b in range(a + 1, min(a + _WINDOW, n)):
                before = cost(a) + cost(b)
                order[a], order[b] = order[b], order[a]
                if cost(a) + cost(b) < before - 1e-9:
                    improving = True
                else:
                    order[a], order[b] = order[b], order[a]
    return order
