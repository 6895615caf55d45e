"""The action `rhythmiq.recommend_playlist`, from the call to the queue of the speaker."""

import asyncio
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.library import LIBRARY
from tests.household import SimulatedHousehold

pytestmark = pytest.mark.usefixtures("catalog")

LIVING_ROOM = "media_player.living_room_living_room"
KITCHEN = "media_player.kitchen_kitchen"
BUTTON = "button.living_room_play_for_now"
OFFICE = "media_player.office_office"


async def recommend(hass: HomeAssistant, **fields: Any) -> list[dict[str, Any]]:
    """Call the action and return its recommendations."""
    response = await hass.services.async_call(
        DOMAIN, "recommend_playlist", fields, blocking=True, return_response=True
    )
    assert response is not None
    recommendations: list[dict[str, Any]] = response["recommendations"]  # type: ignore[assignment]
    return recommendations


def is_playing(hass: HomeAssistant, entity_id: str) -> bool:
    """Tell whether Home Assistant knows that the player plays."""
    state = hass.states.get(entity_id)
    return state is not None and state.state == "playing"


def track_ids(uris: list[str]) -> list[str]:
    """Return the Spotify ids, however the player writes the uris."""
    return [uri.replace("%3a", ":").rpartition("track:")[2].partition("?")[0] for uri in uris]


async def test_the_queue_holds_the_answer_and_plays(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    (answer,) = await recommend(hass, entity_id=LIVING_ROOM, count=12)
    state = await household.wait_until(lambda state: len(state["queue"]["items"]) == 12, speaker=1)
    assert track_ids([item["uri"] for item in state["queue"]["items"]]) == track_ids(
        [track["uri"] for track in answer["tracks"]]
    )
    await household.wait_playing(1)
    assert answer["entity_ids"] == [LIVING_ROOM]
    assert answer["engine"] == "local"
    assert answer["context"]["noise_level"] == 34
    assert 0 <= answer["context"]["time_of_day"] < 24


async def test_reasons_add_up_and_speak(hass: HomeAssistant) -> None:
    (answer,) = await recommend(hass, entity_id=LIVING_ROOM, count=5, mood="calm", play=False)
    for track in answer["tracks"]:
        amounts = [reason["amount"] for reason in track["reasons"]]
        assert sum(amounts) == pytest.approx(track["score"], abs=1e-6)
        by_key = {reason["key"]: reason for reason in track["reasons"]}
        assert {"mood", "noise_level", "time_of_day"} <= by_key.keys()
        assert by_key["mood"]["text"].startswith("Mood")


async def test_the_moment_changes_the_music(hass: HomeAssistant) -> None:
    quiet, loud = [
        (await recommend(hass, play=False, count=20, context=context))[0]["tracks"]
        for context in (
            {"time_of_day": "22:30", "noise_level": 30, "illuminance": 10},
            {"time_of_day": 15.5, "noise_level": 75, "day_type": "weekend", "occupancy": 6},
        )
    ]
    shared = {track["uri"] for track in quiet} & {track["uri"] for track in loud}
    assert len(shared) < 5


async def test_context_overrides_the_sensor(hass: HomeAssistant) -> None:
    (answer,) = await recommend(
        hass, entity_id=LIVING_ROOM, play=False, context={"noise_level": 80}
    )
    assert answer["context"]["noise_level"] == 80


async def test_fields_restrict_and_aim(hass: HomeAssistant) -> None:
    (answer,) = await recommend(
        hass,
        play=False,
        duration={"minutes": 30},
        genres="jazz",
        tempo={"min": 80, "max": 120},
        key="A minor",
        features={"valence": 0.9},
        seed_tracks=[f"{1:022d}"],  # as people paste ids
    )
    assert sum(track["duration"] for track in answer["tracks"]) == pytest.approx(1800, abs=130)
    assert {"key", "features", "seeds"} <= {
        reason["key"] for reason in answer["tracks"][0]["reasons"]
    }
    (by_artist,) = await recommend(hass, play=False, count=3, artists="Invented Artist 7")
    assert {track["artist"] for track in by_artist["tracks"]} == {"Invented Artist 7"}


@pytest.mark.parametrize(
    ("enqueue", "before", "after", "position"),
    [("replace", 0, 0, 1), ("play", 1, 1, 2), ("next", 1, 1, 1), ("add", 2, 0, 1)],
)
async def test_enqueue(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    enqueue: str,
    before: int,
    after: int,
    position: int,
) -> None:
    """What was queued by hand stays unless it is to be replaced."""
    own = [f"spotify:track:own{number:019d}" for number in (1, 2)]
    await household.user(1, "enqueue", uris=own)
    await household.user(1, "play_queue", track=1)
    await household.wait_until(lambda _: is_playing(hass, LIVING_ROOM))
    (answer,) = await recommend(hass, entity_id=LIVING_ROOM, count=3, enqueue=enqueue)
    expected = track_ids(
        [*own[:before], *(track["uri"] for track in answer["tracks"]), *own[2 - after :][:after]]
    )
    state = await household.wait_until(
        lambda state: (
            track_ids([item["uri"] for item in state["queue"]["items"]]) == expected
            and state["transport"]["state"] == "PLAYING"
        ),
        speaker=1,
    )
    assert state["transport"]["track_number"] == position


async def test_each_group_gets_one_answer(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    first, second = await recommend(hass, entity_id=[LIVING_ROOM, KITCHEN], count=2)
    assert {*first["entity_ids"], *second["entity_ids"]} == {LIVING_ROOM, KITCHEN}
    await household.topology([["1", "2"], ["3"]])
    entry = hass.config_entries.async_loaded_entries(DOMAIN)[0]
    speakers = entry.runtime_data.household.speakers
    await household.wait_until(
        lambda _: speakers[household.uids[1]].coordinator.uid == household.uids[0]
    )
    (together,) = await recommend(hass, entity_id=[LIVING_ROOM, KITCHEN], count=2)
    assert sorted(together["entity_ids"]) == [KITCHEN, LIVING_ROOM]
    assert "noise_level" in together["context"]


async def test_areas_stand_for_their_players(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    area = ar.async_get(hass).async_create("Den")
    for entity_id in (LIVING_ROOM, BUTTON):
        entity = er.async_get(hass).async_get(entity_id)
        assert entity is not None
        assert entity.device_id is not None
        dr.async_get(hass).async_update_device(entity.device_id, area_id=area.id)
    (answer,) = await recommend(hass, area_id=area.id, count=2)
    assert answer["entity_ids"] == [LIVING_ROOM]


async def test_first_music_takes_at_most_five_calls(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await household.clear_calls()
    await recommend(hass, entity_id=LIVING_ROOM, count=40)
    await household.wait_playing(1)
    calls = [call["action"] for call in await household.calls()]
    assert calls.index("Play") < 5


async def test_a_new_request_cancels_the_rest(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await household.settings(per_track_ms=60)
    await recommend(hass, entity_id=LIVING_ROOM, count=60)
    (answer,) = await recommend(hass, entity_id=LIVING_ROOM, count=2)
    asked = track_ids([track["uri"] for track in answer["tracks"]])
    await household.wait_until(
        lambda state: track_ids([item["uri"] for item in state["queue"]["items"]]) == asked,
        speaker=1,
    )
    await household.clear_calls()
    await asyncio.sleep(0.3)
    assert "AVTransport.AddURIToQueue" not in await household.call_counts()


async def test_each_recommendation_is_remembered(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    (answer,) = await recommend(hass, play=False, count=3)
    stored = await hass.async_add_executor_job(
        hass.data[LIBRARY].store.recommendation, answer["id"]
    )
    assert stored is not None
    assert [track["uri"] for track in stored.tracks] == [track["uri"] for track in answer["tracks"]]


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "no_target"),
        ({"entity_id": "media_player.nowhere"}, "unknown_player"),
        ({"entity_id": BUTTON}, "unknown_player"),
        ({"area_id": "attic"}, "no_player"),
        ({"entity_id": OFFICE}, "no_room"),
        ({"entity_id": LIVING_ROOM, "count": 0}, "count_out_of_range"),
        ({"entity_id": LIVING_ROOM, "count": 10_000}, "count_out_of_range"),
        ({"entity_id": LIVING_ROOM, "count": "many"}, "not_a_number"),
        ({"entity_id": LIVING_ROOM, "count": float("nan")}, "not_a_number"),
        ({"entity_id": LIVING_ROOM, "duration": 1}, "duration_out_of_range"),
        ({"entity_id": LIVING_ROOM, "duration": "soon"}, "duration_invalid"),
        ({"entity_id": LIVING_ROOM, "duration": 1e15}, "duration_invalid"),
        ({"entity_id": LIVING_ROOM, "count": 10**400}, "not_a_number"),
        ({"entity_id": LIVING_ROOM, "mood": "purple"}, "unknown_mood"),
        ({"entity_id": LIVING_ROOM, "genres": ["polka-metal"]}, "unknown_genre"),
        ({"entity_id": LIVING_ROOM, "artists": ["Nobody"]}, "unknown_artist"),
        ({"entity_id": LIVING_ROOM, "tempo": 120}, "tempo_shape_invalid"),
        ({"entity_id": LIVING_ROOM, "tempo": [140, 90]}, "tempo_range_invalid"),
        ({"entity_id": LIVING_ROOM, "tempo": ["slow", 90]}, "not_a_number"),
        ({"entity_id": LIVING_ROOM, "key": "H sharp"}, "key_invalid"),
        ({"entity_id": LIVING_ROOM, "features": {"sparkle": 1}}, "unknown_feature"),
        ({"entity_id": LIVING_ROOM, "features": {"energy": 7}}, "feature_out_of_range"),
        ({"entity_id": LIVING_ROOM, "seed_tracks": ["spotify:track:none"]}, "unknown_seed_track"),
        ({"entity_id": LIVING_ROOM, "context": {"noise_level": 900}}, "variable_out_of_range"),
        ({"entity_id": LIVING_ROOM, "context": {"noise_level": "x"}}, "variable_not_a_number"),
        ({"entity_id": LIVING_ROOM, "context": {"weather": "frogs"}}, "variable_not_an_option"),
        ({"entity_id": LIVING_ROOM, "context": {"aura": 1}}, "unknown_variable"),
        ({"entity_id": LIVING_ROOM, "enqueue": "sideways"}, "unknown_option"),
        ({"entity_id": LIVING_ROOM, "engine": "steam"}, "unknown_option"),
        ({"entity_id": [KITCHEN, OFFICE]}, "no_room"),
    ],
)
async def test_bad_input_names_the_fix_and_plays_nothing(
    household: SimulatedHousehold, hass: HomeAssistant, fields: dict[str, Any], key: str
) -> None:
    await household.clear_calls()
    with pytest.raises(ServiceValidationError) as refused:
        await recommend(hass, **fields)
    assert refused.value.translation_key == key
    assert str(refused.value) != key, "the sentence is missing"
    assert "{" not in str(refused.value)
    assert await household.calls() == []


async def test_a_speaker_that_is_off(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    await household.offline(1)
    with pytest.raises(HomeAssistantError) as failed:
        await recommend(hass, entity_id=[LIVING_ROOM, KITCHEN], count=3)
    assert failed.value.translation_key == "speaker_unreachable"
    assert "Living Room" in str(failed.value)
    assert await household.queue_uris(2) == []


async def test_a_member_that_is_off_does_not_make_its_group_play(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await household.topology([["1", "2"], ["3"]])
    entry = hass.config_entries.async_loaded_entries(DOMAIN)[0]
    kitchen = entry.runtime_data.household.speakers[household.uids[1]]
    await household.wait_until(lambda _: kitchen.coordinator.uid == household.uids[0])
    kitchen.lost("unplugged")
    with pytest.raises(HomeAssistantError) as failed:
        await recommend(hass, entity_id=KITCHEN, count=3)
    assert failed.value.translation_key == "speaker_unreachable"
    assert await household.queue_uris(1) == []


async def test_control_needs_permission(hass: HomeAssistant, hass_read_only_user: MockUser) -> None:
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "recommend_playlist",
            {"entity_id": LIVING_ROOM},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_without_a_household(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError) as refused:
        await recommend(hass, play=False)
    assert refused.value.translation_key == "not_loaded"
