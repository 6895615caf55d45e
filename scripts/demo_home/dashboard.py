"""The demo's dashboard: a section per room with its player, its moods and its sensors."""

from typing import Any

from .home import OUTDOOR, QUANTITIES, ROOMS, SKY, WEATHER, Room
from .home_assistant import HomeAssistant

PATH = "rhythmiq-demo"
MOODS = {
    "calm": ("Calm", "mdi:leaf"),
    "happy": ("Happy", "mdi:emoticon-happy-outline"),
    "focus": ("Focus", "mdi:target"),
    "party": ("Party", "mdi:party-popper"),
}

type Card = dict[str, Any]


async def install(home: HomeAssistant) -> None:
    """Create the dashboard and make it the first page."""
    await home.command(
        {
            "type": "lovelace/dashboards/create",
            "url_path": PATH,
            "title": "RhythmIQ",
            "icon": "mdi:music-circle",
            "show_in_sidebar": True,
        },
        {"type": "lovelace/config/save", "url_path": PATH, "config": config()},
        {
            "type": "frontend/set_system_data",
            "key": "core",
            "value": {"default_panel": PATH},
        },
    )


def config() -> Card:
    """Return the dashboard."""
    return {
        "title": "RhythmIQ",
        "views": [
            {
                "title": "Home",
                "type": "sections",
                "max_columns": 3,
                "header": {"card": _welcome()},
                "sections": [*map(_room, ROOMS), _outside()],
            }
        ],
    }


def _welcome() -> Card:
    return {
        "type": "markdown",
        "text_only": True,
        "content": "# A moment goes in, music comes out\n"
        "Move a room's noise, light or people, then press **Play for now**. Sensors and speakers "
        "are simulated; this Home Assistant and its RhythmIQ are real.",
    }


def _room(room: Room) -> Card:
    return {
        "type": "grid",
        "cards": [
            {
                "type": "heading",
                "heading": room.name,
                "heading_style": "title",
                "icon": room.icon,
            },
            {
                "type": "media-control",
                "entity": room.player,
                "grid_options": {"columns": 12, "rows": 4},
            },
            {
                "type": "tile",
                "entity": room.button,
                "name": "Play for now",
                "icon": "mdi:play-circle",
                "color": "accent",
                "hide_state": True,
                "tap_action": {"action": "toggle"},
                "icon_tap_action": {"action": "toggle"},
                "grid_options": {"columns": 12, "rows": 1},
            },
            *(_mood(room, mood, name, icon) for mood, (name, icon) in MOODS.items()),
            *(_slider(room.slider(quantity), quantity.name) for quantity in QUANTITIES),
        ],
    }


def _mood(room: Room, mood: str, name: str, icon: str) -> Card:
    return {
        "type": "button",
        "name": name,
        "icon": icon,
        "icon_height": "24px",
        "tap_action": {
            "action": "perform-action",
            "perform_action": "rhythmiq.recommend_playlist",
            "target": {"entity_id": room.player},
            "data": {"mood": mood},
        },
        "grid_options": {"columns": 3, "rows": 2},
    }


def _slider(entity_id: str, name: str) -> Card:
    return {
        "type": "tile",
        "entity": entity_id,
        "name": name,
        "features": [{"type": "numeric-input", "style": "slider"}],
        "features_position": "inline",
        "grid_options": {"columns": 12, "rows": 1},
    }


def _outside() -> Card:
    return {
        "type": "grid",
        "column_span": 3,
        "cards": [
            {
                "type": "heading",
                "heading": "Outside",
                "heading_style": "title",
                "icon": "mdi:weather-partly-cloudy",
            },
            {
                "type": "tile",
                "entity": WEATHER,
                "name": "Weather",
                "state_content": ["state", "temperature"],
                "grid_options": {"columns": 12, "rows": 1},
            },
            _slider(f"input_number.{OUTDOOR.key}", "Temperature"),
            {
                "type": "tile",
                "entity": SKY,
                "name": "Sky",
                "features": [{"type": "select-options"}],
                "features_position": "inline",
                "grid_options": {"columns": 12, "rows": 1},
            },
        ],
    }
