"""The actions that recommend and play."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
import logging
from typing import Any

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..checks import number, seconds
from ..const import DOMAIN
from ..course import Course, TuneVectorError
from ..engine import Context, Reason, Request, parse_key
from ..exceptions import translated_errors
from ..models import RhythmiqConfigEntry
from ..people import KnownListener
from ..recommender import Answer, Engine, play, save_as_playlist
from ..rights import all_listeners, find_listener, may_see
from ..sonos.errors import SonosError
from ..sonos.queue import Enqueue, PlaybackStarted
from ..sonos.speaker import Speaker
from ..targets import async_target_speakers, entry_of, loaded_entries
from ..tune_vectors import async_find
from ..wording import async_words, fallback_text, reason_text

_LOGGER = logging.getLogger(__name__)

SERVICE_RECOMMEND_PLAYLIST = "recommend_playlist"

ATTR_ARTISTS = "artists"
ATTR_CONTEXT = "context"
ATTR_COUNT = "count"
ATTR_DURATION = "duration"
ATTR_ENGINE = "engine"
ATTR_ENQUEUE = "enqueue"
ATTR_FEATURES = "features"
ATTR_GENRES = "genres"
ATTR_KEY = "key"
ATTR_LISTENERS = "listeners"
ATTR_MOOD = "mood"
ATTR_PLAY = "play"
ATTR_SAVE_AS = "save_as"
ATTR_SEED_TRACKS = "seed_tracks"
ATTR_TEMPO = "tempo"
ATTR_TUNE_VECTOR = "tune_vector"

# Only shapes are checked here: ranges belong to the handler, whose errors are translated.
RECOMMEND_PLAYLIST_SCHEMA = vol.Schema(
    {
        **cv.ENTITY_SERVICE_FIELDS,
        vol.Optional(ATTR_COUNT): object,
        vol.Optional(ATTR_DURATION): object,
        vol.Optional(ATTR_MOOD): cv.string,
        vol.Optional(ATTR_GENRES): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(ATTR_ARTISTS): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(ATTR_TEMPO): object,
        vol.Optional(ATTR_KEY): object,
        vol.Optional(ATTR_FEATURES): dict,
        vol.Optional(ATTR_SEED_TRACKS): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(ATTR_CONTEXT): dict,
        vol.Optional(ATTR_ENQUEUE): cv.string,
        vol.Optional(ATTR_ENGINE): cv.string,
        vol.Optional(ATTR_PLAY, default=True): cv.boolean,
        vol.Optional(ATTR_SAVE_AS): cv.string,
        vol.Optional(ATTR_TUNE_VECTOR): vol.Any(cv.string, dict),
        vol.Optional(ATTR_LISTENERS): vol.All(cv.ensure_list, [cv.string]),
    }
)


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the actions that recommend and play."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_RECOMMEND_PLAYLIST,
        _async_recommend_playlist,
        RECOMMEND_PLAYLIST_SCHEMA,
        SupportsResponse.OPTIONAL,
    )


async def _async_recommend_playlist(call: ServiceCall) -> ServiceResponse:
    """Recommend for the targeted players and play there, or only answer.

    Everything is asked and ranked before anything plays: an error plays nothing.
    """
    sound: bool = call.data[ATTR_PLAY]
    speakers = await async_target_speakers(call)
    title: str = call.data.get(ATTR_SAVE_AS, "").strip()
    if (sound or title) and not speakers:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_target")
    with translated_errors():
        enqueue = _option(ATTR_ENQUEUE, Enqueue, call.data.get(ATTR_ENQUEUE, Enqueue.REPLACE))
        engine = _option(ATTR_ENGINE, Engine, call.data.get(ATTR_ENGINE, Engine.AUTO))
        request = _request(call.data)
        people = _listeners(call.hass, call.data)
        answers = [
            answer
            for entry, group in _by_household(call.hass, list(speakers.values()))
            for answer in await entry.runtime_data.recommender.answer(
                request, group, engine, people, await _async_course(call, entry, group)
            )
        ]
        if title and not all(answer.recommendation.tracks for answer in answers):
            raise TuneVectorError("nothing_to_save")
        started = await play(answers, enqueue) if sound else [None] * len(answers)
        if title:
            await _async_save(call.hass, answers, title, wait=not sound)
    if not call.return_response:
        return None
    entity_ids = {speaker.uid: entity_id for entity_id, speaker in speakers.items()}
    hidden = await _async_hidden(call)
    return {
        "recommendations": [
            await _async_response(call.hass, answer, each, entity_ids, hidden)
            for answer, each in zip(answers, started, strict=True)
        ]
    }


async def _async_save(
    hass: HomeAssistant, answers: Sequence[Answer], title: str, *, wait: bool
) -> None:
    """Write answers into Sonos playlists; while music plays, that waits for nobody."""
    for answer in answers:
        speaker = answer.speakers[0]
        name = f"{title} · {speaker.name}" if len(answers) > 1 else title
        if wait:
            await save_as_playlist(answer, name)
            continue
        entry_of(hass, speaker).async_create_background_task(
            hass, _async_save_quietly(answer, name), f"rhythmiq {name}"
        )


async def _async_save_quietly(answer: Answer, title: str) -> None:
    try:
        await save_as_playlist(answer, title)
    except SonosError as err:
        _LOGGER.warning("%s could not be saved: %s", title, err)


async def _async_response(
    hass: HomeAssistant,
    answer: Answer,
    started: PlaybackStarted | None,
    entity_ids: Mapping[str, str],
    hidden: Collection[str],
) -> dict[str, Any]:
    """Return an answer as the action's response: the machine form with its reasons in words.

    Of the listeners who are ``hidden`` from the caller it does not tell what they prefer.
    """
    words = await async_words(hass, "selector")
    made = answer.recommendation
    response: dict[str, Any] = {
        "id": answer.id,
        "entity_ids": [entity_ids[speaker.uid] for speaker in answer.speakers],
        "engine": answer.engine.value,
        "context": dict(made.context.values),
        "personal": list(answer.personal),
        "listeners": [person.name for person in answer.listeners],
        "tracks": [
            {
                "uri": track.uri,
                "title": track.title,
                "artist": track.artist,
                "duration": track.duration,
                "score": track.score,
                "reasons": [
                    {
                        "key": reason.key,
                        "feature": reason.feature,
                        "amount": reason.amount,
                        "text": reason_text(words, _seen(reason, hidden)),
                    }
                    for reason in track.reasons
                ],
            }
            for track in made.tracks
        ],
    }
    if answer.course is not None:
        response["tune_vector"] = _course_response(answer, answer.course)
    if answer.followed is not None:
        for track, place in zip(response["tracks"], answer.followed.places, strict=True):
            track["minute"] = round(place.start / 60, 1)
    if started is not None:
        response["skipped"] = [
            {"uri": track.uri, "title": track.title} for track in started.skipped
        ]
    if answer.fallback is not None:
        response["fallback"] = fallback_text(await async_words(hass, "exceptions"), answer.fallback)
    return response


def _course_response(answer: Answer, course: Course) -> dict[str, Any]:
    """Return which tune vector is followed, and how well."""
    followed = answer.followed
    return {
        "name": course.name,
        "kind": course.vector.kind,
        "shape": course.vector.shape,
        "duration": course.vector.seconds,
        "fade": course.fade,
        "deviation": followed and round(followed.deviation, 3),
        "transition": followed and round(followed.transition, 3),
        "items": [
            {
                "kind": insert.kind,
                "minute": round(insert.minute, 1),
                "before_track": insert.before,
                "titles": [item.title or item.uri for item in insert.items],
            }
            for insert in course.inserted(answer.recommendation)
        ],
    }


def _seen(reason: Reason, hidden: Collection[str]) -> Reason:
    return replace(reason, subject=None) if reason.listener in hidden else reason


async def _async_hidden(call: ServiceCall) -> set[str]:
    """Return the listeners whose preferences are not for who called; automations see all."""
    if call.context.user_id is None:
        return set()
    user = await call.hass.auth.async_get_user(call.context.user_id)
    return {
        person.id
        for person in all_listeners(call.hass)
        if user is None or not may_see(user, person)
    }


def _listeners(hass: HomeAssistant, data: Mapping[str, Any]) -> list[KnownListener] | None:
    """Return the listeners that were named, each once; None if nobody was."""
    if ATTR_LISTENERS not in data:
        return None
    found = (find_listener(hass, name) for name in data[ATTR_LISTENERS])
    return list({person.id: person for person in found}.values())


async def _async_course(
    call: ServiceCall, entry: RhythmiqConfigEntry, group: Sequence[Speaker]
) -> Course | None:
    """Return the tune vector that was asked for, in the time that was asked for."""
    if ATTR_TUNE_VECTOR not in call.data:
        return None
    known = await async_find(call.hass, entry, call.data[ATTR_TUNE_VECTOR])
    course = await known.async_course(call.hass, group[0] if group else None)
    if ATTR_DURATION in call.data:
        course = course.stretched(seconds(call.data[ATTR_DURATION]))
    return course


def _by_household(
    hass: HomeAssistant, speakers: list[Speaker]
) -> list[tuple[RhythmiqConfigEntry, list[Speaker]]]:
    """Sort speakers by the household that serves them; without speakers any will do."""
    if not speakers:
        return [(loaded_entries(hass)[0], [])]
    households: dict[str, tuple[RhythmiqConfigEntry, list[Speaker]]] = {}
    for speaker in speakers:
        entry = entry_of(hass, speaker)
        _, group = households.setdefault(entry.entry_id, (entry, []))
        group.append(speaker)
    return list(households.values())


def _request(data: Mapping[str, Any]) -> Request:
    """Build the engine's request from the fields of the action."""
    key, mode = parse_key(data[ATTR_KEY]) if ATTR_KEY in data else (None, None)
    return Request(
        context=Context.from_values(data.get(ATTR_CONTEXT, {})),
        count=int(number(ATTR_COUNT, data[ATTR_COUNT])) if ATTR_COUNT in data else 20,
        seconds=seconds(data[ATTR_DURATION]) if ATTR_DURATION in data else None,
        mood=data.get(ATTR_MOOD),
        genres=tuple(data.get(ATTR_GENRES, ())),
        artists=tuple(data.get(ATTR_ARTISTS, ())),
        tempo=_tempo(data[ATTR_TEMPO]) if ATTR_TEMPO in data else None,
        key=key,
        mode=mode,
        features={name: number(name, value) for name, value in data.get(ATTR_FEATURES, {}).items()},
        seeds=tuple(data.get(ATTR_SEED_TRACKS, ())),
    )


def _option[T: StrEnum](field: str, options: type[T], value: str) -> T:
    try:
        return options(value)
    except ValueError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="unknown_option",
            translation_placeholders={
                "field": field,
                "value": str(value),
                "options": ", ".join(options),
            },
        ) from err


def _tempo(value: object) -> tuple[float, float]:
    """Return the range of a mapping with ``min`` and ``max`` or of a pair, in BPM."""
    match value:
        case {"min": low, "max": high} | [low, high]:
            return number(ATTR_TEMPO, low), number(ATTR_TEMPO, high)
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="tempo_shape_invalid",
        translation_placeholders={"value": str(value)},
    )
