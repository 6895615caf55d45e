"""The one use case: gather the moment → rank → path → play → remember."""


from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
import logging
import secrets

import numpy as np

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from .cloud.client import CloudAuthError, CloudClient, CloudError
from .const import CONF_BINDINGS, CONF_SPEAKER, SUBENTRY_ROOM
from .engine import (
    Catalog,
    Context,
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
    ranked, ``fallback`` the key of the sentence that says why the cloud did not.
    """

    id: str
    engine: Engine
    fallback: str | None
    recommendation: Recommendation
    speakers: tuple[Speaker, ...]


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

        Raises ``EngineError`` for a request that cannot be met, ``NoRoomError``,
        ``SpeakerUnreachableError`` and ``CloudError`` when only the cloud would do.
        """
        groups: dict[str, list[Speaker]] = {}
        for speaker in speakers:
            groups.setdefault(speaker.coordinator.uid, []).append(speaker)
        moments = [(tuple(group), self._moment(group)) for group in groups.values()]
        return [
            await self._recommend(
                replace(request, context=moment.merged(request.context.values)), group, engine
            )
            for group, moment in moments or [((), Context.from_values({}))]
        ]

    async def play(self, answer: Answer, enqueue: Enqueue = Enqueue.REPLACE) -> None:
        """Start the answer on its group; returns when the first track was asked to sound.

        Raises ``SonosError`` when the group cannot play it.
        """
        await play_tracks(
            answer.speakers[0].coordinator,
            [Playable(track.uri, track.title) for track in answer.recommendation.tracks],
            enqueue,
        )

    async def play_for_room(self, room: ConfigSubentry, request: Request) -> None:
        """Recommend for a room's moment and play it there; raises what the two steps raise."""
        speaker = self._household.speakers.get(room.data[CONF_SPEAKER])
        if speaker is None:
            raise SpeakerUnreachableError(room.title)
        for answer in await self.answer(request, [speaker]):
            await self.play(answer)

    def _moment(self, group: Sequence[Speaker]) -> Context:
        """Read the context of the group's first room that was asked for."""
        for speaker in group:
            if not speaker.available:
                raise SpeakerUnreachableError(speaker.name)
        rooms = {
            subentry.data[CONF_SPEAKER]: subentry
            for subentry in self._entry.get_subentries_of_type(SUBENTRY_ROOM)
        }
        for speaker in group:
            if (room := rooms.get(speaker.uid)) is not None:
                return read_context(self._hass, room.data[CONF_BINDINGS], dt_util.now())
        raise NoRoomError(group[0].name)

    async def _recommend(
        self, request: Request, group: tuple[Speaker, ...], engine: Engine
    ) -> Answer:
        seed = secrets.randbits(32)
        recommendation, fallback = None, None
        if engine is not Engine.LOCAL and (self._cloud or engine is Engine.CLOUD):
            recommendation, fallback = await self._ask_cloud(request, seed)
        used = Engine.CLOUD if recommendation else Engine.LOCAL
        if recommendation is None:
            recommendation = await self._hass.async_add_executor_job(
                _rank, self._library.tracks.load, request, seed
            )
        answer = Answer(ulid_now(), used, fallback, recommendation, group)
        await self._remember(answer)
        return answer

    async def _ask_cloud(
        self, request: Request, seed: int
    ) -> tuple[Recommendation | None, str | None]:
        """Return the cloud's recommendation, or the key of why there is none."""
        if self._cloud is None:
            return None, "cloud_not_set_up"
        try:
            body = await self._cloud.recommend({"seed": seed, "request": request_to_json(request)})
            recommendation = recommendation_from_json(body)
        except CloudError as err:
            if isinstance(err, CloudAuthError):
                self._entry.async_start_reauth(self._hass)
            if not self._cloud_away:
                _LOGGER.info("The cloud is away, this home ranks by itself: %s", err)
            self._cloud_away = True
            return None, err.key
        if self._cloud_away:
            _LOGGER.info("The cloud is back")
        self._cloud_away = False
        return recommendation, None

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
