"""The names that mean something: the genres and artists of a catalog, and instruments."""

from collections.abc import Collection, Iterable
import difflib
from typing import Final

from .catalog import Catalog, fold
from .errors import EngineError
from .index import Index
from .listener import Kind

_SUGGESTIONS: Final = 3

INSTRUMENTS: Final = (
    "accordion", "acoustic guitar", "bagpipes", "banjo", "bass", "bass guitar", "bassoon", "brass",
    "cello", "choir", "clarinet", "didgeridoo", "double bass", "drums", "electric guitar",
    "electronic", "fiddle", "flute", "glockenspiel", "guitar", "handpan", "harmonica", "harp",
    "harpsichord", "horn", "hurdy gurdy", "keyboard", "kora", "lute", "mandolin", "marimba",
    "oboe", "orchestra", "organ", "oud", "pan flute", "percussion", "piano", "recorder",
    "saxophone", "sitar", "steel drum", "strings", "synthesizer", "tabla", "theremin", "trombone",
    "trumpet", "tuba", "ukulele", "vibraphone", "viola", "violin", "voice", "xylophone", "zither",
)  # fmt: skip
"""Which instruments may be named; no catalog says yet which tracks they play in."""


def known_genre(catalog: Catalog, name: str) -> str:
    """Return a genre as the catalog writes it. Raises EngineError(`unknown_genre`)."""
    by_fold = {fold(genre): genre for genre in catalog.genre_names}
    if (genre := by_fold.get(fold(name))) is None:
        raise EngineError(
            "unknown_genre", genre=name, suggestions=closest(name, catalog.genre_names)
        )
    return genre


def known_artist(catalog: Catalog, name: str) -> str:
    """Return an artist as the catalog writes them. Raises EngineError(`unknown_artist`)."""
    rows = Index.of(catalog).artist_rows(name)
    if len(rows) == 0:
        raise EngineError(
            "unknown_artist", artist=name, suggestions=closest(name, _artists(catalog))
        )
    shown, wanted = catalog.artist[int(rows[0])], name.strip()
    begin = f", {shown.casefold()}, ".index(f", {wanted.casefold()}, ")
    # Folding may change a name's length; then what was asked for is as good
    found = shown[begin : begin + len(wanted)]
    return found if found.casefold() == wanted.casefold() else wanted


def known_instrument(name: str) -> str:
    """Return an instrument's name. Raises EngineError(`unknown_instrument`)."""
    if (instrument := fold(name)) not in INSTRUMENTS:
        raise EngineError(
            "unknown_instrument", instrument=name, suggestions=closest(name, INSTRUMENTS)
        )
    return instrument


def matching(catalog: Catalog, kind: Kind, query: str, limit: int) -> list[str]:
    """Return at most `limit` known names for what was typed so far, best first.

    First come those that begin with it, then those with a word that does, then those that hold it,
    each by the alphabet. A tempo has no names.
    """
    wanted = fold(query)
    found: dict[str, tuple[int, str]] = {}
    for name in _names(catalog, kind):
        folded = fold(name)
        if folded.startswith(wanted):
            found[name] = (0, folded)
        elif f" {wanted}" in folded:
            found[name] = (1, folded)
        elif wanted in folded:
            found[name] = (2, folded)
    return sorted(found, key=found.__getitem__)[:limit]


def _names(catalog: Catalog, kind: Kind) -> Iterable[str]:
    match kind:
        case "genre":
            return catalog.genre_names
        case "artist":
            return _artists(catalog)
        case "instrument":
            return INSTRUMENTS
        case "tempo":
            return ()


def _artists(catalog: Catalog) -> Collection[str]:
    return dict.fromkeys(part for shown in catalog.artist for part in shown.split(", "))


def closest(name: str, known: Iterable[str]) -> str:
    """Return the known names that are most like one, for a sentence; "-" where none is."""
    by_fold = {fold(other): other for other in known}
    close = difflib.get_close_matches(fold(name), by_fold, n=_SUGGESTIONS)
    return ", ".join(by_fold[match] for match in close) or "-"
