"""The table says what was measured, and whether that is enough."""

import json
import math
from pathlib import Path

import pytest

from benchmarks.__main__ import chosen, data_folder, main, run
from benchmarks.parts import PARTS, Setting
from benchmarks.report import Figure, Goal, Goals, Part, summary, table


@pytest.mark.parametrize(
    ("goals", "value", "verdict"),
    [
        (Goals.below(2.0, 1.5), 1.5, "aim"),
        (Goals.below(2.0, 1.5), 2.0, "reached"),
        (Goals.below(2.0, 1.5), 2.01, "MISSED"),
        (Goals.above(0.7, 0.8), 0.9, "aim"),
        (Goals.above(0.7, 0.8), 0.69, "MISSED"),
        (Goals(Goal(85, 95), Goal(88, 92)), 86, "reached"),
        (Goals(Goal(85, 95), Goal(88, 92)), 96, "MISSED"),
        (Goals.below(2.0, 1.5), math.nan, "MISSED"),
    ],
)
def test_verdict(goals: Goals, value: float, verdict: str) -> None:
    assert Figure("anything", value, goals).verdict == verdict


def test_table_has_a_row_for_every_figure() -> None:
    part = Part(
        "speed",
        [
            Figure("with goals", 1.234, Goals.below(2, 1), ".1f"),
            Figure("a range", 90, Goals(Goal(85, 95), Goal(low=0, said="> 0")), ".0f"),
            Figure("to compare with", 0.5),
        ],
        left_out="the rest, which takes too long",
    )
    lines = list(table([part]))
    assert lines[0].split() == ["at", "least", "aim", "measured"]
    assert lines[2].split("  ")[0] == "with goals"
    assert lines[2].split()[2:] == ["<=", "2.0", "<=", "1.0", "1.2", "reached"]
    assert lines[3].split()[2:] == ["85", "to", "95", ">", "0", "90", "aim"]
    assert lines[4].split()[3:] == ["0.500"]
    assert "takes too long" in lines[5]
    assert summary([part]) == "1 aim, 1 reached, 0 MISSED"
    broken = Part("paths", broken=True)
    assert summary([part, broken]) == "1 aim, 1 reached, 0 MISSED; BROKEN: paths"


def test_groups_and_parts_are_run_once_in_order() -> None:
    assert chosen([]) == list(PARTS)
    assert chosen(["paths", "speed", "rivals"]) == [
        "speed",
        "rivals",
        "growth",
        "learning",
        "paths",
    ]


def test_a_part_that_breaks_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(setting: Setting) -> Part:
        raise ZeroDivisionError

    monkeypatch.setitem(PARTS, "paths", broken)
    assert "ZeroDivisionError" in run("paths", Setting()).left_out
    assert main(["paths"]) == 1


def test_the_data_are_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RHYTHMIQ_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.setenv("RHYTHMIQ_DATA", str(tmp_path / "nowhere"))
    assert data_folder() is None


def test_json(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RHYTHMIQ_DATA", str(data))
    assert main(["playlists", "--quick", "--json", str(tmp_path / "found.json")]) == 0
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert found["quick"] is True
    assert found["machine"]["cores"] > 0
    figure = found["parts"]["playlists"]["figures"][0]
    assert figure["what"] == "similar, AUC"
    assert (figure["least"], figure["aim"]) == ([0.875, None], [0.89, None])
    assert "similar, AUC" in capsys.readouterr().out
