"""What the favourites of a household are called, to be chosen like an input."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from homeassistant.core import callback

from .content import FAVORITES
from .favorites import read_kept
from .shared_feed import SharedFeed

if TYPE_CHECKING:
    from .household import Household


class FavoriteNames:
    """Follows the titles of the favourites that play, those of pages in the Sonos app left out.

    While core runs, nobody tells of changes: then ``titles`` are those read last.
    """

    def __init__(self, household: Household) -> None:
        """Know nothing yet."""
        self._household = household
        self._version: str | None = None
        self._titles: tuple[str, ...] | None = None
        self._listeners: list[Callable[[], None]] = []
        self._feed = SharedFeed(household, "contentDirectory", "favorites_update_id", self._heard)

    @property
    def titles(self) -> tuple[str, ...] | None:
        """The titles in the household's order, None before they were read for the first time."""
        return self._titles

    @callback
    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener when a title came or went; return how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def start(self) -> None:
        """Begin to follow the favourites."""
        self._feed.start()

    async def stop(self) -> None:
        """Follow them no longer."""
        await self._feed.stop()

    async def _heard(self, version: str | None) -> None:
        if version is not None and version == self._version:
            return
        speakers = self._household.speakers.values()
        control = next((each.control for each in speakers if each.available), None)
        if control is None:
            return  # the feed begins anew with the first that is back
        kept = await read_kept(control, FAVORITES)
        self._version = version
        titles = tuple(dict.fromkeys(node.title for node in kept if node.uri is not None))
        if titles != self._titles:
            self._titles = titles
            for listener in tuple(self._listeners):
                listener()
