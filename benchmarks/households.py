"""Does learning pay? Simulated households whose true taste is known.

    python -m benchmarks.households [--households N] [--kinds KIND ...] [--json FILE]

A household of one to three listeners meets a catalog of 1,500 tracks in 50 sessions of ten
recommendations, in changing moments and company. What everybody really thinks shares no form with
the model: decision trees over features and moment, products of sines, loyalty to artists, luck with
tracks, and noise; in one kind nothing depends on the moment, in another taste drifts. Regret is
what the ten best tracks would have been worth to those present, less what the recommended ones
were, summed over the sessions; the table compares it with and without learning, where everything
else is the same. What serves other aims than taste (fatigue, novelty, diversity) is off in both.
Calibration is that of the model's expectations of the tracks that were recommended.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
import json
import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported

import numpy as np
from numpy.typing import NDArray

from custom_components.rhythmiq.engine import (
    FEATURE_NAMES,
    Catalog,
    Context,
    ContextModel,
    Heard,
    Listener,
    Request,
    rank,
)
from custom_components.rhythmiq.engine.ids import artist_id, track_id
from custom_components.rhythmiq.engine.situation import context_row, new_model, track_rows

type Doubles = NDArray[np.float64]

TRACKS, ARTISTS, GENRES = 1500, 250, 12
SESSIONS, LENGTH = 50, 10
KINDS = ("trees", "sines", "drift", "no context")
WEATHER = ("sunny", "cloudy", "rainy", "snowy")
# What a moment or a track looks like to a taste: each quantity within -1 to 1.
MOMENT = 5


@dataclass(frozen=True, slots=True)
class Session:
    """A moment, who is there, and what each of the household really thinks of every track."""

    context: Context
    when: float
    present: tuple[int, ...]
    truth: Doubles  # float64[listeners, tracks], expected reward


@dataclass(frozen=True, slots=True)
class Result:
    """One household's course: regret per recommendation, and what the model said (if any)."""

    regret: Doubles  # float64[sessions]
    expected: Doubles
    deviation: Doubles
    truth: Doubles


def invented(rng: np.random.Generator) -> tuple[Catalog, Doubles, NDArray[np.int64]]:
    """Return a catalog, its features float64[n, 14] spread over ±1, and each track's artist."""
    genre_of_artist = rng.integers(GENRES, size=ARTISTS)
    artist = rng.integers(ARTISTS, size=TRACKS)
    genre = genre_of_artist[artist]
    centres = rng.uniform(-0.7, 0.7, (GENRES, len(FEATURE_NAMES)))
    seen = np.clip(centres[genre] + rng.normal(0, 0.35, (TRACKS, len(FEATURE_NAMES))), -1, 1)
    raw = (seen + 1) / 2
    for name, low, high in (
        ("tempo", 60, 190), ("loudness", -30, 0), ("duration_ms", 120_000, 300_000),
        ("popularity", 0, 100), ("release_year", 1960, 2025), ("key", 0, 11), ("mode", 0, 1),
    ):  # fmt: skip
        column = FEATURE_NAMES.index(name)
        raw[:, column] = low + raw[:, column] * (high - low)
        if name in {"key", "mode"}:
            raw[:, column] = raw[:, column].round()
    catalog = Catalog.from_arrays(
        raw,
        FEATURE_NAMES,
        uri=[f"invented:{row:05d}" for row in range(TRACKS)],
        title=[f"Invented Song {row}" for row in range(TRACKS)],
        artist=[f"Artist {number}" for number in artist],
        genre=[f"genre {number}" for number in genre],
    )
    return catalog, seen, artist


def tree(rng: np.random.Generator, width: int, depth: int = 3) -> Callable[[Doubles], Doubles]:
    """Return a random decision tree over `width` columns within ±1; leaves are within ±1."""
    if depth == 0:
        leaf = rng.uniform(-1, 1)
        return lambda x: np.full(len(x), leaf)
    column, limit = int(rng.integers(width)), rng.uniform(-0.4, 0.4)
    below, above = tree(rng, width, depth - 1), tree(rng, width, depth - 1)
    return lambda x: np.where(x[:, column] < limit, below(x), above(x))


def wave(rng: np.random.Generator, width: int) -> Callable[[Doubles], Doubles]:
    """Return a product of two sines of random columns."""
    (one, other), shift = rng.choice(width, 2, replace=False), rng.uniform(0, 2 * np.pi, 2)
    pace = rng.uniform(1, 2.5, 2)
    return lambda x: (
        np.sin(pace[0] * x[:, one] + shift[0]) * np.sin(pace[1] * x[:, other] + shift[1])
    )


def taste(kind: str, rng: np.random.Generator) -> Callable[[Doubles, Doubles, float], Doubles]:
    """Return what one listener thinks of tracks float64[n, 14] in a moment, at a time (0-1)."""
    width = len(FEATURE_NAMES) + (0 if kind == "no context" else MOMENT)
    make = wave if kind == "sines" else tree
    early = [make(rng, width) for _ in range(4)]
    late = [make(rng, width) for _ in range(4)] if kind == "drift" else early

    def think(tracks: Doubles, moment: Doubles, time: float) -> Doubles:
        x = np.hstack([tracks, np.tile(moment, (len(tracks), 1))])
        then = sum((part(x) for part in early), np.zeros(len(x)))
        now = sum((part(x) for part in late), np.zeros(len(x)))
        drifted: Doubles = (1 - time) * then + time * now
        return drifted

    return think


def sessions(
    kind: str, seen: Doubles, artist: NDArray[np.int64], rng: np.random.Generator
) -> list[Session]:
    """Return a household's sessions."""
    people = int(rng.integers(1, 4))
    tastes = [taste(kind, rng) for _ in range(people)]
    shared = taste(kind, rng)
    loyalty = rng.normal(0, 0.5, (people, ARTISTS))
    luck = rng.normal(0, 0.3, (people, TRACKS))
    found = []
    when = 0.0
    for number in range(SESSIONS):
        when += rng.uniform(0.2, 1.5) * 86_400
        hour, weekend = when / 3600 % 24, when // 86_400 % 7 >= 5
        noise, warmth = rng.uniform(25, 80), rng.uniform(-5, 30)
        weather = str(rng.choice(WEATHER))
        context = Context.from_values(
            {
                "time_of_day": hour,
                "day_type": "weekend" if weekend else "workday",
                "noise_level": noise,
                "outdoor_temperature": warmth,
                "weather": weather,
            }
        )
        moment = np.array([
            hour / 12 - 1, 2.0 * weekend - 1, (noise - 52.5) / 27.5, (warmth - 12.5) / 17.5,
            WEATHER.index(weather) / 1.5 - 1,
        ])  # fmt: skip
        time = number / (SESSIONS - 1)
        worth = np.stack(
            [
                think(seen, moment, time) + shared(seen, moment, time) + loyal[artist] + lucky
                for think, loyal, lucky in zip(tastes, loyalty, luck, strict=True)
            ]
        )
        present = rng.permutation(people)[: int(rng.integers(1, people + 1))]
        truth = 0.05 + 0.9 / (1 + np.exp(-worth))
        found.append(Session(context, when, tuple(present.tolist()), truth))
    return found


def course(
    catalog: Catalog,
    household: Sequence[Session],
    model: ContextModel | None,
    rng: np.random.Generator,
) -> Result:
    """Recommend in every session, and learn from what happened if there is a model."""
    people = [Listener(id=f"listener {number}") for number in range(len(household[0].truth))]
    heard_by: dict[int, list[Heard]] = {number: [] for number in range(len(people))}
    tracks = np.array([track_id(uri) for uri in catalog.uri])
    artists = np.array([artist_id(artist) for artist in catalog.artist])
    described = track_rows(catalog, np.arange(catalog.n_tracks))
    regret, expected, deviation, truth = [], [], [], []
    for session in household:
        request = Request(
            context=session.context, count=LENGTH, diversity=0, fatigue=0, novelty=0, not_again=0
        )
        found = rank(
            catalog,
            request,
            [
                replace(people[number], history=tuple(heard_by[number]))
                for number in session.present
            ],
            model=model,
            now=session.when,
            rng=rng,
        )
        rows = np.array([catalog.index_of(track.uri) for track in found.tracks])
        worth = session.truth[list(session.present)]
        best = np.sort(worth.mean(axis=0))[-LENGTH:]
        regret.append(best.mean() - worth.mean(axis=0)[rows].mean())
        for number in session.present:
            heard_by[number] += [Heard(track.uri, session.when) for track in found.tracks]
        if model is None:
            continue
        who = np.repeat([people[number].number for number in session.present], LENGTH)
        heard = np.tile(rows, len(session.present))
        when = session.when + 200.0 * np.tile(np.arange(LENGTH), len(session.present))
        moment = np.tile(context_row(session.context), (len(who), 1))
        said = model.predict(
            who, tracks[heard], artists[heard], described[heard], moment,
            when=np.full(len(who), session.when),
        )  # fmt: skip
        expected.append(said[0])
        deviation.append(said[1])
        truth.append(worth[:, rows].ravel())
        rewards = (rng.random(len(who)) < truth[-1]).astype(float)
        order = np.argsort(when, kind="stable")
        heard, who = heard[order], who[order]
        model.observe(
            who, tracks[heard], artists[heard], described[heard], moment, rewards[order],
            when=when[order],
        )  # fmt: skip
    return Result(
        np.array(regret), *(np.concatenate(said or [[]]) for said in (expected, deviation, truth))
    )


def ten_bin_error(expected: Doubles, truth: Doubles) -> float:
    """Return the mean distance of expectation and truth over ten equally full bins."""
    bins = np.array_split(np.argsort(expected, kind="stable"), 10)
    return float(np.mean([abs(expected[rows].mean() - truth[rows].mean()) for rows in bins]))


def measure(kind: str, seed: int) -> tuple[Result, Result]:
    """Return a household's course with learning and without."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    catalog, seen, artist = invented(rng)
    household = sessions(kind, seen, artist, rng)
    return (
        course(catalog, household, new_model(), np.random.default_rng(seed)),
        course(catalog, household, None, np.random.default_rng(seed)),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table, and write the figures if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--households", type=int, default=20, help="of each kind")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    figures: dict[str, dict[str, float]] = {}
    print(f"{'kind':<11} regret with  without  ratio   last fifth  ten-bin error  coverage")
    for kind in options.kinds:
        learned, fixed = zip(
            *(measure(kind, seed) for seed in range(options.households)), strict=True
        )
        with_learning = np.array([result.regret for result in learned])
        without = np.array([result.regret for result in fixed])
        expected, deviation, truth = (
            np.concatenate([getattr(result, name) for result in learned])
            for name in ("expected", "deviation", "truth")
        )
        late = slice(-SESSIONS // 5, None)
        figures[kind] = {
            "regret with learning": float(with_learning.sum(axis=1).mean() * LENGTH),
            "regret without": float(without.sum(axis=1).mean() * LENGTH),
            "ratio": float(with_learning.sum() / without.sum()),
            "ratio, last fifth": float(with_learning[:, late].sum() / without[:, late].sum()),
            "ten-bin error": ten_bin_error(expected, truth),
            "coverage": float((np.abs(expected - truth) <= 1.645 * deviation).mean()),
        }
        line = figures[kind]
        print(
            f"{kind:<11} {line['regret with learning']:11.1f} {line['regret without']:8.1f} "
            f"{line['ratio']:6.2f} {line['ratio, last fifth']:12.2f} {line['ten-bin error']:14.3f} "
            f"{line['coverage']:9.2f}",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
