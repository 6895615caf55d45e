"""A tune vector that is being followed: which songs it asks for, and what plays besides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from .engine import Recommendation, Request, TuneVector
from .engine.legs import Itinerary, itinerary
from .engine.tune_vector import Kind
from .sonos.accompaniment import Plan
from .sonos.media import Playable
from .sonos.stream import Stream

type Item = Playable | Stream


class TuneVectorError(Exception):
    """A tune vector that cannot be followed."""

    def __init__(self, key: str, **placeholders: str) -> None:
        """Name the refusal by the ``key`` of its translation."""
        super().__init__(key, placeholders)
        self.key = key
        self.placeholders = placeholders


def check_fade(vector: TuneVector, fade: float) -> None:
    """Raise ``TuneVectorError`` for a fade that the vector has no time for."""
    if fade and vector.seconds is None:
        raise TuneVectorError("fade_without_end")
    if fade > (vector.seconds or 0.0):
        raise TuneVectorError("fade_too_long", fade=f"{fade:g}", duration=f"{vector.seconds:g}")


@dataclass(frozen=True, slots=True)
class Inserted:
    """What plays besides the songs: at ``minute`` by plan, before the song ``before`` (from 0)."""

    kind: Kind
    minute: float
    before: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A tune vector with what there is to play for soundscapes and podcasts.

    ``mood`` is what its songs are chosen in unless another one is asked for, ``fade`` over how many
    seconds at its end the volume falls. Raises ``TuneVectorError``: ``kind_without_items``,
    ``stream_not_last`` for a station that something is to follow, ``fade_without_end``,
    ``fade_too_long``.
    """

    name: str | None
    vector: TuneVector
    mood: str | None = None
    fade: float = 0.0
    items: Mapping[Kind, tuple[Item, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that each part has something to play, and an end where it needs one."""
        check_fade(self.vector, self.fade)
        made = self.itinerary
        last = made.inserts[-1] if made.inserts else None
        songs = made.songs.seconds if made.songs is not None else 0.0
        for insert in made.inserts:
            if not (items := self.items.get(insert.kind)):
                raise TuneVectorError("kind_without_items", kind=insert.kind)
            for item in items:
                at_end = insert is last and insert.songs == songs and item is items[-1]
                if isinstance(item, Stream) and not at_end:
                    raise TuneVectorError("stream_not_last", name=item.title or item.uri)

    @property
    def itinerary(self) -> Itinerary:
        """Its songs, and the rest."""
        return itinerary(self.vector)

    def stretched(self, seconds: float) -> Course:
        """Return it in another time, the fade with it. Raises what the vector raises."""
        vector = self.vector.stretched(seconds)
        factor = seconds / (self.vector.seconds or seconds)
        return replace(self, vector=vector, fade=self.fade * factor)

    def request(self, request: Request) -> Request | None:
        """Return what is asked of the engine, None if there are no songs at all."""
        songs = self.itinerary.songs
        if songs is None:
            return None
        return replace(request, path=songs, seconds=songs.seconds, mood=request.mood or self.mood)

    def inserted(self, made: Recommendation) -> tuple[Inserted, ...]:
        """Return what plays besides a recommendation's songs."""
        starts = [0.0, *accumulate(track.duration or 0.0 for track in made.tracks)]
        inserts = self.itinerary.inserts
        found = []
        for at, insert in enumerate(inserts):
            same = [each for each in inserts if each.kind == insert.kind]
            items = self.items[insert.kind]
            if len(same) > 1:  # another one each time
                nth = sum(each.kind == insert.kind for each in inserts[:at])
                items = (items[nth % len(items)],)
            before = min(range(len(starts)), key=lambda song: abs(starts[song] - insert.songs))
            if self.itinerary.songs is not None and insert.songs == self.itinerary.songs.seconds:
                before = len(made.tracks)
            found.append(Inserted(insert.kind, insert.start / 60, before, items))
        return tuple(found)

    def entries(self, made: Recommendation, songs: Sequence[Playable]) -> list[Playable]:
        """Return what goes into the queue, in order; a station does not."""
        entries = list(songs)
        for insert in reversed(self.inserted(made)):
            queued = [item for item in insert.items if isinstance(item, Playable)]
            entries[insert.before : insert.before] = queued
        return entries

    @property
    def then(self) -> Stream | None:
        """The station that follows everything else."""
        inserts = self.itinerary.inserts
        item = self.items[inserts[-1].kind][-1] if inserts else None
        return item if isinstance(item, Stream) else None

    @property
    def plan(self) -> Plan:
        """What goes along with the music."""
        ends = self.vector.seconds if self.fade or self.then is not None else None
        return Plan(
            ends=ends,
            fade=self.fade,
            then=self.then,
            crossfade=self.itinerary.songs is not None and bool(self.itinerary.inserts),
        )
