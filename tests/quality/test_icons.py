"""icons.json: hassfest's schema, and an icon for every action and every translated entity."""

from collections.abc import Iterator
from typing import Any

import pytest
import voluptuous as vol
from voluptuous.humanize import humanize_error

from .source import read_json

icon = vol.Match(r"^mdi:[a-z0-9]+(-[a-z0-9]+)*$")
states = {str: icon}
shape = {
    vol.Optional("default"): icon,
    vol.Optional("state"): states,
    vol.Optional("range"): states,
    vol.Optional("state_attributes"): {
        str: {vol.Optional("default"): icon, vol.Optional("state"): states}
    },
}
SCHEMA = vol.Schema(
    {
        vol.Optional("entity"): {str: {str: shape}},
        vol.Optional("services"): {
            str: {vol.Required("service"): icon, vol.Optional("sections"): {str: icon}}
        },
        vol.Optional("triggers"): {str: {vol.Required("trigger"): icon}},
        vol.Optional("conditions"): {str: {vol.Required("condition"): icon}},
    }
)


def complaints(icons: dict[str, Any], translations: dict[str, Any]) -> Iterator[str]:
    try:
        SCHEMA(icons)
    except vol.Invalid as error:
        yield humanize_error(icons, error)
        return
    for section in ("services", "triggers", "conditions"):
        yield from differences(section, icons.get(section, {}), translations.get(section, {}))
    with_icon, translated = icons.get("entity", {}), translations.get("entity", {})
    for platform in sorted(with_icon.keys() | translated.keys()):
        yield from differences(
            f"entity.{platform}", with_icon.get(platform, {}), translated.get(platform, {})
        )


def differences(section: str, icons: dict[str, Any], texts: dict[str, Any]) -> Iterator[str]:
    yield from (f"{section}.{name} has no icon" for name in sorted(texts.keys() - icons.keys()))
    yield from (f"{section}.{name} has no text" for name in sorted(icons.keys() - texts.keys()))


def test_icons() -> None:
    assert list(complaints(read_json("icons.json"), read_json("translations/en.json"))) == []


@pytest.mark.parametrize(
    ("icons", "expected"),
    [
        ({"services": {}}, ["services.play has no icon", "entity.button.now has no icon"]),
        (
            {
                "services": {"play": {"service": "mdi:play"}, "stop": {"service": "mdi:stop"}},
                "entity": {"button": {"now": {"default": "mdi:play"}}},
            },
            ["services.stop has no text"],
        ),
    ],
)
def test_a_missing_icon_is_noticed(icons: dict[str, Any], expected: list[str]) -> None:
    translations = {"services": {"play": {}}, "entity": {"button": {"now": {}}}}
    assert list(complaints(icons, translations)) == expected


@pytest.mark.parametrize(
    "icons",
    [
        {"services": {"play": {"service": "play"}}},
        {"services": {"play": "mdi:play"}},
        {"entity": {"button": {"now": {"default": "hass:play"}}}},
        {"entities": {}},
    ],
)
def test_a_broken_file_is_noticed(icons: dict[str, Any]) -> None:
    assert list(complaints(icons, {}))
