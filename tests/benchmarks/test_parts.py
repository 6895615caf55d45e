"""Every part runs on small data, and what it finds is what must be so there."""

import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks import households, rivals
from benchmarks.parts import GROUPS, PARTS, Setting
from benchmarks.report import Part
from benchmarks.timing import unhindered

QUICK = Setting(quick=True)


def figures(part: Part) -> dict[str, float]:
    assert not part.broken
    found = {figure.what: figure.measured for figure in part.figures}
    assert len(found) == len(part.figures), "two figures have one name"
    assert all(math.isfinite(value) for value in found.values())
    return found


def test_groups_are_of_parts() -> None:
    assert {part for group in GROUPS.values() for part in group} <= set(PARTS)


def test_rivals_agree_and_take_their_time() -> None:
    timed = rivals.contestants(5_000)
    assert (rivals.FAISS in timed) == (rivals.faiss() is not None)
    taken = unhindered(timed, 3)
    assert taken.keys() == timed.keys()
    assert min(taken.values()) > 0
    assert taken[rivals.DISTANCE] > taken[rivals.ROWS], "several passes in the time of one"


def test_what_is_slower_takes_longer() -> None:
    long, short = np.ones(1_000_000), np.ones(10)
    taken = unhindered({"long": long.sum, "short": short.sum}, 5)
    assert taken["long"] > 3 * taken["short"]


def test_ratings(data: Path) -> None:
    found = figures(PARTS["situnes"](Setting(quick=True, data=data)))
    for setting in ("setting 2", "setting 3"):
        assert 0.75 < found[f"{setting}, AUC with context (clean)"] <= 1
        assert 0.75 < found[f"{setting}, AUC of shrunken means of listener and track"] <= 1
        assert abs(found[f"{setting}, clean minus none"]) < 0.1, "the context says nothing here"


def test_playlists(data: Path) -> None:
    found = figures(PARTS["playlists"](Setting(quick=True, data=data)))
    assert abs(found["chance, AUC"] - 0.5) < 0.15
    for name in ("similar", "cosine", "standardised centroid", "Gaussian log-ratio"):
        assert found[f"{name}, AUC"] > 0.9, "the lists are of tracks that sound alike"


@pytest.mark.parametrize("name", ["situnes", "playlists"])
def test_what_cannot_be_measured_is_said(name: str, tmp_path: Path) -> None:
    for setting in (QUICK, Setting(data=tmp_path)):
        part = PARTS[name](setting)
        assert part.figures == ()
        assert "public data sets" in part.left_out


def test_calibration() -> None:
    part = PARTS["calibration"](QUICK)
    found = figures(part)
    assert 0 < found["ten-bin error after 200 outcomes, all households"] < 0.15
    assert 50 < found["90 % interval covers the truth after 200, %"] <= 100
    bins = part.details["200"]["bins"]["all"]
    assert len(bins) == 10
    assert bins == sorted(bins, key=lambda one: one[0])


def test_paths() -> None:
    found = figures(PARTS["paths"](QUICK))
    better = [value for name, value in found.items() if name.endswith("simpler way's")]
    assert better
    assert max(better) < 0.05, "the search is worse than what it is compared with"


def test_households(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(households, "KINDS", ("no context",))
    monkeypatch.setattr(households, "SESSIONS", 12)
    part = PARTS["households"](QUICK)
    found = figures(part)
    assert 0 < found["all kinds: regret with learning over without"] < 2
    courses = part.details["regret"]["no context"]
    assert {name: np.shape(runs) for name, runs in courses.items()} == {
        "with": (1, 12),
        "without": (1, 12),
    }
    assert np.min(courses["with"]) >= 0, "nobody is better than the oracle"
