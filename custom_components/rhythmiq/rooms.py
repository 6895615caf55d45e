"""The rooms of a household, as they are now: their moments, and the people whose music it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from statistics import fmean
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .const import CONF_BINDINGS, CONF_SPEAKER, SUBENTRY_ROOM
from .engine import VARIABLES, Context, Privacy
from .moment.live import LiveMoment
from .people import KnownListener, listeners_of
from .presences import PLACE, Presences
from .sonos.household import Household
from .sonos.speaker import Speaker
from .sonos.state import Playback

type Tell = Callable[[datetime], Mapping[str, float | str | None]]


class Room:
    """One room: its subentry, its moment, and the speaker in it.

    It stays the same object while its settings change, and takes `mood` (None: the moment decides)
    and `adventurousness` (0-1, of what the listeners' own ask for) from whoever stands in it.
    """

    def __init__(
        self, hass: HomeAssistant, subentry: ConfigSubentry, household: Household, tell: Tell
    ) -> None:
        """Take a room's settings; nothing is read before `start`."""
        self.subentry = subentry
        self.mood: str | None = None
        self.adventurousness = 1.0
        self._hass = hass
        self._household = household
        self._tell = tell
        self._listeners: list[Callable[[], None]] = []
        self._stops: list[CALLBACK_TYPE] = []
        self._take_settings()
        self._followed: Speaker | None = None

    @property
    def id(self) -> str:
        """The subentry's id."""
        return self.subentry.subentry_id

    @property
    def title(self) -> str:
        """The room's name."""
        return self.subentry.title

    @property
    def speaker_uid(self) -> str:
        """The uid of its speaker, met or not."""
        uid: str = self.subentry.data[CONF_SPEAKER]
        return uid

    @property
    def speaker(self) -> Speaker | None:
        """Its speaker, None until that is met."""
        return self._household.speakers.get(self.speaker_uid)

    @callback
    def add_listener(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call the listener when the moment or the settings changed; return how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def start(self) -> None:
        """Follow the room's entities and its speaker's sound."""
        self.moment.start()
        self._stops += (
            self.moment.add_listener(self.changed),
            self._household.add_listener(self._meet),
        )
        self._meet()

    @callback
    def stop(self) -> None:
        """Let go of everything."""
        self.moment.stop()
        while self._stops:
            self._stops.pop()()
        self._followed = None

    @callback
    def renew(self) -> None:
        """Take over changed settings: what was revoked is no longer read."""
        self.stop()
        self._take_settings()
        self.start()
        self.changed()

    @callback
    def changed(self) -> None:
        """Tell the listeners."""
        for listener in tuple(self._listeners):
            listener()

    def _take_settings(self) -> None:
        self.data = self.subentry.data  # which a changed subentry replaces
        self.moment = LiveMoment(self._hass, self.data[CONF_BINDINGS], self._tell)

    @callback
    def _meet(self) -> None:
        speaker = self.speaker
        if speaker is not None and speaker is not self._followed:
            self._followed = speaker
            self._stops.append(speaker.add_listener(self._hear))
            self._hear()

    @callback
    def _hear(self) -> None:
        """Tell the moment how loud the room's own music is."""
        if self._followed is None:
            return
        state = self._followed.state
        sounds = self._followed.available and state.state is Playback.PLAYING and not state.muted
        self.moment.music((state.volume or 0.0) if sounds else None)


class Rooms:
    """All rooms and listeners of a household, from `start` to `stop`."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, household: Household, tell: Tell
    ) -> None:
        """Take the household; `tell` adds what no entity knows, see `LiveMoment`."""
        self.hass = hass
        self._entry = entry
        self._household = household
        self._tell = tell
        self._rooms: dict[str, Room] = {}
        self._listeners: list[Callable[[], None]] = []
        self._personal: dict[str, tuple[Mapping[str, Any], LiveMoment]] = {}
        self.presences = Presences(hass, entry.entry_id)

    def __iter__(self) -> Iterator[Room]:
        """Iterate over the rooms."""
        return iter(self._rooms.values())

    def get(self, room_id: str) -> Room | None:
        """Return the room of a subentry."""
        return self._rooms.get(room_id)

    def of_speaker(self, uid: str) -> Room | None:
        """Return the room that a speaker stands in."""
        return next((room for room in self if room.speaker_uid == uid), None)

    @callback
    def add_listener(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call the listener when rooms or listeners came, went or changed."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def update(self) -> None:
        """Take over the subentries as they are now: what was revoked is no longer read."""
        self._update_rooms()
        self._update_listeners()
        for listener in tuple(self._listeners):
            listener()

    def _update_rooms(self) -> None:
        rooms = {
            room.subentry_id: room for room in self._entry.get_subentries_of_type(SUBENTRY_ROOM)
        }
        for key, room in list(self._rooms.items()):
            if key not in rooms:
                self._rooms.pop(key).stop()
            elif rooms[key].data is not room.data:
                room.renew()
        for key, subentry in rooms.items():
            if key not in self._rooms:
                room = self._rooms[key] = Room(self.hass, subentry, self._household, self._tell)
                room.start()

    def _update_listeners(self) -> None:
        people = {person.id: person for person in self.listeners()}
        for key, (data, moment) in list(self._personal.items()):
            if key not in people or people[key].subentry.data is not data:
                moment.stop()
                del self._personal[key]
        for key, person in people.items():
            if key not in self._personal:
                moment = LiveMoment(
                    self.hass,
                    person.subentry.data[CONF_BINDINGS],
                    partial(self.presences.tell, key),
                )
                moment.start()
                self._personal[key] = (person.subentry.data, moment)
        places = {
            key: person.subentry.data[CONF_BINDINGS].get(PLACE) for key, person in people.items()
        }
        self.presences.follow({key: place for key, place in places.items() if place is not None})

    @callback
    def stop(self) -> None:
        """Let go of every entity."""
        while self._rooms:
            self._rooms.popitem()[1].stop()
        while self._personal:
            self._personal.popitem()[1][1].stop()

    def listeners(self) -> list[KnownListener]:
        """Return everybody whose taste is learned."""
        return list(listeners_of(self.hass, self._entry))

    def at_home(self) -> list[KnownListener]:
        """Return the listeners who are at home."""
        return [person for person in self.listeners() if person.at_home]

    def switched_on(self, room: Room) -> set[str]:
        """Return the variables that may be read for a room, and of anybody."""
        return {*room.data[CONF_BINDINGS]}.union(
            *(data[CONF_BINDINGS] for data, _ in self._personal.values())
        )

    def personal(self, listeners: Sequence[KnownListener]) -> Context:
        """Return the personal variables of those who listen together.

        A number is their mean, a word counts if all who tell say the same.
        """
        told: dict[str, list[float | str]] = {}
        for person in listeners:
            if (followed := self._personal.get(person.id)) is not None:
                for key, value in followed[1].read().values.items():
                    told.setdefault(key, []).append(value)
        together: dict[str, float | str] = {}
        for key, values in told.items():
            numbers = [value for value in values if not isinstance(value, str)]
            if numbers:
                together[key] = fmean(numbers)
            elif len(set(values)) == 1:
                together[key] = values[0]
        return Context(together)


def without_personal(context: Context) -> Context:
    """Return what others may see of a context."""
    return Context(
        {
            key: value
            for key, value in context.values.items()
            if VARIABLES[key].privacy is not Privacy.PERSONAL
        }
    )
