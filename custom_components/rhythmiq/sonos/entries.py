"""What a queue holds: reading it, and knowing a track again."""

from collections.abc import Iterable
import re
from typing import TYPE_CHECKING, Final

from .errors import PlaybackError
from .identity import track_name
from .media import Form, Playable
from .xml import parse

if TYPE_CHECKING:
    from .control import Control

PAGE: Final = 486
"""The most entries a player returns at once."""

_DIDL: Final = "{urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/}"
_TITLE: Final = "{http://purl.org/dc/elements/1.1/}title"
_ITEM: Final = re.compile(r"<item\b.*?</item>", re.DOTALL)


async def read_queue(control: Control) -> tuple[Playable, ...]:
    """Return every entry of a player's queue, page by page, with its metadata as the player has it.

    Raises ``SonosError``.
    """
    entries: list[Playable] = []
    while True:
        total, text = await control.queue(len(entries), PAGE)
        try:
            # A full page takes longer than the event loop has
            page = await control.hass.async_add_executor_job(parse_entries, text)
        except ValueError as err:
            raise PlaybackError(None, control.name) from err
        entries += page
        if not page or len(entries) >= total:
            return tuple(entries)


def parse_entries(text: str) -> list[Playable]:
    """Return the entries of a DIDL document. Raises ``ValueError`` when it is none.

    Each one's metadata is the document with it alone, to the letter: players are particular.
    """
    items = parse(text).findall(f"{_DIDL}item")
    written = _ITEM.findall(text)
    if len(written) != len(items):
        raise ValueError("items in items are not expected here")
    head = text.partition("<item")[0]
    return [
        Playable(
            item.findtext(f"{_DIDL}res") or "",
            (item.findtext(_TITLE) or "").strip() or None,
            f"{head}{own}</DIDL-Lite>",
        )
        for item, own in zip(items, written, strict=True)
    ]


def names(tracks: Iterable[Playable]) -> list[str]:
    """Return a name for each that stays the same whatever a player makes of its uri."""
    return [track_name(track.uri) or track.uri for track in tracks]


def name_of(form: Form) -> str | None:
    """Return the same name for what a form puts into the queue."""
    if form.service is None:
        return track_name(form.uri) or form.uri
    # As players write share links of the service with this number
    scheme = "x-sonos-spotify" if form.uri.startswith("spotify%3a") else "x-sonos-http"
    return track_name(f"{scheme}:{form.uri}?sid={form.service // 256}")
