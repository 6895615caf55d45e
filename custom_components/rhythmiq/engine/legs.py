"""A tune vector that changes its kind on the way: what of it are songs, and where the rest goes."""

from dataclasses import dataclass, replace

from .tune_vector import Kind, TuneVector, Waypoint

_SIDE_BY_SIDE = 0.01  # minutes: two waypoints that were far apart, with nothing left in between


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of one kind, from `start` to `end` (seconds; None: without end)."""

    kind: Kind
    start: float
    end: float | None


@dataclass(frozen=True, slots=True)
class Insert:
    """What is no song, and begins after `songs` seconds of songs, at `start` (seconds)."""

    kind: Kind
    songs: float
    start: float


@dataclass(frozen=True, slots=True)
class Itinerary:
    """The songs of a tune vector as a vector of their own, None without any, and the rest."""

    songs: TuneVector | None
    inserts: tuple[Insert, ...]


def legs(vector: TuneVector) -> tuple[Leg, ...]:
    """Return the parts of a tune vector, each of another kind than the one before."""
    changes: list[tuple[float, Kind]] = [(0.0, vector.kind)]
    for point in vector.waypoints:
        at = 60 * point.minute
        if point.kind is None or point.kind == changes[-1][1]:
            continue
        if at == changes[-1][0]:
            changes.pop()
        changes.append((at, point.kind))
    if vector.seconds is not None and len(changes) > 1 and changes[-1][0] >= vector.seconds:
        changes.pop()  # what begins when all is over
    ends = [*(start for start, _ in changes[1:]), vector.seconds]
    return tuple(Leg(kind, start, end) for (start, kind), end in zip(changes, ends, strict=True))


def itinerary(vector: TuneVector) -> Itinerary:
    """Cut what is no song out of a tune vector.

    The songs keep their waypoints, earlier by as much as was cut out before them, and the one that
    turns them into a soundscape, which they lead to.
    """
    parts = legs(vector)
    waypoints: list[Waypoint] = []
    inserts: list[Insert] = []
    heard = 0.0  # seconds of songs
    seconds: float | None = 0.0
    for part, after in zip(parts, [*parts[1:], None], strict=True):
        if part.kind != "playlist":
            inserts.append(Insert(part.kind, heard, part.start))
            continue
        for point in vector.waypoints:
            at = 60 * point.minute
            inside = part.start <= at and (part.end is None or at < part.end or after is None)
            lands = at == part.end and after is not None and after.kind == "soundscape"
            if inside or lands:
                minute = (heard + at - part.start) / 60
                if waypoints and minute <= waypoints[-1].minute:
                    minute = waypoints[-1].minute + _SIDE_BY_SIDE
                kind = point.kind if lands else None
                if point.features or point.mood or point.genre or kind:
                    waypoints.append(replace(point, minute=minute, kind=kind))
        if part.end is None:
            seconds = None
        else:
            heard += part.end - part.start
    if all(part.kind != "playlist" for part in parts):
        return Itinerary(None, tuple(inserts))
    if seconds is not None:
        seconds = max(heard, 60.0)
    songs = TuneVector(waypoints=tuple(waypoints), shape=vector.shape, seconds=seconds)
    return Itinerary(songs, tuple(inserts))
