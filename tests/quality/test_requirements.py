"""What the integration needs: ranges that fit Home Assistant, and declared dependencies."""

import ast
from collections.abc import Iterable, Iterator
from importlib import metadata
import json
from pathlib import Path
import re

import homeassistant
from homeassistant.requirements import DISCOVERY_INTEGRATIONS
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
import pytest

from .source import PLATFORMS, Module, modules, read_json

HOME_ASSISTANT = Path(homeassistant.__file__).parent
# hassfest lets everybody import these: they are always there or need no set-up.
FREE = PLATFORMS | {
    "alert",
    "automation",
    "conversation",
    "default_config",
    "device_automation",
    "frontend",
    "group",
    "homeassistant",
    "input_boolean",
    "input_button",
    "input_datetime",
    "input_number",
    "input_select",
    "input_text",
    "media_source",
    "mjpeg",
    "onboarding",
    "panel_custom",
    "persistent_notification",
    "person",
    "script",
    "shopping_list",
    "stream",
    "sun",
    "system_health",
    "system_log",
    "timer",
    "webhook",
    "websocket_api",
    "zone",
}


def pins() -> Iterator[Requirement]:
    """Yield what Home Assistant and its own sonos integration pin."""
    constraints = (HOME_ASSISTANT / "package_constraints.txt").read_text(encoding="utf-8")
    for line in constraints.splitlines():
        if re.match(r"[A-Za-z0-9]", line) and "==" in line:
            yield Requirement(line)
    manifest = (HOME_ASSISTANT / "components" / "sonos" / "manifest.json").read_text("utf-8")
    yield from map(Requirement, json.loads(manifest)["requirements"])


def misfits(requirements: Iterable[str], others: Iterable[Requirement]) -> Iterator[str]:
    """Yield what is pinned by us, or pinned by others to something we refuse."""
    others = list(others)
    for requirement in map(Requirement, requirements):
        if any(specifier.operator in {"==", "==="} for specifier in requirement.specifier):
            yield f"{requirement} is a pin"
        for other in others:
            if canonicalize_name(other.name) == canonicalize_name(requirement.name):
                version = str(other.specifier).removeprefix("==")
                if version not in requirement.specifier:
                    yield f"{requirement} refuses {other}"


def test_requirements_fit_home_assistants_pins() -> None:
    requirements = read_json("manifest.json")["requirements"]
    assert list(misfits(requirements, pins())) == []
    names = {pin.name for pin in pins()}
    assert {"numpy", "soco"} <= names, "the pins to compare with were not found"


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("soco==0.31.2", ["soco==0.31.2 is a pin"]),
        ("SoCo>=0.99", ["SoCo>=0.99 refuses soco==0.31.2"]),
        ("other>=1", []),
    ],
)
def test_a_misfit_is_noticed(requirement: str, expected: list[str]) -> None:
    assert list(misfits([requirement], [Requirement("soco==0.31.2")])) == expected


def test_the_tests_run_what_the_manifest_allows() -> None:
    for requirement in map(Requirement, read_json("manifest.json")["requirements"]):
        assert metadata.version(requirement.name) in requirement.specifier


def imported_components(module: Module) -> Iterator[str]:
    """Yield the integrations of Home Assistant that a module imports, as hassfest counts them."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=names):
                for name in names:
                    if name.name.startswith("homeassistant.components."):
                        yield name.name.split(".")[2]
            case ast.ImportFrom(module="homeassistant.components", names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(name)) if name.startswith("homeassistant.components."):
                yield name.split(".")[2]


def undeclared(tree: Iterable[Module], manifest: dict[str, list[str]]) -> set[str]:
    tree = list(tree)
    own = {module.path.parts[0].removesuffix(".py") for module in tree}
    declared = {*manifest.get("dependencies", ()), *manifest.get("after_dependencies", ())}
    discovered = {
        name
        for name, keys in DISCOVERY_INTEGRATIONS.items()
        if any(key in manifest for key in keys)
    }
    used = {name for module in tree for name in imported_components(module)}
    return used - FREE - own - declared - discovered


def test_imported_components_are_declared() -> None:
    tree = modules()
    assert {name for module in tree for name in imported_components(module)}
    assert undeclared(tree, read_json("manifest.json")) == set()


def test_an_undeclared_component_is_noticed() -> None:
    tree = [
        Module.parse(
            "anything.py",
            "from homeassistant.components.http import StaticPathConfig\n"
            "from homeassistant.components import ssdp, sun\n"
            "import homeassistant.components.recorder.util\n",
        )
    ]
    assert undeclared(tree, {}) == {"http", "ssdp", "recorder"}
    assert undeclared(tree, {"dependencies": ["http"], "after_dependencies": ["recorder"]}) == {
        "ssdp"
    }
