"""Keeps the model of what listeners like true to what is stored.

Interactions come first: they are in the store before the model hears of them, and the model is a
function of their sequence, so it can always be made anew (`rebuild`). What is stored of it saves
doing so at every start: the model after some interaction, with what it was made of. A start goes
on from there; a different catalog, other columns, something taken back or corrupt bytes make it
begin at the first interaction. Once rows have expired it goes on in any case, for what they taught
would be lost; then what is taken back counts until the next rebuild.

Every method blocks and belongs into the executor; one thread at a time uses the model.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
import logging
from math import inf
import sqlite3
import threading
import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .catalog import TrackLibrary
from .engine import VARIABLES, Catalog, Context, ContextModel, EngineError
from .engine.ids import UNKNOWN, artist_id, stable_id, track_id
from .engine.situation import (
    CONTEXT_COLUMNS,
    TRACK_COLUMNS,
    context_row,
    new_model,
    track_rows,
)
from .interactions import Block, Interactions
from .listeners.liking import About, Tally, likings
from .listeners.preferences import Observed
from .store import Provenance, Store

_LOGGER = logging.getLogger(__name__)

# Outcomes after which the model is stored; a start learns at most so many again. Of a large model
# it is a share: each time, all of it is written.
SAVE_AFTER: Final = 50
SAVE_SHARE: Final = 1 / 256
_NAME: Final = "listeners"


@dataclass(frozen=True, slots=True)
class Learned:
    """What the model knows: of how many outcomes, up to which interaction, since when it exists."""

    outcomes: int
    last: int
    created: float


class Learning:
    """The model of all listeners of this home."""

    def __init__(self, store: Store, tracks: TrackLibrary) -> None:
        """Learn from what is in the store about the tracks in it."""
        self._store = store
        self._tracks = tracks
        self._interactions = Interactions(store)
        self._lock = threading.Lock()
        self._model: ContextModel | None = None
        self._catalog: Catalog | None = None
        self._last = self._outcomes = self._expired = self._unsaved = 0
        self._created = 0.0

    @property
    def outcomes(self) -> int:
        """Of how many outcomes the model knows."""
        return self._outcomes

    @contextmanager
    def model(self) -> Iterator[ContextModel]:
        """Lend the model, which knows all that is stored. Raises `StoreError`."""
        with self._lock:
            yield self._caught_up()

    def learn(self) -> Learned:
        """Take in what was stored since; return what is known now. Raises `StoreError`."""
        with self._lock:
            self._caught_up()
            return self._known()

    def rebuild(self) -> Learned:
        """Make the model anew from what is stored, and store it. Raises `StoreError`."""
        with self._lock:
            self._begin(self._tracks.load())
            self._follow(self._newest())
            self._save()
            return self._known()

    def save(self) -> None:
        """Store the model unless it is stored as it is. Raises `StoreError`."""
        with self._lock:
            if self._unsaved:
                self._save()

    def expire(self, before: float) -> int:
        """Delete what happened before a time (seconds since the epoch); return how many rows.

        Recommendations of before that go, too; what was learned stays. Raises `StoreError`.
        """
        with self._lock:
            count = self._store.read(
                lambda connection: connection.execute(
                    "SELECT count(*) FROM interactions WHERE happened < ?", (before,)
                ).fetchone()
            )[0]
            if count:
                self._caught_up()
                self._expired += int(count)
                self._save()
            self._store.write(partial(_expire, before=before))
            return int(count)

    def erase[T](self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """Erase something stored together with what was learned, and learn anew from the rest.

        See `Store.erase`. What was learned of expired rows goes, too: nobody can tell it apart. So
        do learned preferences, until somebody looks at `likings` again.
        """

        def erase(connection: sqlite3.Connection) -> T:
            connection.execute("DELETE FROM models")
            done = operation(connection)
            connection.execute(
                "DELETE FROM preferences WHERE source = ? AND NOT dismissed", (Provenance.PLAYER,)
            )
            return done

        with self._lock:
            try:
                return self._store.erase(erase)
            finally:
                self._begin(self._tracks.load())
                self._follow(self._newest())

    def _known(self) -> Learned:
        return Learned(self._outcomes, self._last, self._created)

    def _caught_up(self) -> ContextModel:
        catalog = self._tracks.load()
        end = self._newest()  # once: what is stored meanwhile, the next one learns
        if self._model is None:
            self._load(catalog)
        if not self._expired and (catalog is not self._catalog or self._took_back(end)):
            self._begin(catalog)
        self._catalog = catalog
        model = self._follow(end)
        if self._unsaved >= max(SAVE_AFTER, SAVE_SHARE * self._outcomes):
            self._save()
        return model

    def _begin(self, catalog: Catalog) -> None:
        self._model, self._catalog = new_model(), catalog
        self._last = self._outcomes = self._expired = 0
        self._unsaved = 1  # that it was made anew
        self._created = time.time()

    def _newest(self) -> int:
        """Return the id of the newest interaction."""
        return self._store.read(_newest)

    def _follow(self, end: int) -> ContextModel:
        """Observe the interactions behind the last one, until `end`."""
        assert self._model is not None
        assert self._catalog is not None
        if end > self._last:
            for block in self._interactions.blocks(after=self._last, until=end):
                rows = outcomes(block, self._catalog)
                rows.observed_by(self._model)
                self._outcomes += len(rows)
                self._unsaved += len(rows)
            self._last = end
        return self._model

    def _took_back(self, end: int) -> bool:
        """Tell whether something that the model knows was taken back since, until `end`."""
        last = self._last
        return (
            self._store.read(
                lambda connection: connection.execute(
                    "SELECT 1 FROM interactions WHERE id > ? AND id <= ? AND retracts <= ?",
                    (last, end, last),
                ).fetchone()
            )
            is not None
        )

    def _load(self, catalog: Catalog) -> None:
        """Go on from the stored model, or begin anew."""
        self._begin(catalog)
        stored = self._store.read(
            lambda connection: connection.execute(
                "SELECT made_of, last, outcomes, expired, created, data FROM models WHERE name = ?",
                (_NAME,),
            ).fetchone()
        )
        if stored is None:
            return
        made_of, last, known, expired, created, data = stored
        if made_of != _made_of(catalog) and not expired:
            _LOGGER.debug("The model was made of other tracks or columns")
            return
        try:
            model = ContextModel.load(data)
        except EngineError as err:
            _LOGGER.warning("The stored model is made anew: %s", err)
            return
        if (model.n_features, model.n_context) != (len(TRACK_COLUMNS), len(CONTEXT_COLUMNS)):
            return
        self._model, self._unsaved = model, 0
        self._last, self._outcomes, self._expired, self._created = last, known, expired, created

    def _save(self) -> None:
        assert self._model is not None
        assert self._catalog is not None
        row = (
            _NAME, _made_of(self._catalog), self._last, self._outcomes, self._expired,
            self._created, self._model.save(),
        )  # fmt: skip
        self._store.write(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO models"
                " (name, made_of, last, outcomes, expired, created, data)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        )
        self._unsaved = 0

    def likings(self, listener: str, before: float = inf) -> list[Observed]:
        """Return which artists and genres a listener was seen to like, `before` some time.

        Raises `StoreError`.
        """
        catalog = self._tracks.load()
        tallies: dict[About, Tally] = {}
        usual = Tally(0, 0)
        for uri, artist, finished, heard in self._interactions.tallies(listener, before):
            tally = Tally(heard, finished)
            usual += tally
            row = catalog.index_of(uri)
            abouts = [("artist", name) for name in artist.split(", ") if name]
            if row is not None:
                abouts += [("genre", genre) for genre in catalog.genres[row]]
            for about in abouts:
                tallies[about] = tallies.get(about, Tally(0, 0)) + tally
        return likings(tallies, usual)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Rows as `ContextModel.observe` takes them; one for each listener who was there."""

    listener: NDArray[np.int64]
    track: NDArray[np.int64]
    artist: NDArray[np.int64]
    features: NDArray[np.float64]
    context: NDArray[np.float64]
    reward: NDArray[np.float64]
    when: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.reward)

    def observed_by(self, model: ContextModel) -> None:
        """Let a model observe them."""
        if len(self):
            model.observe(
                self.listener, self.track, self.artist, self.features, self.context, self.reward,
                when=self.when,
            )  # fmt: skip


def outcomes(block: Block, catalog: Catalog) -> Outcomes:
    """Return what a block of interactions says about liking.

    What has no reward or no track says nothing. A reward of weight n stands n times; where nobody
    is known to have been there, it is nobody's in particular. What the catalog does not have is
    known by its id and artist only.
    """
    rows: list[int] = []
    listeners: list[int] = []
    for row, (uri, reward, weight, there) in enumerate(
        zip(block.uri, block.reward, block.weight, block.listeners, strict=True)
    ):
        if uri is None or np.isnan(reward):
            continue
        for number in [stable_id(listener) for listener in there] or [UNKNOWN]:
            times = round(weight)
            rows += [row] * times
            listeners += [number] * times
    at = np.array(rows, dtype=np.int64)
    return Outcomes(
        listener=np.array(listeners, dtype=np.int64),
        track=np.array([track_id(block.uri[row] or "") for row in rows], dtype=np.int64),
        artist=np.array([artist_id(block.artist[row] or "") for row in rows], dtype=np.int64),
        features=_features(catalog, [block.uri[row] or "" for row in rows]),
        context=_contexts([block.context[row] for row in rows]),
        reward=block.reward[at],
        when=block.happened[at],
    )


def _features(catalog: Catalog, uris: Sequence[str]) -> NDArray[np.float64]:
    features = np.full((len(uris), len(TRACK_COLUMNS)), np.nan)
    found = [(place, catalog.index_of(uri)) for place, uri in enumerate(uris)]
    known = [(place, row) for place, row in found if row is not None]
    if known:
        places, rows = zip(*known, strict=True)
        features[list(places)] = track_rows(catalog, rows)
    return features


def _contexts(contexts: Sequence[dict[str, float | str]]) -> NDArray[np.float64]:
    lines = np.full((len(contexts), len(CONTEXT_COLUMNS)), np.nan)
    for line, values in zip(lines, contexts, strict=True):
        known = {key: value for key, value in values.items() if _is_known(key, value)}
        line[:] = context_row(Context(known))
    return lines


def _is_known(key: str, value: float | str) -> bool:
    """Tell whether this version knows a variable and its word; another one may have stored it."""
    variable = VARIABLES.get(key)
    if variable is None:
        return False
    return isinstance(value, float | int) if variable.options is None else value in variable.options


def _made_of(catalog: Catalog) -> str:
    """Return what a model depends on besides interactions: its columns and the tracks."""
    digest = blake2b("\n".join((*TRACK_COLUMNS, *CONTEXT_COLUMNS)).encode(), digest_size=16)
    digest.update("\n".join(catalog.uri).encode(errors="surrogatepass"))
    digest.update(np.ascontiguousarray(catalog.matrix))
    return digest.hexdigest()


def _newest(connection: sqlite3.Connection) -> int:
    newest: int = connection.execute("SELECT coalesce(max(id), 0) FROM interactions").fetchone()[0]
    return newest


def _expire(connection: sqlite3.Connection, before: float) -> None:
    connection.execute("DELETE FROM interactions WHERE happened < ?", (before,))
    connection.execute("DELETE FROM recommendations WHERE created < ?", (before,))
