"""What is asked of the engine, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import math

from .context import Context
from .errors import EngineError
from .features import FEATURES
from .listener import Bans, check_tempo
from .moods import MOODS
from .tune_vector import TuneVector

COUNT = (1, 500)  # tracks
SECONDS = (60, 86_400)
STRENGTHS = ("diversity", "exploration", "fatigue", "novelty", "variety")
WINDOW = (0, 365 * 86_400)  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A wish for tracks in a moment; anything not asked for is left to the moment.

    `seconds`, when given, wins over `count`. `genres`, `artists` and `tempo` (BPM, inclusive)
    restrict what may be recommended, so do `bans`, `explicit` (False leaves out what is known to be
    explicit) and `not_again` (seconds: what a listener heard since then does not come again).
    `mood`, `key` (0-11), `mode` (0/1), `features` (targets on raw scales) and `seeds` (uris: more
    like these) draw towards what they name. `path` is where the music should be over time; without
    one the moment decides, and the list goes on smoothly from `after` (a uri, not recommended for
    it) where the catalog knows that.

    `diversity`, `exploration`, `fatigue`, `novelty` and `variety` scale these terms of the score,
    from 0 (off) to 1. Raises EngineError for values out of range; names the catalog must know are
    checked when ranking.
    """

    context: Context = field(default_factory=Context)
    count: int | None = 20
    seconds: float | None = None
    mood: str | None = None
    genres: tuple[str, ...] = ()
    artists: tuple[str, ...] = ()
    tempo: tuple[float, float] | None = None
    key: int | None = None
    mode: int | None = None
    features: Mapping[str, float] = field(default_factory=dict)
    seeds: tuple[str, ...] = ()
    path: TuneVector | None = None
    after: str | None = None
    bans: Bans = field(default_factory=Bans)
    explicit: bool = True
    not_again: float = 2 * 3600.0
    diversity: float = 1.0
    exploration: float = 1.0
    fatigue: float = 1.0
    novelty: float = 1.0
    variety: float = 1.0

    def __post_init__(self) -> None:
        """Check every value that needs no catalog."""
        if self.seconds is not None:
            _check_range("duration_out_of_range", self.seconds, SECONDS)
        elif isinstance(self.count, int):
            _check_range("count_out_of_range", self.count, COUNT)
        else:
            raise EngineError(
                "count_out_of_range", value=self.count, minimum=COUNT[0], maximum=COUNT[1]
            )
        if self.mood is not None and self.mood not in MOODS:
            raise EngineError("unknown_mood", mood=self.mood, options=", ".join(MOODS))
        if self.tempo is not None:
            check_tempo(self.tempo)
        _check_range("window_out_of_range", self.not_again, WINDOW)
        for name in STRENGTHS:
            _check_range("strength_out_of_range", getattr(self, name), (0, 1), strength=name)
        if self.key not in (None, *range(12)) or self.mode not in (None, 0, 1):
            raise EngineError(
                "key_invalid", value=self.key if self.key not in (None, *range(12)) else self.mode
            )
        for name, target in self.features.items():
            if (shape := FEATURES.get(name)) is None:
                raise EngineError("unknown_feature", feature=name, options=", ".join(FEATURES))
            _check_range(
                "feature_out_of_range", target, (shape.minimum, shape.maximum), feature=name
            )


def _check_range(
    key: str, value: float | None, bounds: tuple[float, float], **placeholders: str
) -> None:
    low, high = bounds
    if value is None or not math.isfinite(value) or not low <= value <= high:
        raise EngineError(key, value=value, minimum=f"{low:g}", maximum=f"{high:g}", **placeholders)
