"""What is not heard yet follows the moment, and nobody's hand is fought."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.evening import TELEVISION, Evening
from tests.household import SimulatedHousehold


@pytest.fixture
async def evening(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    catalog: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Evening:
    evening = Evening(household, hass, entry, monkeypatch)
    evening.television(on=False)
    await evening.furnish(bindings={"television": TELEVISION})
    return evening


async def test_off_until_somebody_wants_it(evening: Evening) -> None:
    assert evening.switch.state == "off"
    await evening.play()
    before = await evening.queue()
    evening.television(on=True)
    await evening.minutes(5)
    assert await evening.queue() == before
    assert evening.reaimed == []


async def test_the_rest_follows_a_change(evening: Evening) -> None:
    await evening.turn()
    await evening.play()
    before = await evening.queue()
    evening.television(on=True)
    await evening.minutes(2)
    assert evening.reaimed == []
    await evening.minutes(2)
    (event,) = evening.reaimed
    assert event.data == {
        "id": event.data["id"],
        "room": evening.room.id,
        "name": "Living Room",
        "reason": "television",
        "text": "Television is on or off",
        "tracks": 8,
    }
    after = await evening.queue()
    assert len(after) == len(before)
    assert after[:2] == before[:2]
    assert after[2:] != before[2:]
    assert evening.switch.attributes["last_reason"] == "Television is on or off"
