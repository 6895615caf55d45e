"""manifest.json as hassfest and HACS want it."""

from copy import deepcopy
from typing import Any
from urllib.parse import urlparse

from awesomeversion import AwesomeVersion, AwesomeVersionException, AwesomeVersionStrategy
from packaging.requirements import InvalidRequirement, Requirement
import pytest
import voluptuous as vol
from voluptuous.humanize import humanize_error

from .source import INTEGRATION, read_json

VERSION_STRATEGIES = [
    AwesomeVersionStrategy.CALVER,
    AwesomeVersionStrategy.SEMVER,
    AwesomeVersionStrategy.SIMPLEVER,
    AwesomeVersionStrategy.BUILDVER,
    AwesomeVersionStrategy.PEP440,
]


def version(value: str) -> str:
    try:
        AwesomeVersion(value, ensure_strategy=VERSION_STRATEGIES)
    except AwesomeVersionException as error:
        raise vol.Invalid(f"{value!r} is not a version") from error
    return value


def https(value: str) -> str:
    url = urlparse(value)
    if url.scheme != "https" or not url.netloc:
        raise vol.Invalid("not an https address")
    if url.netloc.endswith("home-assistant.io"):
        raise vol.Invalid("Home Assistant's own pages do not document a custom integration")
    return value


def requirement(value: str) -> str:
    try:
        Requirement(value)
    except InvalidRequirement as error:
        raise vol.Invalid(f"{value!r} is not a requirement") from error
    if " " in value:
        raise vol.Invalid("a requirement has no spaces")
    return value


SCHEMA = vol.Schema(
    {
        vol.Required("domain"): INTEGRATION.name,
        vol.Required("name"): vol.All(str, vol.Length(min=1)),
        vol.Optional("after_dependencies"): [str],
        vol.Required("codeowners"): vol.All([vol.Match(r"^@\S+$")], vol.Length(min=1)),
        vol.Required("config_flow"): True,
        vol.Optional("dependencies"): [str],
        vol.Required("documentation"): https,
        vol.Required("integration_type"): vol.In(
            ["device", "entity", "hardware", "helper", "hub", "service", "system", "virtual"]
        ),
        vol.Required("iot_class"): vol.In(
            [
                "assumed_state",
                "calculated",
                "cloud_polling",
                "cloud_push",
                "local_polling",
                "local_push",
            ]
        ),
        vol.Required("issue_tracker"): https,
        vol.Optional("loggers"): [str],
        vol.Optional("quality_scale"): "custom",
        vol.Optional("requirements"): [requirement],
        vol.Optional("single_config_entry"): bool,
        vol.Required("version"): version,
    }
)


def complaints(manifest: dict[str, Any]) -> list[str]:
    found = []
    try:
        SCHEMA(manifest)
    except vol.Invalid as error:
        found.append(humanize_error(manifest, error))
    keys = list(manifest)
    if keys != sorted(keys, key=lambda key: ({"domain": 0, "name": 1}.get(key, 2), key)):
        found.append("the keys are not sorted: domain, name, then by the alphabet")
    twice = {*manifest.get("dependencies", ())} & {*manifest.get("after_dependencies", ())}
    found += [f"{name} is a dependency twice" for name in sorted(twice)]
    return found


def test_manifest() -> None:
    assert complaints(read_json("manifest.json")) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"domain": "other"}, "domain"),
        ({"name": ""}, "name"),
        ({"codeowners": []}, "codeowners"),
        ({"config_flow": False}, "config_flow"),
        ({"documentation": "http://example.org"}, "https"),
        ({"documentation": "https://www.home-assistant.io/integrations/x"}, "own pages"),
        ({"iot_class": None}, "iot_class"),
        ({"quality_scale": "platinum"}, "quality_scale"),
        ({"requirements": ["numpy >= 2.3"]}, "no spaces"),
        ({"requirements": ["numpy>>2"]}, "not a requirement"),
        ({"version": "one"}, "not a version"),
        ({"categories": []}, "categories"),
        ({"dependencies": ["sonos"], "after_dependencies": ["sonos"]}, "sonos is a dependency"),
    ],
)
def test_broken_manifest_is_noticed(change: dict[str, Any], expected: str) -> None:
    manifest = {**deepcopy(read_json("manifest.json")), **change}
    assert any(expected in complaint for complaint in complaints(manifest))


def test_missing_and_unsorted_keys_are_noticed() -> None:
    manifest = read_json("manifest.json")
    for key in ("version", "iot_class", "issue_tracker"):
        assert complaints({name: manifest[name] for name in manifest if name != key})
    assert any("sorted" in found for found in complaints(dict(reversed(manifest.items()))))
