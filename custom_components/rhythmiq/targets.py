"""From the targets of an action to speakers of our households."""

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN
from .models import RhythmiqConfigEntry
from .rooms import Room, Rooms
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


@callback
def async_loaded_households(hass: HomeAssistant) -> list[RhythmiqConfigEntry]:
    """Return the loaded households, if any."""
    return hass.config_entries.async_loaded_entries(DOMAIN)


@callback
def async_targeted_rooms(hass: HomeAssistant, target: ConfigType) -> set[str]:
    """Return the ids of the rooms that a target is about.

    That are those of its entities and devices, and those in which its players stand: our own or
    core's. Areas, floors and labels stand for the entities in them.
    """
    selected = async_extract_referenced_entity_ids(hass, TargetSelection(target))
    registry = er.async_get(hass)
    entities = [registry.async_get(each) for each in selected.referenced]
    entities += [registry.async_get(each) for each in selected.indirectly_referenced]
    rooms = [room for each in async_loaded_households(hass) for room in _rooms(each)]
    return {
        room.id
        for room in rooms
        for entity in entities
        if entity is not None
        and (entity.config_subentry_id == room.id or _plays_in(entity, room.speaker_uid))
    }


@callback
def async_room(hass: HomeAssistant, room_id: str) -> Room | None:
    """Return a room of any household by its id."""
    rooms = (_rooms(entry).get(room_id) for entry in async_loaded_households(hass))
    return next((room for room in rooms if room is not None), None)


@callback
def async_player_of(hass: HomeAssistant, room: Room) -> str | None:
    """Return the entity id of our player for a room's speaker."""
    return er.async_get(hass).async_get_entity_id(MEDIA_PLAYER_DOMAIN, DOMAIN, room.speaker_uid)


def _rooms(entry: RhythmiqConfigEntry) -> Rooms:
    return entry.runtime_data.recommender.rooms


def _plays_in(entity: er.RegistryEntry, uid: str) -> bool:
    return entity.unique_id == uid and entity.platform in PLAYER_PLATFORMS


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
