"""The flow that sets up a tune vector, in every branch."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigSubentry, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests import flows
from tests.flows import TRANSLATIONS, fields, suggested
from tests.household import SimulatedHousehold

from .test_recommend_playlist import LIVING_ROOM, recommend

TEXTS = TRANSLATIONS["config_subentries"]["tune_vector"]
ABOUT: dict[str, Any] = {
    "name": "Evening",
    "kind": "playlist",
    "duration": {"minutes": 40},
    "shape": "descent",
}
RAIN = {
    "entity_id": LIVING_ROOM,
    "media_content_id": "FV:2/3",
    "media_content_type": "album",
    "metadata": {"title": "Salt"},
}


def assert_form(
    result: SubentryFlowResult, step: str, errors: dict[str, str] | None = None
) -> None:
    flows.assert_form(result, step, errors, texts=TEXTS)


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "tune_vector"), context={"source": SOURCE_USER}
    )
    assert_form(result, "user")
    return result


async def answer(
    hass: HomeAssistant, result: SubentryFlowResult, user_input: dict[str, Any]
) -> SubentryFlowResult:
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], user_input)
    await hass.async_block_till_done()
    return result


def vectors(entry: MockConfigEntry) -> list[ConfigSubentry]:
    return list(entry.get_subentries_of_type("tune_vector"))


@pytest.mark.usefixtures("catalog")
async def test_songs_only(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await answer(hass, await start(hass, entry), ABOUT | {"fade": {"minutes": 5}})
    assert_form(result, "waypoints")
    points = [{"minute": 0, "energy": 0.6, "tempo": 110}, {"minute": 40, "genre": "Ambient"}]
    result = await answer(hass, result, {"waypoints": points})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (vector,) = vectors(entry)
    assert vector.title == "Evening"
    assert vector.data == {
        "kind": "playlist",
        "duration": 2400,
        "shape": "descent",
        "fade": 300,
        "waypoints": points,
    }
    (made,) = await recommend(hass, play=False, tune_vector="evening")
    assert (made["tune_vector"]["duration"], made["tune_vector"]["fade"]) == (2400, 300)


@pytest.mark.usefixtures("catalog")
async def test_songs_that_turn_into_a_soundscape(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await answer(hass, await start(hass, entry), ABOUT)
    result = await answer(hass, result, {"waypoints": [{"minute": 30, "kind": "soundscape"}]})
    assert_form(result, "media")
    assert fields(result) == {"soundscape"}
    result = await answer(hass, result, {})
    assert_form(result, "media", {"soundscape": "media_missing"})
    result = await answer(hass, result, {"soundscape": [RAIN]})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert vectors(entry)[0].data["soundscape"] == [RAIN]
    (made,) = await recommend(hass, entity_id=LIVING_ROOM, play=False, tune_vector="Evening")
    (item,) = made["tune_vector"]["items"]
    assert (item["kind"], item["titles"]) == ("soundscape", ["Salt"])


async def test_a_shape_is_enough_even_without_a_catalog(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await answer(hass, await start(hass, entry), ABOUT)
    result = await answer(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert vectors(entry)[0].data["waypoints"] == []


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"name": "  "}, {"name": "name_missing"}),
        ({"duration": {"seconds": 5}}, {"base": "duration_out_of_range"}),
        ({"fade": {"hours": 1}}, {"base": "fade_too_long"}),
    ],
)
async def test_what_cannot_be(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    changes: dict[str, Any],
    errors: dict[str, str],
) -> None:
    wrong = ABOUT | changes
    result = await answer(hass, await start(hass, entry), wrong)
    assert_form(result, "user", errors)
    assert suggested(result) == wrong
    result = await answer(hass, result, ABOUT)
    assert_form(result, "waypoints")


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize(
    ("points", "error"),
    [
        ([{"minute": 9, "mood": "calm"}, {"minute": 9, "mood": "happy"}], "waypoint_order"),
        ([{"minute": 41, "mood": "calm"}], "minute_out_of_range"),
        ([{"minute": 5}], "waypoint_empty"),
        ([{"minute": 5, "genre": "Jaz"}], "unknown_genre"),
    ],
)
async def test_waypoints_that_cannot_be(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    points: list[dict[str, Any]],
    error: str,
) -> None:
    result = await answer(hass, await start(hass, entry), ABOUT)
    result = await answer(hass, result, {"waypoints": points})
    assert_form(result, "waypoints", {"base": error})
    assert suggested(result) == {"waypoints": points}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    TEXTS["error"][error].format(**placeholders)  # no hole is left
    assert vectors(entry) == []
    with pytest.raises(InvalidData):
        await answer(hass, result, {"waypoints": [{"mood": "calm"}]})


async def test_names_are_there_once(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await answer(hass, await answer(hass, await start(hass, entry), ABOUT), {})
    result = await answer(hass, await start(hass, entry), ABOUT | {"name": "EVENING "})
    assert_form(result, "user", {"name": "name_taken"})


async def test_changing_one_keeps_what_plays(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await answer(hass, await start(hass, entry), ABOUT)
    result = await answer(hass, result, {"waypoints": [{"minute": 30, "kind": "podcast"}]})
    await answer(hass, result, {"podcast": [RAIN]})
    rooms = list(entry.runtime_data.recommender.rooms)
    (vector,) = vectors(entry)
    result = await entry.start_subentry_reconfigure_flow(hass, vector.subentry_id)
    assert_form(result, "reconfigure")
    shown = suggested(result)
    assert shown["name"] == "Evening"
    assert shown["duration"] == {"hours": 0, "minutes": 40, "seconds": 0}
    result = await answer(hass, result, shown | {"name": "Late evening"})
    assert_form(result, "waypoints")
    assert suggested(result) == {"waypoints": [{"minute": 30, "kind": "podcast"}]}
    result = await answer(hass, result, {"waypoints": [{"minute": 30, "kind": "podcast"}]})
    assert_form(result, "media")
    assert suggested(result) == {"podcast": [RAIN]}
    result = await answer(hass, result, {"podcast": [RAIN]})
    flows.assert_abort(result, "reconfigure_successful", texts=TEXTS)
    (vector,) = vectors(entry)
    assert vector.title == "Late evening"

    result = await entry.start_subentry_reconfigure_flow(hass, vector.subentry_id)
    result = await answer(hass, result, suggested(result))
    await answer(hass, result, {})
    (vector,) = vectors(entry)
    assert "podcast" not in vector.data
    assert list(entry.runtime_data.recommender.rooms) == rooms  # the same ones, not new ones
