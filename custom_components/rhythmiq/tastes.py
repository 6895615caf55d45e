"""What was learned of each listener, in words: what they like, and what changed within a week.

Likings are a function of what happened, so those of a week ago are found by leaving out the last
week. They are looked at after the start, once a day, and when something was forgotten; what was
learned then becomes the listener's learned preferences.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.util import dt as dt_util

from .interactions import Interaction, Interactions
from .library import Library
from .listeners.preferences import Observed
from .rooms import Rooms
from .store import StoreError

_LOGGER = logging.getLogger(__name__)

_FIRST: Final = timedelta(minutes=1)  # after the start, which has enough to do
_EVERY: Final = timedelta(days=1)
_LATELY: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Taste:
    """What is known of one listener.

    `outcomes` counts what happened to tracks while they were there and says something, `likings`
    are the surest first; `came` and `went` name those that are new or gone within the last week.
    """

    outcomes: int = 0
    likings: tuple[Observed, ...] = ()
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


class Tastes:
    """The tastes of a household's listeners, from `start` to `stop`."""

    def __init__(self, hass: HomeAssistant, library: Library, rooms: Rooms) -> None:
        """Nothing is known before the first look."""
        self._hass = hass
        self._library = library
        self._rooms = rooms
        self._tastes: dict[str, Taste] | None = None
        self._listeners: list[Callable[[], None]] = []
        self._stops: list[CALLBACK_TYPE] = []

    @callback
    def start(self) -> None:
        """Look from time to time."""
        look = HassJob(self._look, "rhythmiq tastes", cancel_on_shutdown=True)
        self._stops = [
            async_call_later(self._hass, _FIRST, look),
            async_track_time_interval(self._hass, self._look, _EVERY, cancel_on_shutdown=True),
        ]

    @callback
    def stop(self) -> None:
        """Look no more."""
        while self._stops:
            self._stops.pop()()

    @callback
    def add_listener(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call the listener when something is known anew."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def of(self, listener: str) -> Taste | None:
        """Return what is known of a listener, None before the first look."""
        return None if self._tastes is None else self._tastes.get(listener, Taste())

    @callback
    def happened(self, rows: Sequence[Interaction]) -> None:
        """Count what is stored, or taken back."""
        if self._tastes is None:
            return
        for row in rows:
            change = -1 if row.retracts is not None else int(row.reward is not None)
            for listener in row.listeners:
                taste = self._tastes.get(listener, Taste())
                self._tastes[listener] = replace(taste, outcomes=taste.outcomes + change)
        self._tell()

    async def look(self) -> None:
        """Look at everything that is stored now."""
        people = [person.id for person in self._rooms.listeners()]
        before = (dt_util.utcnow() - _LATELY).timestamp()
        try:
            self._tastes = await self._hass.async_add_executor_job(self._learn, people, before)
        except StoreError as err:
            _LOGGER.warning("What listeners like cannot be told now: %s", err)
            return
        self._tell()

    async def _look(self, _: datetime) -> None:
        await self.look()

    def _learn(self, people: Sequence[str], week_ago: float) -> dict[str, Taste]:
        """Keep what was learned of some listeners as their preferences; blocking."""
        learning, interactions = self._library.learning, Interactions(self._library.store)
        tastes: dict[str, Taste] = {}
        for person in people:
            now = learning.likings(person)
            self._library.preferences.learn(person, now)
            liked, was = _named(now), _named(learning.likings(person, week_ago))
            tastes[person] = Taste(
                interactions.outcomes(person),
                tuple(now),
                tuple(name for about, name in liked.items() if about not in was),
                tuple(name for about, name in was.items() if about not in liked),
            )
        return tastes

    @callback
    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def _named(likings: Sequence[Observed]) -> dict[tuple[str, str, bool], str]:
    """Return the names of likings; who begins to dislike what they liked has changed."""
    return {(each.kind, each.value, each.weight > 0): each.value for each in likings}
