"""Figures with what they must and should reach, as a table and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
import os
import platform
from typing import Any, Self

import numpy as np

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Goal:
    """A range, both ends included; `said` where plain words say it better."""

    low: float = -np.inf
    high: float = np.inf
    said: str = ""

    def met(self, value: float) -> bool:
        """Tell if the value lies in the range; NaN does not."""
        return self.low <= value <= self.high

    def text(self, form: str) -> str:
        """Write the range with numbers of the given format."""
        if self.said:
            return self.said
        if np.isinf(self.low):
            return f"<= {self.high:{form}}"
        if np.isinf(self.high):
            return f">= {self.low:{form}}"
        return f"{self.low:{form}} to {self.high:{form}}"

    def json(self) -> list[float | None]:
        """Return both ends; an open one is null."""
        return [None if np.isinf(end) else end for end in (self.low, self.high)]


@dataclass(frozen=True, slots=True)
class Goals:
    """What a figure must at least be, and what it should, if that is more."""

    least: Goal
    aim: Goal | None = None

    @classmethod
    def below(cls, least: float, aim: float | None = None) -> Self:
        """Ask for at most so much."""
        return cls(Goal(high=least), None if aim is None else Goal(high=aim))

    @classmethod
    def above(cls, least: float, aim: float) -> Self:
        """Ask for at least so much."""
        return cls(Goal(low=least), Goal(low=aim))

    def verdict(self, value: float) -> str:
        """Say "aim", "reached" or "MISSED"."""
        if self.aim is not None and self.aim.met(value):
            return "aim"
        return "reached" if self.least.met(value) else "MISSED"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; without goals, something to compare with."""

    what: str
    measured: float
    goals: Goals | None = None
    form: str = ".3f"

    @property
    def verdict(self) -> str:
        """Say how it compares with its goals; nothing where nothing is demanded."""
        return "" if self.goals is None else self.goals.verdict(self.measured)

    def cells(self) -> tuple[str, ...]:
        """Return the cells of a row."""
        goals = (None, None) if self.goals is None else (self.goals.least, self.goals.aim)
        texts = ("" if goal is None else goal.text(self.form) for goal in goals)
        return (self.what, *texts, f"{self.measured:{self.form}}", self.verdict)

    def json(self) -> Json:
        """Return JSON; an open end of a range is null."""
        goals = (None, None) if self.goals is None else (self.goals.least, self.goals.aim)
        least, aim = (None if goal is None else goal.json() for goal in goals)
        return {
            "what": self.what,
            "measured": None if np.isnan(self.measured) else self.measured,
            "least": least,
            "aim": aim,
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the benchmarks found.

    `left_out` says in a sentence what was not measured, and why. `details` (JSON) is what plots
    are drawn from.
    """

    name: str
    figures: Sequence[Figure] = ()
    left_out: str = ""
    details: Json = field(default_factory=dict)
    seconds: float = 0.0
    broken: bool = False

    def json(self) -> Json:
        """Return JSON."""
        return {
            "figures": [figure.json() for figure in self.figures],
            "left_out": self.left_out,
            "details": self.details,
            "seconds": self.seconds,
        }


HEADER = ("", "at least", "aim", "measured", "")


def table(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the lines of one table, with a heading for every part."""
    rows = [HEADER, *(figure.cells() for part in parts for figure in part.figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    yield _line(HEADER, widths)
    for part in parts:
        yield f"-- {part.name}, {part.seconds:.0f} s ".ljust(sum(widths) + 2 * len(widths), "-")
        yield from (_line(figure.cells(), widths) for figure in part.figures)
        if part.left_out:
            yield f"left out: {part.left_out}"


def summary(parts: Sequence[Part]) -> str:
    """Count the verdicts, and name what broke."""
    verdicts = sorted(figure.verdict for part in parts for figure in part.figures)
    counts = {verdict: len(list(group)) for verdict, group in groupby(verdicts) if verdict}
    said = [f"{counts.get(name, 0)} {name}" for name in ("aim", "reached", "MISSED")]
    broken = [part.name for part in parts if part.broken]
    return ", ".join(said) + (f"; BROKEN: {', '.join(broken)}" if broken else "")


def machine() -> Json:
    """Say what it was measured on."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "threads": os.environ.get("OPENBLAS_NUM_THREADS", "all"),
    }


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    what, *rest = (
        cell.ljust(width) if place in {0, len(cells) - 1} else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join((what, *rest)).rstrip()
