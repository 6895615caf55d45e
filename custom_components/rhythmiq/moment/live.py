"""A moment that is followed: what one reading cannot tell, and when something changed."""

from collections.abc import Callable, Mapping
from datetime import datetime

from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import (
    async_track_state_change_event,
    async_track_state_report_event,
)
from homeassistant.util import dt as dt_util

from ..engine import Context
from .ambient import AmbientNoise
from .reader import read_context, read_value

type Told = Mapping[str, float | str | None]


def _nothing(_now: datetime) -> Told:
    return {}


class LiveMoment:
    """The moment of one room or one listener, from ``start`` to ``stop``.

    Only what is bound is followed, and nothing is once it has stopped. ``tell`` adds what no entity
    and no clock knows, by key of the variable (None: not known); it counts where it is bound.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        bindings: Mapping[str, str | None],
        tell: Callable[[datetime], Told] = _nothing,
    ) -> None:
        """Take the variables that are switched on, with their entities; see ``read_context``."""
        self._hass = hass
        self._bindings = bindings
        self._tell = tell
        self._ambient = AmbientNoise()
        self._listeners: list[Callable[[], None]] = []
        self._stops: list[CALLBACK_TYPE] = []

    @callback
    def start(self) -> None:
        """Follow the entities that are bound."""
        registry = er.async_get(self._hass)
        entities = {
            key: er.async_resolve_entity_id(registry, reference) or reference
            for key, reference in self._bindings.items()
            if reference is not None
        }
        if entities:
            self._stops.append(
                async_track_state_change_event(self._hass, set(entities.values()), self._changed)
            )
        if (noise := entities.get("noise_level")) is not None:
            self._stops += (
                async_track_state_change_event(self._hass, noise, self._heard),
                async_track_state_report_event(self._hass, noise, self._heard),
            )
            self._hear(self._hass.states.get(noise))

    @callback
    def stop(self) -> None:
        """Let go of every entity."""
        while self._stops:
            self._stops.pop()()

    @callback
    def add_listener(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call the listener when an entity that is bound changed; return how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def music(self, volume: float | None) -> None:
        """Take over how loud our own music plays in the room (0-1), None for not at all."""
        self._ambient.music(self._hass.loop.time(), volume)

    @callback
    def read(self, now: datetime | None = None) -> Context:
        """Return the context at ``now`` (timezone-aware), by default at this instant."""
        now = now or dt_util.utcnow()
        told = dict(self._tell(now))
        bindings = dict(self._bindings)
        if bindings.get("noise_level") is not None:
            told["noise_level"] = self._noise()
            bindings["noise_level"] = None
        return read_context(self._hass, bindings, now, told)

    def _noise(self) -> float | None:
        """Return the level of the room; nothing while its sensor says nothing."""
        return self._ambient.measure(self._hass.loop.time()) if self._hear(None) else None

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        if old is None or new is None or old.state != new.state:
            for listener in tuple(self._listeners):
                listener()

    @callback
    def _heard(self, event: Event[EventStateChangedData] | Event[EventStateReportedData]) -> None:
        self._hear(event.data["new_state"])

    def _hear(self, state: State | None) -> bool:
        """Take a reading, of a new state or else of the present one; say whether it was one."""
        reference = self._bindings["noise_level"]
        assert reference is not None  # otherwise nobody listens
        local = dt_util.now()
        level = read_value(self._hass, "noise_level", reference, local, state)
        if isinstance(level, float):
            self._ambient.hear(self._hass.loop.time(), level)
        return level is not None
