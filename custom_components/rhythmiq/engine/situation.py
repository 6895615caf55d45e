"""Moments and tracks as the rows that the model learns from: raw scales, NaN where absent.

Whoever tells the model what happened describes it with these columns, and so does ranking when it
asks what will. Quantities that are perceived in ratios are logarithms; what is periodic has two
coordinates, the day four, so that it may have more than one good hour.
"""

from collections.abc import Mapping
import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from .catalog import Catalog
from .context import Context
from .features import FEATURE_NAMES, Doubles, coordinates
from .learning import ContextModel
from .prior import SUNSHINE
from .variables import VARIABLES

_DAYS: Final = VARIABLES["day_type"].options or ()
_RAIN: Final = {"rainy", "pouring", "lightning-rainy", "snowy-rainy", "hail"}
_SNOW: Final = {"snowy", "snowy-rainy"}
_QUANTITIES: Final = ("noise_level", "indoor_temperature", "outdoor_temperature")
_RATIOS: Final = ("illuminance", "occupancy")

TRACK_COLUMNS: Final = tuple(
    coordinate for name in FEATURE_NAMES for coordinate in coordinates(name, 1.0)
)
CONTEXT_COLUMNS: Final = (
    "day_cosine", "day_sine", "half_day_cosine", "half_day_sine",
    *(f"day_type_{day}" for day in _DAYS),
    *_QUANTITIES, *_RATIOS,
    "weather_sunshine", "weather_rain", "weather_snow",
)  # fmt: skip


def new_model(prior: bytes | None = None) -> ContextModel:
    """Return a model for these columns that knows nothing, or what `prior` does."""
    return ContextModel(len(TRACK_COLUMNS), len(CONTEXT_COLUMNS), prior=prior)


def track_rows(catalog: Catalog, rows: ArrayLike) -> Doubles:
    """Describe some tracks, float64[n, len(TRACK_COLUMNS)]."""
    chosen = np.asarray(rows, dtype=np.int64)
    lines = [
        line
        for name in FEATURE_NAMES
        for line in coordinates(name, catalog.column(name)[chosen]).values()
    ]
    return np.stack(lines, axis=1)


def context_row(context: Context) -> Doubles:
    """Describe a moment, float64[len(CONTEXT_COLUMNS)]."""
    known: dict[str, float] = {}
    for key, value in context.values.items():
        known |= _columns(key, value)
    return np.array([known.get(name, math.nan) for name in CONTEXT_COLUMNS])


def _columns(key: str, value: float | str) -> Mapping[str, float]:
    match key:
        case "time_of_day":
            angle = float(value) * math.tau / 24
            return {
                "day_cosine": math.cos(angle),
                "day_sine": math.sin(angle),
                "half_day_cosine": math.cos(2 * angle),
                "half_day_sine": math.sin(2 * angle),
            }
        case "day_type":
            return {f"day_type_{day}": float(value == day) for day in _DAYS}
        case "weather":
            return {
                "weather_sunshine": SUNSHINE.get(str(value), 0.0),
                "weather_rain": float(value in _RAIN),
                "weather_snow": float(value in _SNOW),
            }
        case _ if key in _RATIOS:
            return {key: math.log1p(float(value))}
        case _:
            return {key: float(value)}
