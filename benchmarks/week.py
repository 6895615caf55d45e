"""What learning spares a family of four in its first week of skips.

    python -m benchmarks.week [--families N] [--decided N] [--json FILE] [--plot FILE]

A family with a timetable, sensors and a catalog of 1,500 tracks listens for a week, which begins on
another day for each family. What everybody really thinks is one of the invented tastes of
`benchmarks.households`, which share no form with the model, and decides what is skipped: one of
those present has the remote control, and skips a track with one minus its true reward to them as
probability (`--decided N`: N times as sure of what they like, in log odds). Everything else is the
product's own: the store, what it makes of what happened, the model, `rank()` with its defaults
(nothing comes again within two hours, what was heard tires, some adventure), and the rules of
adaptive mode (the rest of a list is chosen anew after two skips within four tracks or when the
moment has really changed, at most every ten minutes). The same week is lived with learning, without
it, and by somebody who knows the truth, which is the least that skips can come to.
"""

import argparse
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
import json
import os
from pathlib import Path
import tempfile
from typing import Any, Final

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported

import numpy as np

from benchmarks.households import WEATHER, Doubles, invented, taste
from custom_components.rhythmiq.adaptive import REST_SECONDS, SKIPS, WITHIN
from custom_components.rhythmiq.catalog import TrackLibrary
from custom_components.rhythmiq.engine import (
    FEATURE_NAMES,
    Bans,
    Catalog,
    Context,
    Listener,
    Request,
    rank,
)
from custom_components.rhythmiq.engine.rewards import Kind, reward_of
from custom_components.rhythmiq.interactions import Interaction, Interactions
from custom_components.rhythmiq.learning import Learning
from custom_components.rhythmiq.moment.drift import Drift
from custom_components.rhythmiq.store import Store

KINDS: Final = ("trees", "sines", "no context")
FAMILIES: Final = 6
DAYS: Final = 7
LATE: Final = slice(5, 7)  # the last two days
LIST: Final = 25
MONDAY: Final = 1_772_409_600.0  # 2 March 2026, 0:00 UTC
DAY, HOUR = 86_400.0, 3600.0
SPEAKER: Final = "RINCON_WEEK01400"
ADVENTUROUSNESS: Final = 0.2  # a new listener's
PEOPLE: Final = ("Ada", "Ben", "Cem", "Dee")
LEARNING, WITHOUT, BEST = ARMS = ("with learning", "without learning", "who knows the truth")
_REMEMBERED: Final = 14 * DAY
# Hour, length in hours, who is there, dB, lx
WORKDAY: Final = (
    (6.5, 1.0, (0, 1, 2, 3), 55.0, 300.0),
    (15.5, 1.5, (2, 3), 62.0, 250.0),
    (17.5, 2.0, (0, 2, 3), 58.0, 180.0),
    (21.0, 1.5, (0, 1), 38.0, 30.0),
)
FREE: Final = (
    (9.0, 1.5, (0, 1, 2, 3), 52.0, 400.0),
    (14.0, 2.0, (0, 2, 3), 64.0, 350.0),
    (18.0, 3.0, (0, 1, 2, 3), 68.0, 120.0),
    (21.5, 1.5, (0, 1), 36.0, 25.0),
)


@dataclass(slots=True)
class Day:
    """What one day came to."""

    plays: int = 0
    skips: int = 0
    reaims: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Family:
    """Four tastes, the music, and the weather of a week."""

    seen: Doubles  # float64[n, 14] within ±1
    artist: np.ndarray[Any, Any]
    tastes: Sequence[Callable[[Doubles, Doubles, float], Doubles]]
    shared: Callable[[Doubles, Doubles, float], Doubles]
    loyalty: Doubles
    luck: Doubles
    weather: Sequence[str]
    warmth: Doubles
    decided: float
    truths: dict[tuple[float, ...], Doubles] = field(default_factory=dict)

    @classmethod
    def of(cls, kind: str, decided: float, rng: np.random.Generator) -> tuple[Family, Catalog]:
        """Invent a family, as `benchmarks.households` does."""
        catalog, seen, artist = invented(rng)
        tastes = [taste(kind, rng) for _ in PEOPLE]
        people, artists = len(PEOPLE), int(artist.max()) + 1
        family = cls(
            seen, artist, tastes, taste(kind, rng), rng.normal(0, 0.5, (people, artists)),
            rng.normal(0, 0.3, (people, len(seen))),
            [str(rng.choice(WEATHER)) for _ in range(DAYS)], rng.uniform(-5, 30, DAYS),
            decided,
        )  # fmt: skip
        return family, catalog

    def truth(self, context: Context) -> Doubles:
        """Return the expected reward of every track for everybody, float64[4, n]."""
        values = context.values
        hour, noise, warmth = (
            float(values[key]) for key in ("time_of_day", "noise_level", "outdoor_temperature")
        )
        moment = (
            round(2 * hour) / 24 - 1, 2.0 * (values["day_type"] == "weekend") - 1,
            round((noise - 52.5) / 27.5, 1), (warmth - 12.5) / 17.5,
            WEATHER.index(str(values["weather"])) / 1.5 - 1,
        )  # fmt: skip
        if moment not in self.truths:
            self.truths.clear()
            here = np.array(moment)
            worth = np.stack(
                [
                    think(self.seen, here, 0.0) + self.shared(self.seen, here, 0.0)
                    + loyal[self.artist] + lucky
                    for think, loyal, lucky in zip(
                        self.tastes, self.loyalty, self.luck, strict=True
                    )
                ]
            )  # fmt: skip
            self.truths[moment] = 0.05 + 0.9 / (1 + np.exp(-self.decided * worth))
        return self.truths[moment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody listens: on which day since a Monday, from when to when, who; what is measured."""

    day: int
    begin: float
    end: float
    people: Sequence[int]
    noise: float
    light: float

    def present(self, now: float) -> Sequence[int]:
        """Return who is there; of more than two one leaves at half time."""
        everybody = now < (self.begin + self.end) / 2 or len(self.people) < 3
        return self.people if everybody else self.people[:-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a list is asked for: how many tracks, at which moment, for whom, and without what."""

    now: float
    moment: Context
    present: Sequence[int]
    count: int = LIST
    left_out: Sequence[str] = ()
    unwanted: Sequence[str] = ()


class Home:
    """One arm of a week: a store of its own, and what plays."""

    def __init__(
        self, store: Store, tracks: TrackLibrary, family: Family, arm: str, *, first: int
    ) -> None:
        """Take an empty record; `first` is the weekday (from 0, Monday) on which all begins."""
        self._interactions = Interactions(store)
        self._learning = Learning(store, tracks)
        self._catalog = tracks.load()
        self._family = family
        self._arm = arm
        self._first = first
        self._rng = np.random.default_rng(1)  # chance of the household
        self._seed = np.random.default_rng(2)  # chance of ranking

    def week(self) -> list[Day]:
        """Live a week."""
        found = []
        for number in range(self._first, self._first + DAYS):
            found.append(Day())
            for hour, hours, people, noise, light in FREE if number % 7 >= 5 else WORKDAY:
                begin = MONDAY + number * DAY + (hour + self._rng.uniform(-0.25, 0.25)) * HOUR
                session = Session(
                    day=number, begin=begin, end=begin + hours * HOUR, people=people, noise=noise,
                    light=light,
                )  # fmt: skip
                self._listen(session, found[-1])
        return found

    def _listen(self, session: Session, day: Day) -> None:
        """Play, skip and choose anew, as adaptive mode does, for a session."""
        queue: list[str] = []
        place, now, rests_until, wish = 0, session.begin, session.begin, False
        drift = Drift(Context())
        endings: deque[tuple[bool, str]] = deque(maxlen=WITHIN)
        day.seconds += session.end - session.begin
        while now < session.end:
            present = session.present(now)
            moment, names = self._moment(session, now), [PEOPLE[who] for who in present]
            asked = Asked(now=now, moment=moment, present=present)
            keep = place + 2  # what plays and what comes next
            changed = drift.look(now, moment, names) is not None
            if place >= len(queue):
                queue, place, drift = self._rank(asked), 0, Drift(moment, names)
                endings.clear()
            elif (wish or changed) and now >= rests_until and keep < len(queue):
                queue[keep:] = self._rank(
                    replace(
                        asked, count=len(queue) - keep, left_out=queue if wish else queue[:keep],
                        unwanted=[who for skipped, who in endings if skipped] if wish else (),
                    )
                )  # fmt: skip
                day.reaims += 1
                rests_until, wish, drift = now + REST_SECONDS, False, Drift(moment, names)
            row = self._catalog.index_of(queue[place])
            assert row is not None
            place += 1
            liked = float(self._family.truth(moment)[list(present), row].mean())
            skipped = bool(self._rng.random() >= liked)
            endings.append((skipped, self._catalog.artist[row]))
            wish = wish or (skipped and sum(each for each, _ in endings) >= SKIPS)
            day.plays += 1
            day.skips += skipped
            now += self._hear(asked, row, skipped=skipped)

    def _moment(self, session: Session, when: float) -> Context:
        """Return what the sensors say."""
        people = float(len(session.present(when)))
        return Context.from_values(
            {
                "time_of_day": when % DAY / HOUR,
                "day_type": "weekend" if session.day % 7 >= 5 else "workday",
                "noise_level": float(np.clip(session.noise + self._rng.normal(0, 3), 20, 90)),
                "illuminance": float(max(session.light + self._rng.normal(0, 10), 0)),
                "outdoor_temperature": float(self._family.warmth[session.day % DAYS]),
                "weather": self._family.weather[session.day % DAYS],
                "people_home": people,
                "occupancy": people,
            }
        )

    def _rank(self, asked: Asked) -> list[str]:
        history = self._interactions.heard([SPEAKER], asked.now - _REMEMBERED)
        if self._arm == BEST:
            lately = {heard.uri for heard in history if heard.when > asked.now - 2 * HOUR}
            worth = self._family.truth(asked.moment)[list(asked.present)].mean(axis=0)
            order = [self._catalog.uri[row] for row in np.argsort(-worth).tolist()]
            lately.update(asked.left_out)
            return [uri for uri in order if uri not in lately][: asked.count]
        listeners = [
            Listener(id=PEOPLE[who], adventurousness=ADVENTUROUSNESS, history=history)
            for who in asked.present
        ]
        request = Request(
            context=asked.moment, count=asked.count,
            bans=Bans(tuple(asked.left_out), tuple(asked.unwanted)),
        )  # fmt: skip
        with self._learning.model() if self._arm == LEARNING else nullcontext() as model:
            found = rank(
                self._catalog, request, listeners, now=asked.now,
                model=model if self._learning.outcomes else None,
                rng=np.random.default_rng(int(self._seed.integers(1 << 32))),
            )  # fmt: skip
        return [track.uri for track in found.tracks]

    def _hear(self, asked: Asked, row: int, *, skipped: bool) -> float:
        """Write down what became of a track; return for how many seconds it was heard."""
        seconds = float(self._catalog.column("duration_ms")[row]) / 1000
        heard = seconds * float(self._rng.uniform(0.02, 0.3)) if skipped else seconds
        kind = Kind.SKIPPED if skipped else Kind.FINISHED
        reward = reward_of(kind, heard, seconds)
        started = Interaction(
            happened=asked.now, kind=Kind.STARTED, uri=self._catalog.uri[row],
            artist=self._catalog.artist[row], duration=seconds, speaker=SPEAKER,
            speakers={SPEAKER: heard}, listeners=[PEOPLE[who] for who in asked.present],
            context=asked.moment.values,
        )  # fmt: skip
        ended = replace(
            started, happened=asked.now + heard, kind=kind, listened=heard, reward=reward.value,
            weight=reward.weight,
        )  # fmt: skip
        self._interactions.append([started, ended], asked.now)
        return heard


def lived(kind: str, seed: int, decided: float = 1.0) -> dict[str, list[Day]]:
    """Return a family's week in every arm."""
    family, catalog = Family.of(kind, decided, np.random.default_rng([seed, KINDS.index(kind), 5]))
    found = {}
    for arm in ARMS:
        with tempfile.TemporaryDirectory(prefix="rhythmiq-week-") as folder:
            store = Store(Path(folder) / "rhythmiq.db")
            store.open()
            try:
                tracks = TrackLibrary(store)
                tracks.import_file(_written(catalog, Path(folder) / "tracks.csv"), lambda _: None)
                found[arm] = Home(store, tracks, family, arm, first=3 * seed % 7).week()
            finally:
                store.close()
    return found


def _written(catalog: Catalog, path: Path) -> Path:
    """Write a catalog as a file to import; rows stay where they are."""
    whole = ("duration_ms", "release_year", "key", "mode", "popularity")
    columns = [
        (column.astype(int) if name in whole else column).tolist()
        for name in FEATURE_NAMES
        for column in [catalog.column(name)]
    ]
    lines = [",".join(("uri", "title", "artist", "genre", *FEATURE_NAMES))]
    for row, features in enumerate(zip(*columns, strict=True)):
        words = f"spotify:track:{row:022d}", catalog.title[row], catalog.artist[row]
        lines.append(",".join((*words, catalog.genres[row][0], *map(str, features))))
    path.write_text("\n".join(lines))
    return path


def rates(weeks: Sequence[dict[str, list[Day]]], arm: str) -> list[float]:
    """Return the share of skipped tracks per day, all families together."""
    return [
        sum(week[arm][day].skips for week in weeks) / sum(week[arm][day].plays for week in weeks)
        for day in range(DAYS)
    ]


def late(weeks: Sequence[dict[str, list[Day]]], arm: str) -> float:
    """Return the share of skipped tracks in the last two days."""
    days = [day for week in weeks for day in week[arm][LATE]]
    return sum(day.skips for day in days) / sum(day.plays for day in days)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table; write the figures and draw them if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--families", type=int, default=FAMILIES)
    parser.add_argument("--decided", type=float, default=1.0, metavar="N")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path, help="draw it there; needs matplotlib")
    options = parser.parse_args(arguments)
    weeks = []
    for number in range(options.families):
        weeks.append(lived(KINDS[number % len(KINDS)], number, options.decided))
        with_, without, best = (late(weeks[-1:], arm) for arm in ARMS)
        print(
            f"family {number} ({KINDS[number % len(KINDS)]}): skipped in the last two days"
            f" {with_:.3f} with learning, {without:.3f} without ({with_ / without - 1:+.0%}),"
            f" at best {best:.3f}",
            flush=True,
        )
    print(f"\n{'':22}" + "".join(f"{day:>7}" for day in range(1, DAYS + 1)) + "   last two")
    for arm in ARMS:
        days = "".join(f"{rate:7.3f}" for rate in rates(weeks, arm))
        print(f"{arm:22}{days}{late(weeks, arm):11.3f}")
    print(f"learning spares {1 - late(weeks, ARMS[0]) / late(weeks, ARMS[1]):.1%} of the skips")
    for arm in ARMS[:2]:
        lived_days = [day for week in weeks for day in week[arm]]
        hours = sum(day.seconds for day in lived_days) / HOUR
        most = max(day.reaims / day.seconds * HOUR for day in lived_days)
        print(
            f"{arm}: {sum(day.plays for day in lived_days)} plays in {hours:.0f} hours, chosen anew"
            f" {sum(day.reaims for day in lived_days) / hours:.2f} times an hour, on no day more"
            f" than {most:.2f}"
        )
    shares = {arm: [rates([week], arm) for week in weeks] for arm in ARMS}
    if options.json:
        options.json.write_text(json.dumps(shares, indent=1))
    if options.plot:
        from benchmarks.plots import draw_week  # noqa: PLC0415 - needs matplotlib

        draw_week(shares, options.plot)


if __name__ == "__main__":
    main()
