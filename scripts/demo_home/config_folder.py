"""Home Assistant's config folder for the demo: made fresh, with everything it should find."""

from datetime import UTC, datetime
import json
from pathlib import Path
import shutil
from typing import Any

import yaml

from . import covers
from .home import CONDITIONS, OUTDOOR, QUANTITIES, ROOMS, SKY, WEATHER, Quantity

REPOSITORY = Path(__file__).parents[2]
IMPORTS = "imports"
"""Folder inside the config folder that the import action may read."""
MARKER = ".rhythmiq-demo"
"""File that tells the demo's own config folder from anybody else's."""

INTEGRATIONS = (
    *("assist_pipeline", "config", "conversation", "frontend", "history"),
    *("media_source", "sun"),
)


def is_foreign(folder: Path) -> bool:
    """Return whether something is at `folder` that the demo has not made."""
    if folder.is_symlink() or not folder.is_dir():
        return folder.exists(follow_symlinks=False)
    return any(folder.iterdir()) and not (folder / MARKER).is_file()


def make(folder: Path, port: int) -> None:
    """Replace `folder` by a config folder whose Home Assistant serves 127.0.0.1:`port`."""
    if is_foreign(folder):
        raise FileExistsError(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("scripts/demo replaces this folder each time it starts.\n")
    (folder / ".storage").mkdir()
    (folder / IMPORTS).mkdir()
    (folder / "custom_components").mkdir()
    covers.write(folder / "www" / "covers")
    for source in ("custom_components/rhythmiq", "custom_sentences"):
        (folder / source).symlink_to(REPOSITORY / source, target_is_directory=True)
    (folder / "configuration.yaml").write_text(
        yaml.safe_dump(configuration(folder), sort_keys=False, allow_unicode=True),
        encoding="utf-8",
    )
    for key, version, minor_version, data in storage(port):
        content = {"version": version, "minor_version": minor_version, "key": key, "data": data}
        (folder / ".storage" / key).write_text(json.dumps(content, indent=2), encoding="utf-8")


def configuration(folder: Path) -> dict[str, Any]:
    """Return configuration.yaml: explicit integrations, sliders, and sensors that follow them."""
    sliders = [(room.slider(q), f"{room.name} {q.name}", q) for room in ROOMS for q in QUANTITIES]
    sliders.append((f"input_number.{OUTDOOR.key}", "Outside temperature", OUTDOOR))
    return {
        "homeassistant": {
            "name": "RhythmIQ demo home",
            "unit_system": "metric",
            "time_zone": _time_zone(),
            "country": "NL",
            "currency": "EUR",
            "latitude": 52.37,
            "longitude": 4.89,
            "elevation": 2,
            "allowlist_external_dirs": [str(folder / IMPORTS)],
        },
        **dict.fromkeys(INTEGRATIONS),
        "input_number": {
            entity_id.partition(".")[2]: {
                "name": name,
                "icon": quantity.icon,
                "min": quantity.minimum,
                "max": quantity.maximum,
                "step": quantity.step,
                "initial": quantity.initial,
                "unit_of_measurement": quantity.unit,
            }
            for entity_id, name, quantity in sliders
        },
        "input_select": {
            SKY.partition(".")[2]: {
                "name": "Sky",
                "icon": "mdi:weather-partly-cloudy",
                "options": list(CONDITIONS),
                "initial": "cloudy",
            }
        },
        "template": [
            {
                # like a real sensor, report when something changes and now and then anyway
                "triggers": [
                    {"trigger": "homeassistant", "event": "start"},
                    {"trigger": "time_pattern", "minutes": "/10"},
                    {"trigger": "state", "entity_id": [entity_id for entity_id, _, _ in sliders]},
                ],
                "sensor": [_sensor(*slider) for slider in sliders],
            },
            {
                "weather": [
                    {
                        "name": "Outside",
                        "unique_id": WEATHER,
                        "condition": f"{{{{ states('{SKY}') }}}}",
                        "temperature": f"{{{{ states('input_number.{OUTDOOR.key}') | float }}}}",
                        "temperature_unit": "°C",
                        "humidity": "{{ 60 }}",
                    }
                ]
            },
        ],
    }


def _sensor(slider: str, name: str, quantity: Quantity) -> dict[str, object]:
    sensor: dict[str, object] = {
        "name": name,
        "unique_id": slider.partition(".")[2],
        "default_entity_id": f"sensor.{slider.partition('.')[2]}",
        "icon": quantity.icon,
        "state": f"{{{{ states('{slider}') }}}}",
        "unit_of_measurement": quantity.unit,
        "state_class": "measurement",
    }
    if quantity.device_class:
        sensor["device_class"] = quantity.device_class
    return sensor


def storage(port: int) -> list[tuple[str, int, int, dict[str, Any]]]:
    """Return what Home Assistant keeps in `.storage`: key, version, minor version, data.

    The web server's settings must stand there as "stable": a fresh Home Assistant, or one whose
    port is given in YAML, would end up on port 8123 of every interface.  Network: loopback only.
    Onboarding: all that is left to do is to create the user.
    """
    web_server = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": datetime.now(UTC).isoformat(),
        "error": None,
        "error_message": None,
    }
    return [
        ("http", 2, 2, {"stable": web_server, "pending": None, "yaml_migration_done": True}),
        ("core.network", 1, 1, {"configured_adapters": ["lo"]}),
        ("onboarding", 4, 1, {"done": ["core_config", "analytics", "integration"]}),
    ]


def _time_zone() -> str:
    """Return this machine's time zone, so that the demo's clock is the user's."""
    parts = Path("/etc/localtime").resolve().parts
    if "zoneinfo" in parts:
        return "/".join(parts[parts.index("zoneinfo") + 1 :])
    return "UTC"
