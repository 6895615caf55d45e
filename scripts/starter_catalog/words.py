"""Invented names: artists and titles that read like their genre and belong to nobody.

`words.json` holds, per family of genres, the vocabulary and the patterns that use it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
import json
from pathlib import Path
import random

STARTS = (
    *("Al", "An", "Bel", "Bren", "Cal", "Cor", "Dar", "El", "Fen", "Gal", "Hal", "Il", "Jor"),
    *("Kel", "Lor", "Mar", "Mir", "Nor", "Or", "Per", "Quin", "Ros", "Sel", "Tal", "Tor", "Ul"),
    *("Val", "Ves", "Wil", "Yar", "Zel"),
)
GIVEN_ENDS = ("a", "ara", "en", "ette", "ia", "in", "is", "o", "on", "ora", "ric", "una", "wyn")
FAMILY_ENDS = (
    *("aberg", "berg", "brook", "dahl", "dell", "efield", "field", "holt", "land", "lund", "mere"),
    *("moor", "quist", "ridge", "stad", "thorne", "vale", "wick", "yard"),
)
PITCHES = ("C", "C-sharp", "D", "E-flat", "E", "F", "F-sharp", "G", "A-flat", "A", "B-flat", "B")


@dataclass(frozen=True, slots=True)
class Flavour:
    """The vocabulary of a family of genres: words, and patterns that use them by name."""

    adjectives: Sequence[str]
    nouns: Sequence[str]
    places: Sequence[str]
    titles: Sequence[str]
    artists: Sequence[str]


@cache
def flavours() -> dict[str, Flavour]:
    """Return each genre's vocabulary."""
    families = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return {
        genre: Flavour(
            adjectives=family["adjectives"].split(", "),
            nouns=family["nouns"].split(", "),
            places=family["places"].split(", "),
            titles=family["titles"].split(" | "),
            artists=family["artists"].split(" | "),
        )
        for family in families.values()
        for genre in family["genres"].split(", ")
    }


def artist(genre: str, rng: random.Random) -> str:
    """Return an artist's name."""
    flavour = flavours()[genre]
    return _fill(rng.choice(flavour.artists), flavour, rng)


def title(genre: str, rng: random.Random, *, key: int, mode: int) -> str:
    """Return a track's title; where it names a key, it is the track's (0-11; mode 1 major)."""
    flavour = flavours()[genre]
    name = f"{PITCHES[key]} {'major' if mode else 'minor'}"
    return _fill(rng.choice(flavour.titles).replace("{key}", name), flavour, rng)


def _fill(pattern: str, flavour: Flavour, rng: random.Random) -> str:
    noun, other = rng.sample(flavour.nouns, 2)
    adjective, adjective2 = rng.sample(flavour.adjectives, 2)
    given, given2 = (rng.choice(STARTS) + rng.choice(GIVEN_ENDS) for _ in range(2))
    text = pattern.format(
        adjective=adjective,
        adjective2=adjective2,
        noun=noun,
        other=other,
        place=rng.choice(flavour.places),
        given=given,
        given2=given2,
        family=rng.choice(STARTS) + rng.choice(FAMILY_ENDS),
        number=rng.randint(1, 9),
        opus=rng.randint(2, 48),
    )
    return text[0].upper() + text[1:]
