"""The flow that sets up a listener, in every branch."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigSubentry, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.moment.variables import OF_LISTENERS
from tests import flows
from tests.flows import TRANSLATIONS, fields, options, suggested
from tests.household import SimulatedHousehold

TEXTS = TRANSLATIONS["config_subentries"]["listener"]


def assert_form(
    result: SubentryFlowResult, step: str, errors: dict[str, str] | None = None
) -> None:
    flows.assert_form(result, step, errors, texts=TEXTS)


def assert_abort(result: SubentryFlowResult, reason: str) -> None:
    flows.assert_abort(result, reason, texts=TEXTS)


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "listener"), context={"source": SOURCE_USER}
    )


async def answer(
    hass: HomeAssistant, result: SubentryFlowResult, user_input: dict[str, Any]
) -> SubentryFlowResult:
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], user_input)
    await hass.async_block_till_done()
    return result


def listeners(entry: MockConfigEntry) -> list[ConfigSubentry]:
    return list(entry.get_subentries_of_type("listener"))


@pytest.fixture
def ada(hass: HomeAssistant) -> str:
    """Return the registry id of a person."""
    person = er.async_get(hass).async_get_or_create(
        "person", "person", "ada", suggested_object_id="ada", original_name="Ada"
    )
    hass.states.async_set("person.ada", "home", {"friendly_name": "Ada"})
    return person.id


async def choose_ada(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    result = await start(hass, entry)
    assert_form(result, "user")
    result = await answer(hass, result, {"person": "person.ada"})
    assert_form(result, "profile")
    return result


async def test_a_listener_with_what_was_switched_on(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, ada: str
) -> None:
    hass.states.async_set("sensor.pulse", "62", {"unit_of_measurement": "bpm"})
    result = await choose_ada(hass, entry)
    assert options(result, "variables") == list(OF_LISTENERS)
    assert suggested(result) == {"variables": []}

    chosen = {"adventurousness": 35, "explicit": False, "variables": ["heart_rate", "place"]}
    result = await answer(hass, result, chosen)
    assert_form(result, "sensors")
    assert fields(result) == {"heart_rate", "place"}
    assert suggested(result) == {"place": "person.ada"}

    found = {"heart_rate": "sensor.pulse", "place": "person.ada"}
    result = await answer(hass, result, found)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (listener,) = listeners(entry)
    assert (listener.title, listener.unique_id) == ("Ada", ada)
    assert listener.data == {
        "person": ada,
        "adventurousness": 0.35,
        "explicit": False,
        "bindings": {"heart_rate": "sensor.pulse", "place": ada},
    }


async def test_nothing_is_switched_on_by_default(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, ada: str
) -> None:
    result = await answer(hass, await choose_ada(hass, entry), {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (listener,) = listeners(entry)
    assert listener.data == {
        "person": ada,
        "adventurousness": 0.2,
        "explicit": True,
        "bindings": {},
    }


async def test_a_person_without_a_registry_entry(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("person.ben", "home")
    result = await answer(hass, await start(hass, entry), {"person": "person.ben"})
    await answer(hass, result, {})
    (listener,) = listeners(entry)
    assert listener.data["person"] == "person.ben"


async def test_who_is_nobody(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await start(hass, entry)
    with pytest.raises(InvalidData):
        await answer(hass, result, {"person": "light.lamp"})
    result = await answer(hass, result, {"person": "person.ghost"})
    assert_form(result, "user", {"person": "entity_not_found"})


async def test_entities_that_cannot_tell(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, ada: str
) -> None:
    hass.states.async_set("sensor.percent", "3", {"unit_of_measurement": "%"})
    result = await choose_ada(hass, entry)
    result = await answer(hass, result, {"variables": ["heart_rate", "calendar"]})
    wrong = {"heart_rate": "sensor.percent", "calendar": "calendar.gone"}
    result = await answer(hass, result, wrong)
    assert_form(result, "sensors", {"heart_rate": "wrong_unit", "calendar": "entity_not_found"})
    assert suggested(result) == wrong
    result = await answer(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert listeners(entry)[0].data["bindings"] == {}


async def test_nobody_is_two_listeners(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, ada: str
) -> None:
    late = await choose_ada(hass, entry)
    await answer(hass, await choose_ada(hass, entry), {})
    assert_abort(await answer(hass, late, {}), "already_configured")
    again = await answer(hass, await start(hass, entry), {"person": "person.ada"})
    assert_abort(again, "already_configured")


async def test_changing_a_listener(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, ada: str
) -> None:
    hass.states.async_set("sensor.pulse", "62", {"unit_of_measurement": "bpm"})
    result = await choose_ada(hass, entry)
    chosen = {"adventurousness": 35, "explicit": False, "variables": ["heart_rate"]}
    await answer(hass, await answer(hass, result, chosen), {"heart_rate": "sensor.pulse"})
    (listener,) = listeners(entry)
    result = await entry.start_subentry_reconfigure_flow(hass, listener.subentry_id)
    assert_form(result, "profile")
    assert suggested(result) == chosen
    result = await answer(hass, result, chosen | {"adventurousness": 100})
    assert_form(result, "sensors")
    assert suggested(result) == {"heart_rate": "sensor.pulse"}
    assert_abort(
        await answer(hass, result, {"heart_rate": "sensor.pulse"}), "reconfigure_successful"
    )
    (listener,) = listeners(entry)
    assert listener.data["adventurousness"] == 1
    assert listener.data["bindings"] == {"heart_rate": "sensor.pulse"}

    result = await entry.start_subentry_reconfigure_flow(hass, listener.subentry_id)
    result = await answer(hass, result, {"variables": []})
    assert_form(result, "forget")
    assert listeners(entry)[0].data["bindings"] == {}
    assert_abort(await answer(hass, result, {"forget": True}), "reconfigure_successful")


async def test_listeners_leave_the_rooms_to_others(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, ada: str
) -> None:
    """A listener is no room: the speaker without one is still offered."""
    await answer(hass, await choose_ada(hass, entry), {})
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "room"), context={"source": SOURCE_USER}
    )
    assert [each["label"] for each in options(result, "speaker")] == ["Office"]
