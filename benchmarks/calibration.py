"""Is what the model says about its own certainty true? Simulated households know the answer.

    python -m benchmarks.calibration [--households N] [--rows N ...] [--json FILE]

A household's true taste shares nothing with the model's form: bumps around an ideal, rules with
thresholds, a random network, or one that drifts; outcomes are skips (0 or 1) or graded. After n
outcomes the model predicts 500 new moments. Ten-bin error: the mean distance, over ten bins of
predictions with equally many, between what was predicted and what is true. Coverage: how often
mean ± 1.645 deviations holds the true expected reward.
"""

import argparse
from collections.abc import Callable, Sequence
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from custom_components.rhythmiq.engine import ContextModel

type Doubles = NDArray[np.float64]
type Taste = Callable[[NDArray[np.int64], Doubles, Doubles, Doubles], Doubles]

N_FEATURES, N_CONTEXT, N_TRACKS, N_LISTENERS = 12, 6, 1500, 3
ASKED = 500
KINDS = ("bump", "rules", "network", "no context", "drift", "graded")


def bump(rng: np.random.Generator, *, context: bool, drift: float) -> Taste:
    """Like what is close to an ideal that the context (and time) moves."""
    ideal = rng.normal(size=(N_LISTENERS, 3))
    moved = rng.normal(size=(3, 2)) * context
    path = rng.normal(size=3) * drift

    def taste(who: NDArray[np.int64], x: Doubles, c: Doubles, t: Doubles) -> Doubles:
        aim = ideal[who] + c[:, :2] @ moved.T + t[:, None] * path
        far: Doubles = ((x[:, :3] - aim) ** 2).sum(axis=1)
        return np.asarray(0.1 + 0.8 * np.exp(-far / 4))

    return taste


def rules(rng: np.random.Generator) -> Taste:
    """Answer by thresholds, one rule after the other."""
    column, place = rng.integers(N_FEATURES, size=(N_LISTENERS, 4)), rng.integers(N_CONTEXT, size=4)
    limit, gain = rng.normal(size=4) / 2, rng.normal(size=(N_LISTENERS, 4)) * 0.2

    def taste(who: NDArray[np.int64], x: Doubles, c: Doubles, t: Doubles) -> Doubles:
        heard = np.take_along_axis(x, column[who], axis=1) > limit
        says = gain[who] * (heard ^ (c[:, place] > 0.5))
        return np.asarray(np.clip(0.5 + says.sum(axis=1), 0.02, 0.98))

    return taste


def network(rng: np.random.Generator) -> Taste:
    """Answer by a random network of one hidden layer."""
    inner = rng.normal(size=(N_FEATURES + N_CONTEXT + N_LISTENERS, 12)) / 2
    outer = rng.normal(size=12) / 2

    def taste(who: NDArray[np.int64], x: Doubles, c: Doubles, t: Doubles) -> Doubles:
        hidden = np.tanh(np.hstack([x, c, np.eye(N_LISTENERS)[who]]) @ inner)
        return np.asarray(1 / (1 + np.exp(-hidden @ outer)))

    return taste


def household(kind: str, rng: np.random.Generator) -> Taste:
    """Return the true taste of one household."""
    if kind == "rules":
        return rules(rng)
    if kind == "network":
        return network(rng)
    return bump(rng, context=kind != "no context", drift=float(kind == "drift"))


def measure(kind: str, rows: int, rng: np.random.Generator) -> tuple[Doubles, Doubles, Doubles]:
    """Return predicted mean, deviation and true expectation of the moments asked about."""
    taste, n = household(kind, rng), rows + ASKED
    tracks = rng.normal(size=(N_TRACKS, N_FEATURES))
    who = rng.integers(N_LISTENERS, size=n)
    track = np.minimum(rng.geometric(4 / N_TRACKS, size=n), N_TRACKS) - 1
    context = rng.normal(size=(n, N_CONTEXT))
    quality = rng.normal(size=N_TRACKS) * 0.08
    truth = np.clip(
        taste(who, tracks[track], context, np.linspace(-1, 1, n)) + quality[track], 0.01, 0.99
    )
    if kind == "graded":
        outcome = rng.beta(4 * truth, 4 * (1 - truth))
    else:
        outcome = (rng.random(n) < truth).astype(float)
    model = ContextModel(N_FEATURES, N_CONTEXT)
    artist, when = track // 6, np.cumsum(rng.exponential(600, size=n))
    old, new = slice(rows), slice(rows, None)
    model.observe(
        who[old], track[old], artist[old], tracks[track[old]], context[old], outcome[old],
        when=when[old],
    )  # fmt: skip
    mean, deviation = model.predict(
        who[new], track[new], artist[new], tracks[track[new]], context[new], when=when[new]
    )
    return mean, deviation, truth[new]


def ten_bin_error(mean: Doubles, truth: Doubles) -> float:
    """Return the mean distance of prediction and truth over ten equally full bins."""
    bins = np.array_split(np.argsort(mean, kind="stable"), 10)
    return float(np.mean([abs(mean[rows].mean() - truth[rows].mean()) for rows in bins]))


def coverage(mean: Doubles, deviation: Doubles, truth: Doubles) -> float:
    """Return how often the 90 % interval holds the truth."""
    return float((np.abs(mean - truth) <= 1.645 * deviation).mean())


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table, and write the figures if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--households", type=int, default=8, help="of each kind")
    parser.add_argument("--rows", type=int, nargs="+", default=[50, 200, 800, 2000])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    figures: dict[str, dict[str, float]] = {}
    print(f"{'rows':>5} {'kind':<11} ten-bin error  coverage  error  deviation")
    for rows in options.rows:
        everything: list[tuple[float, ...]] = []
        for number, kind in enumerate(KINDS):
            found = []
            for seed in range(options.households):
                mean, deviation, truth = measure(
                    kind, rows, np.random.default_rng([seed, number, rows])
                )
                error = float(np.sqrt(((mean - truth) ** 2).mean()))
                found.append((
                    ten_bin_error(mean, truth), coverage(mean, deviation, truth), error,
                    float(np.sqrt((deviation**2).mean())),
                ))  # fmt: skip
            everything += found
            show(rows, kind, found, figures)
        show(rows, "all", everything, figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


def show(
    rows: int, kind: str, found: Sequence[tuple[float, ...]], figures: dict[str, dict[str, float]]
) -> None:
    """Print and keep the means of one line."""
    names = ("ten-bin error", "coverage", "error", "deviation")
    line = dict(zip(names, np.mean(found, axis=0).tolist(), strict=True))
    figures[f"{kind}, {rows} rows"] = line
    print(
        f"{rows:5} {kind:<11} {line['ten-bin error']:13.3f} {line['coverage']:9.3f} "
        f"{line['error']:6.3f} {line['deviation']:10.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
