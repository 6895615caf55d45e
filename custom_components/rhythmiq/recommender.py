"""The one use case: gather the moment → rank → path → play → remember."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
import logging
import secrets

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now
import numpy as np

from .cloud.client import CloudAuthError, CloudClient, CloudError
from .const import CONF_BINDINGS, CONF_SPEAKER, SUBENTRY_ROOM
from .engine import (
    Catalog,
    Context,
    EngineError,
    Recommendation,
    Request,
    rank,
    recommendation_from_json,
    recommendation_to_json,
    request_to_json,
)
from .library import Library
from .moment.reader import read_context
from .sonos.errors import SpeakerUnreachableError
from .sonos.household import Household
from .sonos.queue import Enqueue, Playable, play_tracks
from .sonos.speaker import Speaker
from .store import StoreError

_LOGGER = logging.getLogger(__name__)


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
class Answer:
    """A recommendation and how it came about.

    ``speakers`` are the group it is for (empty: only an answer was wanted), ``engine`` is who
    ranked, ``fallback`` why the cloud did not although it was asked to.
    """

    id: str
    engine: Engine
    fallback: CloudError | EngineError | None
    recommendation: Recommendation
    speakers: tuple[Speaker, ...]


async def play(answers: Sequence[Answer], enqueue: Enqueue = Enqueue.REPLACE) -> None:
    """Start each answer on its group; returns when the first tracks were asked to sound.

    Raises ``SonosError`` when a group cannot play. Where there are several groups, all of them
    are asked first, so that one that is off leaves the others as they are.
    """
    coordinators = [answer.speakers[0].coordinator for answer in answers]
    for speaker in (*(who for answer in answers for who in answer.speakers), *coordinators):
        if not speaker.available:
            raise SpeakerUnreachableError(speaker.name)
    if len(coordinators) > 1:
        await asyncio.gather(*(coordinator.ping() for coordinator in coordinators))
    await asyncio.gather(
        *(
            play_tracks(
                coordinator,
                [Playable(track.uri, track.title) for track in answer.recommendation.tracks],
                enqueue,
            )
            for coordinator, answer in zip(coordinators, answers, strict=True)
        )
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

    async def answer(
        self, request: Request, speakers: Sequence[Speaker] = (), engine: Engine = Engine.AUTO
    ) -> list[Answer]:
        """Recommend for each group among the speakers; without speakers, once for nobody.

        The context of ``request`` goes over what the room's sensors say. Nothing is played.

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
        moments = [(tuple(group), self._moment(group)) for group in groups.values()]
        return [
            await self._recommend(
                replace(request, context=moment.merged(request.context.values)), group, engine
            )
            for group, moment in moments or [((), Context())]
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
        return Answer(stored.id, Engine(stored.engine), None, made, (speaker,))

    async def play_for_room(self, room: ConfigSubentry, request: Request) -> None:
        """Recommend for a room's moment and play it there; raises what the two steps raise."""
        speaker = self._household.speakers.get(room.data[CONF_SPEAKER])
        if speaker is None:
            raise SpeakerUnreachableError(room.title)
        await play(await self.answer(request, [speaker]))

    def _moment(self, group: Sequence[Speaker]) -> Context:
        """Read the context of the coordinator's room, else of the first speaker's that has one."""
        rooms = {
            subentry.data[CONF_SPEAKER]: subentry
            for subentry in self._entry.get_subentries_of_type(SUBENTRY_ROOM)
        }
        for speaker in sorted(group, key=lambda speaker: speaker is not speaker.coordinator):
            if (room := rooms.get(speaker.uid)) is not None:
                return read_context(self._hass, room.data[CONF_BINDINGS], dt_util.now())
        raise NoRoomError(group[0].name)

    async def _recommend(
        self, request: Request, group: tuple[Speaker, ...], engine: Engine
    ) -> Answer:
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
                _rank, self._library.tracks.load, request, seed
            )
        answer = Answer(ulid_now(), used, fallback, recommendation, group)
        await self._remember(answer)
        return answer

    async def _ask_cloud(self, request: Request, seed: int) -> Recommendation:
        """Return the cloud's recommendation; say once when it goes away and when it is back."""
        if self._cloud is None:
            raise NoCloudError
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
        """Keep the recommendation, so that what happens next can be tied to it.

        A full disk must not keep the music from playing.
        """
        made = recommendation_to_json(answer.recommendation)
        try:
            await self._hass.async_add_executor_job(
                self._library.store.save_recommendation,
                answer.id,
                dt_util.utcnow().timestamp(),
                answer.engine,
                made["context"],
                made["tracks"],
            )
        except StoreError as err:
            _LOGGER.warning("A recommendation could not be stored: %s", err)


def _rank(load: Callable[[], Catalog], request: Request, seed: int) -> Recommendation:
    """Load and rank; blocking."""
    return rank(load(), request, rng=np.random.default_rng(seed))
