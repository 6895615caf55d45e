"""From the targets of an action to speakers of our households."""

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from .const import DOMAIN
from .models import RhythmiqConfigEntry
from .sonos.speaker import Speaker

PLAYER_PLATFORMS = (DOMAIN, "sonos")


async def async_target_speakers(call: ServiceCall) -> dict[str, Speaker]:
    """Return the targeted speakers by the entity id they were targeted with.

    Our own players and core's for the same speaker will do; areas, floors, labels and devices
    stand for the players in them. A speaker targeted twice is returned once.

    Raises ``ServiceValidationError`` for an entity that is no player of ours and for targets
    without any, ``Unauthorized`` where the user may not control the player.
    """
    hass = call.hass
    selection = TargetSelection(call.data)
    if not selection.has_any_target:
        return {}
    selected = async_extract_referenced_entity_ids(hass, selection)
    speakers: dict[str, Speaker] = {}
    for entity_id in sorted(selected.referenced | selected.indirectly_referenced):
        speaker = _speaker(hass, entity_id)
        if speaker is None:
            if entity_id in selected.referenced:
                raise _unknown_player(entity_id)
        elif speaker not in speakers.values():
            speakers[entity_id] = speaker
    if not speakers:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_player")
    await _check_permission(call, speakers)
    return speakers


async def async_target_groups(call: ServiceCall) -> list[dict[str, Speaker]]:
    """Return the targeted speakers like ``async_target_speakers``, but group by group.

    Raises ``ServiceValidationError`` when nothing is targeted, too.
    """
    groups: dict[Speaker, dict[str, Speaker]] = {}
    for entity_id, speaker in (await async_target_speakers(call)).items():
        groups.setdefault(speaker.coordinator, {})[entity_id] = speaker
    if not groups:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_target_players")
    return list(groups.values())


def async_speaker_of(hass: HomeAssistant, entity_id: str) -> Speaker:
    """Return the speaker of a player of ours or of core's.

    Raises ``ServiceValidationError`` for any other entity.
    """
    if (speaker := _speaker(hass, entity_id)) is None:
        raise _unknown_player(entity_id)
    return speaker


def entry_of(hass: HomeAssistant, speaker: Speaker) -> RhythmiqConfigEntry:
    """Return the entry of the speaker's household."""
    return next(
        entry
        for entry in loaded_entries(hass)
        if speaker.uid in entry.runtime_data.household.speakers
    )


def loaded_entries(hass: HomeAssistant) -> list[RhythmiqConfigEntry]:
    """Return the loaded households, at least one.

    Raises ``ServiceValidationError`` when none is loaded.
    """
    if not (entries := hass.config_entries.async_loaded_entries(DOMAIN)):
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_loaded")
    return entries


def _speaker(hass: HomeAssistant, entity_id: str) -> Speaker | None:
    entity = er.async_get(hass).async_get(entity_id)
    if (
        entity is None
        or entity.domain != MEDIA_PLAYER_DOMAIN
        or entity.platform not in PLAYER_PLATFORMS
    ):
        return None
    return next(
        (
            speaker
            for entry in loaded_entries(hass)
            if (speaker := entry.runtime_data.household.speakers.get(entity.unique_id))
        ),
        None,
    )


def _unknown_player(entity_id: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="unknown_player",
        translation_placeholders={"entity_id": entity_id},
    )


async def _check_permission(call: ServiceCall, entity_ids: dict[str, Speaker]) -> None:
    if call.context.user_id is None:
        return
    if (user := await call.hass.auth.async_get_user(call.context.user_id)) is None:
        raise UnknownUser(context=call.context)
    for entity_id in entity_ids:
        if not user.permissions.check_entity(entity_id, POLICY_CONTROL):
            raise Unauthorized(context=call.context, entity_id=entity_id, permission=POLICY_CONTROL)
