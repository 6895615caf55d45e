"""Writing down what happens at once, and not losing it while it cannot be written.

What happened is stored the moment it is told. When that fails, a full disk most often, it waits in
memory and is tried again; the log says so once.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
import logging
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .catalog import TrackLibrary
from .interactions import Interaction, Interactions
from .library import Library
from .sonos.identity import track_name
from .store import StoreError

_LOGGER = logging.getLogger(__name__)

WAITING_ROWS: Final = 10_000
RETRY_SECONDS: Final = 30.0
BELONGS_SECONDS: Final = 86_400.0  # so long after it was given a track belongs to a recommendation
_TOGETHER: Final = 256

type Listener = Callable[[Sequence[Interaction]], None]


class Record:
    """What happened in one household: the way into the store."""

    def __init__(self, hass: HomeAssistant, library: Library) -> None:
        """Write into the shared library."""
        self._hass = hass
        self.interactions = Interactions(library.store)
        self._places = Places(self.interactions, library.tracks)
        self._learning = library.learning
        self._listeners: list[Listener] = []
        self._waiting: deque[Interaction] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._retry: CALLBACK_TYPE | None = None
        self._failed = False
        self._lost = 0

    @property
    def waiting(self) -> int:
        """How many rows are not stored yet."""
        return len(self._waiting)

    @callback
    def add_listener(self, listener: Listener) -> None:
        """Tell the listener what is stored."""
        self._listeners.append(listener)

    @callback
    def add(self, interaction: Interaction) -> None:
        """Store what happened, now or as soon as that is possible; `uri` is as reported."""
        self._waiting.append(interaction)
        self._shorten()
        if self._retry is None:
            self._begin()

    async def write(self, *interactions: Interaction) -> list[int]:
        """Store rows in one transaction and return their ids: when this returns, they are kept.

        They are learned from soon after: nobody waits for a model that has to be made anew. Raises
        ``StoreError``; then none is stored.
        """
        ids = await self._hass.async_add_executor_job(self._append, interactions)
        self._tell(interactions)
        self._hass.async_add_executor_job(self._learn)
        return ids

    async def flush(self) -> None:
        """Wait until everything is stored; try once more what could not be."""
        self._stop_waiting()
        if self._writing is None or self._writing.done():
            self._begin()
        while self._writing is not None and not self._writing.done():
            await asyncio.wait([self._writing])

    async def stop(self) -> None:
        """Store what waits; say what is lost if that is not possible."""
        await self.flush()
        self._stop_waiting()
        if self._waiting:
            _LOGGER.error("%d rows of what happened are lost", len(self._waiting))

    def _begin(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = self._hass.async_create_task(
                self._write(), "rhythmiq record", eager_start=False
            )

    async def _write(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _TOGETHER))]
            try:
                await self._hass.async_add_executor_job(self._append, batch)
            except StoreError as err:
                self._waiting.extendleft(reversed(batch))
                self._shorten()
                self._fail(err)
                return
            self._tell(batch)
        await self._hass.async_add_executor_job(self._learn)
        if self._failed:
            _LOGGER.info("What happened is stored again; %d rows were lost", self._lost)
        self._failed, self._lost = False, 0

    @callback
    def _tell(self, rows: Sequence[Interaction]) -> None:
        for listener in self._listeners:
            listener(rows)

    def _append(self, batch: Sequence[Interaction]) -> list[int]:
        """Store a batch; blocking."""
        placed = [self._places.placed(row) for row in batch]
        return self.interactions.append(placed, dt_util.utcnow().timestamp())

    def _learn(self) -> None:
        """Learn from what is stored; blocking. What fails now is made up for later."""
        try:
            self._learning.learn()
        except StoreError as err:
            _LOGGER.debug("Nothing can be learned now: %s", err)

    def _fail(self, err: StoreError) -> None:
        if not self._failed:
            _LOGGER.warning("What happens is kept in memory until it can be stored: %s", err)
        self._failed = True
        self._retry = async_call_later(self._hass, RETRY_SECONDS, self._try_again)

    @callback
    def _try_again(self, _: object) -> None:
        self._retry = None
        self._begin()

    def _stop_waiting(self) -> None:
        if self._retry is not None:
            self._retry()
            self._retry = None

    def _shorten(self) -> None:
        """Forget the oldest of too many."""
        while len(self._waiting) > WAITING_ROWS:
            self._waiting.popleft()
            self._lost += 1


class Places:
    """Finds the recommendation that a track was played from; blocking."""

    def __init__(self, interactions: Interactions, tracks: TrackLibrary) -> None:
        """Look into the store behind both."""
        self._interactions = interactions
        self._tracks = tracks
        self._known: dict[tuple[str, int], Mapping[str, tuple[int, str]]] = {}

    def placed(self, row: Interaction) -> Interaction:
        """Return a row with the catalog's uri, and its recommendation if it has one.

        The newest recommendation of the last day for one of its speakers that holds the track.
        """
        if row.uri is None:
            return row
        name = track_name(row.uri) or row.uri
        since = row.happened - BELONGS_SECONDS
        speakers = {row.speaker or "", *row.speakers}
        given = self._interactions.recommended(speakers, since, row.happened)
        self._known = {each: self._known.get(each) or self._read(each[0]) for each in given}
        for each in given:
            if (place := self._known[each].get(name)) is not None:
                position, uri = place
                return replace(row, uri=uri, recommendation=each[0], position=position)
        (own,) = self._tracks.resolve([name])
        return replace(row, uri=own)

    def _read(self, key: str) -> Mapping[str, tuple[int, str]]:
        """Return position and uri of a recommendation's tracks, by name."""
        places: dict[str, tuple[int, str]] = {}
        for position, uri in enumerate(self._interactions.recommended_uris(key)):
            places.setdefault(track_name(uri) or uri, (position, uri))
        return places
