"""The prior: what a moment asks of music before anything is known about the listener.

Each effect turns one variable into a signal around 0 and pushes on features in proportion, in
utility per standard deviation. The base bends every feature (½ · curvature · z²), so pushes do not
ask for "ever more" but move an optimum, at push / curvature. An absent variable pushes nothing.

The published findings give the direction of a push; its size is an assumption throughout, set by
ear on real tracks. Effects without a finding say "assumption".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import math

from .context import Context
from .utility import Term


@dataclass(frozen=True, slots=True)
class Effect:
    """How one variable pushes: `signal(value)`, about -1 to 1, times `push` (per feature)."""

    variable: str
    name: str
    signal: Callable[[float | str], float]
    push: Mapping[str, float]
    source: str


def _bump(centre: float, hours: float) -> Callable[[float | str], float]:
    """Return a smooth daily bump (von Mises), 1 at `centre`, e^-½ `hours` away from it."""
    sharpness = 0.5 / (1 - math.cos(hours * math.tau / 24))

    def signal(value: float | str) -> float:
        return math.exp(sharpness * (math.cos((float(value) - centre) * math.tau / 24) - 1))

    return signal


def _soft(middle: float, span: float) -> Callable[[float | str], float]:
    """Return a soft step: 0 at `middle`, ±0.76 a `span` away, saturating at ±1."""
    return lambda value: math.tanh((float(value) - middle) / span)


def _soft_log(middle: float, factor: float) -> Callable[[float | str], float]:
    """Return the same on a logarithmic scale, for quantities perceived in ratios."""
    return lambda value: math.tanh(
        math.log((float(value) + 1) / (middle + 1)) / math.log(factor),
    )


def _words(signals: Mapping[str, float]) -> Callable[[float | str], float]:
    return lambda value: signals.get(str(value), 0.0)


SUNSHINE = {
    "sunny": 1.0, "clear-night": 0.0, "partlycloudy": 0.4, "windy": 0.0, "windy-variant": 0.0,
    "cloudy": -0.4, "fog": -0.7, "rainy": -0.8, "pouring": -1.0, "lightning": -0.6,
    "lightning-rainy": -0.9, "snowy": -0.6, "snowy-rainy": -0.9, "hail": -0.8, "exceptional": 0.0,
}  # fmt: skip

_PARK = "Park et al. 2019, Nat. Hum. Behav. 3, 230: relaxing late at night, energetic by day"
_HEGGLI = "Heggli, Stupacher & Vuust 2021, R. Soc. Open Sci. 8, 210885"
_ANGLADA = "Anglada-Tort et al. 2023, R. Soc. Open Sci. 10, 221443"
_SPEECH = (
    "Salamé & Baddeley 1989, Q. J. Exp. Psychol. 41A, 107: words that are heard disturb what is "
    "done with words, instrumental music hardly does"
)
_ON = _words({"on": 1.0})
_KRAUSE = "Krause & North 2018, Psychol. Aesthet. Creat. Arts 12, 89"

BASE = Term(
    "base",
    slopes={
        # Ward, Goodman & Irwin 2014, Mark. Lett. 25, 1: familiar music is chosen
        "popularity": 0.9,
        # assumptions: speech, applause and long instrumentals are rarely meant by "music"
        "speechiness": -0.6,
        "liveness": -0.3,
        "instrumentalness": -0.3,
    },
    curvatures={
        # Berlyne 1971; North & Hargreaves 1995, Psychomusicology 14, 77: liking peaks at a medium
        # level of arousal; which level is what the moment decides
        "energy": 1.0,
        "loudness": 0.4,
        "valence": 0.7,
        "danceability": 0.5,
        "acousticness": 0.6,
        "tempo": 0.3,
        # assumptions: the ordinary is meant unless something asks for less
        "popularity": 0.15,
        "speechiness": 0.4,
        "liveness": 0.2,
        "instrumentalness": 0.3,
        "duration_ms": 0.4,
    },
)

EFFECTS: tuple[Effect, ...] = (
    Effect(
        "time_of_day", "morning", _bump(8, 2),
        {"valence": 0.5, "energy": 0.1, "tempo": -0.1, "danceability": -0.1},
        f"{_HEGGLI}: mornings rise in loudness, valence and energy, at a lower tempo",
    ),
    Effect(
        "time_of_day", "afternoon", _bump(14.5, 3),
        {"energy": 0.35, "loudness": 0.15, "valence": 0.2, "tempo": 0.1, "danceability": 0.1},
        f"{_HEGGLI}; {_PARK}",
    ),
    Effect(
        "time_of_day", "evening", _bump(19.5, 1.8),
        {"danceability": 0.25, "tempo": 0.1},
        f"{_HEGGLI}: tempo, beat strength and danceability peak in the evening",
    ),
    Effect(
        "time_of_day", "night", _bump(0.5, 2.5),
        {
            "energy": -0.7, "loudness": -0.3, "tempo": -0.25, "acousticness": 0.4,
            "valence": -0.15, "instrumentalness": 0.1,
        },
        f"{_PARK}; {_HEGGLI}: loudness and tempo are lowest at night",
    ),
    Effect(
        "day_type", "free", _words({"weekend": 1.0, "holiday": 0.8, "workday": -0.4}),
        {"danceability": 0.15, "valence": 0.15, "energy": 0.1},
        "Golder & Macy 2011, Science 333, 1878: mood is better on free days; size: assumption",
    ),
    Effect(
        "noise_level", "noise", _soft(50, 20),
        {
            "loudness": 0.35, "energy": 0.9, "acousticness": -0.35, "danceability": 0.35,
            "instrumentalness": -0.1,
        },
        "Van Heusden, Plomp & Pols 1979, Appl. Acoust. 12, 31 (speech): the preferred level rises "
        "with noise above some 40 dB(A), as one's own voice does (Lombard effect; Lane & Tranel "
        "1971, J. Speech Hear. Res. 14, 677); that soft music drowns first: assumption",
    ),
    Effect(
        "illuminance", "brightness", _soft_log(150, 8),
        {"energy": 0.35, "valence": 0.25, "acousticness": -0.15, "tempo": 0.1},
        "light alerts: Cajochen 2007, Sleep Med. Rev. 11, 453; the step to music: assumption",
    ),
    Effect(
        "outdoor_temperature", "warmth", _soft(14, 10),
        {"valence": 0.2, "energy": 0.15, "danceability": 0.2},
        f"{_ANGLADA}: energetic, danceable, positive songs chart in warm weather",
    ),
    Effect(
        "indoor_temperature", "warmth", _soft(22, 6),
        {"energy": -0.1, "tempo": -0.1},
        "assumption: heat slows people down",
    ),
    Effect(
        "weather", "sunshine", _words(SUNSHINE),
        {"valence": 0.3, "energy": 0.2, "danceability": 0.15, "acousticness": -0.15},
        f"{_ANGLADA}: more positive and energetic in sun than in rain; {_KRAUSE}",
    ),
    Effect(
        "occupancy", "company", _soft_log(1.5, 3),
        {
            "danceability": 0.45, "valence": 0.25, "energy": 0.45, "popularity": 0.35,
            "tempo": 0.1, "instrumentalness": -0.15,
        },
        "Knoeferle, Paus & Vossen 2017, J. Retail. 93, 541: fast music suits a crowd; that company "
        "wants known, danceable songs: assumption",
    ),
    Effect(
        "sun_elevation", "daylight", _soft(0, 15),
        {"energy": 0.15, "valence": 0.1},
        f"{_PARK}; that the sun counts beside the clock: assumption",
    ),
    Effect(
        "season", "warm half",
        _words({"summer": 1.0, "spring": 0.6, "autumn": -0.6, "winter": -1.0}),
        {"danceability": 0.1, "valence": 0.1, "acousticness": -0.1},
        "Pettijohn, Williams & Carter 2010, Curr. Psychol. 29, 328: energetic and rhythmic music "
        "in the warm half of the year, reflective music in the cold one",
    ),
    Effect(
        "people_home", "company at home", _soft_log(1.5, 3),
        {"danceability": 0.1, "valence": 0.1, "energy": 0.1, "popularity": 0.15},
        "assumption: as company in the room, but weaker",
    ),
    Effect(
        "television", "speech beside", _ON,
        {"energy": -0.4, "loudness": -0.3, "instrumentalness": 0.5, "speechiness": -0.4},
        _SPEECH,
    ),
    Effect(
        "call", "a call beside", _ON,
        {"energy": -0.7, "loudness": -0.4, "instrumentalness": 0.8, "speechiness": -0.5},
        _SPEECH,
    ),
    Effect(
        "vacuum", "noise", _ON,
        {"loudness": 0.3, "energy": 0.5, "acousticness": -0.2},
        "assumption: as noise",
    ),
    Effect(
        "heart_rate", "arousal", _soft(85, 30),
        {"tempo": 0.4, "energy": 0.5},
        "Karageorghis et al. 2011, Res. Q. Exerc. Sport 82, 274: the preferred tempo rises with "
        "heart rate",
    ),
    Effect(
        "heart_rate_variability", "calm", _soft_log(40, 2),
        {"energy": 0.15, "tempo": 0.05},
        "Thoma et al. 2013, PLOS ONE 8, e70156: relaxing music before stress speeds recovery; that "
        "a low variability asks for it: assumption",
    ),
    Effect(
        "activity", "exertion",
        _words({"still": -0.2, "walking": 0.4, "running": 1.0, "cycling": 0.8, "in_vehicle": 0.1}),
        {"energy": 0.6, "tempo": 0.5, "danceability": 0.2, "loudness": 0.2},
        "Karageorghis & Priest 2012, Int. Rev. Sport Exerc. Psychol. 5, 44",
    ),
    Effect(
        "sleep", "asleep", _words({"asleep": 1.0}),
        {
            "energy": -1.2, "loudness": -0.6, "tempo": -0.4, "acousticness": 0.6,
            "instrumentalness": 0.5, "danceability": -0.3,
        },
        "Scarratt, Heggli, Vuust & Jespersen 2023, PLOS ONE 18, e0278813: sleep music is softer, "
        "slower, less energetic and more often instrumental and acoustic",
    ),
    Effect(
        "calendar", "busy", _words({"busy": 1.0}),
        {"instrumentalness": 0.3, "speechiness": -0.3, "energy": -0.1},
        f"{_SPEECH}; that busy people work: assumption",
    ),
    Effect(
        "place", "arrival", _words({"just_arrived": 1.0}),
        {"valence": 0.25, "popularity": 0.2},
        "assumption: one is welcomed by something known",
    ),
)  # fmt: skip


def base(usual: Mapping[str, float]) -> Term:
    """Return the base, bent around what is usual (standardised) among the tracks in question.

    Who asks for a genre wants it as it is, not its tracks that resemble the rest of the catalog.
    """
    slopes = dict(BASE.slopes)
    for name, curvature in BASE.curvatures.items():
        slopes[name] = slopes.get(name, 0.0) + curvature * usual.get(name, 0.0)
    return Term(BASE.key, slopes, BASE.curvatures)


def terms(context: Context) -> tuple[Term, ...]:
    """Return one term per present variable, in the order of EFFECTS."""
    pushes: dict[str, dict[str, float]] = {}
    for effect in EFFECTS:
        if effect.variable in context.values:
            signal = effect.signal(context.values[effect.variable])
            push = pushes.setdefault(effect.variable, {})
            for name, size in effect.push.items():
                push[name] = push.get(name, 0.0) + signal * size
    return tuple(Term(variable, push) for variable, push in pushes.items())
