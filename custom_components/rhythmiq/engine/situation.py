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

type Columns = Mapping[str, float]

_QUANTITIES: Final = (
    "sun_elevation", "home_rhythm", "noise_level", "indoor_temperature", "humidity",
    "outdoor_temperature", "heart_rate", "recent_rating",
)  # fmt: skip
_RATIOS: Final = (
    "illuminance", "occupancy", "people_home", "heart_rate_variability", "steps", "time_to_skip",
)  # fmt: skip
# Metabolic equivalents of task (Ainsworth et al. 2011, Med. Sci. Sports Exerc. 43, 1575)
_EXERTION: Final = {
    "still": 1.0,
    "walking": 3.5,
    "running": 10.0,
    "cycling": 7.5,
    "in_vehicle": 1.3,
}
_RAIN: Final = {"rainy", "pouring", "lightning-rainy", "snowy-rainy", "hail"}
_SNOW: Final = {"snowy", "snowy-rainy"}


def _each(key: str, *words: str) -> dict[str, Columns]:
    """Return a column for each of a variable's words, or for some of them."""
    options = VARIABLES[key].options or ()
    return {
        word: {f"{key}_{column}": float(word == column) for column in words or options}
        for word in options
    }


_WORDS: Final[Mapping[str, Mapping[str, Columns]]] = {
    "day_type": _each("day_type"),
    "season": {
        "spring": {"season_warmth": 0.0, "season_growth": 1.0},
        "summer": {"season_warmth": 1.0, "season_growth": 0.0},
        "autumn": {"season_warmth": 0.0, "season_growth": -1.0},
        "winter": {"season_warmth": -1.0, "season_growth": 0.0},
    },
    "weather": {
        word: {
            "weather_sunshine": sunshine,
            "weather_rain": float(word in _RAIN),
            "weather_snow": float(word in _SNOW),
        }
        for word, sunshine in SUNSHINE.items()
    },
    "activity": {
        word: {"exertion": math.log(met), "in_vehicle": float(word == "in_vehicle")}
        for word, met in _EXERTION.items()
    },
    "television": _each("television", "on"),
    "vacuum": _each("vacuum", "on"),
    "call": _each("call", "on"),
    "sleep": _each("sleep", "asleep"),
    "calendar": _each("calendar", "busy"),
    "place": _each("place", "just_arrived", "usually_away", "away"),
}

TRACK_COLUMNS: Final = tuple(
    coordinate for name in FEATURE_NAMES for coordinate in coordinates(name, 1.0)
)
CONTEXT_COLUMNS: Final = (
    "day_cosine", "day_sine", "half_day_cosine", "half_day_sine",
    *_QUANTITIES,
    *_RATIOS,
    *dict.fromkeys(
        column for words in _WORDS.values() for columns in words.values() for column in columns
    ),
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


def _columns(key: str, value: float | str) -> Columns:
    if (words := _WORDS.get(key)) is not None:
        return words[str(value)]
    number = float(value)
    if key == "time_of_day":
        angle = number * math.tau / 24
        return {
            "day_cosine": math.cos(angle),
            "day_sine": math.sin(angle),
            "half_day_cosine": math.cos(2 * angle),
            "half_day_sine": math.sin(2 * angle),
        }
    return {key: math.log1p(number) if key in _RATIOS else number}
