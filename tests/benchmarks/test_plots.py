"""The plots show what was found; those of the documentation are small images."""

from pathlib import Path

from PIL import Image
import pytest

from benchmarks.parts import PARTS, Setting

IMAGES = sorted((Path(__file__).parents[2] / "docs" / "images").glob("*.png"))


def test_there_are_images() -> None:
    assert {"calibration", "learning-curves", "tune-vectors"} <= {path.stem for path in IMAGES}


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.name)
def test_an_image_is_quick_to_load(path: Path) -> None:
    assert path.stat().st_size < 150_000
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert 800 <= image.width <= 2000


def test_labels_do_not_cover_each_other() -> None:
    plots = pytest.importorskip("benchmarks.plots", exc_type=ImportError)
    moved = plots.spread({"a": 90.0, "b": 90.5, "c": 91.0, "far": 70.0}, 2.0)
    assert moved == {"far": 70.0, "a": 88.5, "b": 90.5, "c": 92.5}


def test_what_was_measured_is_drawn(tmp_path: Path) -> None:
    plots = pytest.importorskip("benchmarks.plots", exc_type=ImportError)
    setting = Setting(quick=True)
    calibration = PARTS["calibration"](setting).json()
    files = plots.draw(
        {"calibration": calibration, "speed": {"details": {"x": 1}}}, setting, tmp_path
    )
    assert [path.name for path in files] == ["calibration.png"]
    with Image.open(files[0]) as image:
        colours = image.convert("RGB").getcolors(1 << 20)
    assert colours is not None
    assert len(colours) > 50, "the image is empty"
