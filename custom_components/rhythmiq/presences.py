"""Who is usually away at this hour: learned of those who share their place, and of nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event, async_track_time_interval
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .moment.live import Told
from .moment.presence import PresencePattern
from .moment.reader import read_value

_LOGGER = logging.getLogger(__name__)

PLACE: Final = "place"
_VERSION: Final = 1
_SAVE_SECONDS: Final = 900.0
_EVERY: Final = timedelta(hours=1)

type Stored = dict[str, dict[str, Any]]  # patterns by listener


@dataclass(slots=True)
class _Followed:
    """A listener whose place is read: by which entity, and where they are since when."""

    entity: str
    pattern: PresencePattern
    since: datetime
    at_home: bool | None = None  # None: nobody knows
    stops: list[CALLBACK_TYPE] = field(default_factory=list)


class Presences:
    """The habits of a household's listeners, from `start` to `stop`."""

    def __init__(self, hass: HomeAssistant, key: str) -> None:
        """Keep them in Home Assistant's storage, under a key of the household's own."""
        self._hass = hass
        self._store = Store[Stored](hass, _VERSION, f"{DOMAIN}.{key}.presence", private=True)
        self._patterns: dict[str, PresencePattern] = {}
        self._followed: dict[str, _Followed] = {}
        self._stop: CALLBACK_TYPE | None = None

    async def start(self) -> None:
        """Read what was stored; nobody is followed yet."""
        for listener, pattern in (await self._store.async_load() or {}).items():
            try:
                self._patterns[listener] = PresencePattern.from_dict(pattern)
            except KeyError, TypeError, ValueError:
                _LOGGER.warning("When a listener is at home is learned anew: it cannot be read")
        self._stop = async_track_time_interval(
            self._hass, self._look_at_all, _EVERY, cancel_on_shutdown=True
        )

    @callback
    def follow(self, sharing: Mapping[str, str]) -> None:
        """Follow those who share their place now; what was learned of all others is forgotten.

        `sharing` has their entities by listener, see `read_context`.
        """
        for listener in list(self._followed):
            if sharing.get(listener) != self._followed[listener].entity:
                self._leave(listener)
        for listener in self._patterns.keys() - sharing.keys():
            del self._patterns[listener]
            self._store.async_delay_save(self._data, 0)
        for listener, reference in sharing.items():
            if listener not in self._followed:
                self._meet(listener, reference)

    @callback
    def tell(self, listener: str, now: datetime) -> Told:
        """Say that a listener who is at home usually is not, at a time; see `LiveMoment`."""
        followed, local = self._followed.get(listener), dt_util.as_local(now)
        if followed is None or not followed.pattern.usually_away(local):
            return {}
        place = read_value(self._hass, PLACE, followed.entity, local)
        return {PLACE: "usually_away"} if place == "at_home" else {}

    def known(self) -> Stored:
        """Return what is known, by listener: weighted weeks at home and watched, hour by hour."""
        self._look_at_all()
        return {listener: pattern.as_dict() for listener, pattern in self._patterns.items()}

    async def forget(self, listener: str | None = None) -> None:
        """Forget what was learned of a listener, or of everybody; those who share begin anew."""
        for one in list(self._patterns) if listener is None else [listener]:
            if self._patterns.pop(one, None) is not None and one in self._followed:
                reference = self._followed[one].entity
                self._leave(one)
                self._meet(one, reference)
        await self._store.async_save(self._data())

    async def stop(self) -> None:
        """Follow nobody, and store what is known by now."""
        if self._stop is None:
            return
        self._stop()
        self._stop = None
        while self._followed:
            self._leave(next(iter(self._followed)))
        if self._patterns:
            await self._store.async_save(self._data())

    def _meet(self, listener: str, reference: str) -> None:
        pattern = self._patterns.setdefault(listener, PresencePattern())
        followed = _Followed(reference, pattern, dt_util.now())
        self._followed[listener] = followed
        registry = er.async_get(self._hass)
        entity_id = er.async_resolve_entity_id(registry, reference) or reference

        @callback
        def look(_: object = None) -> None:
            self._look(followed)

        followed.stops.append(async_track_state_change_event(self._hass, entity_id, look))
        look()

    def _leave(self, listener: str) -> None:
        followed = self._followed.pop(listener)
        self._look(followed)
        while followed.stops:
            followed.stops.pop()()

    @callback
    def _look_at_all(self, _: datetime | None = None) -> None:
        for followed in self._followed.values():
            self._look(followed)

    def _look(self, followed: _Followed) -> None:
        """Take over where somebody was until now, and see where they are."""
        now = dt_util.now()
        if followed.at_home is not None:
            followed.pattern.watch(followed.since, now, at_home=followed.at_home)
            self._save()
        place = read_value(self._hass, PLACE, followed.entity, now)
        followed.since, followed.at_home = now, None if place is None else place != "away"

    def _save(self) -> None:
        self._store.async_delay_save(self._data, _SAVE_SECONDS)

    def _data(self) -> Stored:
        return {listener: pattern.as_dict() for listener, pattern in self._patterns.items()}

    async def remove(self) -> None:
        """Leave nothing in the storage."""
        await self._store.async_remove()
