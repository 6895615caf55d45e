"""The parts of the benchmarks: what each measures, and what the figures must and should reach."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
import statistics
import tracemalloc

import numpy as np
from numpy.typing import NDArray

from benchmarks import (
    baselines,
    calibration,
    growth,
    households,
    learning_speed,
    paths,
    playlists,
    rivals,
    situnes,
    speed,
)
from benchmarks.report import Figure, Goal, Goals, Part
from benchmarks.timing import unhindered
from custom_components.rhythmiq.engine import Catalog
from custom_components.rhythmiq.engine.similar import similar

NO_DATA = "the public data sets are not here (../shared/data, or RHYTHMIQ_DATA)"
SEEDS = 10  # tracks of a playlist that are shown
SIZES = (10_000, 100_000, 1_000_000)  # tracks of a catalog
OURS = "similar"


@dataclass(frozen=True, slots=True)
class Setting:
    """How much to measure, and where the public data sets are, if anywhere."""

    quick: bool = False
    data: Path | None = None


def _size(n: int) -> str:
    return f"{n // 1_000_000} M" if n >= 1_000_000 else f"{n // 1000} k"


# --- what it costs ---------------------------------------------------------------------------

OVER_READ = {100_000: Goals.below(2.2, 1.7), 1_000_000: Goals.below(2.0, 1.5)}
OVER_REFERENCE = {n: Goals.below(1.1, 1.0) for n in OVER_READ}
RANK_OVER_TOP = Goals.below(15, 8)


def costs(setting: Setting) -> Part:
    """Time scoring and the whole of `rank()`, as ratios in one run."""
    figures, details = [], {}
    for n in SIZES[:2] if setting.quick else SIZES:
        taken = unhindered(speed.contestants(n), 11 if setting.quick else 51)
        details[str(n)] = taken
        for what, above, below, goals in (
            ("top 50 of {} over one read", speed.TOP, speed.BOUND, OVER_READ),
            ("top 50 of {} over " + speed.REFERENCE, speed.TOP, speed.REFERENCE, OVER_REFERENCE),
            ("rank() of {}, nobody in particular, over top 50", speed.RANK, speed.TOP, {}),
        ):
            ratio = taken[above] / taken[below]
            figures.append(Figure(what.format(_size(n)), ratio, goals.get(n), ".2f"))
    catalog = speed.invented(growth.HERE, np.random.default_rng(growth.HERE))
    taken = growth.over_top(catalog, 11 if setting.quick else 51)
    details["rank()"] = taken
    for who in ("two listeners", "two listeners, learning"):
        ratio = taken[who] / taken["top"]
        figures.append(Figure(f"rank() of 100 k, {who}, over top 50", ratio, RANK_OVER_TOP, ".1f"))
    return Part("speed", figures, details=details)


def compared(setting: Setting) -> Part:
    """Time other ways to find the 50 best."""
    figures, details = [], {}
    for n in SIZES[:2] if setting.quick else SIZES:
        taken = unhindered(rivals.contestants(n), 5 if setting.quick else 21)
        details[str(n)] = taken
        figures += [
            Figure(f"{name}, {_size(n)}, over one read", seconds / taken[speed.BOUND], form=".1f")
            for name, seconds in taken.items()
            if name != speed.BOUND
        ]
    left_out = "" if rivals.faiss() else "faiss, which is not installed"
    return Part("rivals", figures, left_out, details)


def growing(setting: Setting) -> Part:
    """Time ranking with more tracks, more wanted, more listeners."""
    runs = 3 if setting.quick else 11
    sizes = growth.TRACKS[:3] if setting.quick else growth.TRACKS
    catalog = speed.invented(growth.HERE, np.random.default_rng(growth.HERE))
    found = {
        "tracks": growth.with_tracks(sizes, runs),
        "wanted": growth.with_wanted(catalog, runs),
        "listeners": growth.with_listeners(catalog, runs),
    }
    figures = [
        Figure(f"top 50 of {_size(n)}, ns per track", 1e9 * taken / n, form=".2f")
        for n, taken in found["tracks"].items()
    ]
    for what, text in (
        ("wanted", "rank() for {} tracks of 100 k, two listeners, ms"),
        ("listeners", "rank() for 25 tracks of 100 k, listeners: {}, ms"),
    ):
        figures += [
            Figure(text.format(n), 1000 * taken, form=".1f") for n, taken in found[what].items()
        ]
    return Part("growth", figures, details=found)


YEAR = 100_000  # outcomes


def learning(setting: Setting) -> Part:
    """Time what learning takes, and the memory."""
    n, times = (YEAR // 10, 11) if setting.quick else (YEAR, 47)
    few = learning_speed.Household(2100, 400)
    many = learning_speed.Household(n + 100, learning_speed.TRACKS)
    first = min(learning_speed.seconds(lambda: learning_speed.learn(few, 2000)) for _ in range(3))
    ratio = first / learning_speed.factorisation()
    model = learning_speed.learn(few, 2000)
    again = statistics.median(learning_speed.one_more(few, model, 2000, times))
    refit = learning_speed.seconds(model.refit)
    year = learning_speed.seconds(lambda: learning_speed.learn(many, n))
    tracemalloc.start()
    learned = learning_speed.learn(many, n)
    held, peak = (size / 1e6 for size in tracemalloc.get_traced_memory())
    tracemalloc.stop()
    later = statistics.median(learning_speed.one_more(many, learned, n, times))
    figures = [
        Figure(
            "2,000 outcomes and a prediction, Choleskys of 2,000²", ratio, Goals.below(25), ".1f"
        ),
        Figure("one more outcome and 25 predictions, ms", 1000 * again, Goals.below(5), ".1f"),
        Figure("re-estimation at 2,000, s", refit, Goals.below(1), ".2f"),
        Figure(f"{n:,} outcomes and a prediction, s", year, Goals.below(30), ".1f"),
        Figure("the same, held in memory, MB", held, Goals.below(100), ".0f"),
        Figure("the same, peak, MB", peak, Goals.below(100), ".0f"),
        Figure("one more then, ms", 1000 * later, Goals.below(5), ".1f"),
    ]
    return Part("learning", figures)


# --- how well it ranks -----------------------------------------------------------------------

AUC = {2: Goals.above(0.765, 0.78), 3: Goals.above(0.630, 0.645)}
CONTEXT_GAIN = {2: Goals(Goal(low=-0.005), Goal(low=1e-9, said="> 0"))}
SHUFFLED = Goals(Goal(low=-0.005))
CONTINUED = {"AUC": Goals.above(0.875, 0.89), "recall@500": Goals.above(0.27, 0.30)}


def ratings(setting: Setting) -> Part:
    """Guess situational ratings: SiTunes, clean and fixed, ten splits."""
    if setting.data is None or not (setting.data / "situnes").is_dir():
        return Part("situnes", left_out=NO_DATA)
    folder = setting.data / "situnes"
    seeds = situnes.SPLITS[:1] if setting.quick else situnes.SPLITS
    figures, details = [], {}
    for number in (2, 3):
        found = {
            regime: situnes.measure(
                folder, number, regime, seeds, reward="label", when=False, refit=False
            )
            for regime in ("clean", "none", "shuffled")
        }
        splits = [situnes.split(folder, number, seed) for seed in seeds]
        found["means"] = [
            situnes.auc(asked.positive, baselines.shrunken_means(learned, asked))
            for learned, asked in splits
        ]
        mean = {name: float(np.mean(areas)) for name, areas in found.items()}
        details[str(number)] = found
        gain, cost = mean["clean"] - mean["none"], mean["shuffled"] - mean["none"]
        name = f"setting {number}"
        figures += [
            Figure(f"{name}, AUC with context (clean)", mean["clean"], AUC[number]),
            Figure(f"{name}, clean minus none", gain, CONTEXT_GAIN.get(number), "+.3f"),
            Figure(f"{name}, shuffled minus none", cost, SHUFFLED, "+.3f"),
            Figure(f"{name}, AUC of shrunken means of listener and track", mean["means"]),
        ]
    return Part("situnes", figures, details=details)


def continuation(setting: Setting) -> Part:
    """Find the other tracks of a playlist from ten of them, and by plainer ways."""
    if setting.data is None or not (setting.data / "playlists.csv.gz").is_file():
        return Part("playlists", left_out=NO_DATA)
    catalog, _, lists = playlists.load(setting.data)
    lists = lists[::8] if setting.quick else lists
    models: dict[str, playlists.Model] = {
        name: make(catalog) for name, make in baselines.CONTINUATIONS.items()
    }
    models[OURS] = lambda seeds: similar(catalog, seeds)
    details = {
        name: dict(
            zip(CONTINUED, playlists.judge(model, lists, catalog.n_tracks, SEEDS), strict=True)
        )
        for name, model in models.items()
    }
    figures = [
        Figure(f"{name}, {kind}", value, CONTINUED[kind] if name == OURS else None)
        for name, found in reversed(details.items())
        for kind, value in found.items()
    ]
    return Part("playlists", figures, details=details)


TEN_BIN, COVERED = Goals.below(0.05, 0.03), Goals(Goal(85, 95), Goal(88, 92))
LEVEL_KNOWN = 100  # outcomes; before, chance alone puts a household's mean off by over .05
REGRET = Goals.below(0.5, 0.3)


def simulated(setting: Setting) -> Part:
    """Recommend to simulated households, with learning and without."""
    figures, details = [], {}
    every: list[tuple[households.Result, households.Result]] = []
    for kind in households.KINDS:
        found = [households.measure(kind, seed) for seed in range(1 if setting.quick else 20)]
        every += found
        figures.append(Figure(f"{kind}: regret with learning over without", _ratio(found), REGRET))
        details[kind] = {
            name: [result.regret.tolist() for result in results]
            for name, results in zip(("with", "without"), zip(*found, strict=True), strict=True)
        }
    told = [learned for learned, _ in every]
    expected, deviation, truth = (
        np.concatenate([getattr(result, name) for result in told])
        for name in ("expected", "deviation", "truth")
    )
    figures += [
        Figure("all kinds: regret with learning over without", _ratio(every), REGRET),
        Figure("recommended tracks: ten-bin error",
               calibration.ten_bin_error(expected, truth), TEN_BIN),
        Figure("recommended tracks: 90 % interval covers the truth, %",
               100 * calibration.coverage(expected, deviation, truth), COVERED, ".1f"),
    ]  # fmt: skip
    return Part("households", figures, details={"regret": details, "each": households.LENGTH})


def _ratio(found: Sequence[tuple[households.Result, households.Result]]) -> float:
    learned, without = (
        sum(result.regret.sum() for result in side) for side in zip(*found, strict=True)
    )
    return float(learned / without)


def certainty(setting: Setting) -> Part:
    """Compare expected rewards and their intervals with what is true of simulated households."""
    households = 2 if setting.quick else 8
    figures, details = [], {}
    for rows in (200,) if setting.quick else (50, 200, 800, 2000):
        found = {
            kind: [
                calibration.measure(kind, rows, np.random.default_rng([seed, number, rows]))
                for seed in range(households)
            ]
            for number, kind in enumerate(calibration.KINDS)
        }
        found["all"] = [one for of_kind in found.values() for one in of_kind]
        error = {
            kind: _mean(calibration.ten_bin_error(mean, truth) for mean, _, truth in of_kind)
            for kind, of_kind in found.items()
        }
        share = {
            kind: _mean(calibration.coverage(*one) for one in of_kind)
            for kind, of_kind in found.items()
        }
        bins = {kind: _bins(of_kind) for kind, of_kind in found.items()}
        details[str(rows)] = {"ten-bin error": error, "coverage": share, "bins": bins}
        together = float(np.mean([abs(expected - true) for expected, true in bins["all"]]))
        figures += [
            Figure(f"ten-bin error after {rows} outcomes, all households", together, TEN_BIN),
            Figure(f"ten-bin error after {rows} outcomes, each household", error["all"],
                   TEN_BIN if rows >= LEVEL_KNOWN else None),
            Figure(f"90 % interval covers the truth after {rows}, %", 100 * share["all"], COVERED,
                   ".1f"),
        ]  # fmt: skip
    return Part("calibration", figures, details=details)


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


type Predicted = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def _bins(of_kind: Sequence[Predicted]) -> list[tuple[float, float]]:
    """Return expected and true mean of ten equally full bins over all households."""
    mean, _, truth = (np.concatenate(column) for column in zip(*of_kind, strict=True))
    bins = np.array_split(np.argsort(mean, kind="stable"), 10)
    return [(float(mean[rows].mean()), float(truth[rows].mean())) for rows in bins]


def music(setting: Setting) -> Catalog:
    """Return real tracks, or invented ones where there are none."""
    file = setting.data and setting.data / "catalog.csv.gz"
    return paths.read(file if file and file.is_file() else None)


def tune_vectors(setting: Setting) -> Part:
    """Lead tracks along paths, against simpler ways."""
    catalog = music(setting)
    runs = 2 if setting.quick else 10
    figures, details = [], {}
    for name, vector in paths.VECTORS.items():
        found = paths.compared(catalog, vector, 25, paths.POOL, runs)
        details[name] = found
        others = min(row["cost"] for way, row in found.items() if way != "beam")
        beam = found["beam"]
        figures += [
            Figure(f"{name}: deviation from the path", beam["deviation"], form=".2f"),
            Figure(f"{name}: cost of a transition", beam["transition"], form=".2f"),
            Figure(f"{name}: cost per track minus the best simpler way's", beam["cost"] - others,
                   form="+.2f"),
        ]  # fmt: skip
    return Part("paths", figures, details=details)


PARTS: dict[str, Callable[[Setting], Part]] = {
    "speed": costs,
    "rivals": compared,
    "growth": growing,
    "learning": learning,
    "situnes": ratings,
    "playlists": continuation,
    "households": simulated,
    "calibration": certainty,
    "paths": tune_vectors,
}
GROUPS = {
    "speed": ("speed", "rivals", "growth", "learning"),
    "quality": ("situnes", "playlists", "households", "calibration"),
}
