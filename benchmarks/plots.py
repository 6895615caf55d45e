"""Draw what the benchmarks found: learning curves, tune vectors, calibration.

Drawn by `scripts/bench --plots FOLDER`. Needs matplotlib, which only developers have.
"""

# mypy: disable-error-code="import-not-found"
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")  # no display

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter
import numpy as np

from benchmarks.parts import Setting, music
from custom_components.rhythmiq.engine import Catalog, Context, Request, rank
from custom_components.rhythmiq.engine.tune_vector import Shape, TuneVector, Waypoint

type Found = Mapping[str, Any]  # details of a part, as in the JSON

INK, FAINT, PAPER = "#1f2430", "#8b93a5", "#ffffff"
LEARNING, PLAIN, PATH, BAND = "#0b7a75", "#c8553d", "#5b4bb7", "#e8e6f5"
STYLE: dict[Any, Any] = {
    "figure.facecolor": PAPER, "axes.facecolor": PAPER, "savefig.facecolor": PAPER,
    "font.size": 10.5, "axes.titlesize": 11.5, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.titlepad": 10,
    "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": FAINT,
    "xtick.color": INK, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.color": "#e7e9ee", "grid.linewidth": 0.8, "axes.axisbelow": True,
    "legend.frameon": False, "lines.linewidth": 2.2, "lines.solid_capstyle": "round",
}  # fmt: skip
DPI = 130

HOUR = 60.0  # minutes a tune vector lasts here
TEMPO = {
    "ascent": {0: 88, 60: 128},
    "descent": {0: 122, 60: 78},
    "arc": {0: 92, 40: 126, 60: 104},
}
MOMENTS = {
    "ascent": ("Ascent: a morning", {"time_of_day": 8.0}),
    "descent": ("Descent: winding down", {"time_of_day": 22.0, "illuminance": 20.0}),
    "arc": ("Arc: a party", {"time_of_day": 20.0, "occupancy": 12.0}),
}
SHAPES: tuple[Shape, ...] = ("ascent", "descent", "arc")


def draw(parts: Mapping[str, Mapping[str, Any]], setting: Setting, folder: Path) -> list[Path]:
    """Draw what there are figures for; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    drawings: dict[str, Callable[[Found], Figure]] = {
        "households": learning_curves,
        "calibration": calibration,
        "paths": lambda _: tune_vectors(music(setting)),
    }
    files = []
    with plt.rc_context(STYLE):
        for name, drawing in drawings.items():
            if found := parts.get(name, {}).get("details"):
                figure = drawing(found)
                files.append(folder / f"{drawing_name(name)}.png")
                figure.savefig(files[-1], dpi=DPI, pil_kwargs={"optimize": True})
                plt.close(figure)
    return files


def drawing_name(part: str) -> str:
    """Return the name of the image that is drawn of a part."""
    return {"households": "learning-curves", "paths": "tune-vectors"}.get(part, part)


def learning_curves(found: Found) -> Figure:
    """Draw cumulative regret with and without learning, a panel for each kind of household."""
    kinds = found["regret"]
    figure, axes = plt.subplots(
        1, len(kinds), figsize=(2.9 * len(kinds), 3.6), sharey=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for ax, (kind, courses) in zip(axes[0], kinds.items(), strict=True):
        for name, colour in (("without", PLAIN), ("with", LEARNING)):
            runs = found["each"] * np.cumsum(np.array(courses[name]), axis=1)
            runs = np.hstack([np.zeros((len(runs), 1)), runs])
            steps = found["each"] * np.arange(runs.shape[1])
            low, high = np.quantile(runs, (0.25, 0.75), axis=0)
            ax.fill_between(steps, low, high, color=colour, alpha=0.15, linewidth=0)
            ax.plot(steps, runs.mean(axis=0), color=colour, label=f"{name} learning")
        ax.set(title=kind.capitalize(), xlabel="recommendations", xlim=(0, steps[-1]))
        ax.set_ylim(bottom=0)
    axes[0][0].legend(loc="upper left")
    axes[0][0].set_ylabel("reward missed so far (regret)")
    return figure


def draw_week(arms: Mapping[str, Sequence[Sequence[float]]], file: Path) -> None:
    """Draw what `benchmarks.week` found."""
    with plt.rc_context(STYLE):
        figure = week(arms)
        figure.savefig(file, dpi=DPI, pil_kwargs={"optimize": True})
        plt.close(figure)


def week(arms: Mapping[str, Sequence[Sequence[float]]]) -> Figure:
    """Draw the share of skipped tracks, day by day: of each family, and their mean."""
    figure, ax = plt.subplots(figsize=(7.6, 3.8), layout="constrained")
    for (arm, families), colour in zip(arms.items(), (LEARNING, PLAIN, PATH), strict=True):
        each = 100 * np.array(families)
        days = np.arange(1, each.shape[1] + 1)
        ax.plot(days, each.T, color=colour, alpha=0.22, linewidth=1)
        ax.plot(days, each.mean(axis=0), color=colour, label=arm, marker="o", markersize=4.5)
    ax.set(xlabel="day", ylabel="tracks skipped, %", ylim=(0, None))
    ax.legend(loc="upper left", ncols=3, bbox_to_anchor=(0, 1.13))
    return figure


def calibration(found: Found) -> Figure:
    """Draw expected against true reward, and how often the interval holds the truth."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.1), layout="constrained")
    left.plot((0, 1), (0, 1), color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    shades = plt.get_cmap("viridis")(np.linspace(0.85, 0.1, len(found)))
    for (rows, line), shade in zip(found.items(), shades, strict=True):
        expected, true = np.array(line["bins"]["all"]).T
        left.plot(
            expected, true, marker="o", markersize=5, linewidth=1.6, color=shade,
            label=f"after {int(rows):,} outcomes",
        )  # fmt: skip
    left.set(
        title="Expected and true reward, ten bins", xlabel="expected", ylabel="true",
        xlim=(0, 1), ylim=(0, 1), aspect="equal",
    )  # fmt: skip
    left.legend(loc="upper left", fontsize=9.5)
    right.axhspan(85, 95, color=BAND, linewidth=0)
    right.axhline(90, color=PATH, linewidth=1, linestyle=(0, (4, 3)))
    sizes = [int(count) for count in found]
    shares = {
        kind: [100 * line["coverage"][kind] for line in found.values()]
        for kind in next(iter(found.values()))["coverage"]
    }
    for kind, share in shares.items():
        whole = kind == "all"
        right.plot(
            sizes, share, marker="o", color=INK if whole else FAINT, zorder=3 if whole else 2,
            markersize=5 if whole else 3.5, linewidth=2.4 if whole else 1,
        )  # fmt: skip
    for kind, height in spread({kind: share[-1] for kind, share in shares.items()}, 2.3).items():
        whole = kind == "all"
        right.annotate(
            kind, (sizes[-1], height), xytext=(8, 0), textcoords="offset points", va="center",
            fontsize=9.5, color=INK if whole else FAINT, weight="bold" if whole else "normal",
        )  # fmt: skip
    right.set(
        title="90 % intervals that hold the truth, %", xlabel="outcomes learned from",
        xscale="log", ylim=(min(70, *right.get_ylim()), 100),
    )  # fmt: skip
    right.set_xticks(sizes, [f"{count:,}" for count in sizes])
    right.minorticks_off()
    return figure


def spread(heights: Mapping[str, float], apart: float) -> dict[str, float]:
    """Move labels until none covers another, as little as possible (pool adjacent violators)."""
    names = sorted(heights, key=heights.__getitem__)
    blocks: list[list[float]] = []
    for place, name in enumerate(names):
        blocks.append([heights[name] - apart * place])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    moved = [float(np.mean(block)) for block in blocks for _ in block]
    return {
        name: height + apart * place
        for place, (name, height) in enumerate(zip(names, moved, strict=True))
    }


def tune_vectors(catalog: Catalog) -> Figure:
    """Draw energy and tempo of an hour of recommended tracks, and the path they were asked for."""
    figure, axes = plt.subplots(
        2, len(SHAPES), figsize=(10.4, 5.2), sharex=True, sharey="row", layout="constrained"
    )
    for column, shape in zip(axes.T, SHAPES, strict=True):
        name, context = MOMENTS[shape]
        points = (Waypoint(minute=at, features={"tempo": bpm}) for at, bpm in TEMPO[shape].items())
        vector = TuneVector(shape=shape, waypoints=tuple(points))
        request = Request(context=Context.from_values(context), seconds=60 * HOUR, path=vector)
        tracks = rank(catalog, request, rng=np.random.default_rng(1)).tracks
        rows = [row for track in tracks if (row := catalog.index_of(track.uri)) is not None]
        ends = np.cumsum([(track.duration or 210) / 60 for track in tracks])
        starts = np.concatenate([[0], ends[:-1]])
        for ax, feature in zip(column, ("energy", "tempo"), strict=True):
            minutes, line = target(catalog, vector, feature)
            ax.plot(minutes, line, color=PATH, linewidth=7, alpha=0.22, label="asked for")
            values = catalog.column(feature)[rows]
            ax.hlines(values, starts, ends - 0.25, color=LEARNING, linewidth=3.2, label="chosen")
        column[0].set(title=name, ylim=(0.2, 1))
        column[1].set(xlabel="minute", yscale="log", xlim=(0, HOUR + 2))
        column[1].set_yticks((60, 80, 100, 120, 140, 160))
        column[1].yaxis.set_major_formatter(ScalarFormatter())
        column[1].minorticks_off()
        column[1].set_xticks(range(0, 61, 15))
    axes[0][0].legend(loc="lower right")
    axes[0][0].set_ylabel("energy")
    axes[1][0].set_ylabel("tempo (beats per minute)")
    return figure


def target(
    catalog: Catalog, vector: TuneVector, feature: str
) -> tuple[Sequence[float], Sequence[float]]:
    """Return the path's minutes and a feature's targets on its raw scale."""
    path = vector.path(catalog, 60 * HOUR)
    minutes = np.linspace(0, HOUR, 121)
    line = path.at(60 * minutes)[:, path.names.index(feature)]
    raw = np.linspace(0.0, 1.0, 201) if feature == "energy" else np.geomspace(40, 220, 201)
    place = [catalog.place(feature, value)[feature] for value in raw.tolist()]
    return minutes.tolist(), np.interp(line, place, raw).tolist()
