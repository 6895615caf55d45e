"""A room's own Sonos playlist, and recommendations saved as one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.rhythmiq import room_playlists
from custom_components.rhythmiq.const import CONF_PLAYLIST
from custom_components.rhythmiq.library import LIBRARY
from custom_components.rhythmiq.sonos.household import Household
from custom_components.rhythmiq.sonos.identity import track_name
from tests.household import SimulatedHousehold

from .sonos.conftest import until
from .test_recommend_playlist import KITCHEN, LIVING_ROOM, recommend

pytestmark = pytest.mark.usefixtures("catalog")

TITLE = "RhythmIQ · Living Room"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write few tracks."""
    monkeypatch.setattr(room_playlists, "TRACKS", 5)


def room_of(entry: MockConfigEntry) -> ConfigSubentry:
    room: ConfigSubentry = next(
        each for each in entry.subentries.values() if each.title == "Living Room"
    )
    return room


def want(hass: HomeAssistant, entry: MockConfigEntry, *, wanted: bool = True) -> None:
    """Switch the room's playlist on or off."""
    room = room_of(entry)
    hass.config_entries.async_update_subentry(
        entry, room, data={**room.data, CONF_PLAYLIST: wanted}
    )


async def saved(household: SimulatedHousehold) -> dict[str, tuple[str, list[str]]]:
    """Return ids and tracks of the household's playlists by title."""
    playlists: list[dict[str, Any]] = (await household.state())["saved_queues"]
    return {
        each["title"]: (each["id"], [str(track_name(item["uri"])) for item in each["items"]])
        for each in playlists
    }


async def wait_saved(
    household: SimulatedHousehold, title: str, holds: Callable[[list[str]], bool]
) -> None:
    """Wait until a playlist holds what is expected."""
    await household.wait_until(
        lambda state: any(
            each["title"] == title
            and holds([str(track_name(item["uri"])) for item in each["items"]])
            for each in state["saved_queues"]
        )
    )


async def written(household: SimulatedHousehold, entry: MockConfigEntry) -> None:
    """Wait until the room's playlist is complete."""
    ours: Household = entry.runtime_data.household
    await until(lambda: bool((found := ours.playlists.get(TITLE)) and found.written))
    assert len((await saved(household))[TITLE][1]) == 5


async def test_nothing_is_written_unless_wanted(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    before = await saved(household)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(days=1))
    await hass.async_block_till_done()
    assert await saved(household) == before


async def test_starting_it_is_asking_for_a_recommendation(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    store = hass.data[LIBRARY].store
    want(hass, entry)
    await written(household, entry)
    object_id, tracks = (await saved(household))[TITLE]
    (made,) = await hass.async_add_executor_job(store.latest_recommendations, 5)
    uri = f"file:///jffs/settings/savedqueues.rsq#{object_id.partition(':')[2]}"
    await household.user(1, "enqueue", uris=[uri], meta="")
    await household.user(1, "play_queue")

    await wait_saved(household, TITLE, lambda now: len(now) == 5 and now != tracks)
    assert (await saved(household))[TITLE][0] == object_id
    found = await hass.async_add_executor_job(store.latest_recommendations, 5)
    assert len(found) == 3
    assert [each.tracks for each in found].count(made.tracks) == 2


async def test_it_is_written_anew_in_another_part_of_the_day(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    want(hass, entry)
    await written(household, entry)
    ours: Household = entry.runtime_data.household
    first = ours.playlists.get(TITLE)
    async_fire_time_changed(hass, dt_util.utcnow() + room_playlists.REFRESH)
    await hass.async_block_till_done()
    assert ours.playlists.get(TITLE) == first
    monkeypatch.setattr(room_playlists, "REFRESH", timedelta(0))
    async_fire_time_changed(hass, dt_util.utcnow() + 2 * timedelta(hours=3))
    await until(lambda: ours.playlists.get(TITLE) not in (None, first))
    await written(household, entry)


async def test_what_cannot_be_written_now_is_later(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await household.fault("error", code=800, action="CreateSavedQueue")
    want(hass, entry)
    await until(lambda: f"{TITLE} could not be written" in caplog.text)
    await household.clear_faults()
    want(hass, entry, wanted=False)
    want(hass, entry)
    await written(household, entry)


@pytest.mark.parametrize("play", [True, False])
async def test_a_recommendation_is_saved(
    household: SimulatedHousehold, hass: HomeAssistant, play: bool
) -> None:
    fields = {"entity_id": [LIVING_ROOM, KITCHEN], "count": 4, "play": play}
    first, second = await recommend(hass, save_as=" Sunday ", **fields)
    names = {LIVING_ROOM: "Sunday · Living Room", KITCHEN: "Sunday · Kitchen"}
    for answer in (first, second):
        title = names[answer["entity_ids"][0]]
        tracks = [track["uri"] for track in answer["tracks"]]
        await wait_saved(household, title, tracks.__eq__)


async def test_saving_needs_a_household(hass: HomeAssistant) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await recommend(hass, play=False, save_as="Sunday")
    assert refused.value.translation_key == "no_target"


async def test_what_cannot_be_saved_while_music_plays_is_logged(
    household: SimulatedHousehold, hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    await household.fault("error", code=800, action="CreateSavedQueue")
    await recommend(hass, entity_id=LIVING_ROOM, count=2, save_as="Sunday")
    await until(lambda: "Sunday could not be saved" in caplog.text)
    await household.wait_playing()
