"""Our player where core's ``sonos`` has one for the same speaker: it steps aside.

Two players in one room break "play in the kitchen", and an area would skip two tracks at once. So
beside core's a new player of ours is disabled, and one that people use already stays enabled; both
are hidden and not exposed to voice assistants. When core's goes, ours is what it was before,
except where a person chose otherwise in between.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from homeassistant.components.homeassistant.const import DATA_EXPOSED_ENTITIES
from homeassistant.components.homeassistant.exposed_entities import (
    KNOWN_ASSISTANTS,
    async_expose_entity,
)
from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .models import RhythmiqConfigEntry

_SHOULD_EXPOSE: Final = "should_expose"
BESIDE_CORE: Final[er.EntityOptionsType] = {DOMAIN: {"exposed_before": {}}}
"""The registry's note on a player that was made beside core's."""


@callback
def async_keep_precedence(
    hass: HomeAssistant, entry: RhythmiqConfigEntry, came_back: Callable[[str], None]
) -> Callable[[], None]:
    """Let our players step aside and come back as core's come and go; return how to stop that.

    Call it before the players are added; ``came_back`` is called with the unique id of a player
    that is enabled again later.
    """
    core = entry.runtime_data.household.core
    registry = er.async_get(hass)

    def back() -> Iterator[str]:
        for player in er.async_entries_for_config_entry(registry, entry.entry_id):
            if player.domain != MEDIA_PLAYER_DOMAIN:
                continue
            if core.keeps(player.unique_id):
                _step_aside(hass, player)
            elif _come_back(hass, player):
                yield player.unique_id

    @callback
    def core_changed() -> None:
        for uid in back():
            came_back(uid)

    for _ in back():
        pass  # what came back before anybody could see it is added with the others
    return core.watch(core_changed)


def _step_aside(hass: HomeAssistant, player: er.RegistryEntry) -> None:
    if DOMAIN in player.options:
        return
    registry = er.async_get(hass)
    before = {each: _exposed(player, each) for each in KNOWN_ASSISTANTS}
    registry.async_update_entity_options(player.entity_id, DOMAIN, {"exposed_before": before})
    if not player.hidden:
        registry.async_update_entity(player.entity_id, hidden_by=er.RegistryEntryHider.INTEGRATION)
    if DATA_EXPOSED_ENTITIES in hass.data:
        for assistant, exposed in before.items():
            if exposed:
                async_expose_entity(hass, assistant, player.entity_id, False)


def _come_back(hass: HomeAssistant, player: er.RegistryEntry) -> bool:
    """Make a player what it was; return whether it was disabled until now."""
    if (note := player.options.get(DOMAIN)) is None:
        return False
    exposed_before: Mapping[str, bool | None] = note["exposed_before"]
    registry = er.async_get(hass)
    player = registry.async_update_entity_options(player.entity_id, DOMAIN, None)
    if player.hidden_by is er.RegistryEntryHider.INTEGRATION:
        registry.async_update_entity(player.entity_id, hidden_by=None)
    if (exposed := hass.data.get(DATA_EXPOSED_ENTITIES)) is not None:
        for assistant in KNOWN_ASSISTANTS:
            before = exposed_before.get(assistant)
            if before is not False and _exposed(player, assistant) is False:
                wanted = before or exposed.async_get_expose_new_entities(assistant)
                async_expose_entity(hass, assistant, player.entity_id, wanted)
    if player.disabled_by is not er.RegistryEntryDisabler.INTEGRATION:
        return False
    # What its config entry had disabled, Home Assistant enables without reloading the household,
    # which would cut the music that is being queued
    for disabler in (er.RegistryEntryDisabler.CONFIG_ENTRY, None):
        registry.async_update_entity(player.entity_id, disabled_by=disabler)
    return True


def _exposed(player: er.RegistryEntry, assistant: str) -> bool | None:
    """Return whether the player is exposed, None when nobody has decided yet."""
    options = player.options.get(assistant)
    return options.get(_SHOULD_EXPOSE) if options else None
