"""What the people of a household keep: favourites, Sonos playlists and radio stations, by name."""

import asyncio
from typing import Final

from .content import FAVORITES, PLAYLISTS, STATIONS, Node, read_folder
from .control import Control
from .errors import SonosError

_ALL: Final = (FAVORITES, PLAYLISTS, STATIONS)


class UnknownFavoriteError(SonosError):
    """Nothing the household keeps has this id or title."""

    def __init__(self, name: str) -> None:
        super().__init__("unknown_favorite", name=name)


class NotPlayableError(SonosError):
    """A favourite that only leads to a page in the Sonos app, such as an artist's."""

    def __init__(self, name: str) -> None:
        super().__init__("not_playable", name=name)


async def read_kept(control: Control, *folders: str) -> list[Node]:
    """Return all favourites, then Sonos playlists, then stations, or those of the given folders.

    Raises ``SonosError``.
    """
    read = await asyncio.gather(*(read_folder(control, folder) for folder in folders or _ALL))
    return [node for folder in read for node in folder.nodes]


async def find_kept(control: Control, name: str, *folders: str) -> Node:
    """Return what has this id or, whatever its case, this title.

    Raises ``UnknownFavoriteError``, ``NotPlayableError`` and what ``read_kept`` raises.
    """
    title = name.strip().casefold()
    by_id = tuple(folder for folder in _ALL if name.startswith(folder))
    for node in await read_kept(control, *(by_id or folders)):
        if name == node.id or title == node.title.casefold():
            if node.uri is None:
                raise NotPlayableError(node.title)
            return node
    raise UnknownFavoriteError(name)
