"""What the engine answers."""

from dataclasses import dataclass

from .context import Context


@dataclass(frozen=True, slots=True)
class Reason:
    """One term of a track's score.

    `key` is a variable, "base", "mood", "features", "key", "seeds", "variety", "diversity", "path",
    or of the listeners: "preferred_genre", "preferred_artist", "preferred_tempo", "learned",
    "exploration", "fatigue", "novelty", "least_happy". `feature` is the one that contributed most
    to the term, if any did; for "seeds" it may be "artist" or "genre". A preference has a `subject`
    (the genre, the artist, the tempo) and the `listener` whose it is. No two reasons of a track are
    about the same.
    """

    key: str
    amount: float
    feature: str | None = None
    subject: str | None = None
    listener: str | int | None = None


@dataclass(frozen=True, slots=True)
class RecommendedTrack:
    """One track of a recommendation; `duration` in seconds. All reasons add up to the score."""

    uri: str
    title: str
    artist: str
    album: str
    duration: float | None
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Tracks in playing order, and the context they were chosen for."""

    tracks: tuple[RecommendedTrack, ...]
    context: Context
