"""Two recommendations side by side, in as many columns as the terminal has."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any
from unicodedata import combining, east_asian_width

GAP = " │ "
REASONS = 3

SHORT = {
    "time_of_day": "time",
    "day_type": "day",
    "noise_level": "noise",
    "illuminance": "light",
    "occupancy": "people",
    "indoor_temperature": "warmth",
    "outdoor_temperature": "outside",
    "acousticness": "acoustic",
    "duration_ms": "length",
    "instrumentalness": "instrumental",
    "mode": "major/minor",
    "release_year": "year",
    "speechiness": "speech",
    "valence": "bright",
}
"""Words for causes and features that fit a column; the others are their own word."""

type Track = Mapping[str, Any]


def side_by_side(
    left: tuple[Sequence[str], Sequence[Track]],
    right: tuple[Sequence[str], Sequence[Track]],
    width: int,
) -> str:
    """Return both lists, each below its heading, every line at most `width` columns wide."""
    column = (width - len(GAP)) // 2
    rows = zip_longest(_lines(*left, column), _lines(*right, column), fillvalue="")
    return "\n".join(f"{fit(a, column)}{GAP}{fit(b, column)}".rstrip() for a, b in rows)


def _lines(heading: Sequence[str], tracks: Sequence[Track], width: int) -> Iterator[str]:
    yield from heading
    yield "─" * width
    for number, track in enumerate(tracks, start=1):
        length = clock(track["duration"])
        name = f"{number:2} {track['title']}" + (f" - {track['artist']}" if track["artist"] else "")
        yield f"{fit(name, width - len(length) - 1)} {length}"
        yield f"   {reasons(track, width - 3)}"


def reasons(track: Track, width: int) -> str:
    """Return what spoke for the track most, by cause, with the feature that did most of it.

    The terms of one cause are added up, so "noise +3.1 (energy)" says what noise did in all.
    Causes that do not fit into `width` columns are left out.
    """
    causes: dict[str, list[tuple[float, str]]] = {}
    for reason in track["reasons"]:
        term = (reason["amount"], reason["feature"] or "")
        causes.setdefault(reason["key"], []).append(term)
    sums = {key: sum(amount for amount, _ in terms) for key, terms in causes.items()}
    text = ""
    for key in sorted(sums, key=lambda key: -sums[key])[:REASONS]:
        feature = _short(max(causes[key])[1])
        cause = f"{_short(key)} {sums[key]:+.1f}" + (f" ({feature})" if feature else "")
        longer = f"{text}, {cause}" if text else cause
        if sums[key] <= 0 or columns(longer) > width:
            break
        text = longer
    return text


def _short(key: str) -> str:
    return SHORT.get(key, key)


def clock(seconds: float | None) -> str:
    """Return a duration as m:ss."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def columns(text: str) -> int:
    """Return how many terminal columns a text takes."""
    return sum(_columns(character) for character in text)


def fit(text: str, width: int) -> str:
    """Return the text in exactly `width` columns: padded, or cut with an ellipsis."""
    if (room := width - columns(text)) >= 0:
        return text + " " * room
    kept, used = "", 0
    for character in text:
        if used + _columns(character) > width - 1:
            break
        kept += character
        used += _columns(character)
    return kept + "…" + " " * (width - 1 - used)


def _columns(character: str) -> int:
    if combining(character) or not character.isprintable():
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
