"""Tune vectors that are ready to be used, by name.

Their numbers are assumptions, set by ear, led by two findings: melodic sounds go with waking up
less groggy (S. J. McFarlane et al. 2020, PLoS ONE 15, e0215788), so the first minutes are
acoustic and slow rather than loud; and what people sleep to is soft, slow, acoustic and often
instrumental (R. J. Scarratt et al. 2023, PLoS ONE 18, e0278813).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from .tune_vector import Shape, TuneVector, Waypoint


@dataclass(frozen=True, slots=True)
class Preset:
    """A tune vector, the mood that its tracks are chosen in, and how it ends.

    Over the last `fade` seconds the volume falls; 0: it stays.
    """

    vector: TuneVector
    mood: str | None = None
    fade: float = 0.0


def _point(minute: float, **features: float) -> Waypoint:
    return Waypoint(minute=minute, features=features)


def _through(minutes: float, *waypoints: Waypoint, shape: Shape = "free") -> TuneVector:
    return TuneVector(waypoints=waypoints, shape=shape, seconds=60 * minutes)


PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        "wake_up": Preset(
            _through(
                30,
                _point(0, energy=0.1, tempo=72, acousticness=0.85),
                _point(30, energy=0.75, tempo=118, acousticness=0.1, valence=0.75),
                shape="ascent",
            )
        ),
        "focus": Preset(
            _through(
                60,
                _point(0, energy=0.35, speechiness=0.03, instrumentalness=0.95, tempo=95),
                shape="hold",
            ),
            mood="focus",
        ),
        "dinner": Preset(
            _through(
                90,
                _point(0, energy=0.2, acousticness=0.85, tempo=92, valence=0.5),
                _point(60, energy=0.35, acousticness=0.7, tempo=102, valence=0.6),
                _point(90, energy=0.25, acousticness=0.8, tempo=92, valence=0.5),
                shape="arc",
            ),
            mood="calm",
        ),
        "wind_down": Preset(
            _through(
                45,
                _point(0, energy=0.5, tempo=105, acousticness=0.4),
                _point(45, energy=0.05, tempo=72, acousticness=0.95),
                shape="descent",
            ),
            mood="calm",
        ),
        "party": Preset(
            _through(
                120,
                _point(0, energy=0.6, danceability=0.75, tempo=108),
                _point(80, energy=0.92, danceability=0.8, tempo=127),
                _point(120, energy=0.65, danceability=0.72, tempo=112),
                shape="arc",
            ),
            mood="party",
        ),
        "sleep": Preset(
            _through(
                60,
                _point(0, energy=0.2, tempo=80, acousticness=0.9, instrumentalness=0.6),
                _point(30, energy=0.03, tempo=65, acousticness=0.99, instrumentalness=0.95),
                shape="descent",
            ),
            mood="sleep",
            fade=20 * 60.0,
        ),
    }
)
"""By name: `wake_up`, `focus`, `dinner`, `wind_down`, `party` and `sleep`."""
