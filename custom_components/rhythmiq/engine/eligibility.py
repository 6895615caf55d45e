"""Which tracks a request leaves to choose from."""

from collections.abc import Iterable, Sequence
import difflib

import numpy as np

from .catalog import Catalog, fold
from .errors import EngineError
from .features import Mask
from .request import Request


def eligible(catalog: Catalog, request: Request) -> Mask:
    """Return bool[n]: playable, of a wanted genre, by a wanted artist, in the range of tempo.

    Recordings made for an occasion stay out unless nothing else is left. Raises EngineError
    (`empty_catalog`, `unknown_genre`, `unknown_artist`, `nothing_matches`).
    """
    if catalog.n_tracks == 0:
        raise EngineError("empty_catalog")
    mask = catalog.playable.copy()
    if request.genres:
        mask &= _by_genre(catalog, request.genres)
    if request.artists:
        mask &= _by_artist(catalog, request.artists)
    if request.tempo is not None:
        low, high = request.tempo
        tempo = catalog.column("tempo")
        mask &= (tempo >= low) & (tempo <= high)
    if not mask.any():
        raise EngineError("nothing_matches")
    ordinary = mask & ~catalog.occasional
    return ordinary if ordinary.any() else mask


def seed_rows(catalog: Catalog, seeds: Iterable[str]) -> list[int]:
    """Return the rows of the seed tracks. Raises EngineError(`unknown_seed_track`)."""
    rows = []
    for uri in seeds:
        if (row := catalog.index_of(uri)) is None:
            raise EngineError("unknown_seed_track", track=uri)
        rows.append(row)
    return rows


def _by_genre(catalog: Catalog, genres: Sequence[str]) -> Mask:
    mask = np.zeros(catalog.n_tracks, dtype=np.bool_)
    for genre in genres:
        rows = catalog.genre_rows(genre)
        if len(rows) == 0:
            raise EngineError(
                "unknown_genre", genre=genre, suggestions=_close(genre, catalog.genre_names)
            )
        mask[rows] = True
    return mask


def _by_artist(catalog: Catalog, artists: Sequence[str]) -> Mask:
    mask = np.zeros(catalog.n_tracks, dtype=np.bool_)
    for artist in artists:
        # delimited, so that a name that holds a comma itself is found and a part of one is not
        wanted = f", {artist.strip().casefold()}, "
        rows = [
            row for row, shown in enumerate(catalog.artist) if wanted in f", {shown.casefold()}, "
        ]
        if not rows:
            names = dict.fromkeys(name for shown in catalog.artist for name in shown.split(", "))
            raise EngineError(
                "unknown_artist", artist=artist, suggestions=_close(artist, list(names))
            )
        mask[rows] = True
    return mask


def _close(name: str, known: Sequence[str]) -> str:
    by_fold = {fold(other): other for other in known}
    close = difflib.get_close_matches(fold(name), by_fold, n=3)
    return ", ".join(by_fold[match] for match in close) or "-"
