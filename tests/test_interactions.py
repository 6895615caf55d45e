"""What happened is written down at once, with its moment, and only where rooms were set up."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
import json
import logging
from pathlib import Path
import sqlite3
from time import monotonic
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.rhythmiq import record as record_module
from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.engine.rewards import Kind
from custom_components.rhythmiq.interactions import _STANDING, Interaction, Interactions
from custom_components.rhythmiq.library import LIBRARY
from custom_components.rhythmiq.record import Record
from custom_components.rhythmiq.sonos import own_hand, plays, watcher as watcher_module
from custom_components.rhythmiq.store import Provenance, Store, StoreError
from tests.household import SimulatedHousehold
from tests.sonos.conftest import until

LIVING_ROOM = "media_player.living_room_living_room"
KITCHEN = "media_player.kitchen_kitchen"
OFFICE = "media_player.office_office"

type Row = dict[str, Any]


class Home:
    """A household, its clock, and what was written down of it."""

    def __init__(self, household: SimulatedHousehold, hass: HomeAssistant) -> None:
        self.household = household
        self.hass = hass
        self.ahead = 0.0

    async def advance(self, seconds: float) -> None:
        """Let time pass everywhere, once all that was asked is answered."""
        count = -1
        while (now := len(await self.household.calls())) != count:
            count = now
            await asyncio.sleep(0.1)
        self.ahead += seconds
        await self.household.clock(advance=seconds)

    async def wait(self, seconds: float) -> None:
        """Let time pass, and fire what waits for it."""
        await self.advance(seconds)
        async_fire_time_changed(self.hass, dt_util.utcnow() + timedelta(seconds=1))
        await asyncio.sleep(0)

    async def recommend(self, **fields: Any) -> Row:
        """Play a recommendation and return it."""
        response = await self.hass.services.async_call(
            DOMAIN, "recommend_playlist", fields, blocking=True, return_response=True
        )
        assert response is not None
        recommendation: Row = response["recommendations"][0]  # type: ignore[assignment,index]
        return recommendation

    def rows(self) -> list[Row]:
        """Return all rows, by id."""

        def read(connection: sqlite3.Connection) -> list[Row]:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("SELECT * FROM interactions")]

        rows = self.hass.data[LIBRARY].store.read(read)
        for row in rows:
            for column in ("speakers", "listeners", "context"):
                row[column] = json.loads(row[column])
        return rows

    async def until(self, *kinds: str) -> list[Row]:
        """Wait until rows of these kinds are there, and no others."""
        try:
            await until(lambda: len(self.rows()) >= len(kinds))
        finally:
            rows = self.rows()
            assert [row["kind"] for row in rows] == list(kinds)
        return rows


@pytest.fixture
def home(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> Home:
    """Return the home with its two rooms, on a clock that can jump."""
    home = Home(household, hass)
    utcnow = dt_util.utcnow
    monkeypatch.setattr(dt_util, "utcnow", lambda: utcnow() + timedelta(seconds=home.ahead))
    for module in (watcher_module, own_hand):
        monkeypatch.setattr(module, "monotonic", lambda: monotonic() + home.ahead)
    return home


async def name_tracks(home: Home, recommendation: Row) -> None:
    """Let the player know the tracks as the catalog does, 200 s each."""
    await home.household.catalog(
        tracks={
            track["uri"]: {"title": track["title"], "artist": track["artist"], "duration": 200}
            for track in recommendation["tracks"]
        }
    )


async def play_recommendation(home: Home, **fields: Any) -> Row:
    """Play a recommendation whose tracks the player knows."""
    given = {"entity_id": LIVING_ROOM, "count": 6} | fields
    await home.household.catalog(
        tracks={f"spotify:track:{number:022d}": {"duration": 200} for number in range(300)}
    )
    recommendation = await home.recommend(**given)
    if given.get("play", True):
        await home.household.wait_playing(1)
    return recommendation


@pytest.mark.usefixtures("catalog")
async def test_an_evening_is_written_down(home: Home, entry: MockConfigEntry) -> None:
    recommendation = await play_recommendation(home)
    uris = [track["uri"] for track in recommendation["tracks"]]
    await home.until("started")
    await home.advance(200)
    await home.until("started", "finished", "started")
    await home.advance(20)
    await home.household.user(1, "next")
    rows = await home.until("started", "finished", "started", "skipped", "started")

    assert [row["id"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["uri"] for row in rows] == [uris[0], uris[0], uris[1], uris[1], uris[2]]
    assert {row["recommendation"] for row in rows} == {recommendation["id"]}
    assert [row["position"] for row in rows] == [0, 0, 1, 1, 2]
    assert [(row["reward"], row["weight"]) for row in rows] == [
        (None, 0),
        (1, 1),
        (None, 0),
        (0, 1),
        (None, 0),
    ]
    _, finished, _, skipped, _ = rows
    assert finished["listened"] == pytest.approx(200, abs=1)
    assert skipped["listened"] == pytest.approx(20, abs=1)
    assert finished["duration"] == 200
    assert finished["title"]
    assert finished["artist"]
    assert rows[0]["context"].keys() == {"noise_level", "time_of_day"}
    assert rows[0]["context"]["noise_level"] == 34
    assert skipped["context"].keys() == {"noise_level", "time_of_day"}
    uid = home.household.uids[0]
    (room, _) = entry.get_subentries_of_type("room")
    assert (finished["speaker"], finished["room"]) == (uid, room.subentry_id)
    assert finished["speakers"] == {uid: pytest.approx(200, abs=1)}
    assert finished["listeners"] == []
    assert finished["source"] == Provenance.PLAYER
    assert finished["happened"] <= finished["created"]


@pytest.mark.usefixtures("catalog")
async def test_what_comes_for_a_refused_track_belongs_to_the_recommendation(home: Home) -> None:
    await home.household.fault("error", code=800, action="AddURIToQueue", count=2)
    recommendation = await play_recommendation(home)
    await home.until("started")
    await home.household.wait_until(lambda now: len(now["queue"]["items"]) == 6, speaker=1)
    await home.advance(20)
    await home.household.user(1, "next")
    *_, replacement = await home.until("started", "skipped", "started")
    assert replacement["uri"] not in {track["uri"] for track in recommendation["tracks"]}
    assert (replacement["recommendation"], replacement["position"]) == (recommendation["id"], 6)


@pytest.mark.usefixtures("catalog")
async def test_a_recommendation_played_again_is_given_anew(home: Home) -> None:
    """Later, or elsewhere: what happens then belongs to that."""
    recommendation = await play_recommendation(home, play=False)
    home.ahead += 2 * record_module.BELONGS_SECONDS
    await home.hass.services.async_call(
        "media_player",
        "play_media",
        {
            "entity_id": KITCHEN,
            "media_content_type": "playlist",
            "media_content_id": f"rhythmiq:recommendation/{recommendation['id']}",
        },
        blocking=True,
    )
    (started,) = await home.until("started")
    assert started["position"] == 0
    again = home.hass.data[LIBRARY].store.recommendation(started["recommendation"])
    assert again is not None
    assert again.id != recommendation["id"]
    assert again.speakers == (home.household.uids[1],)


@pytest.mark.usefixtures("catalog")
async def test_only_rooms_that_were_set_up(home: Home) -> None:
    await play_recommendation(home)
    await home.until("started")
    await home.household.user(3, "enqueue", uris=[f"spotify:track:{7:022d}"])
    await home.household.user(3, "play_queue")
    await home.household.wait_playing(3)
    await home.household.user(3, "join", to="1")
    office = home.household.uids[2]
    speakers = home.hass.config_entries.async_entries(DOMAIN)[0].runtime_data.household.speakers
    await until(lambda: speakers[office].coordinator is not speakers[office])
    await home.household.user(3, "volume", volume=40)
    await until(lambda: speakers[office].state.volume == 0.4)
    await home.wait(30)
    await home.household.user(1, "next")
    rows = await home.until("started", "skipped", "started")
    assert all(row["speakers"].keys() == {home.household.uids[0]} for row in rows)


@pytest.mark.usefixtures("catalog")
async def test_a_room_in_a_strangers_group(home: Home, entry: MockConfigEntry) -> None:
    await home.household.topology([["3", "2"]])
    kitchen = entry.runtime_data.household.speakers[home.household.uids[1]]
    await until(lambda: kitchen.coordinator is not kitchen)
    await home.household.user(3, "enqueue", uris=[f"spotify:track:{7:022d}"])
    await home.household.user(3, "play_queue")
    (row,) = await home.until("started")
    (_, room) = entry.get_subentries_of_type("room")
    assert (row["speaker"], row["room"]) == (kitchen.uid, room.subentry_id)
    assert row["speakers"].keys() == {kitchen.uid}
    assert row["uri"] == f"spotify:track:{7:022d}"
    assert row["recommendation"] is None
    assert row["context"] == {}  # nothing is switched on there


@pytest.mark.usefixtures("catalog")
async def test_what_is_told_late_has_its_own_moment(home: Home) -> None:
    await play_recommendation(home)
    await home.until("started")
    await home.advance(30)
    await home.household.user(1, "pause")
    speaker = home.hass.states.get
    await until(lambda: (state := speaker(LIVING_ROOM)) is not None and state.state == "paused")
    home.hass.states.async_set(
        "sensor.noise", "70", {"device_class": "sound_pressure", "unit_of_measurement": "dB"}
    )
    await home.wait(plays.PAUSE_SECONDS)
    started, paused = await home.until("started", "paused")
    assert paused["context"] == started["context"]
    assert paused["happened"] - started["happened"] == pytest.approx(30, abs=2)


@pytest.mark.usefixtures("catalog")
async def test_a_restart_finds_what_plays(home: Home, entry: MockConfigEntry) -> None:
    recommendation = await play_recommendation(home)
    await home.until("started")
    await home.advance(120)
    assert await home.hass.config_entries.async_unload(entry.entry_id)
    await home.advance(30)
    assert await home.hass.config_entries.async_setup(entry.entry_id)
    speakers = entry.runtime_data.household.speakers
    uid = home.household.uids[0]
    await until(lambda: speakers[uid].state.position is not None)
    await home.advance(50)
    rows = await home.until("started", "finished", "started")
    assert rows[1]["listened"] == pytest.approx(200, abs=3)
    assert {row["recommendation"] for row in rows} == {recommendation["id"]}


@pytest.mark.usefixtures("catalog")
async def test_what_waits_is_stored_when_home_assistant_stops(home: Home) -> None:
    await play_recommendation(home)
    await home.until("started")
    await home.advance(20)
    await home.household.user(1, "stop")
    state = home.hass.states.get
    await until(lambda: (now := state(LIVING_ROOM)) is not None and now.state == "paused")
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await home.until("started", "stopped")


@pytest.mark.usefixtures("catalog")
async def test_the_same_list_does_not_come_twice(home: Home) -> None:
    first = await play_recommendation(home, count=5)
    kinds = ["started"]
    await home.until(*kinds)
    for _ in range(4):
        await home.advance(200)
        kinds += ["finished", "started"]
        await home.until(*kinds)
    second = await home.recommend(entity_id=LIVING_ROOM, count=5, play=False)
    one, other = [{track["uri"] for track in each["tracks"]} for each in (first, second)]
    assert not one & other
    elsewhere = await home.recommend(entity_id=KITCHEN, count=5, play=False)
    keys = {reason["key"] for track in elsewhere["tracks"] for reason in track["reasons"]}
    assert keys.isdisjoint({"fatigue", "novelty"})


# -- the rows themselves ------------------------------------------------------------------------


@pytest.fixture
def interactions(tmp_path: Path) -> Iterator[Interactions]:
    store = Store(tmp_path / "rhythmiq.db")
    store.open()
    yield Interactions(store)
    store.close()


def outcome(number: int, kind: Kind = Kind.FINISHED, **more: Any) -> Interaction:
    fields: dict[str, Any] = {
        "happened": 1000.0 + number,
        "kind": kind,
        "uri": f"spotify:track:{number}",
        "artist": "Artist",
        "listened": 200.0,
        "duration": 200.0,
        "reward": 1.0,
        "weight": 1.0,
        "speakers": {"A": 200.0},
        "context": {"noise_level": 34.0, "weather": "rainy"},
    }
    return Interaction(**fields | more)


def test_rows_are_read_in_blocks(interactions: Interactions) -> None:
    ids = interactions.append([outcome(number) for number in range(10)], 2000)
    assert ids == list(range(1, 11))
    interactions.append([outcome(10, Kind.STARTED, reward=None, weight=0.0, listened=None)], 2001)
    blocks = list(interactions.blocks(rows=4))
    assert [len(block.id) for block in blocks] == [4, 4, 3]
    assert np.concatenate([block.id for block in blocks]).tolist() == list(range(1, 12))
    last = blocks[-1]
    assert last.happened.tolist() == [1008, 1009, 1010]
    assert last.reward[:2].tolist() == [1, 1]
    assert np.isnan(last.reward[2])
    assert np.isnan(last.listened[2])
    assert last.kind == [Kind.FINISHED, Kind.FINISHED, Kind.STARTED]
    assert last.uri[0] == "spotify:track:8"
    assert last.artist[0] == "Artist"
    assert last.context[0] == {"noise_level": 34.0, "weather": "rainy"}
    assert last.listeners[0] == []
    (rest,) = interactions.blocks(after=9)
    assert rest.id.tolist() == [10, 11]
    assert list(interactions.blocks(after=11)) == []
    assert interactions.counts() == {"finished": 10, "started": 1}


def test_a_row_is_taken_back_by_another(interactions: Interactions) -> None:
    first, second = interactions.append([outcome(1), outcome(2)], 2000)
    back = Interaction(happened=3000, kind=Kind.RETRACTED, retracts=first, source=Provenance.USER)
    (third,) = interactions.append([back], 3000)
    (block,) = interactions.blocks()
    assert block.id.tolist() == [second]
    assert third == 3
    with pytest.raises(StoreError, match="UNIQUE"):
        interactions.append([back], 3000)
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        interactions.append([outcome(3), outcome(4, retracts=99)], 3000)
    assert interactions.counts() == {"finished": 2, "retracted": 1}


def test_rows_are_never_changed_and_ids_never_given_twice(interactions: Interactions) -> None:
    interactions.append([outcome(1), outcome(2)], 2000)
    store = interactions._store
    with pytest.raises(StoreError, match="never changed"):
        store.write(lambda connection: connection.execute("UPDATE interactions SET reward = 0"))
    store.write(lambda connection: connection.execute("DELETE FROM interactions"))
    assert interactions.append([outcome(3)], 2000) == [3]


def test_reading_goes_by_indexes(interactions: Interactions) -> None:
    plans = interactions._store.read(
        lambda connection: [
            row[3]
            for clause in (
                f"id > 5 AND {_STANDING} ORDER BY id",
                f"happened >= 5 AND {_STANDING} ORDER BY happened",
            )
            for row in connection.execute(
                f"EXPLAIN QUERY PLAN SELECT * FROM interactions WHERE {clause}"
            )
        ]
    )
    reading = [plan for plan in plans if plan.startswith(("SEARCH", "SCAN"))]
    assert "INTEGER PRIMARY KEY" in reading[0]
    assert "INDEX interactions_retracts" in reading[1]
    assert "INDEX interactions_happened" in reading[2]
    assert "INDEX interactions_retracts" in reading[3]
    assert len(reading) == 4


def test_plays_without_an_end(interactions: Interactions) -> None:
    interactions.append(
        [
            outcome(1, Kind.STARTED),
            outcome(1, Kind.FINISHED),
            outcome(2, Kind.STARTED, speakers={"A": 0.0, "B": 0.0}),
            outcome(2, Kind.VOLUME),
        ],
        2000,
    )
    (play,) = interactions.unfinished(0)
    assert play.uri == "spotify:track:2"
    assert play.happened == 1002
    assert play.speakers == {"A", "B"}
    assert interactions.unfinished(1003) == []


def test_history(interactions: Interactions) -> None:
    interactions.append(
        [
            outcome(1, Kind.STARTED),
            outcome(1, Kind.FINISHED),
            outcome(2, Kind.STARTED),
            outcome(2, Kind.SKIPPED),
            outcome(3, Kind.STARTED, speakers={"B": 0.0}),
            outcome(3, Kind.FINISHED, speakers={"B": 200.0}),
            outcome(4, Kind.STARTED),
            outcome(4, Kind.STOPPED),
            outcome(5, Kind.STARTED, artist=None),
        ],
        2000,
    )
    heard = interactions.heard(["A"], 0)
    assert [(play.uri[-1], play.completed) for play in heard] == [
        ("1", True),
        ("2", False),
        ("4", None),
        ("5", None),
    ]
    assert [play.artist for play in heard] == ["Artist", "Artist", "Artist", ""]
    assert [play.when for play in heard] == [1001, 1002, 1004, 1005]
    assert [play.uri[-1] for play in interactions.heard({"B", "C"}, 0)] == ["3"]
    assert interactions.heard(["A"], 1005.5) == ()


# -- while the disk is full ---------------------------------------------------------------------


@pytest.fixture
def record(hass: HomeAssistant, entry: MockConfigEntry) -> Record:
    """Return the record of the loaded household."""
    record: Record = entry.runtime_data.recommender.record
    return record


def limit_pages(hass: HomeAssistant, more: int | None) -> None:
    """Let the database grow by so many pages only, or again without limit."""

    def limit(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        limit = 1_073_741_823 if more is None else pages + more
        connection.execute(f"PRAGMA max_page_count = {limit}")

    hass.data[LIBRARY].store.write(limit)


async def test_a_full_disk(
    hass: HomeAssistant, record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "custom_components.rhythmiq.record")
    await hass.async_add_executor_job(limit_pages, hass, 2)
    long = "x" * 1000
    for number in range(400):
        record.add(outcome(number, title=long))
        if number % 100 == 0:
            await record.flush()
    await record.flush()
    stored = record.interactions.counts().get("finished", 0)
    assert record.waiting > 0
    assert stored + record.waiting == 400
    warnings = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "full" in warnings[0].message

    await hass.async_add_executor_job(limit_pages, hass, None)
    async_fire_time_changed(
        hass, dt_util.utcnow() + timedelta(seconds=record_module.RETRY_SECONDS + 1)
    )
    await until(lambda: record.waiting == 0)
    await record.flush()
    assert record.interactions.counts() == {"finished": 400}
    (block,) = record.interactions.blocks()
    assert block.happened.tolist() == [1000.0 + number for number in range(400)]
    assert "stored again; 0 rows were lost" in caplog.text


async def test_memory_is_bounded(
    hass: HomeAssistant,
    record: Record,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(record_module, "WAITING_ROWS", 20)
    await hass.async_add_executor_job(limit_pages, hass, 0)
    for number in range(30):
        record.add(outcome(number, title="x" * 5000))
    await record.flush()
    assert record.waiting == 20
    await hass.async_add_executor_job(limit_pages, hass, None)
    caplog.set_level(logging.INFO, "custom_components.rhythmiq.record")
    await record.flush()
    assert "10 rows were lost" in caplog.text
    (block,) = record.interactions.blocks()
    assert block.uri[0] == "spotify:track:10"


async def test_what_cannot_be_stored_in_the_end_is_said(
    hass: HomeAssistant, record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    await hass.async_add_executor_job(limit_pages, hass, 0)
    record.add(outcome(1, title="x" * 20_000))
    await record.stop()
    assert "1 rows of what happened are lost" in caplog.text
    await hass.async_add_executor_job(limit_pages, hass, None)


async def test_what_is_about_no_track(record: Record) -> None:
    record.add(Interaction(happened=1000.0, kind=Kind.RATED, reward=1.0, weight=3.0))
    await record.flush()
    (block,) = record.interactions.blocks()
    assert block.uri == [None]
