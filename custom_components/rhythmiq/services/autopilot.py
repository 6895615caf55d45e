"""The action that plays for now, if now is a time for music."""

from collections.abc import Mapping
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

from ..autopilot import Decision, play_for_now
from ..const import DOMAIN
from ..exceptions import translated_errors
from ..recommender import main_reasons
from ..sonos.speaker import Speaker
from ..targets import async_target_speakers, entry_of
from ..wording import async_option_text

SERVICE_PLAY_FOR_NOW = "play_for_now"

ATTR_ONLY_IF_IDLE = "only_if_idle"

PLAY_FOR_NOW_SCHEMA = vol.Schema(
    {**cv.ENTITY_SERVICE_FIELDS, vol.Optional(ATTR_ONLY_IF_IDLE, default=False): cv.boolean}
)


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the action that decides for itself."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_PLAY_FOR_NOW,
        _async_play_for_now,
        PLAY_FOR_NOW_SCHEMA,
        SupportsResponse.OPTIONAL,
    )


async def _async_play_for_now(call: ServiceCall) -> ServiceResponse:
    """Decide for every group among the targets, and say what and why."""
    speakers = await async_target_speakers(call)
    if not speakers:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_target")
    households: dict[str, list[Speaker]] = {}
    for speaker in speakers.values():
        households.setdefault(entry_of(call.hass, speaker).entry_id, []).append(speaker)
    with translated_errors():
        decisions = [
            decision
            for group in households.values()
            for decision in await play_for_now(
                entry_of(call.hass, group[0]).runtime_data.recommender,
                group,
                only_if_idle=call.data[ATTR_ONLY_IF_IDLE],
            )
        ]
    if not call.return_response:
        return None
    entity_ids = {speaker: entity_id for entity_id, speaker in speakers.items()}
    return {"decisions": [_response(call.hass, each, entity_ids) for each in decisions]}


def _response(
    hass: HomeAssistant, decision: Decision, entity_ids: Mapping[Speaker, str]
) -> dict[str, Any]:
    """Return a decision with its reasons in words: personal ones by name, nobody's by value."""
    response: dict[str, Any] = {
        "rooms": [room.title for room in decision.rooms],
        "entity_ids": [entity_ids[speaker] for speaker in decision.speakers],
        "played": decision.answer is not None,
        "reason": decision.verdict.value,
        "text": async_option_text(hass, "verdict", decision.verdict),
    }
    if (answer := decision.answer) is not None:
        response |= {
            "id": answer.id,
            "tracks": len(answer.recommendation.tracks),
            "mood": answer.mood,
            "because_of": [
                async_option_text(hass, "reason", key)
                for key in main_reasons(answer.recommendation)
            ],
            "listeners": [person.name for person in answer.listeners],
            "personal": list(answer.personal),
            "volumes": {each.room.title: round(100 * each.volume) for each in decision.loudness},
        }
    return response
