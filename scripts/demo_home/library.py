"""The tracks that Home Assistant has imported, as a music service would describe them."""

from collections.abc import Iterator

from custom_components.rhythmiq.engine import Catalog

from . import covers
from .household import Track


def described(catalog: Catalog, url: str) -> Iterator[tuple[str, Track]]:
    """Yield each track's uri and what a music service would say about it.

    The covers are those that the Home Assistant at `url` serves.
    """
    lengths = catalog.column("duration_ms")
    for i, uri in enumerate(catalog.uri):
        length = float(lengths[i]) / 1000
        yield (
            uri,
            {
                "title": catalog.title[i],
                "artist": (artist := catalog.artist[i] or ""),
                "art": f"{url}/local/covers/{covers.file_of(artist)}",
                "album": catalog.album[i] or "",
                "duration": 200.0 if length != length else length,  # noqa: PLR0124 (NaN)
            },
        )
