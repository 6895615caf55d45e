"""Invented covers: a handful of pictures, one of which each artist keeps."""

from pathlib import Path
from zlib import crc32

COUNT = 24
SIZE = 300


def write(folder: Path) -> None:
    """Write every cover as an SVG file."""
    folder.mkdir(parents=True)
    for number in range(COUNT):
        (folder / f"{number}.svg").write_text(_cover(number), encoding="utf-8")


def file_of(artist: str) -> str:
    """Return the name of the artist's cover."""
    return f"{crc32(artist.encode()) % COUNT}.svg"


def _cover(number: int) -> str:
    """Draw rings off the centre over two neighbouring hues."""
    hue = number * 360 // COUNT
    x, y = 60 + number * 97 % 180, 60 + number * 61 % 180
    rings = "".join(
        f'<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="white" '
        f'stroke-opacity="{0.34 - radius / 1000:.2f}" stroke-width="10"/>'
        for radius in range(25, 300, 45)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}">'
        '<defs><linearGradient id="sky" x2="1" y2="1">'
        f'<stop stop-color="hsl({hue}, 62%, 46%)"/>'
        f'<stop offset="1" stop-color="hsl({(hue + 50) % 360}, 58%, 24%)"/>'
        "</linearGradient></defs>"
        f'<rect width="{SIZE}" height="{SIZE}" fill="url(#sky)"/>{rings}</svg>\n'
    )
