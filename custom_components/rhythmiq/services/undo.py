"""The actions that bring back what played."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
import logging

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

from ..const import DOMAIN
from ..exceptions import translated_errors
from ..sonos.household import Household
from ..sonos.speaker import Speaker
from ..sonos.undo import BroughtBack, Memory
from ..targets import async_target_speakers

_LOGGER = logging.getLogger(__name__)

SERVICE_RESTORE = "restore"
SERVICE_SNAPSHOT = "snapshot"
SERVICE_UNDO = "undo"

SCHEMA = vol.Schema(cv.ENTITY_SERVICE_FIELDS)

type BringBack = Callable[[Memory, Sequence[Speaker]], Awaitable[list[BroughtBack]]]


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the actions that bring back what played."""
    hass.services.async_register(
        DOMAIN, SERVICE_UNDO, _async_undo, SCHEMA, SupportsResponse.OPTIONAL
    )
    hass.services.async_register(DOMAIN, SERVICE_SNAPSHOT, _async_snapshot, SCHEMA)
    hass.services.async_register(
        DOMAIN, SERVICE_RESTORE, _async_restore, SCHEMA, SupportsResponse.OPTIONAL
    )


async def _async_undo(call: ServiceCall) -> ServiceResponse:
    """Bring back what played before the last recommendation; once more brings that back."""
    return await _async_bring_back(call, Memory.undo)


async def _async_restore(call: ServiceCall) -> ServiceResponse:
    """Bring back what was kept."""
    return await _async_bring_back(call, Memory.restore)


async def _async_snapshot(call: ServiceCall) -> None:
    """Keep what the groups of the targeted players play."""
    speakers = await _async_speakers(call)
    with translated_errors():
        for household, group in _by_household(speakers.values()).items():
            await household.memory.keep(group)


async def _async_bring_back(call: ServiceCall, bring_back: BringBack) -> ServiceResponse:
    speakers = await _async_speakers(call)
    with translated_errors():
        groups = [
            each
            for household, group in _by_household(speakers.values()).items()
            for each in await bring_back(household.memory, group)
        ]
    for group in groups:
        _log(group)
    if not call.return_response:
        return None
    entity_ids = {speaker: entity_id for entity_id, speaker in speakers.items()}
    return {
        "groups": [
            {
                "entity_ids": [
                    entity_ids[member]
                    for member in group.restored.coordinator.members
                    if member in entity_ids
                ],
                "changed_by_hand": group.by_hand,
                "lost": group.restored.lost,
                "missing": [*group.restored.missing],
            }
            for group in groups
        ]
    }


def _log(group: BroughtBack) -> None:
    """Say what a person may wonder about, and nobody else tells."""
    name, restored = group.restored.coordinator.name, group.restored
    if group.by_hand:
        _LOGGER.info("%s: the queue had been changed by hand; undo again to get it back", name)
    if restored.lost:
        _LOGGER.warning("%s: what %s streamed cannot be brought back", name, restored.lost)
    if restored.missing:
        _LOGGER.warning("%s: some speakers of the group are not there", name)


async def _async_speakers(call: ServiceCall) -> dict[str, Speaker]:
    speakers = await async_target_speakers(call)
    if not speakers:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_target")
    return speakers


def _by_household(speakers: Iterable[Speaker]) -> dict[Household, list[Speaker]]:
    households: dict[Household, list[Speaker]] = {}
    for speaker in speakers:
        households.setdefault(speaker.household, []).append(speaker)
    return households
