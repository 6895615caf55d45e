"""scripts/coverage_gate.py: lets through what is covered, and nothing else."""

import json
from pathlib import Path

import pytest

from scripts.coverage_gate import main


def report(path: Path, **packages: tuple[int, int]) -> Path:
    """Write a coverage report: of 100 lines and 100 branches, how many ran, per package."""
    files = {
        f"{package}/module.py": {
            "summary": {
                "covered_lines": lines,
                "num_statements": 100,
                "covered_branches": branches,
                "num_branches": 100,
                "percent_covered": 99.9,
            }
        }
        for package, (lines, branches) in packages.items()
    }
    path.write_text(json.dumps({"files": files}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("home", "cloud", "status"),
    [
        ((95, 90), (95, 90), 0),
        ((94, 100), (100, 100), 1),
        ((100, 89), (100, 100), 1),
        ((100, 100), (94, 100), 1),
        ((100, 100), (100, 89), 1),
    ],
)
def test_gate(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    home: tuple[int, int],
    cloud: tuple[int, int],
    status: int,
) -> None:
    path = report(tmp_path / "coverage.json", custom_components=home, backend=cloud)
    assert main(path) == status
    printed = capsys.readouterr()
    assert f"coverage of custom_components: {home[0]}.0 % of lines (at least 95)" in printed.out
    assert f"{cloud[1]}.0 % of branches (at least 90)" in printed.out
    assert bool(printed.err) == bool(status)


def test_what_was_not_measured_is_not_covered(tmp_path: Path) -> None:
    path = tmp_path / "coverage.json"
    assert main(report(path, custom_components=(100, 100))) == 1
    path.write_text("", encoding="utf-8")  # the tests ended before any was written
    assert main(path) == 1
