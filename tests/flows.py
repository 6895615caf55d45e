"""What the tests of the flows share."""

from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any

from homeassistant.data_entry_flow import FlowResultType, section
import probatio

import custom_components.rhythmiq

TRANSLATIONS: dict[str, Any] = json.loads(
    (Path(custom_components.rhythmiq.__file__).parent / "translations/en.json").read_text()
)


def suggested(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that a form proposes."""
    return {
        str(key): key.description["suggested_value"]
        for key in result["data_schema"].schema
        if key.description and key.description.get("suggested_value") is not None
    }


def fields(result: Mapping[str, Any]) -> set[str]:
    """Return the names of a form's fields."""
    return {str(key) for key in result["data_schema"].schema}


def options(result: Mapping[str, Any], field: str) -> list[Any]:
    """Return the options of a form's select."""
    choices: list[Any] = result["data_schema"].schema[field].config["options"]
    return choices


def assert_form(
    result: Mapping[str, Any],
    step: str,
    errors: Mapping[str, str] | None = None,
    *,
    texts: Mapping[str, Any] = TRANSLATIONS["config"],
) -> None:
    """Check that a form asks for this step with these errors, and can say all of it."""
    assert result["type"] is FlowResultType.FORM, result
    assert result["step_id"] == step
    assert (result["errors"] or {}) == (errors or {})
    assert texts["step"][step]["title"].format(**result["description_placeholders"] or {})
    _assert_fields_described(result["data_schema"], texts["step"][step])
    for error in (errors or {}).values():
        assert texts["error"][error]


def _assert_fields_described(schema: probatio.Schema, texts: Mapping[str, Any]) -> None:
    for key, field in schema.schema.items():
        if isinstance(field, section):
            assert texts["sections"][key]["name"]
            _assert_fields_described(field.schema, texts["sections"][key])
        else:
            assert texts["data"][key]
            assert texts["data_description"][key]


def assert_abort(
    result: Mapping[str, Any],
    reason: str,
    *,
    texts: Mapping[str, Any] = TRANSLATIONS["config"],
) -> None:
    """Check that a flow ended for this reason, said by us or by Home Assistant."""
    assert result["type"] is FlowResultType.ABORT, result
    assert result["reason"] == reason
    assert result.get("translation_domain") == "homeassistant" or texts["abort"][reason]
