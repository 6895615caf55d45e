"""Names that several rooms of the house share."""

from typing import Final

DOMAIN: Final = "rhythmiq"
DATABASE: Final = "rhythmiq.db"

SUBENTRY_LISTENER: Final = "listener"
SUBENTRY_ROOM: Final = "room"
SUBENTRY_TUNE_VECTOR: Final = "tune_vector"

CONF_ADVENTUROUSNESS: Final = "adventurousness"
CONF_AREA_ID: Final = "area_id"
CONF_BINDINGS: Final = "bindings"
CONF_CLOUD_TOKEN: Final = "cloud_token"  # noqa: S105 (a key's name, not a secret)
CONF_CLOUD_URL: Final = "cloud_url"
CONF_DURATION: Final = "duration"
CONF_EXPLICIT: Final = "explicit"
CONF_FADE: Final = "fade"
CONF_KIND: Final = "kind"
CONF_PERSON: Final = "person"
CONF_PLAYLIST: Final = "playlist"
CONF_RETENTION_DAYS: Final = "retention_days"
CONF_QUIET: Final = "quiet"
CONF_SHAPE: Final = "shape"
CONF_SPEAKER: Final = "speaker"
CONF_VOLUME: Final = "volume"
CONF_WAYPOINTS: Final = "waypoints"

EVENT_FEEDBACK: Final = "rhythmiq_feedback"
"""Fired once a rating is stored or taken back: ``kind``, ``room`` (its id, if any), ``title``."""

EVENT_MOMENT_CHANGED: Final = "rhythmiq_moment_changed"
"""Fired when a room's moment has really changed: ``room`` (its id) and ``name``, the variable that
is the ``reason``, and that in words (``text``)."""

EVENT_QUEUED: Final = "rhythmiq_playlist_queued"
"""Fired on Home Assistant's bus once a recommendation is in a queue as a whole, or cut short."""

EVENT_REAIMED: Final = "rhythmiq_reaimed"
"""Fired when the rest of a list was exchanged: ``room`` (its id) and ``name``, the key of the
``reason`` and that in words (``text``), the ``id`` of the recommendation, how many ``tracks``."""

EVENT_RECOMMENDED: Final = "rhythmiq_recommended"
"""Fired when a recommendation begins to play: ``id``, ``rooms`` (their ids), ``entity_ids`` of the
players, ``mood``, ``engine``, ``fallback`` (why not the cloud), names of ``listeners``, the number
of ``tracks`` and the keys of the main ``reasons``."""

EVENT_SKIPPED_TWICE: Final = "rhythmiq_skipped_twice"
"""Fired when two of the last four tracks were skipped: ``room`` (its id) and ``name``."""

RETENTION_DAYS: Final = 400
