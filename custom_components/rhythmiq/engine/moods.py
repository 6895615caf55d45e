"""Moods on Russell's circumplex: pleasure and arousal, and what they ask of a track.

J. A. Russell (1980), A circumplex model of affect, J. Pers. Soc. Psychol. 39, 1161: every mood has
a place by valence (unpleasant to pleasant) and arousal (sleepy to aroused). How the two axes show
in audio follows T. Eerola and J. K. Vuoskoski (2011), Psychol. Music 39, 18, and A. C. North et al.
(2018), Empir. Stud. Arts 36, 84 (energy and tempo stand for arousal). Coordinates of a mood and
strengths are assumptions, set by ear; what a mood asks besides has its source beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .utility import Term

_AROUSAL = {"energy": 1.5, "loudness": 0.9, "tempo": 0.5, "acousticness": -0.9}
_VALENCE = {"valence": 1.3, "mode": 0.4}
_STRENGTH = {"energy": 4.0, "valence": 3.0, "acousticness": 2.0, "mode": 0.3}


@dataclass(frozen=True, slots=True)
class Mood:
    """A place on the circumplex (valence, arousal in ±1) and further standardised targets."""

    valence: float
    arousal: float
    besides: Mapping[str, float] = field(default_factory=dict)
    source: str = ""

    def term(self) -> Term:
        """Return the pull towards this mood."""
        targets = {name: slope * self.arousal for name, slope in _AROUSAL.items()}
        targets |= {name: slope * self.valence for name, slope in _VALENCE.items()}
        targets |= self.besides
        return Term.pull("mood", targets, {name: _STRENGTH.get(name, 1.5) for name in targets})


MOODS: Mapping[str, Mood] = MappingProxyType(
    {
        "calm": Mood(0.2, -0.8),
        "happy": Mood(1.0, 0.4, {"danceability": 0.7}),
        "energetic": Mood(0.3, 1.0, {"danceability": 0.4}),
        "melancholic": Mood(-0.9, -0.6, {"danceability": -0.6}),
        "focus": Mood(
            0.0,
            -0.6,
            {"instrumentalness": 2.4, "speechiness": -0.6, "popularity": 0.3},
            "lyrics distract: Perham & Currie 2014, Appl. Cogn. Psychol. 28, 279; so does fast, "
            "loud music: Thompson, Schellenberg & Letnic 2012, Psychol. Music 40, 700",
        ),
        "romantic": Mood(0.2, -0.4, {"danceability": 0.2, "speechiness": -0.5}, "assumption"),
        "party": Mood(
            0.6,
            0.7,
            {"danceability": 1.2, "popularity": 1.2, "acousticness": -0.6},
            "what people move to: Duman et al. 2022, PLoS ONE 17, e0275228",
        ),
        "sleep": Mood(
            -0.1,
            -1.2,
            {"instrumentalness": 1.2, "acousticness": 2.0, "danceability": -0.9},
            "softer, slower, acoustic, often instrumental: Scarratt et al. 2023, PLoS ONE 18, "
            "e0278813",
        ),
    }
)
