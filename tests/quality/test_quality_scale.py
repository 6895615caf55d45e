"""quality_scale.yaml: complete, and not claiming what the files do not show."""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any

import homeassistant
from homeassistant.util.yaml import load_yaml_dict
import pytest
import voluptuous as vol
from voluptuous.humanize import humanize_error

from .source import INTEGRATION, PLATFORMS, ROOT

# A complete list of the rules, from an integration that Home Assistant's own checks hold to it.
COMPLETE = Path(homeassistant.__file__).parent / "components" / "heos" / "quality_scale.yaml"

SCHEMA = vol.Schema(
    {
        str: vol.Any(
            "done",
            "todo",
            {vol.Required("status"): vol.In(["done", "todo"]), vol.Optional("comment"): str},
            {
                vol.Required("status"): "exempt",
                vol.Required("comment"): vol.All(str, vol.Length(min=1)),
            },
        )
    }
)

# What has to be there for a rule to be done: a file (or one of several), and what it must contain.
EVIDENCE = {
    "action-setup": ("__init__.py", r"async def async_setup\("),
    "brands": ("brand/icon.png", None),
    "common-modules": ("entity.py", r"class \w+\(\w*Entity\)"),
    "config-entry-unloading": ("__init__.py", r"async def async_unload_entry\("),
    "config-flow": ("config_flow.py", r"class \w+\(ConfigFlow, domain=DOMAIN\)"),
    "diagnostics": ("diagnostics.py", r"async_redact_data\("),
    "dynamic-devices": ("media_player.py", r"async_add_for_speakers\("),
    "discovery": ("manifest.json", r'"(ssdp|zeroconf|dhcp)":'),
    "entity-translations": ("translations/en.json", r'"entity":'),
    "exception-translations": ("translations/en.json", r'"exceptions":'),
    "icon-translations": ("icons.json", r'"entity":'),
    "has-entity-name": ("**/*.py", r"_attr_has_entity_name = True"),
    "integration-owner": ("manifest.json", r'"codeowners": \["@'),
    "reauthentication-flow": ("config_flow.py", r"async def async_step_reauth\("),
    "reconfiguration-flow": ("config_flow.py", r"async def async_step_reconfigure\("),
    "repair-issues": ("**/*.py", r"async_create_issue\("),
    "log-when-unavailable": ("**/*.py", r"_LOGGER\.(info|warning)\("),
    "runtime-data": ("__init__.py", r"entry\.runtime_data = "),
    "stale-devices": ("__init__.py", r"async_remove_config_entry_device|async_remove_device"),
    "test-before-setup": ("__init__.py", r"raise ConfigEntryNotReady"),
    "unique-config-entry": ("config_flow.py", r"async_set_unique_id\("),
}
# What SoCo, a synchronous library without types, rules out for as long as it is used.
OUT_OF_REACH = {"async-dependency", "inject-websession", "strict-typing"}


def rules_of(path: Path) -> dict[str, Any]:
    rules: dict[str, Any] = load_yaml_dict(str(path))["rules"]
    return rules


def status_of(rule: str | dict[str, str]) -> str:
    return rule if isinstance(rule, str) else rule["status"]


def complaints(rules: dict[str, Any], integration: Path) -> Iterator[str]:
    try:
        SCHEMA(rules)
    except vol.Invalid as error:
        yield humanize_error(rules, error)
        return
    known = rules_of(COMPLETE)
    yield from (f"{name} is missing" for name in sorted(known.keys() - rules.keys()))
    yield from (f"{name} is no rule" for name in sorted(rules.keys() - known.keys()))
    done = {name for name, rule in rules.items() if status_of(rule) == "done"}
    for name in sorted(done & OUT_OF_REACH):
        yield f"{name} is claimed, but SoCo rules it out"
    for name in sorted(done & EVIDENCE.keys()):
        file, pattern = EVIDENCE[name]
        paths = list(integration.glob(file))
        if not paths:
            yield f"{name} is claimed without {file}"
        elif pattern and not any(
            re.search(pattern, path.read_text(encoding="utf-8")) for path in paths
        ):
            yield f"{name} is claimed, but {file} does not show it"
    if "parallel-updates" in done:
        for platform in sorted(PLATFORMS):
            path = integration / f"{platform}.py"
            if path.is_file() and "PARALLEL_UPDATES = " not in path.read_text(encoding="utf-8"):
                yield f"parallel-updates is claimed, but {path.name} does not set it"


def test_quality_scale() -> None:
    rules = rules_of(INTEGRATION / "quality_scale.yaml")
    assert len(rules) == 54
    assert list(complaints(rules, INTEGRATION)) == []


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ("brands", "maybe", "brands"),
        ("discovery", {"status": "exempt"}, "discovery"),
        ("made-up", "done", "made-up is no rule"),
        ("brands", None, "brands is missing"),
        ("strict-typing", "done", "SoCo"),
        ("diagnostics", "done", "diagnostics is claimed without diagnostics.py"),
        ("runtime-data", "done", "does not show it"),
        ("parallel-updates", "done", "button.py does not set it"),
    ],
)
def test_an_untrue_claim_is_noticed(tmp_path: Path, rule: str, value: Any, expected: str) -> None:
    (tmp_path / "__init__.py").write_text("hass.data[DOMAIN] = data\n", encoding="utf-8")
    (tmp_path / "button.py").write_text("class Play(ButtonEntity): ...\n", encoding="utf-8")
    rules: dict[str, Any] = dict.fromkeys(rules_of(COMPLETE), "todo")
    assert list(complaints(rules, tmp_path)) == []
    rules[rule] = value
    if value is None:
        del rules[rule]
    assert expected in " ".join(complaints(rules, tmp_path))


DOCUMENTED = {  # rule → the chapter of the documentation that fulfils it
    "docs-actions": r"rhythmiq\.recommend_playlist",
    "docs-configuration-parameters": r"(?im)^#+ .*room",
    "docs-data-update": r"(?im)^#+ how it knows",
    "docs-examples": r"(?i)\bexample\b",
    "docs-installation-instructions": r"(?im)^#+ .*install",
    "docs-known-limitations": r"(?im)^#+ .*limit",
    "docs-removal-instructions": r"(?i)\b(to remove it|remov\w+ rhythmiq)\b",
    "docs-supported-devices": r"Sonos S2",
    "docs-supported-functions": r"(?im)^#+ what one sees",
    "docs-troubleshooting": r"(?im)^#+ .*(trouble|not work|wrong)",
}


def test_claimed_documentation_is_there() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    words = "\n".join(page.read_text(encoding="utf-8") for page in pages if page.is_file())
    rules = rules_of(INTEGRATION / "quality_scale.yaml")
    claimed = {name for name in DOCUMENTED if status_of(rules[name]) == "done"}
    assert {name for name in claimed if not re.search(DOCUMENTED[name], words)} == set()
