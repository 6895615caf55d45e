"""What a person may attach to a bug report: no address, no token, no name, no reading."""

from hashlib import blake2b
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers import instance_id

from .const import CONF_BINDINGS, CONF_CLOUD_TOKEN, CONF_CLOUD_URL, CONF_SPEAKER, SUBENTRY_ROOM
from .library import LIBRARY
from .models import RhythmiqConfigEntry

TO_REDACT = {CONF_HOST, CONF_CLOUD_TOKEN, CONF_CLOUD_URL}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: RhythmiqConfigEntry
) -> dict[str, Any]:
    """Return the state of one household; of one that is not loaded, its settings only.

    Speakers go by a keyed hash, the same in every report of this home: their ids hold hardware
    addresses, so few that a plain hash could be undone. Rooms tell which variables are switched
    on, not from which entities and never what they read.
    """
    secret = (await instance_id.async_get(hass)).encode()

    def anonymous(uid: str) -> str:
        return blake2b(uid.encode(), key=secret, digest_size=6).hexdigest()

    loaded = entry.state is ConfigEntryState.LOADED
    speakers = entry.runtime_data.household.speakers if loaded else {}
    count = hass.data[LIBRARY].tracks.count if loaded else lambda: None
    happened = entry.runtime_data.recommender.record.interactions.counts if loaded else dict
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
        "catalog": {"tracks": await hass.async_add_executor_job(count)},
        "interactions": await hass.async_add_executor_job(happened),
    }
