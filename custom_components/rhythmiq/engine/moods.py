"""Moods on Russell's circumplex: pleasure and arousal, and what they ask of a track.

J. A. Russell (1980), A circumplex model of affect, J. Pers. Soc. Psychol. 39, 1161: every mood has
a place by valence (unpleasant to pleasant) and arousal (sleepy to aroused). How the two axes show
in audio follows T. Eerola and J. K. Vuoskoski (2011), Psychol. Music 39, 18, and A. C. North et al.
(2018), Empir. Stud. Arts, doi:10.1177/0276237417704339: energy, loudness and tempo stand for
arousal; valence and the major mode for pleasure. Places and sizes are assumptions, set by ear; what
a mood asks besides has its source beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
import math
from types import MappingProxyType

from .context import Context
from .prior import terms
from .utility import Term

# utility per standard deviation of the feature and unit of the axis
_AROUSAL = {"energy": 1.9, "loudness": 0.6, "tempo": 0.4, "acousticness": -0.8}
_VALENCE = {"valence": 1.4, "mode": 0.3}


@dataclass(frozen=True, slots=True)
class Mood:
    """A place on the circumplex (valence, arousal in ±1) and pushes on further features."""

    valence: float
    arousal: float
    besides: Mapping[str, float] = field(default_factory=dict)
    source: str = ""

    def term(self) -> Term:
        """Return the push towards this mood, added to what the moment asks."""
        push = {name: size * self.arousal for name, size in _AROUSAL.items()}
        push |= {name: size * self.valence for name, size in _VALENCE.items()}
        for name, size in self.besides.items():
            push[name] = push.get(name, 0.0) + size
        return Term("mood", push)


MOODS: Mapping[str, Mood] = MappingProxyType(
    {
        "calm": Mood(0.1, -0.8),
        "happy": Mood(1.0, 0.4, {"danceability": 0.4}, "assumption"),
        "energetic": Mood(0.3, 1.0, {"danceability": 0.2}, "assumption"),
        "melancholic": Mood(-0.8, -0.6, {"danceability": -0.3}, "assumption"),
        "focus": Mood(
            0.0,
            -0.5,
            {"instrumentalness": 1.6, "speechiness": -0.3},
            "lyrics distract: Perham & Currie 2014, Appl. Cogn. Psychol. 28, 279; so does fast, "
            "loud music: Thompson, Schellenberg & Letnic 2012, Psychol. Music 40, 700",
        ),
        "romantic": Mood(0.0, -0.5, {"tempo": -0.2, "speechiness": -0.3}, "assumption"),
        "party": Mood(
            0.5,
            0.7,
            {"danceability": 0.7, "popularity": 0.5, "acousticness": -0.2},
            "what people move to: Duman et al. 2022, PLoS ONE 17, e0275228",
        ),
        "sleep": Mood(
            -0.1,
            -1.1,
            {"instrumentalness": 0.9, "acousticness": 0.4, "danceability": -0.4},
            "softer, slower, acoustic, often instrumental: Scarratt et al. 2023, PLoS ONE 18, "
            "e0278813",
        ),
    }
)


def nearest_mood(context: Context) -> str | None:
    """Return the mood that asks most nearly for what a moment asks for, None if that is nothing.

    Nearest is what makes the smallest angle between what the two push on, of equal ones the first
    by name.
    """
    push: dict[str, float] = {}
    for term in terms(context):
        for name, slope in term.slopes.items():
            push[name] = push.get(name, 0.0) + slope
    if not any(push.values()):
        return None

    def alike(name: str) -> float:
        slopes = MOODS[name].term().slopes
        along = math.fsum(slope * push.get(key, 0.0) for key, slope in slopes.items())
        return along / math.hypot(*slopes.values())

    return max(sorted(MOODS), key=alike)
