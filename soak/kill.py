"""Kill -9 while a home writes, again and again: what was acknowledged must be there afterwards.

A process of its own opens the database as Home Assistant does, and rates, listens and imports at
once; what returns to it is acknowledged over a pipe. It is killed at a random moment, while it
opens the database, too. Then the database is opened as at the next start and must

- be sound (`integrity_check`, `foreign_key_check`),
- hold every row, track and recommendation that was acknowledged, each row once and as it was,
- hold nothing that nobody wrote, no half of an import, one rating of a track by the same people,
- give a model that expects what one made anew from what is stored does, of every track and for
  everybody (a billionth apart at most: sums are rounded in another order).

The home goes on with the same database until it has been killed so many times. What SIGKILL cannot
show is a power cut: the system still writes what was handed to it.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
import multiprocessing
from pathlib import Path
from random import Random
import shutil
import sqlite3
import sys
from tempfile import TemporaryDirectory
import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from custom_components.rhythmiq.catalog import TrackLibrary
from custom_components.rhythmiq.const import DATABASE
from custom_components.rhythmiq.engine import Context
from custom_components.rhythmiq.engine.ids import artist_id, stable_id, track_id
from custom_components.rhythmiq.engine.situation import context_row, track_rows
from custom_components.rhythmiq.learning import Learning
from custom_components.rhythmiq.store import Store

from . import writer
from .writer import Told

KILLS: Final = 200
HOME_KILLS: Final = 50  # then another home begins, with no database
SAME: Final = 1e-9  # of rewards, which are from 0 to 1
_AT_ONCE: Final = 0.15  # of the kills come while the database is opened
_OPENING_SECONDS: Final = 0.1
_LIFE_SECONDS: Final = 1.0
_START_SECONDS: Final = 60.0


class LostError(Exception):
    """Something is not as it was acknowledged."""


@dataclass(slots=True)
class Truth:
    """What must be there, and what may be."""

    rows: dict[tuple[str, str], float | None] = field(default_factory=dict)
    tracks: set[str] = field(default_factory=set)
    recommendations: set[str] = field(default_factory=set)
    begun: set[str] = field(default_factory=set)
    imports: list[tuple[str, ...]] = field(default_factory=list)

    def take(self, told: Told) -> None:
        """Take in what was told."""
        self.begun.update(told.marks)
        if told.tracks and not told.done:
            self.imports.append(told.tracks)
        if told.done:
            self.rows |= {(mark, kind): reward for mark, kind, reward in told.kept}
            self.tracks.update(told.tracks)
            if told.recommendation is not None:
                self.recommendations.add(told.recommendation)


@dataclass(slots=True)
class Figures:
    """What a run came to."""

    kills: int = 0
    acknowledged: Counter[str] = field(default_factory=Counter)
    during: Counter[str] = field(default_factory=Counter)
    outcomes: int = 0

    @property
    def writes(self) -> int:
        """How many writes were acknowledged."""
        return self.acknowledged.total() - self.acknowledged["opening"]


def kill(folder: Path, run: str, delay: float, *, at_once: bool) -> list[Told]:
    """Let a home write, and kill it after so many seconds; return what it told.

    `at_once` counts them from the first word, else from when the database was open.
    """
    spawn = multiprocessing.get_context("forkserver")
    # A start is then a fork, and no import
    spawn.set_forkserver_preload(["__main__", writer.__name__])
    reader, told = spawn.Pipe(duplex=False)
    process = spawn.Process(target=writer.write, args=(folder, run, told))
    process.start()
    told.close()
    heard: list[Told] = []
    deadline = time.monotonic() + _START_SECONDS
    began = False
    try:
        while (left := deadline - time.monotonic()) > 0:
            if reader.poll(left):
                heard.append(reader.recv())
                if not began and (at_once or heard[-1] == Told("opening", done=True)):
                    began, deadline = True, time.monotonic() + delay
        if not began:
            raise LostError(f"the home did not begin within {_START_SECONDS:.0f} s")
    except EOFError:
        raise LostError("the home ended by itself") from None
    finally:
        process.kill()
        process.join()
        while True:  # what it said before it died is in the pipe
            try:
                heard.append(reader.recv())
            except EOFError:
                break
        reader.close()
        process.close()
    return heard


def check(folder: Path, truth: Truth) -> int:
    """Compare a database with the truth; return how many outcomes the model knows of.

    Raises ``LostError``.
    """
    store = Store(folder / DATABASE)
    store.open()
    try:
        wrong = store.read(lambda connection: _differences(connection, truth))
        if wrong:
            raise LostError("; ".join(wrong))
        tracks = TrackLibrary(store)
        kept, anew = Learning(store, tracks), Learning(store, tracks)
        outcomes = kept.learn().outcomes
        if anew.rebuild().outcomes != outcomes:
            raise LostError("the model knows of other outcomes than one made anew")
        apart = float(np.abs(_expected(kept, tracks) - _expected(anew, tracks)).max())
        if apart > SAME:
            raise LostError(f"the model and the one that is made anew are {apart:.2g} apart")
    finally:
        store.close()
    return outcomes


def _expected(learning: Learning, tracks: TrackLibrary) -> NDArray[np.float64]:
    """Return expected rewards and their deviations, for everybody and of every track."""
    catalog = tracks.load()
    n = catalog.n_tracks
    track = [track_id(name) for name in catalog.uri]
    artist = [artist_id(name) for name in catalog.artist]
    described = track_rows(catalog, np.arange(n))
    moment = np.tile(context_row(Context({"noise_level": 50.0, "weather": "sunny"})), (n, 1))
    with learning.model() as model:
        return np.array(
            [
                model.predict(np.full(n, stable_id(who)), track, artist, described, moment)
                for who in writer.PEOPLE
            ]
        )


def _differences(connection: sqlite3.Connection, truth: Truth) -> list[str]:
    wrong = [
        f"{pragma}: {rows[:3]}"
        for pragma, sound in (("integrity_check", [("ok",)]), ("foreign_key_check", []))
        if (rows := connection.execute(f"PRAGMA {pragma}").fetchall()) != sound
    ]
    rows = connection.execute("SELECT title, kind, reward FROM interactions").fetchall()
    there = {(mark, kind): reward for mark, kind, reward in rows}
    twice = [key for key, count in Counter((m, k) for m, k, _ in rows).items() if count > 1]
    known = {key for (key,) in connection.execute("SELECT uri FROM tracks")}
    given = {key for (key,) in connection.execute("SELECT id FROM recommendations")}
    half = [
        named
        for named in truth.imports
        if not known.issuperset(named) and known.intersection(named)
    ]
    standing = connection.execute(
        "SELECT uri, listeners, count(*) FROM interactions AS said WHERE kind = 'rated' AND NOT"
        " EXISTS (SELECT 1 FROM interactions WHERE retracts = said.id)"
        " GROUP BY uri, listeners HAVING count(*) > 1"
    ).fetchall()
    for what, found in (
        ("lost rows", truth.rows.keys() - there.keys()),
        ("changed rows", [key for key, value in truth.rows.items()
                          if key in there and there[key] != value]),
        ("rows twice", twice),
        ("rows that nobody wrote", {mark for mark, _ in there} - truth.begun),
        ("lost tracks", truth.tracks - known),
        ("half imports", half),
        ("lost recommendations", truth.recommendations - given),
        ("two ratings by the same people", standing),
    ):  # fmt: skip
        if found:
            wrong.append(f"{len(found)} {what}, such as {next(iter(found))}")
    return wrong


def soak(folder: Path, seed: int, kills: int, *, verbose: bool = False) -> Figures:
    """Kill so many times, and compare after each; raises ``LostError``."""
    figures, truth = Figures(), Truth()
    for number in range(kills):
        if number % HOME_KILLS == 0:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            truth = Truth()
        chance = Random(f"{seed}:{number}")
        at_once = chance.random() < _AT_ONCE
        delay = chance.uniform(0, _OPENING_SECONDS if at_once else _LIFE_SECONDS)
        heard = kill(folder, f"{seed}x{number}", delay, at_once=at_once)
        for told in heard:
            truth.take(told)
        under_way = {told.what: told.done for told in heard}
        figures.kills += 1
        figures.acknowledged.update(told.what for told in heard if told.done)
        figures.during.update(what for what, done in under_way.items() if not done)
        try:
            figures.outcomes = max(figures.outcomes, check(folder, truth))
        except Exception as err:
            raise LostError(f"kill {number} of seed {seed}, after {delay:.3f} s: {err!r}") from err
        if verbose or number % 20 == 19:
            print(f"{number + 1} kills, {figures.writes} writes acknowledged", flush=True)
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 when nothing was lost."""
    parser = argparse.ArgumentParser(
        "scripts/soak kill", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1, help="what all chance follows from")
    parser.add_argument("--kills", type=int, default=KILLS, help="how often to kill")
    parser.add_argument("--verbose", action="store_true", help="tell every kill")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    with TemporaryDirectory(prefix="rhythmiq-kill-") as folder:
        try:
            figures = soak(
                Path(folder) / "home", options.seed, options.kills, verbose=options.verbose
            )
        except LostError as err:
            print(f"FAILED at {err}", file=sys.stderr)
            return 1
    print(
        f"seed {options.seed}: killed {figures.kills} times in"
        f" {(time.monotonic() - began) / 60:.1f} min, nothing lost of {figures.writes} writes"
    )
    for title, counts in (
        ("acknowledged", figures.acknowledged),
        ("killed during", figures.during),
    ):
        told = ", ".join(f"{count} {what}" for what, count in counts.most_common())
        print(f"{title}: {told}")
    print(f"the largest model knew of {figures.outcomes} outcomes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
