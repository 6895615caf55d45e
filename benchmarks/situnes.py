"""Quality on situational ratings: SiTunes, 30 people in daily life.

    python -m benchmarks.situnes DATA [--reward label|rating] [--when] [--refit] [--json FILE]

DATA is a folder with `situnes/*.csv.gz` (not part of this repository). The protocol is the
data set's (settings 2 and 3, ten splits, train and validation part together), with two defects of
the published files avoided: the activity columns, which leak the rating, are left out ("clean"),
and setting 3 takes time, weather and place from its own rows ("fixed"). A rating of 3 or more is
positive; the figure is the area under the ROC curve over all test rows, mean of the splits.
"""

import argparse
from collections.abc import Sequence
import csv
from dataclasses import dataclass
import gzip
from itertools import product
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from custom_components.rhythmiq.engine import ContextModel

type Doubles = NDArray[np.float64]
type Table = dict[str, Doubles]

SPLITS = range(101, 111)
TIME = ("morning", "afternoon", "evening")
WEATHER = ("weather_sunny", "weather_cloudy", "weather_rainy", "weather2", "weather3", "weather4")
PLACE = ("GPS1", "GPS2", "GPS3")
WRIST = (
    "relative_HB_mean", "activity_intensity_mean", "activity_step_mean",
    "relative_HB_std", "activity_intensity_std", "activity_step_std",
)  # fmt: skip
CONTEXT = (*TIME, *WRIST, *WEATHER, *PLACE)
CATEGORIES = ("key", "general_genre_id")


@dataclass(frozen=True, slots=True)
class Ratings:
    """Rows of one part, in the model's terms."""

    listener: NDArray[np.int64]
    track: NDArray[np.int64]
    features: Doubles
    context: Doubles
    when: Doubles
    rating: Doubles  # 1 to 5

    @property
    def positive(self) -> NDArray[np.bool_]:
        """Tell (bool[n]) which ratings count as liked."""
        return self.rating >= 3


def read(path: Path) -> Table:
    """Read a gzipped table of numbers; empty cells are NaN."""
    with gzip.open(path, "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        name: np.array([float(row[name] or "nan") for row in rows])
        for name in rows[0]
        if _is_number(rows[0][name])
    }


def split(folder: Path, setting: int, seed: int) -> tuple[Ratings, Ratings]:
    """Return what is learned from (training, then validation rows) and what is asked."""
    items, known = read(folder / "items.csv.gz"), read(folder / "inter_stage2.csv.gz")
    with gzip.open(folder / "splits.csv.gz", "rt", newline="") as file:
        part = {float(row["row"]): row[f"s{seed}"] for row in csv.DictReader(file)}
    parts = np.array([part[row] for row in known["row"]])
    learned = np.concatenate([np.flatnonzero(parts == name) for name in ("train", "valid")])
    if setting == 2:
        asked = {name: column[parts == "test"] for name, column in known.items()}
    else:
        asked = read(folder / "inter_stage3.csv.gz")
        asked |= {name: asked[f"{name}_true"] for name in (*TIME, *WEATHER, *PLACE)}
    return (
        _ratings({name: column[learned] for name, column in known.items()}, items),
        _ratings(asked, items),
    )


def auc(positive: NDArray[np.bool_], score: Doubles) -> float:
    """Return the area under the ROC curve; ties count one half."""
    _, inverse, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[inverse]
    n, m = int(positive.sum()), int((~positive).sum())
    return float((rank[positive].sum() - n * (n + 1) / 2) / (n * m))


def score(learned: Ratings, asked: Ratings, *, reward: str, when: bool, refit: bool) -> Doubles:
    """Learn from the one part and return what is expected of the other."""
    model = ContextModel(learned.features.shape[1], learned.context.shape[1])
    outcome = learned.positive.astype(float) if reward == "label" else (learned.rating - 1) / 4
    model.observe(
        learned.listener,
        learned.track,
        np.full(len(learned.track), -1),
        learned.features,
        learned.context,
        outcome,
        when=learned.when if when else None,
    )
    if refit:
        model.refit()
    mean, _ = model.predict(
        asked.listener,
        asked.track,
        np.full(len(asked.track), -1),
        asked.features,
        asked.context,
        when=asked.when if when else None,
    )
    return mean


def regime(ratings: Ratings, name: str, rng: np.random.Generator) -> Ratings:
    """Return the rows with context ("clean"), without ("none"), or with another row's."""
    context = ratings.context
    if name == "none":
        context = np.full_like(context, np.nan)
    elif name == "shuffled":
        context = context[rng.permutation(len(context))]
    return Ratings(
        ratings.listener, ratings.track, ratings.features, context, ratings.when, ratings.rating
    )


def measure(
    folder: Path, setting: int, name: str, seeds: Sequence[int], **options: object
) -> list[float]:
    """Return the AUC of each split in one regime; shuffled twice, so that it is a mean of 20."""
    found = []
    for seed, draw in product(seeds, range(2 if name == "shuffled" else 1)):
        rng = np.random.default_rng([seed, draw])
        learned, asked = (regime(part, name, rng) for part in split(folder, setting, seed))
        found.append(auc(asked.positive, score(learned, asked, **options)))  # type: ignore[arg-type]
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table, and write the figures if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("--reward", choices=("label", "rating"), default="label")
    parser.add_argument("--when", action="store_true", help="let the model know the time")
    parser.add_argument("--refit", action="store_true", help="estimate on all rows")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    folder = options.data / "situnes"
    if not folder.is_dir():
        print(f"There is no {folder}: nothing was measured.")
        return
    figures: dict[str, float] = {}
    for setting in (2, 3):
        for name in ("none", "clean", "shuffled"):
            found = measure(
                folder, setting, name, SPLITS,
                reward=options.reward, when=options.when, refit=options.refit,
            )  # fmt: skip
            figures[f"setting {setting} {name}"] = mean = float(np.mean(found))
            print(
                f"setting {setting}  {name:8}  AUC {mean:.4f}  (sd {np.std(found, ddof=1):.4f})",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


def _is_number(text: str) -> bool:
    try:
        float(text or "nan")
    except ValueError:
        return False
    return True


def _ratings(rows: Table, items: Table) -> Ratings:
    track = rows["item_id"].astype(np.int64)
    order = np.argsort(items["item_id"])
    place = order[np.searchsorted(items["item_id"], track, sorter=order)]
    features = [column for name, column in items.items() if name not in {"item_id", *CATEGORIES}]
    for name in CATEGORIES:
        features += [(items[name] == value).astype(float) for value in np.unique(items[name])]
    return Ratings(
        listener=rows["user_id"].astype(np.int64),
        track=track,
        features=np.column_stack(features)[place],
        context=np.column_stack([rows[name] for name in CONTEXT]),
        when=rows["timestamp"],
        rating=rows["rating"],
    )


if __name__ == "__main__":
    main()
