"""Levels of the sound and the volume of a group, as entities."""

from collections.abc import AsyncIterator, Iterator

from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.sonos import events
from tests.household import SimulatedHousehold
from tests.sonos.conftest import favorites_read, until


@pytest.fixture
def household(loopback_sockets: None, soco_clean: None) -> Iterator[SimulatedHousehold]:
    """A home theatre with surrounds and a sub, and two other rooms."""
    with SimulatedHousehold(
        speakers=6, models="arc,one,one,one,era100,one", bonds=["1=2:LR,3:RR,4:SW"]
    ) as running:
        yield running


@pytest.fixture
async def entry(
    household: SimulatedHousehold, hass: HomeAssistant
) -> AsyncIterator[MockConfigEntry]:
    entry = MockConfigEntry(
        domain=DOMAIN, data={"host": household.hosts[0]}, unique_id=household.household_id
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await favorites_read(entry)
    yield entry
    await hass.config_entries.async_unload(entry.entry_id)


def number(hass: HomeAssistant, uid: str, key: str) -> State:
    entity_id = er.async_get(hass).async_get_entity_id("number", DOMAIN, f"{uid}_{key}")
    assert entity_id is not None, key
    state = hass.states.get(entity_id)
    assert state is not None, key
    return state


async def set_value(hass: HomeAssistant, state: State, value: float) -> None:
    await hass.services.async_call(
        "number", "set_value", {"entity_id": state.entity_id, "value": value}, blocking=True
    )


def keys(hass: HomeAssistant, uid: str) -> set[str]:
    registry = er.async_get(hass)
    return {
        entity.unique_id.removeprefix(f"{uid}_")
        for entity in registry.entities.values()
        if entity.platform == DOMAIN
        and entity.domain == "number"
        and entity.unique_id.startswith(uid)
    }


ALL = {
    *("group_volume", "bass", "treble", "balance", "audio_delay", "sub_gain", "surround_level"),
    "music_surround_level",
}


@pytest.mark.usefixtures("entry")
async def test_speakers_have_the_levels_they_can_do(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    soundbar, *_, other, _ = household.uids
    assert keys(hass, soundbar) == ALL
    assert keys(hass, other) == {"group_volume", "bass", "treble", "balance"}
    registry = er.async_get(hass)
    bass = registry.async_get_entity_id("number", DOMAIN, f"{other}_bass")
    assert bass is not None
    entity = registry.async_get(bass)
    assert entity is not None
    assert entity.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert entity.entity_category == "config"


@pytest.mark.usefixtures("all_enabled")
async def test_without_events_speakers_are_asked_for_their_levels(
    household: SimulatedHousehold, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "FIRST_EVENT_SECONDS", 0.2)
    monkeypatch.setattr(events, "POLL_SECONDS", 0.1)
    await household.fault("drop", action="NOTIFY")
    entry = MockConfigEntry(
        domain=DOMAIN, data={"host": household.hosts[0]}, unique_id=household.household_id
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    soundbar, *_, other, _ = household.uids
    await until(lambda: keys(hass, soundbar) == ALL, 10)
    await until(lambda: keys(hass, other) == {"group_volume", "bass", "treble", "balance"}, 10)
    await hass.async_block_till_done()
    control = entry.runtime_data.household.speakers[soundbar].control
    for action, *arguments in (
        ("SetBass", ("DesiredBass", -3)),
        ("SetVolume", ("Channel", "RF"), ("DesiredVolume", 60)),
        ("SetEQ", ("EQType", "SubGain"), ("DesiredValue", 5)),
    ):
        await control.call("renderingControl", action, [("InstanceID", 0), *arguments])
    for key, value in (("bass", "-3"), ("balance", "-40"), ("sub_gain", "5")):
        await until(lambda key=key, value=value: number(hass, soundbar, key).state == value, 5)  # type: ignore[misc]
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("all_enabled", "entry")
@pytest.mark.parametrize(
    ("key", "minimum", "maximum", "value"),
    [
        ("bass", -10, 10, -3),
        ("treble", -10, 10, 7),
        ("balance", -100, 100, -40),
        ("audio_delay", 0, 5, 2),
        ("sub_gain", -15, 15, 5),
        ("surround_level", -15, 15, -15),
        ("music_surround_level", -15, 15, 15),
    ],
)
async def test_levels(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    key: str,
    minimum: int,
    maximum: int,
    value: int,
) -> None:
    uid = household.uids[0]
    state = number(hass, uid, key)
    assert float(state.state) == 0
    assert (state.attributes["min"], state.attributes["max"]) == (minimum, maximum)
    await household.clear_calls()
    await set_value(hass, state, value)
    assert float(number(hass, uid, key).state) == value
    assert len(await household.calls()) == (2 if key == "balance" else 1)
    # The events that follow say the same
    await household.wait_event("RenderingControl")
    await until(lambda: float(number(hass, uid, key).state) == value)


@pytest.mark.usefixtures("all_enabled", "entry")
async def test_what_people_change_shows_without_a_call(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    uid = household.uids[0]
    speaker = entry.runtime_data.household.speakers[uid]
    await speaker.control.call(
        "renderingControl", "SetBass", [("InstanceID", 0), ("DesiredBass", 4)]
    )
    await household.clear_calls()
    await until(lambda: float(number(hass, uid, "bass").state) == 4)
    assert await household.calls() == []


@pytest.mark.usefixtures("all_enabled", "entry")
async def test_a_refused_level(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    await household.fault("error", action="SetTreble", code=402)
    with pytest.raises(HomeAssistantError) as caught:
        await set_value(hass, number(hass, household.uids[0], "treble"), 3)
    assert caught.value.translation_key == "value_refused"
    assert float(number(hass, household.uids[0], "treble").state) == 0


@pytest.mark.usefixtures("all_enabled", "entry")
async def test_a_sub_that_is_taken_away_and_back(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    soundbar = household.uids[0]
    await household.unbond(4)
    await until(lambda: number(hass, soundbar, "sub_gain").state == "unavailable")
    assert number(hass, soundbar, "surround_level").state == "0"
    await household.bond(1, {"4": "SW"})
    await until(lambda: number(hass, soundbar, "sub_gain").state == "0")


@pytest.mark.usefixtures("entry")
async def test_group_volume(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    *_, one, two = household.uids
    await household.user(5, "volume", volume=10)
    await household.user(6, "volume", volume=50)
    await household.user(5, "join", to="6")
    await until(lambda: number(hass, one, "group_volume").state == "30")
    assert number(hass, two, "group_volume").state == "30"
    await set_value(hass, number(hass, one, "group_volume"), 60)
    volumes = [(await household.speaker(each))["volume"] for each in (5, 6)]
    assert volumes == [20, 100]
    await until(lambda: number(hass, two, "group_volume").state == "60")
    await household.user(6, "volume", volume=0)
    await until(lambda: number(hass, one, "group_volume").state == "10")
