"""services.yaml: hassfest's schema, its texts, and that it describes what is registered."""

from collections.abc import Iterator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, selector
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
import pytest
import voluptuous as vol
from voluptuous.humanize import humanize_error

from .source import INTEGRATION, read_json


def present(value: object) -> object:
    if value is None:
        raise vol.Invalid("no value")
    return value


FIELD = {
    vol.Optional("required"): bool,
    vol.Optional("default"): present,
    vol.Optional("example"): present,
    vol.Required("selector"): selector.validate_selector,
    vol.Optional("filter"): dict,
}
SECTION = {vol.Required("fields"): {cv.slug: FIELD}, vol.Optional("collapsed"): bool}
SCHEMA = vol.Schema(
    {
        cv.slug: vol.Any(
            None,
            {
                vol.Optional("target"): vol.Any(None, selector.TargetSelector.CONFIG_SCHEMA),
                vol.Optional("fields"): {cv.slug: vol.Any(FIELD, SECTION)},
            },
        )
    }
)


def fields_of(action: dict[str, Any] | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and the description of every field, those in sections too."""
    for name, field in ((action or {}).get("fields") or {}).items():
        if "fields" in field:
            yield from field["fields"].items()
        else:
            yield name, field


def sections_of(action: dict[str, Any] | None) -> set[str]:
    fields = (action or {}).get("fields") or {}
    return {name for name, field in fields.items() if "fields" in field}


def complaints(actions: dict[str, Any], translations: dict[str, Any]) -> Iterator[str]:
    try:
        SCHEMA(actions)
    except vol.Invalid as error:
        yield humanize_error(actions, error)
        return
    texts = translations.get("services", {})
    yield from (f"{name} is not described" for name in sorted(actions.keys() - texts.keys()))
    yield from (f"{name} does not exist" for name in sorted(texts.keys() - actions.keys()))
    for name in sorted(actions.keys() & texts.keys()):
        fields = list(fields_of(actions[name]))
        names = [field for field, _ in fields]
        yield from (
            f"{name}: {field} is there twice" for field in set(names) if names.count(field) > 1
        )
        for kind, wanted in (("fields", set(names)), ("sections", sections_of(actions[name]))):
            for field in sorted(wanted ^ texts[name].get(kind, {}).keys()):
                yield f"{name}: {field} is on one side only"
        for field, description in fields:
            yield from (
                f"{name}: {field}: {missing} is not translated"
                for missing in untranslated(description, translations)
            )


def untranslated(field: dict[str, Any], translations: dict[str, Any]) -> Iterator[str]:
    """Yield the options of a select without a text."""
    select = field["selector"].get("select") or {}
    if key := select.get("translation_key"):
        texts = translations.get("selector", {}).get(key, {}).get("options", {})
        yield from (f"{key}.{option}" for option in select["options"] if option not in texts)


def described() -> dict[str, Any]:
    return load_yaml_dict(str(INTEGRATION / "services.yaml"))


def test_actions_are_described() -> None:
    assert list(complaints(described(), read_json("translations/en.json"))) == []


TEXTS = {
    "services": {"play": {"fields": {"count": {}}}},
    "selector": {"mood": {"options": {"calm": "Calm"}}},
}


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ({}, "play does not exist"),
        ({"play": None, "stop": None}, "stop is not described"),
        ({"play": None}, "count is on one side only"),
        ({"play": {"fields": {"count": {}}}}, "selector"),
        ({"play": {"fields": {"count": {"selector": {"nmber": {}}}}}}, "nmber"),
        ({"play": {"fields": {"count": {"selector": {"text": {}}, "deflt": 1}}}}, "deflt"),
        ({"play": {"target": {"entity": {"dmain": "x"}}}}, "dmain"),
        (
            {
                "play": {
                    "fields": {
                        "count": {"selector": {"text": {}}},
                        "more": {"fields": {"count": {"selector": {"text": {}}}}},
                    }
                }
            },
            "count is there twice",
        ),
        (
            {
                "play": {
                    "fields": {
                        "count": {
                            "selector": {
                                "select": {"options": ["calm", "wild"], "translation_key": "mood"}
                            }
                        }
                    }
                }
            },
            "mood.wild is not translated",
        ),
    ],
)
def test_a_broken_description_is_noticed(actions: dict[str, Any], expected: str) -> None:
    assert any(expected in complaint for complaint in complaints(actions, TEXTS))


@pytest.mark.usefixtures("enable_custom_integrations")
async def test_what_is_described_is_registered(hass: HomeAssistant) -> None:
    """Actions exist without any entry, and take exactly the fields that are described."""
    assert await async_setup_component(hass, "rhythmiq", {})
    registered = hass.services.async_services_for_domain("rhythmiq")
    assert registered.keys() == described().keys()
    for name, action in described().items():
        accepted = {str(key) for key in getattr(registered[name].schema, "schema", {})}
        assert accepted >= {field for field, _ in fields_of(action)}, name
