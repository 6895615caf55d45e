"""Adaptive mode: what a room has not heard yet of a recommendation follows the moment.

Once a minute each room is looked at. Where its moment has really changed (`moment.drift`), somebody
came or went, or the list was skipped twice, what comes after the next track is recommended again
and exchanged, at most every ten minutes. Whoever changes the queue or turns the volume is right:
the room follows them for half an hour, and what they queued stays for good.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
import logging
import math
from time import monotonic
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .const import CONF_VOLUME, EVENT_MOMENT_CHANGED, EVENT_REAIMED, EVENT_SKIPPED_TWICE
from .engine import Bans, Context, EngineError, Recommendation, Request
from .engine.moods import nearest_mood
from .engine.rewards import Kind
from .interactions import Interaction
from .moment.drift import Drift
from .people import KnownListener
from .recommender import (
    SIGNAL_HAPPENED,
    SIGNAL_PLAYED,
    Answer,
    Asked,
    NoRoomError,
    Recommender,
    playables,
)
from .rooms import Room
from .sonos.entries import names
from .sonos.errors import SonosError
from .sonos.exchange import QueueChangedError, exchange_rest
from .sonos.filling import PlaybackFinished
from .sonos.household import Household
from .sonos.identity import track_name
from .sonos.queue import Enqueue, PlaybackStarted
from .sonos.snapshot import glance
from .sonos.speaker import Speaker
from .sonos.state import Playback, Source
from .store import StoreError
from .volume_follow import Bounds, VolumeFollow
from .wording import async_change_text

_LOGGER = logging.getLogger(__name__)

LOOK: Final = timedelta(minutes=1)
REST_SECONDS: Final = 600.0  # between two exchanges: at most six an hour
FOLLOW_SECONDS: Final = 1800.0  # so long a person's hand is followed
SKIPS: Final = 2
WITHIN: Final = 4  # so many tracks
MOOD: Final = "mood"
SKIPPED: Final = "skips"
"""Reasons for an exchange that are no change of the moment."""

_ENDINGS: Final = (Kind.SKIPPED, Kind.FINISHED, Kind.LEFT_LATE)


@dataclass(slots=True)
class Playing:
    """A recommendation that plays, and its queue as RhythmIQ left it (None: not done yet).

    ``ours`` are the uris, by name, of everything that was recommended since it began, ``mood`` is
    what was chosen for the room then.
    """

    asked: Asked
    mood: str | None
    drift: Drift
    ours: dict[str, str]
    queue: list[str] | None = None


@dataclass(slots=True)
class RoomMode:
    """Adaptive mode of one room; numbers are times in seconds that never jump."""

    room: Room
    on: bool = False
    playing: Playing | None = None
    reaimed: datetime | None = None
    reason: str | None = None
    following: datetime | None = None
    """Until when (UTC) a person's hand is followed, None while RhythmIQ may act."""
    follows_until: float = -math.inf
    rests_until: float = -math.inf
    wish: str | None = None  # a reason to exchange as soon as that may be
    unwanted: list[str] = field(default_factory=list)  # artists that were skipped
    moment: Drift | None = None
    endings: deque[Interaction] = field(default_factory=lambda: deque(maxlen=WITHIN))
    volume: VolumeFollow = field(default_factory=VolumeFollow)
    busy: bool = False

    def follow(self) -> None:
        """Let a person have their way for a while."""
        self.wish = None
        self.follows_until = monotonic() + FOLLOW_SECONDS
        self.following = dt_util.utcnow() + timedelta(seconds=FOLLOW_SECONDS)
        self.volume = VolumeFollow()

    def go_on(self) -> None:
        """Follow nobody any more."""
        self.wish = self.following = None
        self.follows_until = -math.inf
        self.volume = VolumeFollow()


class Adaptive:
    """Adaptive mode of a household's rooms, from `start` to `stop`."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        household: Household,
        recommender: Recommender,
    ) -> None:
        """Take the household; nothing is switched on."""
        self._hass = hass
        self._entry = entry
        self._household = household
        self._recommender = recommender
        self._modes: dict[str, RoomMode] = {}
        self._stops: list[CALLBACK_TYPE] = []

    @callback
    def start(self) -> None:
        """Begin to look."""
        self._stops = [
            async_dispatcher_connect(self._hass, SIGNAL_PLAYED, self._played),
            async_dispatcher_connect(self._hass, SIGNAL_HAPPENED, self._happened),
            async_track_time_interval(self._hass, self._look, LOOK, cancel_on_shutdown=True),
            self._recommender.rooms.add_listener(self._begin_anew),
        ]

    @callback
    def stop(self) -> None:
        """Look no more."""
        while self._stops:
            self._stops.pop()()

    def mode(self, room: Room) -> RoomMode:
        """Return the mode of a room."""
        return self._modes.setdefault(room.id, RoomMode(room))

    @callback
    def switch(self, room: Room, *, on: bool) -> None:
        """Switch a room's mode; this begins anew with the moment as it is."""
        mode = self.mode(room)
        mode.on = on
        mode.go_on()
        if mode.playing is not None:
            mode.playing.drift = Drift(*self._now(room, mode.playing.asked))
        room.changed()

    @callback
    def _begin_anew(self) -> None:
        """Compare nothing with what was read before settings changed: it may be revoked."""
        for mode in self._modes.values():
            mode.moment = None
            if mode.playing is not None:
                mode.playing.drift = Drift(*self._now(mode.room, mode.playing.asked))

    def mood_of(self, room: Room) -> str | None:
        """Return the mood a room is in, None where its moment asks for nothing.

        It is what was asked of the music that plays there, else what somebody chose for the room,
        else the one that is nearest to what the moment asks for.
        """
        playing = self.mode(room).playing
        state = room.speaker.state.state if room.speaker is not None else None
        if playing is not None and state is Playback.PLAYING and playing.asked.request.mood:
            return playing.asked.request.mood
        return room.mood or nearest_mood(room.moment.read())

    # -- what happens --------------------------------------------------------------------------

    @callback
    def _played(
        self, coordinator: Speaker, answer: Answer, enqueue: Enqueue, started: PlaybackStarted
    ) -> None:
        """Take over a list that a group's queue now consists of."""
        if coordinator.household is not self._household or enqueue is not Enqueue.REPLACE:
            return
        rooms = [room for room in map(self._recommender.rooms.get, answer.rooms) if room]
        for room in rooms:
            mode = self.mode(room)
            mode.playing = None
            mode.endings.clear()
            mode.go_on()
        # A path is a person's word on where the music should be
        if rooms and (asked := answer.asked) is not None and asked.request.path is None:
            drift = Drift(*self._now(rooms[0], asked))
            playing = Playing(asked, rooms[0].mood, drift, _by_name(answer.recommendation))
            self.mode(rooms[0]).playing = playing
            self._await(playing, coordinator, [], started.finished)
        for room in rooms:
            room.changed()

    @staticmethod
    def _await(
        playing: Playing,
        coordinator: Speaker,
        kept: Sequence[str],
        finished: asyncio.Future[PlaybackFinished],
    ) -> None:
        """Know the queue once it is filled behind what was kept."""
        playing.queue = None

        @callback
        def note(done: asyncio.Future[PlaybackFinished]) -> None:
            tracks = done.result().tracks
            playing.queue = [*kept, *names(tracks)]
            playing.ours |= zip(names(tracks), (track.uri for track in tracks), strict=True)
            if kept:
                coordinator.household.memory.exchanged(coordinator.uid, playing.queue)

        finished.add_done_callback(note)

    @callback
    def _happened(self, happening: Interaction) -> None:
        """Take note of skips, and of hands at the volume."""
        room = self._recommender.rooms.get(happening.room or "")
        if room is None:
            return
        mode = self.mode(room)
        if happening.kind is Kind.VOLUME and mode.on:
            mode.follow()
            room.changed()
        elif happening.kind in _ENDINGS:
            mode.endings.append(happening)
            skipped = [each for each in mode.endings if each.kind is Kind.SKIPPED]
            if len(skipped) >= SKIPS:
                mode.endings.clear()
                told = {"room": room.id, "name": room.title}
                self._hass.bus.async_fire(EVENT_SKIPPED_TWICE, told)
                mode.wish = SKIPPED
                mode.unwanted = [each.artist for each in skipped if each.artist]
                self._begin(mode)

    # -- looking -------------------------------------------------------------------------------

    @callback
    def _look(self, _now: datetime) -> None:
        rooms = {room.id: room for room in self._recommender.rooms}
        for gone in self._modes.keys() - rooms.keys():
            del self._modes[gone]
        for mode in map(self.mode, rooms.values()):
            if mode.following is not None and monotonic() >= mode.follows_until:
                mode.go_on()
                mode.room.changed()
            self._look_at_moment(mode)
            self._begin(mode)

    def _look_at_moment(self, mode: RoomMode) -> None:
        """Tell the bus when a room's moment has changed, as anybody may know it."""
        moment = mode.room.moment.read()
        if mode.moment is None:
            mode.moment = Drift(moment)
        elif (reason := mode.moment.look(monotonic(), moment)) is not None:
            mode.moment = Drift(moment)
            self._hass.bus.async_fire(EVENT_MOMENT_CHANGED, self._told(mode.room, reason))

    def _told(self, room: Room, reason: str) -> dict[str, str]:
        text = async_change_text(self._hass, reason)
        return {"room": room.id, "name": room.title, "reason": reason, "text": text}

    def _begin(self, mode: RoomMode) -> None:
        """Do for a room what is to be done, unless that is going on."""
        speaker = mode.room.speaker
        if speaker is None or not speaker.available or mode.busy or not mode.on:
            return
        state = speaker.state
        sounds = state.state is Playback.PLAYING and state.source is Source.QUEUE
        if mode.playing is not None and sounds and mode.following is None:
            mode.busy = True
            self._entry.async_create_background_task(
                self._hass, self._act(mode, mode.playing, speaker), f"rhythmiq {mode.room.title}"
            )

    async def _act(self, mode: RoomMode, playing: Playing, speaker: Speaker) -> None:
        try:
            await self._adapt(mode, playing, speaker)
        except EngineError as err:
            _LOGGER.debug("Nothing else is there for %s: %s", mode.room.title, err)
            mode.wish, mode.rests_until = None, monotonic() + REST_SECONDS
        except (NoRoomError, SonosError, StoreError) as err:
            _LOGGER.debug("%s stays as it is for now: %s", mode.room.title, err)
        finally:
            mode.busy = False

    async def _adapt(self, mode: RoomMode, playing: Playing, speaker: Speaker) -> None:
        at, room = monotonic(), mode.room
        bounds = Bounds.of(room.data.get(CONF_VOLUME))
        if bounds is not None and speaker.own.volume is not None:
            if mode.volume.turned(speaker.own.volume):
                mode.follow()
                room.changed()
                return
            if isinstance(noise := room.moment.read().values.get("noise_level"), float):
                await mode.volume.step(speaker, bounds, noise, at)
        moment, people = self._now(room, playing.asked)
        if playing.mood != mode.room.mood:
            mode.wish = MOOD
        reason = playing.drift.look(at, moment, people) if mode.wish is None else mode.wish
        if reason is not None and at >= mode.rests_until and playing.queue is not None:
            await self._reaim(mode, playing, playing.queue, speaker, reason)

    def _now(self, room: Room, asked: Asked) -> tuple[Context, list[str]]:
        """Return the moment of a room as a list is made for it, and who it is for."""
        rooms = self._recommender.rooms
        people: Sequence[KnownListener] = (
            rooms.at_home() if asked.listeners is None else asked.listeners
        )
        moment = room.moment.read().merged(rooms.personal(people).values)
        return moment.merged(asked.request.context.values), [person.id for person in people]

    # -- aiming again --------------------------------------------------------------------------

    async def _reaim(
        self, mode: RoomMode, playing: Playing, known: list[str], speaker: Speaker, reason: str
    ) -> None:
        """Exchange what is left; raises what recommending and playing raise."""
        coordinator = speaker.coordinator
        group = await glance(coordinator)
        queue = names(group.queue)
        if queue != known or coordinator.own.shuffle:
            self._give_way(mode, playing, queue, group.track)
            return
        keep = _behind(group.track, queue, playing.ours)
        if keep >= len(queue):
            return
        asked, mood = playing.asked, mode.room.mood
        if reason == MOOD:
            asked = replace(asked, request=replace(asked.request, mood=mood))
        moment, people = self._now(mode.room, asked)
        (answer,) = await self._recommender.answer(
            _for_the_rest(
                asked.request,
                playing.ours,
                queue,
                keep,
                mode.unwanted if reason == SKIPPED else None,
            ),
            [speaker],
            asked.engine,
            asked.listeners,
        )
        try:
            finished = await exchange_rest(
                speaker, queue, keep, playables(answer.recommendation), answer.others
            )
        except QueueChangedError:
            self._give_way(mode, playing, names((await glance(coordinator)).queue), group.track)
            return
        playing.asked, playing.mood, playing.drift = asked, mood, Drift(moment, people)
        playing.ours |= _by_name(answer.recommendation)
        self._await(playing, coordinator, queue[:keep], finished)
        mode.wish, mode.rests_until = None, monotonic() + REST_SECONDS
        mode.reaimed, mode.reason = dt_util.utcnow(), reason
        tracks = len(answer.recommendation.tracks)
        told = {"id": answer.id, "tracks": tracks, **self._told(mode.room, reason)}
        self._hass.bus.async_fire(EVENT_REAIMED, told)
        mode.room.changed()

    def _give_way(
        self, mode: RoomMode, playing: Playing, queue: list[str], playing_number: int
    ) -> None:
        """Leave the queue to whoever changed it; where nothing of ours is left, for good."""
        if mode.playing is not playing:
            return  # it was RhythmIQ itself: another list has begun
        playing.queue = queue
        if playing.ours.keys().isdisjoint(queue[playing_number:]):
            mode.playing = None
        mode.follow()
        mode.room.changed()


def _by_name(recommendation: Recommendation) -> dict[str, str]:
    """Return the uris of a recommendation's tracks by the names that queues know them by."""
    return {track_name(track.uri) or track.uri: track.uri for track in recommendation.tracks}


def _behind(number: int, queue: Sequence[str], ours: Mapping[str, str]) -> int:
    """Return how many entries stay: up to the next track, and to the last that somebody put in."""
    others = [place for place, name in enumerate(queue, 1) if name not in ours]
    return max([number + 1, *others])


def _for_the_rest(
    asked: Request,
    ours: Mapping[str, str],
    queue: Sequence[str],
    keep: int,
    unwanted: Sequence[str] | None,
) -> Request:
    """Return the same question for what comes behind the first entries.

    What is heard or stays does not come again; where the list was skipped, what would have come
    does not come either, nor anything by the artists who were skipped.
    """
    left_out = queue[:keep] if unwanted is None else queue
    return replace(
        asked,
        count=len(queue) - keep,
        seconds=None,
        after=ours.get(queue[keep - 1]),
        bans=Bans(
            (*asked.bans.tracks, *(ours.get(name, name) for name in left_out)),
            (*asked.bans.artists, *(unwanted or ())),
        ),
    )
