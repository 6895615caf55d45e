"""What a person may attach to a bug report: no address, no token, no name, no reading."""

from collections import Counter
from hashlib import blake2b
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers import instance_id

from .const import (
    CONF_BINDINGS,
    CONF_CLOUD_TOKEN,
    CONF_CLOUD_URL,
    CONF_SPEAKER,
    SUBENTRY_LISTENER,
    SUBENTRY_ROOM,
)
from .library import LIBRARY
from .listeners.preferences import Origin
from .models import RhythmiqConfigEntry

TO_REDACT = {CONF_HOST, CONF_CLOUD_TOKEN, CONF_CLOUD_URL}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: RhythmiqConfigEntry
) -> dict[str, Any]:
    """Return the state of one household; of one that is not loaded, its settings only.

    Speakers go by a keyed hash, the same in every report of this home: their ids hold hardware
    addresses, so few that a plain hash could be undone. Rooms and listeners tell which variables
    are switched on, not from which entities and never what they read; of listeners, too, how much
    is known, not who they are nor what they like.
    """
    secret = (await instance_id.async_get(hass)).encode()

    def anonymous(uid: str) -> str:
        return blake2b(uid.encode(), key=secret, digest_size=6).hexdigest()

    loaded = entry.state is ConfigEntryState.LOADED
    speakers = entry.runtime_data.household.speakers if loaded else {}
    count = hass.data[LIBRARY].tracks.count if loaded else lambda: None
    happened = entry.runtime_data.recommender.record.interactions.counts if loaded else dict

    def known(listener: str) -> dict[str, int]:
        """Return how much is known of a listener; blocking."""
        if not loaded:
            return {}
        interactions = entry.runtime_data.recommender.record.interactions
        origins = Counter(each.origin for each in hass.data[LIBRARY].preferences.of(listener))
        return {
            "outcomes": interactions.outcomes(listener),
            **{f"preferences_{origin}": origins[origin] for origin in Origin},
        }

    return {
        "entry": async_redact_data(entry.data, TO_REDACT),
        "speakers": [
            {
                "id": anonymous(uid),
                "model": speaker.model,
                "version": speaker.version,
                "available": speaker.available,
                "bonded": speaker.bonded,
                "followed_by": speaker.followed_by,
                "coordinator": anonymous(speaker.coordinator.uid),
            }
            for uid, speaker in sorted(speakers.items())
        ],
        "rooms": [
            {
                "speaker": anonymous(room.data[CONF_SPEAKER]),
                "variables": sorted(room.data[CONF_BINDINGS]),
            }
            for room in entry.get_subentries_of_type(SUBENTRY_ROOM)
        ],
        "listeners": [
            {"variables": sorted(listener.data[CONF_BINDINGS])}
            | await hass.async_add_executor_job(known, listener.subentry_id)
            for listener in entry.get_subentries_of_type(SUBENTRY_LISTENER)
        ],
        "catalog": {"tracks": await hass.async_add_executor_job(count)},
        "interactions": await hass.async_add_executor_job(happened),
    }
