"""The features of a track: Spotify's scales, and how they become coordinates.

A feature gives one coordinate, standardised per catalog, those on a ratio scale after taking
logarithms. What is periodic gives its place on a circle instead or besides: the musical key on the
circle of fifths, the tempo within its octave, as half and double the beats are the same music.
Where a taste can have its optimum inside the range, the square of the coordinate stands beside it,
so that a weighted sum of columns can say "about here" and not only "more" or "less".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float32]
type Doubles = NDArray[np.float64]
type Rows = NDArray[np.int64]
type Mask = NDArray[np.bool_]

KEY_COSINE, KEY_SINE = "key_cosine", "key_sine"  # the two coordinates of the key
TEMPO_COSINE, TEMPO_SINE = "tempo_cosine", "tempo_sine"  # those of the tempo within its octave
ON_CIRCLES = frozenset({KEY_COSINE, KEY_SINE, TEMPO_COSINE, TEMPO_SINE})  # not standardised
CLIP = 4.0  # standard deviations: a silent or endless track is "far out", not infinitely far


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its raw range (inclusive) and its shape."""

    minimum: float
    maximum: float
    logarithmic: bool = False
    curved: bool = True  # an optimum inside the range is possible: keep the square, too


FEATURES: Mapping[str, Feature] = MappingProxyType(
    {
        "danceability": Feature(0, 1),
        "energy": Feature(0, 1),
        "key": Feature(0, 11, curved=False),  # pitch class, C = 0
        "loudness": Feature(-60, 5),  # dB full scale
        "mode": Feature(0, 1, curved=False),  # 1 is major
        "speechiness": Feature(0, 1),
        "acousticness": Feature(0, 1),
        "instrumentalness": Feature(0, 1),
        "liveness": Feature(0, 1),
        "valence": Feature(0, 1),
        "tempo": Feature(20, 300, logarithmic=True),  # beats per minute
        "popularity": Feature(0, 100),
        "duration_ms": Feature(1, 86_400_000, logarithmic=True),
        "release_year": Feature(1000, 2100),
    }
)
FEATURE_NAMES: tuple[str, ...] = tuple(FEATURES)

_UNBOUNDED = Feature(-np.inf, np.inf, curved=False)


def feature(name: str) -> Feature:
    """Return the feature's shape; one the engine does not know is taken as it comes."""
    return FEATURES.get(name, _UNBOUNDED)


def coordinates(name: str, raw: Floats | float) -> dict[str, Doubles]:
    """Return the feature's coordinates, not yet standardised; NaN where `raw` is impossible."""
    shape = feature(name)
    values = np.asarray(raw, dtype=np.float64)
    values = np.where((values >= shape.minimum) & (values <= shape.maximum), values, np.nan)
    if name == "key":
        return _circle(values * 7 / 12, KEY_COSINE, KEY_SINE)  # a fifth is seven semitones
    if shape.logarithmic:
        values = np.log2(values)
    circle = _circle(values, TEMPO_COSINE, TEMPO_SINE) if name == "tempo" else {}
    return {name: values, **circle}


def _circle(turns: Doubles, cosine: str, sine: str) -> dict[str, Doubles]:
    angle = turns * (2 * np.pi)
    return {cosine: np.cos(angle), sine: np.sin(angle)}


# The feature that each coordinate belongs to.
ORIGIN: Mapping[str, str] = MappingProxyType(
    {coordinate: name for name in FEATURE_NAMES for coordinate in coordinates(name, np.nan)}
)
