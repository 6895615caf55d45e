"""What HACS and Home Assistant look for in the repository: hacs.json, brand images, licence."""

import json
from pathlib import Path
import re
import tomllib

from awesomeversion import AwesomeVersion
from homeassistant.const import REQUIRED_PYTHON_VER, __version__ as running
from homeassistant.util.yaml import load_yaml_dict
from PIL import Image
import pytest
import voluptuous as vol

from .source import INTEGRATION, ROOT, read_json

HACS = vol.Schema(
    {
        vol.Required("name"): str,
        vol.Optional("content_in_root"): False,
        vol.Optional("country"): [str],
        vol.Optional("filename"): str,
        vol.Optional("hacs"): str,
        vol.Optional("hide_default_branch"): bool,
        vol.Optional("homeassistant"): str,
        vol.Optional("persistent_directory"): str,
        vol.Optional("render_readme"): bool,
        vol.Optional("zip_release"): bool,
    }
)


def test_hacs_json() -> None:
    hacs = HACS(json.loads((ROOT / "hacs.json").read_text(encoding="utf-8")))
    assert hacs["name"] == read_json("manifest.json")["name"]
    assert AwesomeVersion(hacs["homeassistant"]) <= AwesomeVersion(running)


@pytest.mark.parametrize("broken", [{}, {"name": 1}, {"name": "RhythmIQ", "domains": ["x"]}])
def test_a_broken_hacs_json_is_noticed(broken: dict[str, object]) -> None:
    with pytest.raises(vol.Invalid):
        HACS(broken)


def test_the_release_makes_the_archive_that_hacs_looks_for() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text(encoding="utf-8"))
    assert hacs["zip_release"]
    release = load_yaml_dict(str(ROOT / ".github" / "workflows" / "release.yml"))
    steps = [step for job in release["jobs"].values() for step in job["steps"]]
    assert any(hacs["filename"] in step.get("run", "") for step in steps)
    assert any(step.get("with", {}).get("files") == hacs["filename"] for step in steps)


def test_one_integration_with_everything_inside() -> None:
    folders = [path for path in INTEGRATION.parent.iterdir() if (path / "manifest.json").exists()]
    assert folders == [INTEGRATION]
    assert not [path for path in INTEGRATION.rglob("*") if path.is_symlink()]


def test_licence_is_the_one_hacs_reads() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")[:200]


def test_ruff_and_home_assistant_agree_on_python() -> None:
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    assert ruff["target-version"] == "py{}{}".format(*REQUIRED_PYTHON_VER)


def test_test_requirements_are_pinned() -> None:
    lines = (ROOT / "requirements_test.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert wanted
    assert [line for line in wanted if not re.fullmatch(r"[\w.\[\],-]+==[\w.]+", line)] == []


# name of the image → the shortest side's range; an icon is a square of exactly the largest
BRAND = {
    f"{theme}{kind}{scale}.png": (smallest * factor, 256 * factor)
    for theme in ("", "dark_")
    for kind, smallest in (("icon", 256), ("logo", 128))
    for scale, factor in (("", 1), ("@2x", 2))
}


def complaints(path: Path) -> list[str]:
    """Return what Home Assistant's brand rules hold against an image."""
    smallest, largest = BRAND[path.name]
    with Image.open(path) as image:
        pixels = image.convert("RGBA")
        found = [] if image.format == "PNG" else ["not a PNG"]
        if not smallest <= min(pixels.size) <= largest:
            found.append(f"the shortest side of {pixels.size} is not {smallest} to {largest}")
        if "icon" in path.name and pixels.width != pixels.height:
            found.append("not a square")
        if "logo" in path.name and pixels.width <= pixels.height:
            found.append("not a landscape")
        alpha = pixels.getchannel("A")
        if alpha.getextrema()[0] != 0:
            found.append("no transparent background")
        left, top, right, bottom = alpha.getbbox() or (0, 0, 0, 0)
        tall, wide = bottom - top >= pixels.height - 2, right - left >= pixels.width - 2
        if not (tall or wide if "icon" in path.name else tall and wide):
            found.append("not trimmed")
    return found


@pytest.mark.parametrize("name", BRAND)
def test_brand_image(name: str) -> None:
    assert complaints(INTEGRATION / "brand" / name) == []


@pytest.mark.parametrize(
    ("name", "size", "box", "expected"),
    [
        ("icon.png", (128, 128), (0, 0, 128, 128), "shortest side"),
        ("icon@2x.png", (256, 256), (0, 0, 256, 256), "shortest side"),
        ("icon.png", (300, 256), (0, 0, 300, 256), "not a square"),
        ("logo.png", (200, 256), (0, 0, 200, 256), "not a landscape"),
        ("logo.png", (300, 200), (0, 0, 300, 200), "no transparent"),
        ("logo.png", (300, 200), (20, 20, 280, 180), "not trimmed"),
    ],
)
def test_a_wrong_image_is_noticed(
    tmp_path: Path,
    name: str,
    size: tuple[int, int],
    box: tuple[int, int, int, int],
    expected: str,
) -> None:
    image = Image.new("RGBA", size)
    image.paste((255, 0, 0, 255), box)
    image.save(tmp_path / name)
    assert expected in " ".join(complaints(tmp_path / name))
