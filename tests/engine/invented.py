"""Invented catalogs, and a ranking in plain float64 to compare with."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray

from custom_components.rhythmiq.engine import FEATURE_NAMES, FEATURES, Catalog, Context
from custom_components.rhythmiq.engine.variables import VARIABLES

GENRES = ("Ambient", "jazz", "Hip-Hop", "pop", "techno")


def raw_features(n: int, rng: np.random.Generator, missing: float = 0.0) -> NDArray[np.float32]:
    """Draw plausible features, float32[n, 14], a share of them missing."""
    raw = np.empty((n, len(FEATURE_NAMES)), dtype=np.float32)
    energy = rng.random(n)
    for place, name in enumerate(FEATURE_NAMES):
        match name:
            case "energy":
                raw[:, place] = energy
            case "loudness":
                raw[:, place] = -30 + 25 * energy + rng.normal(0, 2, n)
            case "tempo":
                raw[:, place] = rng.uniform(60, 190, n)
            case "key":
                raw[:, place] = rng.integers(0, 12, n)
            case "mode":
                raw[:, place] = rng.integers(0, 2, n)
            case "popularity":
                raw[:, place] = rng.integers(0, 101, n)
            case "duration_ms":
                raw[:, place] = rng.uniform(120_000, 300_000, n)
            case "release_year":
                raw[:, place] = rng.integers(1950, 2026, n)
            case _:
                raw[:, place] = np.clip(rng.normal(0.5, 0.25, n), 0, 1)
    raw[rng.random(raw.shape) < missing] = np.nan
    return raw


def columns(n: int, seed: int = 0, missing: float = 0.0) -> dict[str, Any]:
    """Return the arguments of Catalog.from_arrays for n invented tracks."""
    rng = np.random.default_rng(seed)
    return {
        "features": raw_features(n, rng, missing),
        "feature_names": FEATURE_NAMES,
        "uri": [f"test:track:{number:05d}" for number in rng.permutation(n)],
        "title": [f"Invented Song {number}" for number in range(n)],
        "artist": [f"Artist {number}, Guest" for number in rng.integers(0, max(n // 4, 1), n)],
        "album": ["Invented"] * n,
        "genre": [
            [GENRES[first], GENRES[second]]
            for first, second in rng.integers(0, len(GENRES), (n, 2))
        ],
    }


def catalog(n: int = 400, seed: int = 0, missing: float = 0.0) -> Catalog:
    """Return n invented tracks."""
    return Catalog.from_arrays(**columns(n, seed, missing))


def permuted(given: dict[str, Any], order: Sequence[int]) -> dict[str, Any]:
    """Return the same tracks in another order of rows."""
    return {
        name: values
        if name == "feature_names"
        else values[list(order)]
        if isinstance(values, np.ndarray)
        else [values[row] for row in order]
        for name, values in given.items()
    }


@st.composite
def contexts(draw: st.DrawFn) -> Context:
    """Draw any valid context."""
    values: dict[str, object] = {}
    for key, variable in VARIABLES.items():
        if draw(st.booleans()):
            if variable.options is not None:
                values[key] = draw(st.sampled_from(variable.options))
            else:
                values[key] = draw(
                    st.floats(variable.minimum, variable.maximum, allow_subnormal=False)
                )
    return Context.from_values(values)


@st.composite
def targets(draw: st.DrawFn) -> dict[str, float]:
    """Draw targets for some features, within their ranges."""
    names = draw(st.lists(st.sampled_from(FEATURE_NAMES), unique=True, max_size=3))
    return {name: draw(st.floats(FEATURES[name].minimum, FEATURES[name].maximum)) for name in names}
