"""Recommending for the people who are at home."""

from collections.abc import Mapping
import json
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.engine.rewards import Kind
from custom_components.rhythmiq.interactions import Interaction, Interactions
from custom_components.rhythmiq.library import LIBRARY
from tests.household import SimulatedHousehold
from tests.people import add_listener

pytestmark = pytest.mark.usefixtures("household", "catalog")

KITCHEN = "media_player.kitchen_kitchen"


async def recommend(hass: HomeAssistant, **fields: Any) -> Mapping[str, Any]:
    response = await hass.services.async_call(
        DOMAIN,
        "recommend_playlist",
        {"entity_id": KITCHEN, "play": False, **fields},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    answers = response["recommendations"]
    assert isinstance(answers, list)
    (answer,) = answers
    assert isinstance(answer, dict)
    return answer


def reason_keys(answer: Mapping[str, Any]) -> set[str]:
    return {reason["key"] for track in answer["tracks"] for reason in track["reasons"]}


@pytest.fixture
async def ada(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigSubentry:
    hass.states.async_set("sensor.pulse", "137", {"unit_of_measurement": "bpm"})
    return await add_listener(hass, entry, "Ada", bindings={"heart_rate": "sensor.pulse"})


async def test_it_is_for_those_at_home(
    hass: HomeAssistant, entry: MockConfigEntry, ada: ConfigSubentry
) -> None:
    await add_listener(hass, entry, "Ben")
    assert (await recommend(hass))["listeners"] == ["Ada", "Ben"]
    hass.states.async_set("person.ada", "not_home")
    assert (await recommend(hass))["listeners"] == ["Ben"]
    hass.states.async_remove("person.ben")
    assert (await recommend(hass))["listeners"] == []


async def test_what_is_personal_counts_and_is_told_by_name_only(
    hass: HomeAssistant, ada: ConfigSubentry
) -> None:
    answer = await recommend(hass)
    assert "heart_rate" in reason_keys(answer)
    assert answer["personal"] == ["heart_rate"]
    assert "heart_rate" not in answer["context"]
    assert "137" not in json.dumps(answer["context"])
    stored = await hass.async_add_executor_job(
        hass.data[LIBRARY].store.recommendation, answer["id"]
    )
    assert stored is not None
    assert "heart_rate" not in stored.context
    for track in (*answer["tracks"], *stored.tracks):
        amounts = {reason["key"]: reason["amount"] for reason in track["reasons"]}
        assert abs(amounts["heart_rate"]) == 0.1
        assert sum(amounts.values()) == pytest.approx(track["score"], abs=1e-5)


async def test_another_pulse_changes_the_music_and_no_number_that_tells_it(
    hass: HomeAssistant, ada: ConfigSubentry
) -> None:
    told = []
    for pulse in ("120", "150"):
        hass.states.async_set("sensor.pulse", pulse, {"unit_of_measurement": "bpm"})
        answer = await recommend(hass)
        told.append(
            {
                reason["amount"]
                for track in answer["tracks"]
                for reason in track["reasons"]
                if reason["key"] == "heart_rate"
            }
        )
    assert told[0] | told[1] <= {-0.1, 0.1}


async def test_a_word_of_several_counts_if_they_agree(
    hass: HomeAssistant, entry: MockConfigEntry, ada: ConfigSubentry
) -> None:
    for name, state in (("ben", "on"), ("cem", "on"), ("dee", "off")):
        hass.states.async_set(f"calendar.{name}", state)
    hass.states.async_set("sensor.ben_pulse", "63", {"unit_of_measurement": "bpm"})
    ben = {"calendar": "calendar.ben", "heart_rate": "sensor.ben_pulse"}
    await add_listener(hass, entry, "Ben", bindings=ben)
    await add_listener(hass, entry, "Cem", bindings={"calendar": "calendar.cem"})
    rooms = entry.runtime_data.recommender.rooms
    assert rooms.personal(rooms.at_home()).values == {"heart_rate": 100, "calendar": "busy"}
    await add_listener(hass, entry, "Dee", bindings={"calendar": "calendar.dee"})
    assert rooms.personal(rooms.at_home()).values == {"heart_rate": 100}


async def test_what_is_revoked_is_not_read_again(
    hass: HomeAssistant, entry: MockConfigEntry, ada: ConfigSubentry
) -> None:
    rooms = entry.runtime_data.recommender.rooms
    assert rooms.personal(rooms.at_home()).values == {"heart_rate": 137}
    hass.config_entries.async_update_subentry(entry, ada, data={**ada.data, "bindings": {}})
    await hass.async_block_till_done()
    assert rooms.personal(rooms.at_home()).values == {}
    hass.config_entries.async_remove_subentry(entry, ada.subentry_id)
    await hass.async_block_till_done()
    assert rooms.listeners() == []
    assert (await recommend(hass))["personal"] == []


async def test_what_somebody_prefers_comes(hass: HomeAssistant, ada: ConfigSubentry) -> None:
    genres = {"listener": "person.ada", "kind": "genre"}
    for value, weight in (("ambient", 1), ("techno", -1)):
        await hass.services.async_call(
            DOMAIN,
            "create_preference",
            {**genres, "value": value, "weight": weight},
            blocking=True,
        )
    answer = await recommend(hass, count=20)
    assert "preferred_genre" in reason_keys(answer)
    library = hass.data[LIBRARY]
    tracks = await hass.async_add_executor_job(library.tracks.load)
    rows = [tracks.index_of(track["uri"]) for track in answer["tracks"]]
    chosen = [tracks.genres[row][0] for row in rows if row is not None]
    assert chosen.count("ambient") > 10
    assert chosen.count("techno") == 0


async def test_what_was_learned_counts(
    hass: HomeAssistant, entry: MockConfigEntry, ada: ConfigSubentry
) -> None:
    library = hass.data[LIBRARY]
    assert "learned" not in reason_keys(await recommend(hass))
    tracks = await hass.async_add_executor_job(library.tracks.load)
    rows = [
        Interaction(
            happened=1e9 + 300 * row,
            kind=Kind.FINISHED if tracks.genres[row] == ("techno",) else Kind.SKIPPED,
            uri=tracks.uri[row],
            artist=tracks.artist[row],
            reward=float(tracks.genres[row] == ("techno",)),
            weight=1.0,
            listeners=[ada.subentry_id],
        )
        for row in range(tracks.n_tracks)
    ]
    await hass.async_add_executor_job(Interactions(library.store).append, rows, 1e9)
    answer = await recommend(hass, count=20)
    assert "learned" in reason_keys(answer)
    found = [tracks.index_of(track["uri"]) for track in answer["tracks"]]
    assert [tracks.genres[row][0] for row in found if row is not None].count("techno") > 15

    await entry.runtime_data.recommender.record.flush()
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert await hass.config_entries.async_setup(entry.entry_id)
    known = await hass.async_add_executor_job(hass.data[LIBRARY].learning.learn)
    assert known.outcomes == tracks.n_tracks


async def test_noise_counts_without_the_rooms_own_music(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The living room has a microphone beside its speaker."""
    living_room = entry.runtime_data.recommender.rooms.of_speaker(household.uids[0])
    assert living_room is not None
    quiet = living_room.moment.read().values["noise_level"]
    assert quiet == pytest.approx(34)
    await household.user(1, "enqueue", uris=["spotify:track:6habFhsOp2NvshLv26DqMb"])
    await household.user(1, "play_queue", track=1)
    await household.wait_playing(1)
    await hass.async_block_till_done()
    for _ in range(50):
        if living_room.speaker is not None and living_room.speaker.state.state == "playing":
            break
        await household.wait_playing(1)
        await hass.async_block_till_done()
    attributes = {"device_class": "sound_pressure", "unit_of_measurement": "dB"}
    hass.states.async_set("sensor.noise", "70", attributes)
    await hass.async_block_till_done()
    assert living_room.moment.read().values["noise_level"] == pytest.approx(34, abs=0.5)
