"""The actions on queues, sleep timers and group volumes."""

from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.const import DOMAIN
from tests.household import SimulatedHousehold
from tests.sonos.conftest import until

LIVING_ROOM = "media_player.living_room_living_room"
KITCHEN = "media_player.kitchen_kitchen"
OFFICE = "media_player.office_office"


async def act(
    hass: HomeAssistant, action: str, players: str | list[str], **data: Any
) -> dict[str, Any] | None:
    answer = await hass.services.async_call(
        DOMAIN,
        action,
        {"entity_id": players, **data},
        blocking=True,
        return_response=action == "get_queue",
    )
    return dict(answer) if answer is not None else None


@pytest.fixture
async def titles(household: SimulatedHousehold, entry: MockConfigEntry) -> list[str]:
    """Let the living room play six tracks with the kitchen; return their titles."""
    await household.demo(1)
    await household.user(2, "join", to="1")
    speakers = entry.runtime_data.household.speakers
    await until(lambda: len(speakers[household.uids[1]].members) == 2)
    return await queued(household)


async def queued(household: SimulatedHousehold) -> list[str]:
    return [item["title"] for item in (await household.speaker(1))["queue"]["items"]]


def test_entity_ids(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    registry = er.async_get(hass)
    assert all(registry.async_get(each) for each in (LIVING_ROOM, KITCHEN, OFFICE))


async def test_the_queue_of_each_group(
    household: SimulatedHousehold, hass: HomeAssistant, titles: list[str]
) -> None:
    answer = await act(hass, "get_queue", [LIVING_ROOM, KITCHEN, OFFICE])
    assert answer is not None
    together, alone = answer["queues"]
    assert sorted(together["entity_ids"]) == [KITCHEN, LIVING_ROOM]
    assert (together["total"], together["position"]) == (6, 1)
    assert [each["title"] for each in together["entries"]] == titles
    assert [each["position"] for each in together["entries"]] == [1, 2, 3, 4, 5, 6]
    first = (await household.speaker(1))["queue"]["items"][0]
    assert together["entries"][0] == {
        "position": 1,
        "uri": first["uri"],
        "title": first["title"],
        "artist": first["artist"],
        "album": first["album"],
    }
    assert (alone["entity_ids"], alone["total"], alone["entries"]) == ([OFFICE], 0, [])


async def test_a_page_of_the_queue(hass: HomeAssistant, titles: list[str]) -> None:
    answer = await act(hass, "get_queue", KITCHEN, position=3, count=2)
    assert answer is not None
    [queue] = answer["queues"]
    assert [each["title"] for each in queue["entries"]] == titles[2:4]
    assert queue["entries"][0]["position"] == 3
    answer = await act(hass, "get_queue", KITCHEN, position=7)
    assert answer is not None
    assert answer["queues"][0]["entries"] == []


async def test_playing_the_queue(
    household: SimulatedHousehold, hass: HomeAssistant, titles: list[str]
) -> None:
    await act(hass, "play_queue", KITCHEN, position=4)
    state = await household.wait_playing(1)
    assert state["transport"]["track"]["title"] == titles[3]
    await household.user(1, "play_uri", uri="x-rincon-mp3radio://radio.example/stream")
    await act(hass, "play_queue", LIVING_ROOM)
    state = await household.wait_until(
        lambda state: state["transport"]["track_number"] == 1, speaker=1
    )
    assert state["transport"]["track"]["title"] == titles[0]


async def test_removing(
    household: SimulatedHousehold, hass: HomeAssistant, titles: list[str]
) -> None:
    await act(hass, "remove_from_queue", [LIVING_ROOM, KITCHEN], position=2, count=3)
    assert await queued(household) == [titles[0], *titles[4:]]
    await act(hass, "remove_from_queue", KITCHEN, position=3)
    assert await queued(household) == [titles[0], titles[4]]


@pytest.mark.parametrize(
    ("position", "count", "to", "order"),
    [
        (2, 1, 5, "134526"),
        (5, 1, 1, "512346"),
        (1, 2, 5, "345612"),
        (4, 3, 1, "456123"),
        (3, 1, 3, "123456"),
    ],
)
async def test_moving(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    titles: list[str],
    position: int,
    count: int,
    to: int,
    order: str,
) -> None:
    await act(hass, "move_in_queue", KITCHEN, position=position, count=count, to=to)
    assert await queued(household) == [titles[int(each) - 1] for each in order]


@pytest.mark.parametrize(
    ("action", "data", "error", "key"),
    [
        ("play_queue", {"position": 7}, HomeAssistantError, "queue_position_out_of_range"),
        ("play_queue", {"position": 0}, ServiceValidationError, "position_out_of_range"),
        ("play_queue", {"position": "x"}, ServiceValidationError, "not_a_number"),
        (
            "remove_from_queue",
            {"position": 5, "count": 3},
            HomeAssistantError,
            "queue_position_out_of_range",
        ),
        (
            "move_in_queue",
            {"position": 5, "count": 2, "to": 6},
            HomeAssistantError,
            "queue_position_out_of_range",
        ),
        ("get_queue", {"count": 487}, ServiceValidationError, "queue_page_out_of_range"),
        ("set_sleep_timer", {"duration": 0}, ServiceValidationError, "sleep_timer_out_of_range"),
        (
            "set_sleep_timer",
            {"duration": {"hours": 24}},
            ServiceValidationError,
            "sleep_timer_out_of_range",
        ),
        ("set_sleep_timer", {"duration": "soon"}, ServiceValidationError, "duration_invalid"),
        ("set_group_volume", {"volume": 1.5}, ServiceValidationError, "volume_out_of_range"),
        ("set_group_volume", {"volume": "nan"}, ServiceValidationError, "not_a_number"),
        ("set_group_volume", {"change": -2}, ServiceValidationError, "volume_change_out_of_range"),
        ("set_group_volume", {}, ServiceValidationError, "volume_or_change"),
        (
            "set_group_volume",
            {"volume": 0.5, "change": 0.1},
            ServiceValidationError,
            "volume_or_change",
        ),
    ],
)
async def test_what_is_not_possible(
    hass: HomeAssistant,
    titles: list[str],
    household: SimulatedHousehold,
    action: str,
    data: dict[str, Any],
    error: type[HomeAssistantError],
    key: str,
) -> None:
    with pytest.raises(error) as caught:
        await act(hass, action, LIVING_ROOM, **data)
    assert (caught.value.translation_domain, caught.value.translation_key) == (DOMAIN, key)
    assert "{" not in str(caught.value)
    assert await queued(household) == titles


@pytest.mark.parametrize(
    ("action", "data", "fault"),
    [
        ("play_queue", {}, "Play"),
        ("get_queue", {}, "Browse"),
        ("remove_from_queue", {"position": 1}, "RemoveTrackRangeFromQueue"),
        ("move_in_queue", {"position": 1, "to": 2}, "ReorderTracksInQueue"),
        ("set_sleep_timer", {"duration": 60}, "ConfigureSleepTimer"),
        ("clear_sleep_timer", {}, "ConfigureSleepTimer"),
        ("set_group_volume", {"change": 0.1}, "SetRelativeGroupVolume"),
        ("set_group_volume", {"volume": 0.1}, "SetGroupVolume"),
    ],
)
async def test_refusals_are_translated(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    titles: list[str],
    action: str,
    data: dict[str, Any],
    fault: str,
) -> None:
    await household.fault("error", action=fault, code=501)
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, action, LIVING_ROOM, **data)
    assert caught.value.translation_key == "speaker_refused"


async def test_without_targets_nothing_happens(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(DOMAIN, "clear_sleep_timer", {}, blocking=True)
    assert caught.value.translation_key == "no_target_players"


async def test_sleep_timer(
    household: SimulatedHousehold, hass: HomeAssistant, titles: list[str]
) -> None:
    await act(hass, "set_sleep_timer", [LIVING_ROOM, KITCHEN], duration="00:30:00")
    assert len(await household.calls(action="ConfigureSleepTimer")) == 1
    state = hass.states.get(KITCHEN)
    assert state is not None
    ends: datetime = state.attributes["sleep_timer_ends"]
    assert 1790 < (ends - state.last_updated).total_seconds() < 1810
    await act(hass, "clear_sleep_timer", KITCHEN)
    state = hass.states.get(LIVING_ROOM)
    assert state is not None
    assert state.attributes["sleep_timer_ends"] is None


async def test_group_volume(
    household: SimulatedHousehold, hass: HomeAssistant, titles: list[str]
) -> None:
    await household.user(2, "volume", volume=40)
    await act(hass, "set_group_volume", [LIVING_ROOM, KITCHEN], volume=0.6)
    assert [(await household.speaker(each))["volume"] for each in (1, 2, 3)] == [40, 80, 20]
    await act(hass, "set_group_volume", KITCHEN, change=-0.3)
    assert [(await household.speaker(each))["volume"] for each in (1, 2, 3)] == [20, 40, 20]
