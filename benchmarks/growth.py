"""How the time of ranking grows with tracks, with how many are wanted, and with listeners.

    python -m benchmarks.growth [--runs N]

`rank()` is asked for 25 tracks for listeners with preferences, a month of history and a model that
learned 500 outcomes of theirs.
"""

import argparse
from collections.abc import Callable, Sequence
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported

import numpy as np

from benchmarks.speed import MOMENT, invented
from benchmarks.timing import unhindered
from custom_components.rhythmiq.engine import Catalog, ContextModel, Listener, Request, rank
from custom_components.rhythmiq.engine.ids import artist_id, track_id
from custom_components.rhythmiq.engine.listener import Heard, Preference
from custom_components.rhythmiq.engine.situation import context_row, new_model, track_rows

TRACKS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
WANTED = (10, 50, 100, 500)
LISTENERS = (1, 2, 4, 8)
HERE = 100_000  # tracks, where something else grows
DAY = 86_400.0
HEARD, LEARNED = 300, 500


def people(catalog: Catalog, n: int) -> list[Listener]:
    """Invent n listeners."""
    rng = np.random.default_rng(n)
    return [
        Listener(
            id=f"listener {number}",
            preferences=(
                Preference(kind="genre", name=f"genre {number}", weight=0.8),
                Preference(kind="tempo", tempo=(90, 130), weight=0.3),
            ),
            history=tuple(
                Heard(catalog.uri[row], 30 * DAY * place / HEARD)
                for place, row in enumerate(rng.integers(catalog.n_tracks, size=HEARD).tolist())
            ),
        )
        for number in range(n)
    ]


def taught(catalog: Catalog, listeners: Sequence[Listener]) -> ContextModel:
    """Return a model that learned some outcomes of these listeners."""
    rng = np.random.default_rng(0)
    rows = rng.integers(catalog.n_tracks, size=LEARNED)
    model = new_model()
    model.observe(
        [listeners[place % len(listeners)].number for place in range(LEARNED)],
        [track_id(catalog.uri[row]) for row in rows.tolist()],
        [artist_id(catalog.artist[row]) for row in rows.tolist()],
        track_rows(catalog, rows),
        np.tile(context_row(MOMENT), (LEARNED, 1)),
        (rng.random(LEARNED) < 0.5).astype(float),
        when=np.linspace(0, 30 * DAY, LEARNED),
    )
    return model


def over_top(catalog: Catalog, runs: int) -> dict[str, float]:
    """Return the seconds of `rank()` for two, with and without a model, and of `Catalog.top`."""
    request, listeners = Request(context=MOMENT, count=25), people(catalog, 2)
    model = taught(catalog, listeners)
    weights = np.random.default_rng(0).normal(size=catalog.n_features).astype(np.float32)
    timed: dict[str, Callable[[], object]] = {
        "top": lambda: catalog.top(weights, 50),
        "two listeners": lambda: rank(
            catalog, request, listeners, now=30 * DAY, rng=np.random.default_rng(0)
        ),
        "two listeners, learning": lambda: rank(
            catalog, request, listeners, model=model, now=30 * DAY, rng=np.random.default_rng(0)
        ),
    }
    return unhindered(timed, runs)


def with_tracks(sizes: Sequence[int], runs: int) -> dict[int, float]:
    """Return the seconds of `Catalog.top` for 50, per number of tracks."""
    taken = {}
    for n in sizes:
        catalog = invented(n, np.random.default_rng(n))
        weights = np.random.default_rng(n).normal(size=catalog.n_features).astype(np.float32)
        taken[n] = unhindered({"": lambda: catalog.top(weights, 50)}, runs)[""]  # noqa: B023
    return taken


def with_wanted(catalog: Catalog, runs: int) -> dict[int, float]:
    """Return the seconds of `rank()` for two listeners, per number of tracks wanted."""
    listeners = people(catalog, 2)
    model = taught(catalog, listeners)
    return _ranked(
        {n: (Request(context=MOMENT, count=n), listeners, model) for n in WANTED}, catalog, runs
    )


def with_listeners(catalog: Catalog, runs: int) -> dict[int, float]:
    """Return the seconds of `rank()` for 25 tracks, per number of listeners."""
    request = Request(context=MOMENT, count=25)
    asked = {}
    for n in LISTENERS:
        listeners = people(catalog, n)
        asked[n] = (request, listeners, taught(catalog, listeners))
    return _ranked(asked, catalog, runs)


def _ranked(
    asked: dict[int, tuple[Request, list[Listener], ContextModel]], catalog: Catalog, runs: int
) -> dict[int, float]:
    def run(n: int) -> object:
        request, listeners, model = asked[n]
        rng = np.random.default_rng(0)
        return rank(catalog, request, listeners, model=model, now=30 * DAY, rng=rng)

    timed = {str(n): lambda n=n: run(n) for n in asked}
    return {int(n): taken for n, taken in unhindered(timed, runs).items()}


def main() -> None:
    """Measure and print tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=11)
    runs = parser.parse_args().runs
    catalog = invented(HERE, np.random.default_rng(HERE))
    for what, taken in (
        ("Catalog.top, tracks", with_tracks(TRACKS, runs)),
        ("rank(), tracks wanted", with_wanted(catalog, runs)),
        ("rank(), listeners", with_listeners(catalog, runs)),
    ):
        print(what)
        for n, seconds in taken.items():
            print(f"{n:>10,} {1000 * seconds:10.3f} ms")


if __name__ == "__main__":
    main()
