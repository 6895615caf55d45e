"""The actions by which people teach: rate, take back, learn anew."""

from typing import Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
import voluptuous as vol

from ..checks import number, within
from ..const import DOMAIN
from ..engine.rewards import RATINGS
from ..exceptions import translated_errors
from ..library import LIBRARY
from ..people import KnownListener
from ..rating import Rated, playing_in
from ..recommender import Recommender
from ..rights import async_listener_of_user, check_may_see, find_listener
from ..rooms import Room
from ..targets import async_target_speakers, entry_of, loaded_entries

SERVICE_RATE: Final = "rate"
SERVICE_REBUILD: Final = "rebuild"

ATTR_LISTENER: Final = "listener"
ATTR_RATING: Final = "rating"
ATTR_RECOMMENDATION: Final = "recommendation"
ATTR_TAKE_BACK: Final = "take_back"
ATTR_TRACK: Final = "track"

_THUMBS: Final = {"down": RATINGS[0], "up": RATINGS[1]}

# Only shapes are checked here: ranges belong to the handler, whose errors are translated.
RATE_SCHEMA = vol.Schema(
    {
        **cv.ENTITY_SERVICE_FIELDS,
        vol.Optional(ATTR_RATING): object,
        vol.Optional(ATTR_TAKE_BACK, default=False): cv.boolean,
        vol.Optional(ATTR_TRACK): cv.string,
        vol.Optional(ATTR_RECOMMENDATION): cv.string,
        vol.Optional(ATTR_LISTENER): cv.string,
    }
)


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the actions that teach."""
    hass.services.async_register(
        DOMAIN, SERVICE_RATE, _async_rate, RATE_SCHEMA, SupportsResponse.OPTIONAL
    )
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_REBUILD,
        _async_rebuild,
        vol.Schema({}),
        SupportsResponse.OPTIONAL,
    )


async def _async_rate(call: ServiceCall) -> ServiceResponse:
    """Rate what plays in a room, a track, or a whole recommendation; or take that back."""
    take_back: bool = call.data[ATTR_TAKE_BACK]
    if take_back == (ATTR_RATING in call.data):
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="rating_or_back")
    if ATTR_TRACK in call.data and ATTR_RECOMMENDATION in call.data:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="track_or_list")
    stars = None if take_back else _stars(call.data[ATTR_RATING])
    listener = await _async_who(call)
    recommender, room = await _async_where(call)
    with translated_errors():
        what = await _async_what(call, room)
        listeners = [listener] if listener else recommender.rooms.at_home()
        if stars is None:
            await recommender.ratings.take_back(what, listeners)
            return (
                {"listeners": [each.name for each in listeners]} if call.return_response else None
            )
        identifier = await recommender.ratings.rate(what, stars, listeners)
    if not call.return_response:
        return None
    return {"interaction": identifier, "listeners": [each.name for each in listeners]}


async def _async_rebuild(call: ServiceCall) -> ServiceResponse:
    """Make the model anew from what is stored."""
    entries = loaded_entries(call.hass)
    with translated_errors():
        learned = await call.hass.async_add_executor_job(call.hass.data[LIBRARY].learning.rebuild)
    for entry in entries:
        await entry.runtime_data.recommender.tastes.look()
    return {"outcomes": learned.outcomes} if call.return_response else None


def _stars(value: object) -> float:
    if isinstance(value, str) and (thumb := _THUMBS.get(value)) is not None:
        return thumb
    stars = number(ATTR_RATING, value)
    within("rating_out_of_range", stars, *RATINGS)
    return stars


async def _async_who(call: ServiceCall) -> KnownListener | None:
    """Return who rates: who is named, else the user's own person; None for everybody at home."""
    if (reference := call.data.get(ATTR_LISTENER)) is not None:
        listener = find_listener(call.hass, reference)
        await check_may_see(call.hass, call.context, listener)
        return listener
    return await async_listener_of_user(call.hass, call.context)


async def _async_where(call: ServiceCall) -> tuple[Recommender, Room | None]:
    """Return the household and the room that are targeted, if any is."""
    speakers = await async_target_speakers(call)
    for speaker in speakers.values():
        recommender = entry_of(call.hass, speaker).runtime_data.recommender
        for member in (speaker, *speaker.members):
            if (room := recommender.rooms.of_speaker(member.uid)) is not None:
                return recommender, room
    if speakers:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="no_room",
            translation_placeholders={"speaker": next(iter(speakers.values())).name},
        )
    return loaded_entries(call.hass)[0].runtime_data.recommender, None


async def _async_what(call: ServiceCall, room: Room | None) -> Rated:
    """Return what is rated. Raises ``ServiceValidationError`` where nothing is named."""
    library = call.hass.data[LIBRARY]
    if (uri := call.data.get(ATTR_TRACK)) is not None:
        (known,) = await call.hass.async_add_executor_job(library.tracks.resolve, [uri])
        tracks = await call.hass.async_add_executor_job(library.tracks.load)
        row = tracks.index_of(known)
        if row is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="unknown_track",
                translation_placeholders={"track": uri},
            )
        return Rated(uri=known, title=tracks.title[row], artist=tracks.artist[row], room=room)
    if (identifier := call.data.get(ATTR_RECOMMENDATION)) is not None:
        stored = await call.hass.async_add_executor_job(library.store.recommendation, identifier)
        if stored is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="unknown_recommendation",
                translation_placeholders={"id": identifier},
            )
        return Rated(recommendation=stored.id, room=room)
    if room is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="nothing_to_rate")
    return playing_in(room)
