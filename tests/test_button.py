"""The button of a room."""

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.household import SimulatedHousehold

BUTTON = "button.living_room_play_for_now"


async def press(hass: HomeAssistant) -> None:
    """Press the living room's button."""
    await hass.services.async_call("button", "press", {"entity_id": BUTTON}, blocking=True)


@pytest.mark.usefixtures("catalog")
async def test_press_plays(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    await press(hass)
    await household.wait_playing(1)
    state = await household.wait_until(lambda state: len(state["queue"]["items"]) == 20, speaker=1)
    assert state["transport"]["source"] == "queue"


async def test_belongs_to_the_room(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    entity = er.async_get(hass).async_get(BUTTON)
    assert entity is not None
    assert entity.config_subentry_id in entry.subentries
    assert entity.device_id is not None
    device = dr.async_get(hass).async_get(entity.device_id)
    assert isinstance(device, dr.DeviceEntry)
    assert device.entry_type is dr.DeviceEntryType.SERVICE


@pytest.mark.usefixtures("catalog")
async def test_speaker_off(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    await household.offline(1)
    with pytest.raises(HomeAssistantError) as failed:
        await press(hass)
    assert failed.value.translation_key == "speaker_unreachable"
