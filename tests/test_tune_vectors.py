"""Tune vectors from the action to the queue: songs, soundscapes, podcasts, and falling silent."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.library import LIBRARY
from custom_components.rhythmiq.sonos.speaker import Speaker
from custom_components.rhythmiq.sonos.state import Source
from tests.household import SimulatedHousehold
from tests.people import add_listener

from .sonos.conftest import until
from .test_recommend_playlist import LIVING_ROOM, recommend, track_ids

pytestmark = pytest.mark.usefixtures("catalog")

RADIO = "FV:2/1"
PLAYLIST = "FV:2/2"
ALBUM = "FV:2/3"


def speaker_of(entry: MockConfigEntry) -> Speaker:
    speaker: Speaker = next(iter(entry.runtime_data.household.speakers.values()))
    return speaker


async def add_vector(
    hass: HomeAssistant, entry: MockConfigEntry, name: str, data: Mapping[str, Any]
) -> ConfigSubentry:
    vector = ConfigSubentry(
        data=MappingProxyType(dict(data)),
        subentry_type="tune_vector",
        title=name,
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(entry, vector)
    await hass.async_block_till_done()
    return vector


def energies(hass: HomeAssistant, answer: Mapping[str, Any]) -> list[float]:
    catalog = hass.data[LIBRARY].tracks.load()
    rows = catalog.rows_of([track["uri"] for track in answer["tracks"]])
    return [float(value) for value in catalog.column("energy")[rows]]


async def test_winding_down_for_half_an_hour(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    (answer,) = await recommend(
        hass,
        entity_id=LIVING_ROOM,
        context={"time_of_day": 21, "noise_level": 40},
        tune_vector="wind_down",
        duration={"minutes": 30},
    )
    energy = energies(hass, answer)
    assert sum(energy[:3]) / 3 > sum(energy[-3:]) / 3 + 0.1
    assert sum(track["duration"] for track in answer["tracks"]) == pytest.approx(1800, abs=130)
    told = answer["tune_vector"]
    assert (told["name"], told["duration"], told["items"]) == ("Wind down", 1800, [])
    assert 0 < told["deviation"] < 1
    assert 0 < told["transition"] < 0.5
    minutes = [track["minute"] for track in answer["tracks"]]
    assert minutes[0] == 0
    assert minutes == sorted(minutes)
    assert any(reason["key"] == "path" for reason in answer["tracks"][0]["reasons"])
    state = await household.wait_until(
        lambda state: len(state["queue"]["items"]) == len(answer["tracks"]), speaker=1
    )
    assert track_ids([item["uri"] for item in state["queue"]["items"]]) == track_ids(
        [track["uri"] for track in answer["tracks"]]
    )


@pytest.mark.parametrize("name", ["Wind down", "wind-down", " WIND DOWN "])
async def test_ready_made_ones_by_name(hass: HomeAssistant, name: str) -> None:
    (answer,) = await recommend(hass, play=False, tune_vector=name)
    assert answer["tune_vector"]["name"] == "Wind down"
    assert answer["tune_vector"]["duration"] == 2700


async def test_ones_own_go_first_and_have_an_id(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    data = {"kind": "playlist", "duration": 600.0, "shape": "ascent", "fade": 0.0, "waypoints": []}
    vector = await add_vector(hass, entry, "Party", data)
    for reference in ("party", vector.subentry_id):
        (answer,) = await recommend(hass, play=False, tune_vector=reference)
        assert (answer["tune_vector"]["name"], answer["tune_vector"]["shape"]) == (
            "Party",
            "ascent",
        )


async def test_one_that_was_never_written_down(hass: HomeAssistant) -> None:
    (answer,) = await recommend(
        hass,
        play=False,
        mood="happy",
        context={"time_of_day": 15},
        tune_vector={
            "duration": "00:40:00",
            "waypoints": [
                {"minute": 0, "energy": 0.1},
                {"minute": 20, "genre": "pop"},
                {"minute": 40, "features": {"energy": 0.95}},
            ],
        },
    )
    energy = energies(hass, answer)
    assert sum(energy[-3:]) > sum(energy[:3]) + 0.3
    assert answer["tune_vector"]["name"] is None
    assert "mood" in {reason["key"] for reason in answer["tracks"][0]["reasons"]}


async def test_songs_turn_into_a_soundscape_in_the_queue(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    (answer,) = await recommend(
        hass,
        entity_id=LIVING_ROOM,
        context={"time_of_day": 20, "noise_level": 45},
        tune_vector={
            "duration": 2400,
            "waypoints": [
                {"minute": 0, "energy": 0.8},
                {"minute": 30, "kind": "soundscape"},
            ],
            "soundscape": [ALBUM],
        },
    )
    songs = len(answer["tracks"])
    energy = energies(hass, answer)
    assert energy[-1] < energy[0] - 0.1
    assert answer["tune_vector"]["items"] == [
        {"kind": "soundscape", "minute": 30, "before_track": songs, "titles": ["Salt"]}
    ]
    state = await household.wait_until(
        lambda state: len(state["queue"]["items"]) > songs, speaker=1
    )
    uris = [item["uri"] for item in state["queue"]["items"]]
    assert track_ids(uris[:songs]) == track_ids([track["uri"] for track in answer["tracks"]])
    assert all(uri.startswith("x-file-cifs:") for uri in uris[songs:])
    assert state["transport"]["crossfade"] is True


async def test_a_podcast_goes_before_songs(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    (answer,) = await recommend(
        hass,
        entity_id=LIVING_ROOM,
        tune_vector={
            "kind": "podcast",
            "podcast": "Salt",
            "duration": 2400,
            "waypoints": [{"minute": 30, "mood": "happy", "kind": "playlist"}],
        },
    )
    songs = len(answer["tracks"])
    assert songs
    assert answer["tune_vector"]["items"][0]["before_track"] == 0
    state = await household.wait_until(
        lambda state: len(state["queue"]["items"]) > songs, speaker=1
    )
    assert state["queue"]["items"][0]["uri"].startswith("x-file-cifs:")
    assert state["transport"]["track_number"] == 1


async def test_a_station_follows_the_last_song(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    (answer,) = await recommend(
        hass,
        entity_id=LIVING_ROOM,
        tune_vector={
            "duration": 1200,
            "waypoints": [{"minute": 8, "kind": "soundscape"}],
            "soundscape": RADIO,
        },
    )
    speaker, songs = speaker_of(entry), len(answer["tracks"])
    await household.wait_until(lambda state: len(state["queue"]["items"]) == songs, speaker=1)
    await household.user(1, "play_queue", track=songs)
    await until(lambda: speaker.own.queue_position == songs and bool(speaker.own.duration))
    await household.user(1, "seek", position=int(speaker.own.duration or 0) - 2)
    await until(lambda: speaker.own.source is Source.RADIO, 10)
    assert speaker.sleep_end is not None  # a station has no end of its own
    await speaker.accompaniment.end()


async def test_only_a_station_can_be_undone(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    own = [f"spotify:track:own{number:019d}" for number in range(2)]
    await household.user(1, "enqueue", uris=own)
    await household.user(1, "play_queue", track=2)
    speaker = speaker_of(entry)
    await until(lambda: speaker.own.queue_position == 2)
    (answer,) = await recommend(
        hass,
        entity_id=LIVING_ROOM,
        tune_vector={"kind": "soundscape", "duration": 3600, "soundscape": [RADIO]},
    )
    assert answer["tracks"] == []
    assert answer["tune_vector"]["deviation"] is None
    await until(lambda: speaker.own.source is Source.RADIO)
    await hass.services.async_call(DOMAIN, "undo", {"entity_id": LIVING_ROOM}, blocking=True)
    state = await household.wait_until(
        lambda state: state["transport"]["track_number"] == 2, speaker=1
    )
    assert len(state["queue"]["items"]) == 2
    assert not speaker.accompaniment.active


async def test_sleep_falls_silent(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    (answer,) = await recommend(
        hass, entity_id=LIVING_ROOM, tune_vector="sleep", duration=1800, mood="calm"
    )
    assert answer["tune_vector"]["fade"] == 600
    speaker = speaker_of(entry)
    assert speaker.accompaniment.active
    assert not speaker.accompaniment.fading
    (call,) = await household.calls(action="ConfigureSleepTimer")
    assert call["args"]["NewSleepTimerDuration"] == "00:30:20"
    await recommend(hass, entity_id=LIVING_ROOM, count=3)
    assert not speaker.accompaniment.active


async def test_what_is_only_added_does_not_fall_silent(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await recommend(hass, entity_id=LIVING_ROOM, tune_vector="sleep", enqueue="add")
    assert not speaker_of(entry).accompaniment.active


POINT = {"minute": 10, "mood": "calm"}


@pytest.mark.parametrize(
    ("vector", "key"),
    [
        ("wind dwon", "unknown_tune_vector"),
        ({"color": "red"}, "unknown_option"),
        ({"kind": "film"}, "unknown_option"),
        ({"kind": ["podcast"]}, "tune_vector_malformed"),
        ({"kind": "podcast"}, "kind_without_items"),
        ({"kind": "podcast", "podcast": [5]}, "tune_vector_malformed"),
        ({"shape": "zigzag"}, "unknown_option"),
        ({"duration": 5}, "duration_out_of_range"),
        ({"duration": "soon"}, "duration_invalid"),
        ({"fade": 60}, "fade_without_end"),
        ({"duration": 600, "fade": 900}, "fade_too_long"),
        ({"waypoints": [POINT, POINT]}, "waypoint_order"),
        ({"waypoints": "calm"}, "tune_vector_malformed"),
        ({"waypoints": [{"minute": 5}]}, "waypoint_empty"),
        ({"waypoints": [{"mood": "calm"}]}, "waypoint_without_minute"),
        ({"waypoints": [{"minute": "x", "mood": "calm"}]}, "not_a_number"),
        ({"waypoints": [{"minute": 0, "mood": "grumpy"}]}, "unknown_mood"),
        ({"waypoints": [{"minute": 0, "genre": "Jaz"}]}, "unknown_genre"),
        ({"waypoints": [{"minute": 0, "energy": 7}]}, "feature_out_of_range"),
        ({"waypoints": [{"minute": 0, "features": 7}]}, "tune_vector_malformed"),
        ({"waypoints": [POINT | {"volume": 7}]}, "unknown_option"),
        ({"duration": 300, "waypoints": [POINT]}, "minute_out_of_range"),
        (
            {
                "kind": "soundscape",
                "soundscape": RADIO,
                "waypoints": [POINT | {"kind": "playlist"}],
            },
            "stream_not_last",
        ),
        ({"kind": "soundscape", "soundscape": [RADIO, ALBUM]}, "stream_not_last"),
    ],
)
async def test_nonsense_plays_nothing(
    household: SimulatedHousehold, hass: HomeAssistant, vector: object, key: str
) -> None:
    with pytest.raises(ServiceValidationError) as refusal:
        await recommend(hass, entity_id=LIVING_ROOM, tune_vector=vector)
    assert refusal.value.translation_key == key
    assert refusal.value.translation_placeholders is not None
    assert "{" not in str(refusal.value)
    assert (await household.speaker(1))["queue"]["items"] == []
    assert not await household.calls(action="ConfigureSleepTimer")


async def test_what_there_is_not_plays_nothing(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    vector = {"kind": "podcast", "podcast": "Nothing of that name"}
    with pytest.raises(HomeAssistantError) as refusal:
        await recommend(hass, entity_id=LIVING_ROOM, tune_vector=vector)
    assert refusal.value.translation_key == "unknown_media"


async def test_a_station_cannot_be_added(hass: HomeAssistant) -> None:
    vector = {"kind": "soundscape", "soundscape": RADIO}
    with pytest.raises(HomeAssistantError) as refusal:
        await recommend(hass, entity_id=LIVING_ROOM, tune_vector=vector, enqueue="add")
    assert refusal.value.translation_key == "stream_not_queueable"


async def test_without_songs_there_is_nothing_to_save(hass: HomeAssistant) -> None:
    vector = {"kind": "soundscape", "soundscape": ALBUM}
    with pytest.raises(ServiceValidationError) as refusal:
        await recommend(hass, entity_id=LIVING_ROOM, tune_vector=vector, play=False, save_as="Rain")
    assert refusal.value.translation_key == "nothing_to_save"


async def test_a_soundscape_without_a_player_is_told_by_what_was_named(
    hass: HomeAssistant,
) -> None:
    vector = {"kind": "soundscape", "soundscape": ALBUM}
    (answer,) = await recommend(hass, tune_vector=vector, play=False)
    assert answer["tune_vector"]["items"][0]["titles"] == [ALBUM]


async def test_several_soundscapes_take_turns(hass: HomeAssistant) -> None:
    (answer,) = await recommend(
        hass,
        entity_id=LIVING_ROOM,
        play=False,
        tune_vector={
            "duration": 2400,
            "waypoints": [
                {"minute": 10, "kind": "soundscape"},
                {"minute": 20, "kind": "playlist"},
                {"minute": 30, "kind": "soundscape"},
            ],
            "soundscape": [ALBUM, PLAYLIST],
        },
    )
    first, second = answer["tune_vector"]["items"]
    assert (first["titles"], second["titles"]) == (["Salt"], ["Dinner Playlist"])
    assert 0 < first["before_track"] < second["before_track"] == len(answer["tracks"])


# -- for whom ---------------------------------------------------------------------------------


async def prefer(hass: HomeAssistant, name: str, genre: str) -> None:
    await hass.services.async_call(
        DOMAIN,
        "create_preference",
        {"listener": name, "kind": "genre", "value": genre, "weight": 1},
        blocking=True,
        return_response=True,
    )


async def test_listeners_are_those_who_were_named(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await add_listener(hass, entry, "Ada")
    await add_listener(hass, entry, "Ben")
    hass.states.async_set("person.ben", "not_home", {"friendly_name": "Ben"})
    await prefer(hass, "Ada", "techno")
    await prefer(hass, "Ben", "ambient")
    (usual,) = await recommend(hass, play=False, count=10)
    assert usual["listeners"] == ["Ada"]
    (named,) = await recommend(hass, play=False, count=10, listeners=["Ben", "person.ben"])
    assert named["listeners"] == ["Ben"]
    told = [reason for track in named["tracks"] for reason in track["reasons"]]
    assert any("ambient" in reason["text"] for reason in told)
    assert not any("techno" in reason["text"] for reason in told)


async def test_nobody_reads_what_others_prefer(
    hass: HomeAssistant, entry: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    user = MockUser(is_owner=False, groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": True})
    pulse = {"unit_of_measurement": "bpm"}
    hass.states.async_set("sensor.pulse", "171", pulse)
    await add_listener(hass, entry, "Ada", bindings={"heart_rate": "sensor.pulse"})
    await prefer(hass, "Ada", "techno")
    texts = {}
    for who in (user, hass_admin_user):
        response = await hass.services.async_call(
            DOMAIN,
            "recommend_playlist",
            {"play": False, "listeners": "Ada", "tune_vector": "party", "duration": 600},
            blocking=True,
            return_response=True,
            context=Context(user_id=who.id),
        )
        texts[who.id] = str(response)
        assert "171" not in texts[who.id].replace("spotify", "")
        assert "heart_rate" in texts[who.id]
    assert "techno" not in texts[user.id]
    assert "techno" in texts[hass_admin_user.id]


async def test_an_unknown_listener(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await add_listener(hass, entry, "Ada")
    with pytest.raises(ServiceValidationError) as refusal:
        await recommend(hass, play=False, listeners="Adda")
    assert refusal.value.translation_key == "unknown_listener"
    assert "Ada" in str(refusal.value)
