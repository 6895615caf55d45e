"""Voice: "play something for this room", "play calm music in the kitchen"."""

from typing import Any, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar, config_validation as cv, intent
import voluptuous as vol

from .const import CONF_AREA_ID, CONF_SPEAKER, DOMAIN, SUBENTRY_ROOM
from .course import Course
from .engine import MOODS, Request
from .exceptions import translated_errors
from .models import RhythmiqConfigEntry
from .tune_vectors import async_find
from .wording import async_words

INTENT_PLAY = "RhythmiqPlay"


async def async_setup_intents(hass: HomeAssistant) -> None:
    """Register the intent; its sentences are the person's to install (docs/voice.md)."""
    intent.async_register(hass, PlayIntentHandler())


class PlayIntentHandler(intent.IntentHandler):
    """Play a recommendation in the named area, or in the area the voice came from."""

    intent_type = INTENT_PLAY
    description = "Plays music that fits the moment in an area, optionally of a given mood"

    @property
    @override
    def slot_schema(self) -> dict[Any, Any]:
        """Return the slots: an area, the area of the voice satellite, a mood."""
        return {
            vol.Optional("area"): cv.string,
            vol.Optional("preferred_area_id"): cv.string,
            vol.Optional("mood"): vol.In(MOODS),
            vol.Optional("tune_vector"): cv.string,
        }

    @override
    async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
        """Recommend, play and say where; say what is missing otherwise."""
        hass = intent_obj.hass
        slots = self.async_validate_slots(intent_obj.slots)
        mood: str | None = slots.get("mood", {}).get("value")
        words = await async_words(hass, "common")
        response = intent_obj.create_response()
        found = _find_room(hass, slots)
        if found is None:
            response.async_set_error(
                intent.IntentResponseErrorCode.NO_VALID_TARGETS, words["voice_no_room"]
            )
            return response
        entry, room = found
        try:
            with translated_errors():
                course = await _async_course(hass, entry, room, slots)
                await entry.runtime_data.recommender.play_for_room(room, Request(mood=mood), course)
        except HomeAssistantError as err:
            response.async_set_error(intent.IntentResponseErrorCode.FAILED_TO_HANDLE, str(err))
        else:
            said = "voice_playing" if course is None else "voice_playing_tune_vector"
            name = course.name if course is not None else None
            response.async_set_speech(words[said].format(room=room.title, name=name))
        return response


async def _async_course(
    hass: HomeAssistant,
    entry: RhythmiqConfigEntry,
    room: ConfigSubentry,
    slots: dict[str, Any],
) -> Course | None:
    """Return the tune vector that was named, if any."""
    name: str | None = slots.get("tune_vector", {}).get("value")
    if name is None:
        return None
    speaker = entry.runtime_data.household.speakers.get(room.data[CONF_SPEAKER])
    return await (await async_find(hass, entry, name)).async_course(hass, speaker)


def _find_room(
    hass: HomeAssistant, slots: dict[str, Any]
) -> tuple[RhythmiqConfigEntry, ConfigSubentry] | None:
    """Return the room of the named area, of the satellite's area, or the only room there is."""
    rooms = [
        (entry, room)
        for entry in hass.config_entries.async_loaded_entries(DOMAIN)
        for room in entry.get_subentries_of_type(SUBENTRY_ROOM)
    ]
    if name := slots.get("area", {}).get("value"):
        areas = {area.id for area in intent.find_areas(name, ar.async_get(hass))}
        by_title = [found for found in rooms if found[1].title.casefold() == name.casefold()]
    else:
        areas = {slots.get("preferred_area_id", {}).get("value")} - {None}
        by_title = rooms if len(rooms) == 1 and not areas else []
    in_area = [found for found in rooms if found[1].data.get(CONF_AREA_ID) in areas]
    return next(iter(in_area or by_title), None)
