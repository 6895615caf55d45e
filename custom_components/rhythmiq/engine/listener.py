"""A person the music is for: what they said, what they heard, and how much they dare."""

from dataclasses import dataclass, field
import math
from typing import Final, Literal, get_args

from .errors import EngineError
from .features import FEATURES
from .ids import stable_id

type Kind = Literal["genre", "artist", "tempo", "instrument"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind.__value__)
PREFERENCES: Final = 100  # at most


@dataclass(frozen=True, slots=True)
class Bans:
    """What is never recommended: tracks (every edition of the recording) and artists."""

    tracks: tuple[str, ...] = ()  # uris; unknown ones ban nothing
    artists: tuple[str, ...] = ()  # names; also where they are guests


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """A listener's word on a genre, an artist, an instrument, or a range of tempo.

    `weight` is from -1 (avoid) over 0 (nothing said) to 1 (love). A tempo has `tempo` (beats per
    minute, inclusive) instead of a `name`. No catalog knows instruments yet: that kind is kept and
    says nothing. Raises EngineError (`unknown_preference`, `preference_out_of_range`,
    `preference_without_name`, `tempo_range_invalid`).
    """

    kind: Kind
    weight: float
    name: str = ""
    tempo: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Check everything."""
        if self.kind not in KINDS:
            raise EngineError("unknown_preference", kind=self.kind, options=", ".join(KINDS))
        if not -1 <= self.weight <= 1:  # nor is NaN
            raise EngineError(
                "preference_out_of_range", preference=self.label, value=self.weight,
                minimum=-1, maximum=1,
            )  # fmt: skip
        if self.kind == "tempo":
            check_tempo(self.tempo)
        elif not self.name.strip():
            raise EngineError("preference_without_name", kind=self.kind)

    @property
    def label(self) -> str:
        """Name what it is about: "jazz", "80-120"."""
        if self.tempo is not None:
            return f"{self.tempo[0]:g}-{self.tempo[1]:g}"
        return self.name.strip()


@dataclass(frozen=True, slots=True)
class Heard:
    """A track that was played: `when` in seconds since any origin, the same as `now`'s.

    `completed` is None where nobody knows. A track the catalog does not have still tires of its
    artist.
    """

    uri: str
    when: float
    artist: str = ""
    completed: bool | None = None

    def __post_init__(self) -> None:
        """Check the time."""
        if not math.isfinite(self.when):
            raise EngineError("time_invalid", value=self.when)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A person. Raises EngineError (`adventurousness_out_of_range`, `too_many_preferences`).

    `id` names them to the model; an integer is used as it is, -1 being nobody in particular.
    `adventurousness` (0-1) is how far uncertain tracks are tried out, and whether artists they
    know are favoured (below a half) or others (above). `explicit` allows explicit lyrics.
    """

    id: str | int
    preferences: tuple[Preference, ...] = ()
    adventurousness: float = 0.1
    history: tuple[Heard, ...] = ()
    bans: Bans = field(default_factory=Bans)
    explicit: bool = True

    def __post_init__(self) -> None:
        """Check every number."""
        if not 0 <= self.adventurousness <= 1:
            raise EngineError(
                "adventurousness_out_of_range", value=self.adventurousness, minimum=0, maximum=1
            )
        if len(self.preferences) > PREFERENCES:
            raise EngineError(
                "too_many_preferences", value=len(self.preferences), maximum=PREFERENCES
            )

    @property
    def number(self) -> int:
        """The id as the model knows it."""
        return self.id if isinstance(self.id, int) else stable_id(self.id)


def check_tempo(tempo: tuple[float, float] | None) -> None:
    """Raise EngineError(`tempo_range_invalid`) unless this is a range of tempo."""
    bounds = FEATURES["tempo"]
    low, high = (math.nan, math.nan) if tempo is None else tempo
    if not bounds.minimum <= low <= high <= bounds.maximum:
        raise EngineError(
            "tempo_range_invalid",
            value=f"{low:g}-{high:g}",
            minimum=f"{bounds.minimum:g}",
            maximum=f"{bounds.maximum:g}",
        )
