"""A tune vector: a path through music over time.

The user says where the music should be at some minutes, by features, a mood or a genre, or only
how it should move. `TuneVector.path` turns that into targets in a catalog's standardised
coordinates, linear between the waypoints (tempo in its logarithm).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
import difflib
from itertools import pairwise
import math
from typing import Final, Literal, Self, get_args

import numpy as np

from . import prior
from .catalog import Catalog, fold
from .errors import EngineError
from .features import FEATURES, Doubles
from .moods import MOODS

type Shape = Literal["ascent", "descent", "arc", "hold", "free"]
type Kind = Literal["playlist", "soundscape", "podcast"]

SHAPES: Final[tuple[Shape, ...]] = get_args(Shape.__value__)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind.__value__)
SECONDS = (60, 86_400)
# What a path may lead through on account of a mood or a genre: what is heard.
AUDIBLE = (
    "danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness",
    "liveness", "valence", "tempo",
)  # fmt: skip

GENRE = "genre:"  # the coordinate of belonging to a genre
MEMBER = 2.0  # standard deviations: how far those who belong are from those who do not

# Songs that lead into a soundscape: what they are like at the end, and how long they take to it
_LANDING: Mapping[str, float] = {"energy": 0.15, "speechiness": 0.03, "instrumentalness": 0.9}
_GLIDE = 900.0  # seconds, at most half of the time there is
_LANDED = 1 / 3  # of the glide: the last song is in its middle by then
_RISE = 1.0  # standard deviations: how far a shape leaves its middle
_FARTHEST = 2.0  # standard deviations: no mood asks for music at the end of a scale
_SHRINKAGE = 5.0  # a genre's centroid counts this many average tracks in
# Level between -1 and 1 at a share of the time. An arc peaks at two thirds and comes back to where
# it was at one third: it spends as long on any level as on any other, so a list of tracks fits it.
_MOVES: Mapping[Shape, tuple[tuple[float, float], ...]] = {
    "ascent": ((0.0, -1.0), (1.0, 1.0)),
    "descent": ((0.0, 1.0), (1.0, -1.0)),
    "arc": ((0.0, -1.0), (1 / 3, -1 / 3), (2 / 3, 1.0), (1.0, -1 / 3)),
    "hold": ((0.0, 0.0),),
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a coordinate should be (standardised), and how much that matters (0-1)."""

    place: float
    weight: float = 1.0


_AVERAGE = Target(0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint:
    """Where the music should be at a minute; what it does not name is left to its neighbours.

    `features` are on raw scales and win over what the mood says, the mood over the genre. `kind`
    is what plays from this minute on, None for what played before. Raises EngineError
    (`minute_out_of_range`, `unknown_feature`, `feature_out_of_range`, `unknown_mood`,
    `unknown_option`, `waypoint_empty`); whether there is such a genre is for the catalog to say.
    """

    minute: float
    features: Mapping[str, float] = field(default_factory=dict)
    mood: str | None = None
    genre: str | None = None
    kind: Kind | None = None

    def __post_init__(self) -> None:
        """Check every value that needs no catalog."""
        last = SECONDS[1] / 60
        if not 0 <= self.minute <= last:  # nor is NaN
            raise EngineError(
                "minute_out_of_range", value=self.minute, minimum=0, maximum=f"{last:g}"
            )
        for name, value in self.features.items():
            if (known := FEATURES.get(name)) is None:
                raise EngineError("unknown_feature", feature=name, options=", ".join(FEATURES))
            if not known.minimum <= value <= known.maximum:
                raise EngineError(
                    "feature_out_of_range",
                    value=value,
                    minimum=f"{known.minimum:g}",
                    maximum=f"{known.maximum:g}",
                    feature=name,
                )
        if self.mood is not None and self.mood not in MOODS:
            raise EngineError("unknown_mood", mood=self.mood, options=", ".join(MOODS))
        if self.kind is not None:
            _check_option("kind", self.kind, KINDS)
        if not self.features and self.mood is self.genre is self.kind is None:
            raise EngineError("waypoint_empty", minute=f"{self.minute:g}")

    def targets(self, catalog: Catalog) -> dict[str, Target]:
        """Return where the catalog's coordinates should be. Raises EngineError(`unknown_genre`)."""
        targets: dict[str, Target] = {}
        if self.genre is not None:
            targets |= _of_genre(catalog, self.genre)
        if self.mood is not None:
            targets |= _of_mood(self.mood, {name for name, power in catalog.columns if power == 1})
        for name, value in self.features.items():
            targets |= {at: Target(z) for at, z in catalog.place(name, value).items()}
        return targets


@dataclass(frozen=True, slots=True)
class Path:
    """Where the coordinates `names` should be over time; without names, anything is on the path.

    At `seconds` float64[k], ascending, the targets are float64[k, f]; linear in between, constant
    before and after. `weights` float64[f] say how much each coordinate matters; they add up to 1.
    """

    names: tuple[str, ...]
    weights: Doubles
    seconds: Doubles
    targets: Doubles

    @classmethod
    def free(cls) -> Self:
        """Return the path that everything is on."""
        return cls((), np.empty(0), np.zeros(1), np.empty((1, 0)))

    @classmethod
    def through(cls, points: Iterable[tuple[float, Mapping[str, Target]]]) -> Self:
        """Lead through targets at given seconds, ascending; each coordinate between its own."""
        points = list(points)
        names = tuple(sorted({name for _, targets in points for name in targets}))
        if not names:
            return cls.free()
        seconds = np.array(sorted({at for at, _ in points}))
        weights, lines = [], []
        for name in names:
            own = [(at, targets[name]) for at, targets in points if name in targets]
            weights.append(max(target.weight for _, target in own))
            lines.append(
                np.interp(seconds, [at for at, _ in own], [target.place for _, target in own])
            )
        return cls(names, np.array(weights) / sum(weights), seconds, np.stack(lines, axis=1))

    def at(self, seconds: Doubles) -> Doubles:
        """Return the targets float64[..., f] at some times."""
        lines = [np.interp(seconds, self.seconds, line) for line in self.targets.T]
        return np.stack(lines, axis=-1) if lines else np.empty((*np.shape(seconds), 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneVector:
    """A path through feature space over time, as the user thinks of it.

    The waypoints are the path. The shape moves the energy besides, as long as at most one of them
    names it: around what that one says, else around the average. `free` moves nothing: without
    waypoints only the transitions count. A soundscape does not speak, and songs that a waypoint
    turns into one come to it calm and wordless. `seconds` is how long it lasts, None as long as
    the tracks. Raises EngineError (`unknown_option`, `waypoint_order`, `duration_out_of_range`,
    `minute_out_of_range` for a waypoint past the end).
    """

    waypoints: tuple[Waypoint, ...] = ()
    shape: Shape = "free"
    kind: Kind = "playlist"
    seconds: float | None = None

    def __post_init__(self) -> None:
        """Check what the waypoints cannot check alone."""
        _check_option("shape", self.shape, SHAPES)
        _check_option("kind", self.kind, KINDS)
        for earlier, later in pairwise(self.waypoints):
            if later.minute <= earlier.minute:
                raise EngineError(
                    "waypoint_order", minute=f"{later.minute:g}", previous=f"{earlier.minute:g}"
                )
        low, high = SECONDS
        if self.seconds is not None and not low <= self.seconds <= high:
            raise EngineError(
                "duration_out_of_range", value=self.seconds, minimum=low, maximum=high
            )
        if self.seconds is not None and self.waypoints:
            past = self.waypoints[-1].minute
            if 60 * past > self.seconds:
                raise EngineError(
                    "minute_out_of_range",
                    value=f"{past:g}",
                    minimum=0,
                    maximum=f"{self.seconds / 60:g}",
                )

    def stretched(self, seconds: float) -> Self:
        """Return the same path in another time; one that had no duration gets it.

        Raises EngineError(`duration_out_of_range`, and `minute_out_of_range` where nothing could be
        stretched).
        """
        if self.seconds is None:
            return replace(self, seconds=seconds)
        factor = seconds / self.seconds
        waypoints = tuple(
            replace(point, minute=min(point.minute * factor, seconds / 60))
            for point in self.waypoints
        )
        return replace(self, waypoints=waypoints, seconds=seconds)

    def path(self, catalog: Catalog, seconds: float | None = None) -> Path:
        """Return the path in the catalog's coordinates.

        A shape is stretched over the vector's duration, or over `seconds` if it has none; over an
        hour if neither is known. Raises EngineError(`unknown_genre`).
        """
        points: list[tuple[float, Mapping[str, Target]]] = [
            (60 * point.minute, point.targets(catalog)) for point in self.waypoints
        ]
        points += self._belonging()
        energy = [targets["energy"] for _, targets in points if "energy" in targets]
        if self.shape != "free" and len(energy) < 2:
            middle = energy[0] if energy else _AVERAGE
            points = [
                (at, {name: target for name, target in targets.items() if name != "energy"})
                for at, targets in points
            ]
            points += moves(self.shape, self.seconds or seconds or 3600.0, middle)
        if self.kind == "soundscape":
            named = {name for _, targets in points for name in targets}
            points.append((0.0, _speechless(catalog, named)))
        else:
            for point in self.waypoints:
                if point.kind == "soundscape":
                    points = _landing(points, catalog, point)
        return Path.through(sorted(points, key=lambda point: point[0]))

    def _belonging(self) -> Iterable[tuple[float, Mapping[str, Target]]]:
        """Yield which genre the tracks should belong to, half-way to the next one to both."""
        genres = [
            (60 * point.minute, genre_coordinate(point.genre))
            for point in self.waypoints
            if point.genre is not None
        ]
        for at, here in genres:
            yield at, {name: Target(MEMBER * (name == here)) for _, name in genres}
        for (at, here), (later, there) in pairwise(genres):
            yield (at + later) / 2, {here: Target(MEMBER), there: Target(MEMBER)}


def genre_coordinate(genre: str) -> str:
    """Return the name of the coordinate of belonging to a genre: MEMBER of those who do, else 0."""
    return GENRE + fold(genre)


def levels(shape: Shape, share: Doubles) -> Doubles:
    """Return the level of a shape (-1 to 1) at shares of its time; one that stays is at 0."""
    points = _MOVES.get(shape, _MOVES["hold"])
    return np.interp(share, [at for at, _ in points], [level for _, level in points])


def moves(
    shape: Shape, seconds: float, middle: Target = _AVERAGE, rise: float = _RISE
) -> list[tuple[float, Mapping[str, Target]]]:
    """Return how a shape moves the energy, as points of a path; none if it is free."""
    return [
        (share * seconds, {"energy": Target(middle.place + rise * level, middle.weight)})
        for share, level in _MOVES.get(shape, ())
    ]


def _of_mood(mood: str, known: Collection[str]) -> dict[str, Target]:
    """Return where a mood's pushes move the optimum, and as its weight how sharp that is."""
    return {
        name: Target(max(-_FARTHEST, min(push / sharpness, _FARTHEST)), sharpness)
        for name, push in MOODS[mood].term().slopes.items()
        if name in AUDIBLE
        and name in known
        and push
        and (sharpness := prior.BASE.curvatures.get(name, 0.0)) > 0
    }


def _of_genre(catalog: Catalog, genre: str) -> dict[str, Target]:
    """Return a genre's centroid; a coordinate weighs the share of variance the genre explains."""
    rows = catalog.genre_rows(genre)
    if len(rows) == 0:
        by_fold = {fold(name): name for name in catalog.genre_names}
        close = difflib.get_close_matches(fold(genre), by_fold, n=3)
        suggestions = ", ".join(by_fold[match] for match in close) or "-"
        raise EngineError("unknown_genre", genre=genre, suggestions=suggestions)
    targets: dict[str, Target] = {}
    for (name, power), line in zip(catalog.columns, catalog.matrix, strict=True):
        if power == 1 and name in AUDIBLE:
            z = line[rows].astype(np.float64)
            total = len(z) + _SHRINKAGE
            centre = math.fsum(z) / total
            spread = (math.fsum((z - centre) ** 2) + _SHRINKAGE) / total
            if (weight := 1 - spread) > 0:
                targets[name] = Target(centre, weight)
    return targets


def _speechless(catalog: Catalog, named: Collection[str]) -> dict[str, Target]:
    """Return what a soundscape asks for, unless it was said otherwise."""
    return {
        coordinate: Target(z)
        for name, value in (("speechiness", 0.03), ("instrumentalness", 0.9))
        if name not in named
        for coordinate, z in catalog.place(name, value).items()
    }


def _landing(
    points: list[tuple[float, Mapping[str, Target]]], catalog: Catalog, point: Waypoint
) -> list[tuple[float, Mapping[str, Target]]]:
    """Lead to a soundscape over the last minutes before it, from wherever the path is.

    What the waypoint says itself is left to it.
    """
    end = 60 * point.minute
    start = end - min(_GLIDE, end / 2)
    landed = end - _LANDED * (end - start)
    said = point.targets(catalog)
    for feature, value in _LANDING.items():
        for name, z in catalog.place(feature, value).items():
            if name in said:
                continue
            own = [(at, targets[name]) for at, targets in points if name in targets]
            before = Path.through([(at, {name: target}) for at, target in own])
            place = float(before.at(np.array(start))[0]) if own else _AVERAGE.place
            points = [
                (at, {key: kept for key, kept in targets.items() if key != name})
                if start <= at <= end
                else (at, targets)
                for at, targets in points
            ]
            points += [(start, {name: Target(place)}), (landed, {name: Target(z)})]
    return points


def _check_option(field_name: str, value: str, options: Collection[str]) -> None:
    if value not in options:
        raise EngineError(
            "unknown_option", field=field_name, value=value, options=", ".join(options)
        )
