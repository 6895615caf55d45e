"""Somebody who writes until the process is killed: ratings, listens and imports, all at once."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
import itertools
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
import time
from types import MappingProxyType
from typing import Final, NoReturn

from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.engine.rewards import Kind, reward_of
from custom_components.rhythmiq.interactions import Interaction
from custom_components.rhythmiq.library import Library, async_acquire_library
from custom_components.rhythmiq.people import KnownListener
from custom_components.rhythmiq.rating import NothingRatedError, Rated, Ratings
from custom_components.rhythmiq.record import Record
from custom_components.rhythmiq.rooms import Rooms
from custom_components.rhythmiq.sonos.household import Household

PEOPLE: Final = ("01SOAKADA", "01SOAKBEN")
TRACKS: Final = 240
NEW_TRACKS: Final = 20
_SPEAKER: Final = "RINCON_SOAK01400"
_SECONDS: Final = 200.0


@dataclass(frozen=True, slots=True)
class Told:
    """What is told to the one who kills: what begins, and what is acknowledged.

    `kept` are rows as (mark, kind, reward), `tracks` an import's uris, `recommendation` is an id.
    """

    what: str
    done: bool = False
    marks: tuple[str, ...] = ()
    kept: tuple[tuple[str, str, float | None], ...] = ()
    tracks: tuple[str, ...] = ()
    recommendation: str | None = None


@dataclass(frozen=True, slots=True)
class Writer:
    """A home without rooms, whose people never rest."""

    hass: HomeAssistant
    library: Library
    record: Record
    ratings: Ratings
    people: Sequence[KnownListener]
    run: str
    tell: Callable[[Told], None]
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @classmethod
    async def open(cls, folder: Path, run: str, tell: Callable[[Told], None]) -> Writer:
        """Open the database in a folder; `run` is a word that no other run has."""
        tell(Told("opening"))
        hass = HomeAssistant(str(folder))
        library = await async_acquire_library(hass)
        record = Record(hass, library)
        entry: ConfigEntry = ConfigEntry(
            domain=DOMAIN, title="Home", unique_id="soak", source=SOURCE_USER, version=1,
            minor_version=1, data={}, options={}, subentries_data=(),
            discovery_keys=MappingProxyType({}),
        )  # fmt: skip
        rooms = Rooms(hass, entry, Household(hass, "soak", ()), lambda _: {})
        people = [
            KnownListener(
                hass,
                ConfigSubentry(
                    data=MappingProxyType({}), subentry_type="listener", title=name,
                    unique_id=name, subentry_id=name,
                ),
            )
            for name in PEOPLE
        ]  # fmt: skip
        ratings = Ratings(hass, record, rooms, library.tracks)
        tell(Told("opening", done=True))
        return cls(hass, library, record, ratings, people, run, tell)

    async def write(self) -> None:
        """Write for ever."""
        await asyncio.gather(self._rate(), self._listen(), self._import())

    def _chance(self, who: str) -> Random:
        return Random(f"{self.run}:{who}")

    def _mark(self) -> str:
        return f"{self.run}:{next(self._numbers)}"

    async def _rate(self) -> NoReturn:
        chance = self._chance("rate")
        while True:
            mark, stars = self._mark(), chance.randint(1, 5)
            who = chance.sample(self.people, chance.randint(1, 2))
            track = chance.randrange(30)  # few, so that ratings are changed
            what = Rated(uri=uri(track), title=mark, artist=f"Artist {track % 7}")
            self.tell(Told("rating", marks=(mark,)))
            kept: list[tuple[str, str, float | None]]
            if chance.random() < 0.2:
                try:
                    await self.ratings.take_back(what, who)
                    kept = [(mark, Kind.RETRACTED.value, None)]
                except NothingRatedError:
                    kept = []
            else:
                await self.ratings.rate(what, stars, who)
                kept = [(mark, Kind.RATED.value, (stars - 1) / 4)]
            self.tell(Told("rating", done=True, kept=tuple(kept)))

    async def _listen(self) -> NoReturn:
        chance = self._chance("listen")
        for number in itertools.count():
            if number % 10 == 0:
                await self._recommend(chance)
            track, heard = chance.randrange(TRACKS), chance.uniform(1, _SECONDS)
            kind = chance.choice((Kind.FINISHED, Kind.SKIPPED, Kind.LEFT_LATE))
            reward = reward_of(kind, heard, _SECONDS)
            for each, value, weight in (
                (Kind.STARTED, None, 0.0),
                (kind, reward.value, reward.weight),
            ):
                mark = self._mark()
                row = Interaction(
                    happened=time.time(), kind=each, uri=uri(track), title=mark,
                    artist=f"Artist {track % 7}", listened=heard, duration=_SECONDS, reward=value,
                    weight=weight, speaker=_SPEAKER, speakers={_SPEAKER: heard},
                    listeners=[self.people[track % 2].id],
                    context={"noise_level": chance.uniform(20, 80), "weather": "sunny"},
                )  # fmt: skip
                self.tell(Told("listen", marks=(mark,)))
                self.record.add(row)
                await self.record.flush()
                self.tell(Told("listen", done=True, kept=((mark, each.value, value),)))
        raise AssertionError("unreachable")

    async def _recommend(self, chance: Random) -> None:
        key = self._mark()
        tracks = [{"uri": uri(track)} for track in chance.sample(range(TRACKS), 25)]

        def save() -> None:
            self.library.store.save_recommendation(
                key, time.time(), "local", {}, tracks, speakers=[_SPEAKER]
            )

        self.tell(Told("recommendation"))
        await self.hass.async_add_executor_job(save)
        self.tell(Told("recommendation", done=True, recommendation=key))

    async def _import(self) -> NoReturn:
        chance = self._chance("import")
        path = Path(self.hass.config.path("tracks.csv"))
        while True:
            named = self._mark().replace(":", "")
            new = tuple(f"{uri(number)}{named}"[-22:] for number in range(NEW_TRACKS))
            tracks = tuple(f"spotify:track:{name}" for name in new)
            lines = _lines([*map(uri, range(TRACKS)), *tracks], chance)
            self.tell(Told("import", tracks=tracks))
            await self.hass.async_add_executor_job(path.write_text, lines)
            report = await self.hass.async_add_executor_job(
                self.library.tracks.import_file, path, lambda _: None
            )
            assert report.read == TRACKS + NEW_TRACKS, report
            self.tell(Told("import", done=True, tracks=tracks))
            await asyncio.sleep(chance.uniform(0, 0.3))


def _lines(uris: Sequence[str], chance: Random) -> str:
    """Return a file of these tracks; what they sound like is another thing each time."""
    lines = ["uri,title,artist,energy,tempo,genre"]
    lines += [
        f"{each},Song {each[-22:]},Artist {number % 7},{chance.random():.3f},{80 + number % 90},pop"
        for number, each in enumerate(uris)
    ]
    return "\n".join(lines)


def uri(track: int) -> str:
    """Return the uri of a track that is in every import."""
    return f"spotify:track:{track:022d}"


def write(folder: Path, run: str, told: Connection) -> None:
    """Write until the process is killed."""

    async def live() -> None:
        writer = await Writer.open(folder, run, told.send)
        await writer.write()

    asyncio.run(live())
