"""Crossfade, parts of the sound, the light and the buttons, as entities."""

from collections.abc import AsyncIterator, Iterator

from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.const import DOMAIN
from tests.household import SimulatedHousehold
from tests.sonos.conftest import favorites_read, until


@pytest.fixture
def household(loopback_sockets: None, soco_clean: None) -> Iterator[SimulatedHousehold]:
    """A home theatre with surrounds and a sub, and another room."""
    with SimulatedHousehold(
        speakers=5, models="arc,one,one,one,era100", bonds=["1=2:LR,3:RR,4:SW"]
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


def switch(hass: HomeAssistant, uid: str, key: str) -> State:
    entity_id = er.async_get(hass).async_get_entity_id("switch", DOMAIN, f"{uid}_{key}")
    assert entity_id is not None, key
    state = hass.states.get(entity_id)
    assert state is not None, key
    return state


async def turn(hass: HomeAssistant, state: State, to: str) -> None:
    await hass.services.async_call(
        "switch", f"turn_{to}", {"entity_id": state.entity_id}, blocking=True
    )


def keys(hass: HomeAssistant, uid: str) -> set[str]:
    return {
        entity.unique_id.removeprefix(f"{uid}_")
        for entity in er.async_get(hass).entities.values()
        if entity.platform == DOMAIN
        and entity.domain == "switch"
        and entity.unique_id.startswith(uid)
        and "_alarm_" not in entity.unique_id
    }


EVERY = {"crossfade", "loudness", "status_light", "touch_controls"}
THEATRE = EVERY | {
    *("night_mode", "dialog_level", "sub_enabled", "surround_enabled", "surround_mode"),
}


@pytest.mark.usefixtures("entry")
async def test_speakers_have_the_switches_they_can_do(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    assert keys(hass, household.uids[0]) == THEATRE
    assert keys(hass, household.uids[4]) == EVERY
    entities = [
        entity
        for entity in er.async_get(hass).entities.values()
        if entity.unique_id.startswith(household.uids[0])
        and entity.domain == "switch"
        and "_alarm_" not in entity.unique_id
    ]
    assert {entity.disabled_by for entity in entities} == {er.RegistryEntryDisabler.INTEGRATION}
    assert {entity.entity_category for entity in entities} == {"config"}


@pytest.mark.usefixtures("all_enabled", "entry")
@pytest.mark.parametrize(
    ("key", "first"),
    [
        (key, "off" if key in ("night_mode", "dialog_level", "surround_mode") else "on")
        for key in sorted(THEATRE - EVERY | {"loudness"})
    ],
)
async def test_sound(
    household: SimulatedHousehold, hass: HomeAssistant, key: str, first: str
) -> None:
    uid = household.uids[0]
    second = "on" if first == "off" else "off"
    assert switch(hass, uid, key).state == first
    await household.clear_calls()
    await turn(hass, switch(hass, uid, key), second)
    assert switch(hass, uid, key).state == second
    [call] = await household.calls()
    assert call["action"] == ("SetLoudness" if key == "loudness" else "SetEQ")
    await household.wait_event("RenderingControl")
    assert switch(hass, uid, key).state == second
    await turn(hass, switch(hass, uid, key), first)
    assert switch(hass, uid, key).state == first


@pytest.mark.usefixtures("all_enabled")
async def test_crossfade(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    theatre, other = household.uids[0], household.uids[4]
    assert switch(hass, other, "crossfade").state == "off"
    await household.user(5, "join", to="1")
    speaker = entry.runtime_data.household.speakers[other]
    await until(lambda: len(speaker.members) == 2)
    await household.demo(1)
    await household.wait_playing(1)
    await turn(hass, switch(hass, other, "crossfade"), "on")
    await until(lambda: switch(hass, other, "crossfade").state == "on")
    assert switch(hass, theatre, "crossfade").state == "on"
    assert (await household.speaker(1))["transport"]["crossfade"] is True
    await household.user(1, "play_uri", uri="x-rincon-mp3radio://radio.example/stream")
    with pytest.raises(HomeAssistantError):
        await turn(hass, switch(hass, other, "crossfade"), "off")


@pytest.mark.usefixtures("all_enabled", "entry")
@pytest.mark.parametrize(
    ("key", "field", "words"),
    [("status_light", "led", ("Off", "On")), ("touch_controls", "button_lock", ("On", "Off"))],
)
async def test_light_and_buttons(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    key: str,
    field: str,
    words: tuple[str, str],
) -> None:
    uid = household.uids[4]
    assert switch(hass, uid, key).state == "on"
    for to, word in zip(("off", "on"), words, strict=True):
        await turn(hass, switch(hass, uid, key), to)
        assert switch(hass, uid, key).state == to
        action = "LEDState" if field == "led" else "ButtonLockState"
        [*_, call] = await household.calls(action=f"Set{action}")
        assert call["args"] == {f"Desired{action}": word}


@pytest.mark.usefixtures("all_enabled")
async def test_a_light_nobody_knows_of(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    await household.fault("error", action="GetLEDState", code=501)
    entry = MockConfigEntry(
        domain=DOMAIN, data={"host": household.hosts[0]}, unique_id=household.household_id
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert switch(hass, household.uids[4], "status_light").state == "unknown"
    await household.clear_faults()
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("entry")
async def test_nothing_is_asked_while_nobody_wants_it(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    counts = await household.call_counts()
    assert not {"DeviceProperties.GetLEDState", "RenderingControl.GetEQ"} & counts.keys()


async def test_speech_enhancement_of_newer_soundbars(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Theirs has a name of its own, and the old one means a level."""
    speaker = entry.runtime_data.household.speakers[household.uids[4]]
    speaker.hear({"dialog_level": 2, "speech_enhance_enabled": 1})
    await hass.async_block_till_done()
    assert keys(hass, household.uids[4]) == EVERY | {"speech_enhance_enabled"}
