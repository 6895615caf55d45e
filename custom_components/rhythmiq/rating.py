"""Ratings: what people say of a track, or of a whole recommendation."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .catalog import TrackLibrary
from .const import EVENT_FEEDBACK
from .engine.rewards import Kind, rated
from .interactions import Interaction
from .people import KnownListener
from .record import Record
from .rooms import Room, Rooms
from .sonos.identity import track_name
from .store import Provenance


class NothingRatedError(Exception):
    """There is nothing to rate, or no rating to take back."""

    def __init__(self, key: str, **placeholders: str) -> None:
        """Name a sentence under ``exceptions`` and what fills it."""
        super().__init__(key)
        self.key = key
        self.placeholders = placeholders


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """What is rated: a track by its uri, or a recommendation by its id; and where it plays."""

    uri: str | None = None
    recommendation: str | None = None
    title: str | None = None
    artist: str | None = None
    room: Room | None = None


def playing_in(room: Room) -> Rated:
    """Return the track that plays, or last played, in a room.

    Raises ``NothingRatedError`` where there is none.
    """
    state = room.speaker.state if room.speaker is not None else None
    if state is None or state.uri is None or state.title is None:
        raise NothingRatedError("nothing_playing", room=room.title)
    return Rated(uri=state.uri, title=state.title, artist=state.artist, room=room)


class Ratings:
    """The ratings of one household."""

    def __init__(
        self, hass: HomeAssistant, record: Record, rooms: Rooms, tracks: TrackLibrary
    ) -> None:
        """Write into a record, with the moments of the rooms."""
        self._hass = hass
        self._record = record
        self._rooms = rooms
        self._tracks = tracks
        self._turn = asyncio.Lock()  # what one finds standing, no other may take back meanwhile

    async def rate(self, what: Rated, stars: float, listeners: Sequence[KnownListener]) -> int:
        """Store a rating from 1 to 5, and return its id; it takes the place of an earlier one.

        Raises ``StoreError``, and then nothing has changed. `stars` out of range raise ValueError.
        """
        reward = rated(stars)
        async with self._turn:
            what, before = await self._standing(what, listeners)
            rating = Interaction(
                **self._said(what, listeners),
                kind=Kind.RATED,
                reward=reward.value,
                weight=reward.weight,
            )
            *_, identifier = await self._record.write(
                *self._retractions(what, before, listeners), rating
            )
        self._tell(what, Kind.RATED)
        return identifier

    async def take_back(self, what: Rated, listeners: Sequence[KnownListener]) -> None:
        """Take back the listeners' rating; what it taught is forgotten.

        Raises ``NothingRatedError`` where there is none, and ``StoreError``.
        """
        async with self._turn:
            what, before = await self._standing(what, listeners)
            if not before:
                raise NothingRatedError("no_rating")
            await self._record.write(*self._retractions(what, before, listeners))
        self._tell(what, Kind.RETRACTED)

    def _tell(self, what: Rated, kind: Kind) -> None:
        """Tell the bus that somebody said something, not what: that is theirs."""
        self._hass.bus.async_fire(
            EVENT_FEEDBACK,
            {
                "kind": kind.value,
                "room": what.room.id if what.room else None,
                "title": what.title,
            },
        )

    async def _standing(
        self, what: Rated, listeners: Sequence[KnownListener]
    ) -> tuple[Rated, list[int]]:
        """Return what is rated by the catalog's uri, and the ids of its ratings until now."""
        uri = what.uri
        if uri is not None:
            (uri,) = await self._hass.async_add_executor_job(
                self._tracks.resolve, [track_name(uri) or uri]
            )
        known = Rated(
            uri=uri,
            recommendation=what.recommendation,
            title=what.title,
            artist=what.artist,
            room=what.room,
        )
        before = await self._hass.async_add_executor_job(
            self._record.interactions.ratings,
            uri,
            what.recommendation,
            [listener.id for listener in listeners],
        )
        return known, before

    def _retractions(
        self, what: Rated, before: Sequence[int], listeners: Sequence[KnownListener]
    ) -> list[Interaction]:
        said = self._said(what, listeners)
        return [Interaction(**said, kind=Kind.RETRACTED, retracts=each) for each in before]

    def _said(self, what: Rated, listeners: Sequence[KnownListener]) -> _Said:
        speaker = what.room.speaker_uid if what.room else None
        moment = (
            what.room.moment.read().merged(self._rooms.personal(listeners).values).values
            if what.room
            else {}
        )
        return {
            "happened": dt_util.utcnow().timestamp(),
            "uri": what.uri,
            "title": what.title,
            "artist": what.artist,
            "recommendation": what.recommendation,
            "room": what.room.id if what.room else None,
            "speaker": speaker,
            "speakers": {speaker: 0.0} if speaker else {},
            "listeners": [listener.id for listener in listeners],
            "context": moment,
            "source": Provenance.USER,
        }


class _Said(TypedDict):
    happened: float
    uri: str | None
    title: str | None
    artist: str | None
    recommendation: str | None
    room: str | None
    speaker: str | None
    speakers: Mapping[str, float]
    listeners: Sequence[str]
    context: Mapping[str, float | str]
    source: Provenance
