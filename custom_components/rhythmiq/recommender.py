"""The one use case: gather the moment → rank → path → play → remember."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from heapq import nlargest
import logging
from math import copysign, fsum
import secrets
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType
from homeassistant.util.ulid import ulid_now
import numpy as np

from .cloud.client import CloudAuthError, CloudClient, CloudError
from .const import (
    CONF_ADVENTUROUSNESS,
    CONF_EXPLICIT,
    CONF_SPEAKER,
    DOMAIN,
    EVENT_QUEUED,
    EVENT_RECOMMENDED,
)
from .course import Course
from .engine import (
    Context,
    EngineError,
    Heard,
    Listener,
    Recommendation,
    RecommendedTrack,
    Request,
    TuneVector,
    rank,
    recommendation_from_json,
    recommendation_to_json,
    request_to_json,
)
from .engine.followed import followed
from .engine.rewards import Kind, reward_of
from .engine.sequence import Sequence as Followed
from .forgetting import PERSONAL
from .interactions import Interaction
from .library import Library
from .listeners.preferences import Origin
from .own_signals import OwnSignals
from .people import KnownListener
from .rating import Ratings
from .record import BELONGS_SECONDS, Record
from .rooms import Room, Rooms, without_personal
from .sonos.errors import SpeakerUnreachableError
from .sonos.filling import PlaybackFinished, Replace
from .sonos.household import Household
from .sonos.queue import Enqueue, Playable, PlaybackStarted, play_tracks, start_nothing
from .sonos.speaker import Speaker
from .sonos.stream import StreamNotQueueableError, play_stream
from .sonos.watcher import Happening, OpenPlay, Watcher
from .store import StoreError
from .tastes import Tastes

_LOGGER = logging.getLogger(__name__)

_LATE: Final = timedelta(minutes=1)  # told so long after, another moment has come
_REMEMBERED: Final = 14 * 86_400.0  # seconds of plays that ranking knows of
_MAIN: Final = 3  # reasons that a whole list is told with
_ALWAYS: Final = {"base", "variety", "diversity", "path"}  # of any list: they tell nothing of it
_DISCREET: Final = 0.1  # the amount of any reason whose own would give away a personal value
_SOMEBODY: Final = -1  # nobody in particular, to the engine


class Engine(StrEnum):
    """Who ranks: this home, the cloud, or the cloud when one is set up."""

    AUTO = "auto"
    CLOUD = "cloud"
    LOCAL = "local"


class NoCloudError(CloudError):
    """The cloud was asked for, but none is set up."""

    key = "cloud_not_set_up"


class NoRoomError(Exception):
    """A speaker that belongs to no room has no moment to play for."""

    def __init__(self, speaker: str) -> None:
        """Name the speaker."""
        super().__init__(speaker)
        self.key = "no_room"
        self.placeholders = {"speaker": speaker}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, to be asked again; without ``listeners`` it is for those at home."""

    request: Request
    engine: Engine
    listeners: tuple[KnownListener, ...] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A recommendation and how it came about.

    ``speakers`` are the group it is for (empty: only an answer was wanted), ``engine`` is who
    ranked, ``fallback`` why the cloud did not although it was asked to. ``others`` finds the next
    best tracks for those that a player refuses. It is for ``listeners``, of whom it considered the
    variables ``personal``: their names are here, their values nowhere. ``rooms`` are those that
    hear it, ``mood`` was asked for; ``asked`` is None where no question of now led to it, or one
    that is not to be asked again: a tune vector (``course``) goes where it was sent. ``followed``
    tells how well its songs do that, where the catalog knows them.
    """

    id: str
    engine: Engine
    fallback: CloudError | EngineError | None
    recommendation: Recommendation
    speakers: tuple[Speaker, ...]
    others: Replace | None = None
    listeners: tuple[KnownListener, ...] = ()
    personal: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    mood: str | None = None
    asked: Asked | None = None
    course: Course | None = None
    followed: Followed | None = None


SIGNAL_PLAYED: SignalType[Speaker, Answer, Enqueue, PlaybackStarted] = SignalType(
    f"{DOMAIN}_played"
)
"""Sent inside this Home Assistant when an answer plays on a group, led by the speaker."""
SIGNAL_HAPPENED: SignalType[Interaction] = SignalType(f"{DOMAIN}_happened")
"""Sent when something happened to the music of a room, as it goes into the store."""


async def play(
    answers: Sequence[Answer], enqueue: Enqueue = Enqueue.REPLACE
) -> list[PlaybackStarted]:
    """Start each answer on its group; returns when the first tracks were asked to sound.

    What played before is remembered, to be undone. ``EVENT_RECOMMENDED`` tells that a list plays,
    ``EVENT_QUEUED`` when it is complete.

    Raises ``SonosError`` when a group cannot play. Where there are several groups, all of them
    are asked first, so that one that is off leaves the others as they are.
    """
    coordinators = [answer.speakers[0].coordinator for answer in answers]
    for speaker in (*(who for answer in answers for who in answer.speakers), *coordinators):
        if not speaker.available:
            raise SpeakerUnreachableError(speaker.name)
    if enqueue in (Enqueue.NEXT, Enqueue.ADD):
        for answer in answers:
            if answer.course is not None and (stream := answer.course.then) is not None:
                raise StreamNotQueueableError(stream.title or stream.uri)
    if len(coordinators) > 1:
        await asyncio.gather(*(coordinator.ping() for coordinator in coordinators))
    return await asyncio.gather(
        *(
            _play(coordinator, answer, enqueue)
            for coordinator, answer in zip(coordinators, answers, strict=True)
        )
    )


async def _play(coordinator: Speaker, answer: Answer, enqueue: Enqueue) -> PlaybackStarted:
    started = await _start(coordinator, answer, enqueue)
    coordinator.hass.bus.async_fire(EVENT_RECOMMENDED, _told(coordinator.hass, answer))
    async_dispatcher_send(coordinator.hass, SIGNAL_PLAYED, coordinator, answer, enqueue, started)

    @callback
    def tell(done: asyncio.Future[PlaybackFinished]) -> None:
        finished = done.result()
        coordinator.hass.bus.async_fire(
            EVENT_QUEUED,
            {
                "id": answer.id,
                "speaker": coordinator.name,
                "queued": finished.queued,
                "complete": finished.complete,
                "skipped": [track.uri for track in finished.skipped],
                "replaced_by": [track.uri for track in finished.replaced],
            },
        )

    started.finished.add_done_callback(tell)
    await coordinator.household.memory.remember(started)
    return started


async def _start(coordinator: Speaker, answer: Answer, enqueue: Enqueue) -> PlaybackStarted:
    """Begin what plays, and what goes along with it."""
    songs, course = playables(answer.recommendation), answer.course
    if course is None:
        return await play_tracks(coordinator, songs, enqueue, replace=answer.others, keep=True)
    entries = course.entries(answer.recommendation, songs)
    if not entries and course.then is not None:
        started = await start_nothing(coordinator)
        with coordinator.own_hand.at_work():
            await play_stream(coordinator, course.then.uri, course.then.title, course.then.metadata)
        await coordinator.accompaniment.begin(replace(course.plan, then=None))
        return started
    started = await play_tracks(coordinator, entries, enqueue, replace=answer.others, keep=True)
    if enqueue in (Enqueue.PLAY, Enqueue.REPLACE):
        first = 1 if started.replaces else started.number
        await coordinator.accompaniment.begin(course.plan, started.finished, first)
    return started


def _told(hass: HomeAssistant, answer: Answer) -> dict[str, Any]:
    """Return what the bus hears of an answer: names, and no value of anybody's."""
    players = er.async_get(hass)
    return {
        "id": answer.id,
        "rooms": list(answer.rooms),
        "entity_ids": [
            entity_id
            for speaker in answer.speakers
            if (entity_id := players.async_get_entity_id("media_player", DOMAIN, speaker.uid))
        ],
        "mood": answer.mood,
        "engine": answer.engine.value,
        "fallback": answer.fallback.key if answer.fallback else None,
        "listeners": [person.name for person in answer.listeners],
        "tracks": len(answer.recommendation.tracks),
        "reasons": main_reasons(answer.recommendation),
    }


def main_reasons(recommendation: Recommendation) -> list[str]:
    """Return the keys of what spoke most for these tracks, in a moment and to these people."""
    total: defaultdict[str, float] = defaultdict(float)
    for track in recommendation.tracks:
        for reason in track.reasons:
            if reason.key not in _ALWAYS:
                total[reason.key] += reason.amount
    return [key for key in nlargest(_MAIN, total, key=total.__getitem__) if total[key] > 0]


def discreet(recommendation: Recommendation) -> Recommendation:
    """Return a recommendation whose reasons tell of personal variables by name only.

    What such a variable added follows from its value, so it is told as ``_DISCREET``, for or
    against the track. Scores change with it: they stay the sums of their reasons.
    """

    def told(track: RecommendedTrack) -> RecommendedTrack:
        reasons = tuple(
            replace(reason, amount=copysign(_DISCREET, reason.amount))
            if reason.key in PERSONAL
            else reason
            for reason in track.reasons
        )
        change = fsum(reason.amount for reason in reasons) - fsum(
            reason.amount for reason in track.reasons
        )
        return replace(track, score=track.score + change, reasons=reasons)

    return replace(recommendation, tracks=tuple(told(track) for track in recommendation.tracks))


def playables(recommendation: Recommendation) -> list[Playable]:
    """Return a recommendation's tracks as a queue takes them."""
    return [Playable(track.uri, track.title) for track in recommendation.tracks]


async def save_as_playlist(answer: Answer, title: str) -> None:
    """Write an answer into a Sonos playlist of its speakers' household. Raises ``SonosError``."""
    speaker = answer.speakers[0]
    await speaker.household.playlists.write(
        speaker,
        title,
        playables(answer.recommendation),
        answer.id,
        dt_util.utcnow().timestamp(),
    )


class Recommender:
    """Turns a request and the moment of a room into music, for one household."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        household: Household,
        library: Library,
        cloud: CloudClient | None,
    ) -> None:
        """Take the parts this use case brings together."""
        self._hass = hass
        self._entry = entry
        self._household = household
        self._library = library
        self._cloud = cloud
        self._cloud_away = False
        self._watcher = Watcher(household, self._happened)
        self._moments: dict[str, Context] = {}  # by room: when its last track began
        self._signals = OwnSignals()
        self.rooms = Rooms(hass, entry, household, self._signals.tell)
        self.record = Record(hass, library)
        self.ratings = Ratings(hass, self.record, self.rooms, library.tracks)
        self.tastes = Tastes(hass, library, self.rooms)
        self.record.add_listener(self.tastes.happened)
        self.record.add_listener(self._signals.stored)

    async def start(self) -> None:
        """Begin to watch what becomes of the music; what plays is found again."""
        now = dt_util.utcnow().timestamp()
        interactions = self.record.interactions
        await self.rooms.presences.start()
        self.rooms.update()
        try:
            unfinished = await self._hass.async_add_executor_job(
                interactions.unfinished, now - BELONGS_SECONDS
            )
            await self._hass.async_add_executor_job(self._signals.load, interactions, now)
        except StoreError as err:
            _LOGGER.warning("What played before cannot be read: %s", err)
            unfinished = []
        self._watcher.start(
            OpenPlay(play.uri, dt_util.utc_from_timestamp(play.happened), play.speakers)
            for play in unfinished
        )
        self.tastes.start()

    async def warm_up(self) -> None:
        """Rank once for nobody to hear: tracks, model and all that is looked up are then at hand.

        What fails here fails again, and is told, when somebody asks.
        """
        with suppress(EngineError, StoreError):
            await self._hass.async_add_executor_job(
                self._rank, Request(count=1), (), self.rooms.listeners(), 0
            )

    async def recollect(self) -> None:
        """Begin anew with what is stored: something was forgotten."""
        self._moments.clear()
        self._signals.clear()
        now = dt_util.utcnow().timestamp()
        await self._hass.async_add_executor_job(self._signals.load, self.record.interactions, now)
        await self.tastes.look()

    async def stop(self) -> None:
        """Stop watching, and store what is known by now."""
        self.tastes.stop()
        self._watcher.stop()
        self.rooms.stop()
        await self.rooms.presences.stop()
        await self.record.stop()

    async def answer(
        self,
        request: Request,
        speakers: Sequence[Speaker] = (),
        engine: Engine = Engine.AUTO,
        listeners: Sequence[KnownListener] | None = None,
        course: Course | None = None,
    ) -> list[Answer]:
        """Recommend for each group among the speakers; without speakers, once for no room.

        The context of ``request`` goes over what the room's sensors say, and the room scales how
        much is tried out. It is for ``listeners``, by default for those at home. It follows
        the ``course``, if there is one. Nothing is played.

        Raises ``EngineError`` for a request that cannot be met, ``NoRoomError``
        and ``StoreError`` when the catalog cannot be read.
        """
        if request.seeds:
            seeds = await self._hass.async_add_executor_job(
                self._library.tracks.resolve, request.seeds
            )
            request = replace(request, seeds=seeds)
        groups: dict[str, list[Speaker]] = {}
        for speaker in speakers:
            groups.setdefault(speaker.coordinator.uid, []).append(speaker)
        asked = Asked(request, engine, None if listeners is None else tuple(listeners))
        people = self.rooms.at_home() if listeners is None else list(listeners)
        personal = self.rooms.personal(people)
        moments = [
            (tuple(group), room.moment.read(), room.adventurousness)
            for group in groups.values()
            for room in [self._room(group)]
        ]
        return [
            await self._recommend(
                replace(
                    request,
                    context=moment.merged(personal.values).merged(request.context.values),
                    exploration=request.exploration * adventurousness,
                ),
                group,
                people,
                asked,
                course,
            )
            for group, moment, adventurousness in moments or [((), Context(), 1.0)]
        ]

    async def recall(self, recommendation_id: str, speaker: Speaker) -> Answer:
        """Return a recommendation of before as an answer for the speaker.

        Raises ``StoreError`` when there is none of that id, ``EngineError`` when it is malformed.
        """
        stored = await self._hass.async_add_executor_job(
            self._library.store.recommendation, recommendation_id
        )
        if stored is None:
            raise StoreError("unknown_recommendation", id=recommendation_id)
        made = recommendation_from_json({"context": stored.context, "tracks": stored.tracks})
        return Answer(
            stored.id,
            Engine(stored.engine),
            None,
            made,
            (speaker,),
            rooms=self._rooms_of((speaker,)),
        )

    async def again(self, recommendation_id: str, speaker: Speaker) -> Answer:
        """Return a recommendation of before as one that is given now, under an id of its own.

        What happens next belongs to it. Raises what ``recall`` raises.
        """
        answer = replace(await self.recall(recommendation_id, speaker), id=ulid_now())
        await self._keep(
            partial(
                self._library.store.repeat_recommendation,
                recommendation_id,
                answer.id,
                dt_util.utcnow().timestamp(),
                _members(answer.speakers),
            )
        )
        return answer

    async def play_for_room(
        self, room: ConfigSubentry, request: Request, course: Course | None = None
    ) -> None:
        """Recommend for a room's moment and play it there; raises what the two steps raise."""
        speaker = self._household.speakers.get(room.data[CONF_SPEAKER])
        if speaker is None:
            raise SpeakerUnreachableError(room.title)
        if course is None:
            request = self.usual(request, speaker)
        await play(await self.answer(request, [speaker], course=course))

    def usual(self, request: Request, speaker: Speaker) -> Request:
        """Return a request with the mood of the speaker's room, unless it asks for one."""
        room = self.rooms.of_speaker(speaker.uid)
        return request if room is None else replace(request, mood=request.mood or room.mood)

    def _room(self, group: Sequence[Speaker]) -> Room:
        """Return the coordinator's room, else that of the first speaker that has one."""
        for speaker in sorted(group, key=lambda speaker: speaker is not speaker.coordinator):
            if (room := self.rooms.of_speaker(speaker.uid)) is not None:
                return room
        raise NoRoomError(group[0].name)

    def _rooms_of(self, group: Sequence[Speaker]) -> tuple[str, ...]:
        """Return the ids of the rooms that hear what is played on a group."""
        rooms = (self.rooms.of_speaker(uid) for uid in _members(group))
        return tuple(room.id for room in rooms if room is not None)

    @callback
    def _happened(self, happening: Happening) -> None:
        """Write down what happened in the rooms, with their moment; elsewhere it is nobody's."""
        rooms = {room.speaker_uid: room for room in self.rooms}
        heard = {uid: seconds for uid, seconds in happening.speakers if uid in rooms}
        uid = happening.speaker
        if uid not in rooms:
            if happening.kind is Kind.VOLUME or not heard:
                return
            uid = next(iter(heard))
        room = rooms[uid]
        reward = reward_of(happening.kind, happening.listened, happening.duration)
        people = self.rooms.at_home()
        interaction = Interaction(
            happened=happening.when.timestamp(),
            kind=happening.kind,
            uri=happening.uri,
            title=happening.title,
            artist=happening.artist,
            listened=happening.listened,
            duration=happening.duration,
            reward=reward.value,
            weight=reward.weight,
            change=happening.change,
            room=room.id,
            speaker=uid,
            speakers=heard,
            listeners=[person.id for person in people],
            context=self._moment_of(happening, room, people).values,
        )
        self._signals.happened(interaction)
        self.record.add(interaction)
        async_dispatcher_send(self._hass, SIGNAL_HAPPENED, interaction)

    def _moment_of(
        self, happening: Happening, room: Room, people: Sequence[KnownListener]
    ) -> Context:
        """Return the moment of a room and of who is there at a happening.

        Some are told long after: then the moment is the one in which the track began, without what
        was switched off since.
        """
        if dt_util.utcnow() - happening.when > _LATE:
            began = self._moments.get(room.id, Context())
            switched_on = self.rooms.switched_on(room)
            return Context({key: began.values[key] for key in began.values.keys() & switched_on})
        moment = room.moment.read().merged(self.rooms.personal(people).values)
        if happening.kind is Kind.STARTED:
            self._moments[room.id] = moment
        return moment

    async def _recommend(
        self,
        request: Request,
        group: tuple[Speaker, ...],
        people: Sequence[KnownListener],
        asked: Asked,
        course: Course | None,
    ) -> Answer:
        used, fallback, along = Engine.LOCAL, None, None
        songs = request if course is None else course.request(request)
        if songs is None:
            recommendation = Recommendation((), request.context)
        else:
            request = songs
            recommendation, used, fallback = await self._made(songs, group, people, asked.engine)
        if request.path is not None:
            along = await self._hass.async_add_executor_job(
                self._followed, recommendation, request.path
            )
        shown = without_personal(request.context)
        key = ulid_now()
        answer = Answer(
            key,
            used,
            fallback,
            replace(discreet(recommendation), context=shown),
            group,
            self._next_best(key, request, recommendation, group, people),
            tuple(people),
            tuple(sorted(request.context.values.keys() - shown.values.keys())),
            self._rooms_of(group),
            request.mood,
            asked if course is None else None,
            course,
            along,
        )
        await self._remember(answer)
        return answer

    def _followed(self, made: Recommendation, path: TuneVector) -> Followed | None:
        """Measure how well a list follows its path; blocking."""
        return followed(self._library.tracks.load(), [track.uri for track in made.tracks], path)

    async def _made(
        self,
        request: Request,
        group: Sequence[Speaker],
        people: Sequence[KnownListener],
        engine: Engine,
    ) -> tuple[Recommendation, Engine, CloudError | EngineError | None]:
        """Let the cloud rank, or this home; return who did, and why the cloud did not."""
        seed = secrets.randbits(32)
        used, fallback = Engine.LOCAL, None
        if engine is Engine.CLOUD or (engine is Engine.AUTO and self._cloud):
            try:
                recommendation = await self._ask_cloud(request, seed)
                used = Engine.CLOUD
            except (CloudError, EngineError) as err:
                fallback = err
        if used is Engine.LOCAL:
            recommendation = await self._hass.async_add_executor_job(
                self._rank, request, _members(group), people, seed
            )
        return recommendation, used, fallback

    def _next_best(
        self,
        key: str,
        request: Request,
        recommendation: Recommendation,
        group: Sequence[Speaker],
        people: Sequence[KnownListener],
    ) -> Replace:
        """Return how to find tracks instead of refused ones: by ranking again without them.

        They belong to the recommendation of this id then.
        """
        offered = [track.uri for track in recommendation.tracks]

        async def others(refused: Sequence[Playable]) -> Sequence[Playable]:
            bans = replace(request.bans, tracks=(*request.bans.tracks, *offered))
            again = replace(request, bans=bans, count=len(refused), seconds=None, path=None)
            try:
                found = await self._hass.async_add_executor_job(
                    self._rank, again, _members(group), people, secrets.randbits(32)
                )
            except (EngineError, StoreError) as err:
                _LOGGER.debug("Nothing can take the place of refused tracks: %s", err)
                return ()
            offered.extend(track.uri for track in found.tracks)
            tracks = recommendation_to_json(discreet(found))["tracks"]
            await self._keep(partial(self._library.store.extend_recommendation, key, tracks))
            return playables(found)

        return others

    async def _ask_cloud(self, request: Request, seed: int) -> Recommendation:
        """Return the cloud's recommendation; say once when it goes away and when it is back.

        What is personal stays at home.
        """
        if self._cloud is None:
            raise NoCloudError
        request = replace(request, context=without_personal(request.context))
        try:
            answer = await self._cloud.recommend(
                {"seed": seed, "request": request_to_json(request)}
            )
        except CloudError as err:
            if isinstance(err, CloudAuthError):
                self._entry.async_start_reauth(self._hass)
            if not self._cloud_away:
                _LOGGER.info("The cloud is away, this home ranks by itself: %s", err)
            self._cloud_away = True
            raise
        if self._cloud_away:
            _LOGGER.info("The cloud is back")
        self._cloud_away = False
        return recommendation_from_json(answer)

    async def _remember(self, answer: Answer) -> None:
        """Keep the recommendation, so that what happens next can be tied to it."""
        made = recommendation_to_json(answer.recommendation)
        save = partial(
            self._library.store.save_recommendation,
            answer.id,
            dt_util.utcnow().timestamp(),
            answer.engine,
            made["context"],
            made["tracks"],
            speakers=_members(answer.speakers),
            listeners=[person.id for person in answer.listeners],
        )
        await self._keep(save)

    async def _keep(self, save: Callable[[], None]) -> None:
        """Store something of a recommendation: a full disk must not keep the music from playing."""
        try:
            await self._hass.async_add_executor_job(save)
        except StoreError as err:
            _LOGGER.warning("A recommendation could not be stored: %s", err)

    def _rank(
        self,
        request: Request,
        speakers: Sequence[str],
        people: Sequence[KnownListener],
        seed: int,
    ) -> Recommendation:
        """Load and rank; blocking.

        What was played on these speakers tires whoever listens there.
        """
        now = dt_util.utcnow().timestamp()
        history = self.record.interactions.heard(speakers, now - _REMEMBERED) if speakers else ()
        listeners = [self._as_listener(person, history) for person in people]
        if history and not listeners:
            listeners = [Listener(id=_SOMEBODY, adventurousness=0.5, history=history)]
        with self._library.learning.model() as model:
            return rank(
                self._library.tracks.load(),
                request,
                listeners,
                model=model if self._library.learning.outcomes else None,
                now=now,
                rng=np.random.default_rng(seed),
            )

    def _as_listener(self, person: KnownListener, history: tuple[Heard, ...]) -> Listener:
        """Return a person as the engine knows them; blocking."""
        data = person.subentry.data
        return Listener(
            id=person.id,
            preferences=tuple(
                preference.for_engine()
                for preference in self._library.preferences.of(person.id)
                if preference.origin is Origin.SET
            ),
            adventurousness=data[CONF_ADVENTUROUSNESS],
            explicit=data[CONF_EXPLICIT],
            history=history,
        )


def _members(group: Sequence[Speaker]) -> list[str]:
    """Return the uids of everyone who hears what is played on a group."""
    return [speaker.uid for speaker in group[0].coordinator.members] if group else []
