"""Voice, from the sentence to the music."""

from pathlib import Path
import shutil

from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, intent
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.household import SimulatedHousehold

from .test_tune_vectors import add_vector

SENTENCES = Path(__file__).parent.parent / "custom_sentences"

pytestmark = pytest.mark.usefixtures("catalog")


@pytest.fixture
async def voice(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Install the sentences, make areas of the rooms, start the conversation agent."""
    shutil.copytree(SENTENCES, hass.config.path("custom_sentences"))
    areas = ar.async_get(hass)
    for room in list(entry.subentries.values()):
        area = areas.async_get_or_create(room.title)
        hass.config_entries.async_update_subentry(
            entry, room, data={**room.data, "area_id": area.id}
        )
    areas.async_create("Garden")
    await hass.async_block_till_done()
    assert await async_setup_component(hass, "conversation", {})


async def say(
    hass: HomeAssistant, sentence: str, satellite: str | None = None
) -> intent.IntentResponse:
    """Say a sentence, near a satellite device where one is given."""
    result = await conversation.async_converse(
        hass, sentence, None, Context(), language="en", device_id=satellite
    )
    return result.response


@pytest.mark.usefixtures("voice")
@pytest.mark.parametrize(
    "sentence",
    ["play calm music in the kitchen", "play something calm in the Kitchen"],
)
async def test_named_area_and_mood(
    household: SimulatedHousehold, hass: HomeAssistant, sentence: str
) -> None:
    response = await say(hass, sentence)
    assert response.response_type is intent.IntentResponseType.ACTION_DONE
    assert response.speech["plain"]["speech"] == "Playing music for this moment in Kitchen"
    await household.wait_playing(2)


@pytest.mark.usefixtures("voice")
async def test_this_room_is_the_satellites(
    household: SimulatedHousehold,
    hass: HomeAssistant,
) -> None:
    kitchen = ar.async_get(hass).async_get_area_by_name("Kitchen")
    assert kitchen is not None
    other = MockConfigEntry(domain="satellite")
    other.add_to_hass(hass)
    satellite = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("satellite", "1")}
    )
    dr.async_get(hass).async_update_device(satellite.id, area_id=kitchen.id)
    response = await say(hass, "play something for this room", satellite.id)
    assert response.response_type is intent.IntentResponseType.ACTION_DONE
    await household.wait_playing(2)


@pytest.mark.usefixtures("voice")
@pytest.mark.parametrize(
    "sentence", ["play something for this room", "play calm music in the garden"]
)
async def test_no_room_is_said(
    household: SimulatedHousehold, hass: HomeAssistant, sentence: str
) -> None:
    await household.clear_calls()
    response = await say(hass, sentence)
    assert response.error_code is intent.IntentResponseErrorCode.NO_VALID_TARGETS
    assert response.speech["plain"]["speech"] == "I found no RhythmIQ room there."
    assert await household.calls() == []


@pytest.mark.usefixtures("voice")
async def test_a_failure_is_said(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    await household.offline(2)
    response = await say(hass, "play calm music in the kitchen")
    assert response.error_code is intent.IntentResponseErrorCode.FAILED_TO_HANDLE
    assert "Kitchen" in response.speech["plain"]["speech"]


@pytest.mark.usefixtures("voice")
@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("play music for dinner in the kitchen", "Dinner"),
        ("play something to wind down in the kitchen", "Wind down"),
        ("start my rainy sunday tune vector in the kitchen", "Rainy Sunday"),
    ],
)
async def test_a_tune_vector(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sentence: str,
    name: str,
) -> None:
    await add_vector(hass, entry, "Rainy Sunday", {"duration": 600, "shape": "hold"})
    response = await say(hass, sentence)
    assert response.speech["plain"]["speech"] == f"Playing {name} in Kitchen"
    await household.wait_playing(2)


@pytest.mark.usefixtures("voice")
async def test_a_tune_vector_there_is_not(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    response = await say(hass, "start my wind town tune vector in the kitchen")
    assert response.error_code is intent.IntentResponseErrorCode.FAILED_TO_HANDLE
    assert "Wind down" in response.speech["plain"]["speech"]
