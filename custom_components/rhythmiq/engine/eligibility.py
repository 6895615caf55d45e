"""Which tracks a request leaves to choose from."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
import difflib

import numpy as np

from .catalog import Catalog, fold
from .errors import EngineError
from .features import Mask
from .index import Index
from .listener import Listener
from .request import Request


@dataclass(frozen=True, slots=True)
class Eligible:
    """What may be chosen: rows (bool[n]), unless they are one of the recordings left out."""

    rows: Mask
    left_out: frozenset[Hashable]


def eligible(
    catalog: Catalog, request: Request, listeners: Sequence[Listener], now: float | None
) -> Eligible:
    """Return what a request and the listeners leave to choose from.

    Tracks are playable, of a wanted genre, by a wanted artist, in the range of tempo, and banned by
    nobody; what is known to be explicit comes only if everybody allows it. Recordings that are
    seeds or banned are left out, and so is what somebody heard within the window before `now`
    unless nothing else is left; recordings made for an occasion come only then, too. Raises
    EngineError (`empty_catalog`, `unknown_genre`, `unknown_artist`, `unknown_seed_track`,
    `nothing_matches`).
    """
    if catalog.n_tracks == 0:
        raise EngineError("empty_catalog")
    index = Index.of(catalog)
    mask = _restricted(catalog, index, request)
    bans = [request.bans, *(listener.bans for listener in listeners)]
    for artist in {artist for ban in bans for artist in ban.artists}:
        mask[index.artist_rows(artist)] = False
    if not (request.explicit and all(listener.explicit for listener in listeners)):
        mask &= catalog.explicit != 1
    left_out = {index.recording(row) for row in seed_rows(catalog, request.seeds)}
    banned = _rows(catalog, (uri for ban in bans for uri in ban.tracks))
    left_out |= {index.recording(row) for row in banned}
    mask[banned] = False
    if not mask.any():
        raise EngineError("nothing_matches")
    ordinary = mask & index.ordinary
    mask = ordinary if ordinary.any() else mask
    heard = _rows(catalog, _lately(listeners, now, request.not_again))
    if heard:
        left = mask.copy()
        left[heard] = False
        if left.any():
            mask = left
            left_out |= {index.recording(row) for row in heard}
    return Eligible(mask, frozenset(left_out))


def seed_rows(catalog: Catalog, seeds: Iterable[str]) -> list[int]:
    """Return the rows of the seed tracks. Raises EngineError(`unknown_seed_track`)."""
    rows = []
    for uri in seeds:
        if (row := catalog.index_of(uri)) is None:
            raise EngineError("unknown_seed_track", track=uri)
        rows.append(row)
    return rows


def _restricted(catalog: Catalog, index: Index, request: Request) -> Mask:
    mask = catalog.playable.copy()
    if request.genres:
        wanted = np.zeros(catalog.n_tracks, dtype=np.bool_)
        for genre in request.genres:
            if len(rows := index.genre_rows(genre)) == 0:
                raise EngineError(
                    "unknown_genre", genre=genre, suggestions=_close(genre, catalog.genre_names)
                )
            wanted[rows] = True
        mask &= wanted
    if request.artists:
        wanted = np.zeros(catalog.n_tracks, dtype=np.bool_)
        for artist in request.artists:
            if len(rows := index.artist_rows(artist)) == 0:
                names = dict.fromkeys(
                    name for shown in catalog.artist for name in shown.split(", ")
                )
                raise EngineError(
                    "unknown_artist", artist=artist, suggestions=_close(artist, names)
                )
            wanted[rows] = True
        mask &= wanted
    if request.tempo is not None:
        low, high = request.tempo
        tempo = catalog.column("tempo")
        mask &= (tempo >= low) & (tempo <= high)
    return mask


def _lately(listeners: Sequence[Listener], now: float | None, window: float) -> Iterable[str]:
    """Return the uris of what was heard within the window."""
    if now is None or window == 0:
        return ()
    return (
        heard.uri
        for listener in listeners
        for heard in listener.history
        if now - window < heard.when <= now
    )


def _rows(catalog: Catalog, uris: Iterable[str]) -> list[int]:
    """Return the rows of those tracks the catalog has."""
    return [row for uri in uris if (row := catalog.index_of(uri)) is not None]


def _close(name: str, known: Collection[str]) -> str:
    by_fold = {fold(other): other for other in known}
    close = difflib.get_close_matches(fold(name), by_fold, n=3)
    return ", ".join(by_fold[match] for match in close) or "-"
