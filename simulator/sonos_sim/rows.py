"""Lists of DIDL-Lite elements that are written only where somebody looks."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
import re
from typing import overload, override
from xml.sax.saxutils import unescape

from .xmlutil import esc


def element(oid: str, parent: str, title: str, kind: str, more: str = "") -> str:
    """A container; `more` is further elements inside it."""
    return (
        f'<container id="{esc(oid)}" parentID="{esc(parent)}" restricted="true">'
        f"<dc:title>{esc(title)}</dc:title><upnp:class>{kind}</upnp:class>{more}</container>"
    )


def container(
    owner_uid: str,
    oid: str,
    parent: str,
    title: str,
    kind: str,
    *,
    art: str = "",
    creator: str = "",
) -> str:
    """A container of the library that can be enqueued as a whole."""
    playlist = f"x-rincon-playlist:{owner_uid}#{oid}"
    more = f'<res protocolInfo="x-rincon-playlist:*:*:*">{esc(playlist)}</res>'
    if creator:
        more += f"<dc:creator>{esc(creator)}</dc:creator>"
    if art:
        more += f"<upnp:albumArtURI>{esc(art)}</upnp:albumArtURI>"
    return element(oid, parent, title, kind, more)


_TITLE = re.compile(r"<dc:title>(.*?)</dc:title>")


def title_of(row: str) -> str:
    """The title of an element, as lists are sorted and searched by."""
    match = _TITLE.search(row)
    return unescape(match[1], {"&quot;": '"', "&apos;": "'"}).casefold() if match else ""


class _Rows(Sequence[str]):
    """A sequence of elements; slices are lists of those alone."""

    def _row(self, number: int) -> str:
        raise NotImplementedError

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> list[str]: ...

    @override
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self._row(number) for number in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        return self._row(at)


class Written(_Rows):
    """What `write` makes of each key."""

    def __init__(self, keys: Sequence[int], write: Callable[[int], str]) -> None:
        self._keys, self._write = keys, write

    @override
    def __len__(self) -> int:
        return len(self._keys)

    @override
    def _row(self, number: int) -> str:
        return self._write(self._keys[number])


class Merged(_Rows):
    """A few elements at their places among very many, both sorted by title."""

    def __init__(self, many: Sequence[str], few: Sequence[str]) -> None:
        self._many = many
        self._few = {
            bisect_left(many, title_of(row), key=title_of) + number: row
            for number, row in enumerate(few)
        }
        self._places = sorted(self._few)

    @override
    def __len__(self) -> int:
        return len(self._many) + len(self._few)

    @override
    def _row(self, number: int) -> str:
        row = self._few.get(number)
        return row if row is not None else self._many[number - bisect_left(self._places, number)]
