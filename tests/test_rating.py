"""Rating tracks and recommendations, and taking that back."""

import asyncio
from collections.abc import Mapping
import sqlite3
from typing import Any

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.learning import Learning
from custom_components.rhythmiq.library import LIBRARY
from tests.household import SimulatedHousehold
from tests.invented import TRACKS
from tests.people import add_listener

pytestmark = pytest.mark.usefixtures("household", "catalog")

KITCHEN = "media_player.kitchen_kitchen"
OFFICE = "media_player.office_office"
TRACK = f"spotify:track:{7:022d}"


@pytest.fixture
async def ada(
    hass: HomeAssistant, entry: MockConfigEntry, hass_read_only_user: MockUser
) -> ConfigSubentry:
    return await add_listener(hass, entry, "Ada", user_id=hass_read_only_user.id)


async def rate(hass: HomeAssistant, user: User | None = None, **data: Any) -> Mapping[str, Any]:
    response = await hass.services.async_call(
        DOMAIN,
        "rate",
        data,
        blocking=True,
        return_response=True,
        context=Context(user_id=user.id if user else None),
    )
    assert response is not None
    return response


async def stored(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return all rows, those taken back and those that take back too."""

    def read(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM interactions ORDER BY id")]

    return await hass.async_add_executor_job(hass.data[LIBRARY].store.read, read)


async def outcomes(hass: HomeAssistant) -> int:
    learned = await hass.async_add_executor_job(hass.data[LIBRARY].learning.learn)
    return learned.outcomes


async def test_a_track(hass: HomeAssistant, ada: ConfigSubentry) -> None:
    answer = await rate(hass, entity_id=KITCHEN, track=TRACK, rating="up")
    assert answer["listeners"] == ["Ada"]
    (row,) = await stored(hass)
    assert row["id"] == answer["interaction"]
    assert (row["kind"], row["uri"], row["title"]) == ("rated", TRACK, "Invented Song 7")
    assert (row["reward"], row["weight"], row["source"]) == (1, 3, "user")
    assert row["listeners"] == f'["{ada.subentry_id}"]'
    assert await outcomes(hass) == 3


@pytest.mark.parametrize(
    ("rating", "reward"), [(1, 0), ("2", 0.25), (3.0, 0.5), (5, 1), ("down", 0), ("up", 1)]
)
async def test_the_scale(
    hass: HomeAssistant, ada: ConfigSubentry, rating: object, reward: float
) -> None:
    await rate(hass, track=TRACK, rating=rating)
    (row,) = await stored(hass)
    assert row["reward"] == reward
    assert row["room"] is None


async def recommend(hass: HomeAssistant, **fields: Any) -> Mapping[str, Any]:
    response = await hass.services.async_call(
        DOMAIN,
        "recommend_playlist",
        {"entity_id": KITCHEN, "count": 3, **fields},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    answers = response["recommendations"]
    assert isinstance(answers, list)
    (answer,) = answers
    assert isinstance(answer, dict)
    return answer


async def test_what_plays(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, ada: ConfigSubentry
) -> None:
    kitchen = entry.runtime_data.recommender.rooms.of_speaker(household.uids[1])
    assert kitchen is not None
    assert kitchen.speaker is not None
    heard = asyncio.Event()

    def listen() -> None:
        if kitchen.speaker.state.title is not None:
            heard.set()

    kitchen.speaker.add_listener(listen)
    recommendation = await recommend(hass)
    await asyncio.wait_for(heard.wait(), 5)
    await rate(hass, entity_id=KITCHEN, rating=4)
    (row,) = [row for row in await stored(hass) if row["kind"] == "rated"]
    assert row["uri"] == recommendation["tracks"][0]["uri"]
    assert (row["recommendation"], row["position"]) == (recommendation["id"], 0)
    assert row["room"] == kitchen.id


async def test_a_whole_recommendation(hass: HomeAssistant, ada: ConfigSubentry) -> None:
    recommendation = await recommend(hass, play=False)
    await rate(hass, entity_id=KITCHEN, recommendation=recommendation["id"], rating=5)
    (row,) = await stored(hass)
    assert (row["uri"], row["recommendation"]) == (None, recommendation["id"])
    assert await outcomes(hass) == 0
    await rate(hass, recommendation=recommendation["id"], take_back=True)
    assert [row["kind"] for row in await stored(hass)] == ["rated", "retracted"]


async def test_a_rating_is_a_signal_at_once(
    hass: HomeAssistant, entry: MockConfigEntry, ada: ConfigSubentry
) -> None:
    answer = await hass.services.async_call(
        DOMAIN,
        "recommend_playlist",
        {"entity_id": KITCHEN, "play": False},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    made = answer["recommendations"][0]["id"]  # type: ignore[call-overload,index]
    signals = entry.runtime_data.recommender._signals

    def signal() -> float | None:
        value: float | None = signals.tell(dt_util.utcnow())["recent_rating"]
        return value

    assert signal() is None
    for stars, reward in ((5, 1.0), (1, 0.0)):
        await rate(hass, recommendation=made, rating=stars)
        assert signal() == reward
    await rate(hass, recommendation=made, take_back=True)
    assert signal() is None


async def test_another_rating_takes_the_place_of_the_first(
    hass: HomeAssistant, ada: ConfigSubentry
) -> None:
    first = await rate(hass, track=TRACK, rating=1)
    await rate(hass, track=TRACK, rating=5)
    rows = await stored(hass)
    assert [row["kind"] for row in rows] == ["rated", "retracted", "rated"]
    assert rows[1]["retracts"] == first["interaction"]
    assert await outcomes(hass) == 3


async def test_taking_back_forgets_what_it_taught(hass: HomeAssistant, ada: ConfigSubentry) -> None:
    await rate(hass, track=f"spotify:track:{8:022d}", rating=5)
    library = hass.data[LIBRARY]
    before = await hass.async_add_executor_job(_expected, library.learning)
    await rate(hass, track=TRACK, rating=1)
    await rate(hass, track=TRACK, take_back=True)
    after = await hass.async_add_executor_job(_expected, library.learning)
    assert np.allclose(before, after)
    with pytest.raises(ServiceValidationError) as caught:
        await rate(hass, track=TRACK, take_back=True)
    assert caught.value.translation_key == "no_rating"


def _expected(learning: Learning) -> Any:
    with learning.model() as model:
        return model.variances()


async def test_two_people_at_once(
    hass: HomeAssistant, entry: MockConfigEntry, ada: ConfigSubentry
) -> None:
    await add_listener(hass, entry, "Ben")
    await asyncio.gather(
        rate(hass, track=TRACK, rating=5, listener="person.ada"),
        rate(hass, track=TRACK, rating=1, listener="ben"),
    )
    rows = await stored(hass)
    assert sorted(row["reward"] for row in rows) == [0, 1]
    assert len({row["listeners"] for row in rows}) == 2


async def test_two_presses_at_once(hass: HomeAssistant, ada: ConfigSubentry) -> None:
    await rate(hass, track=TRACK, rating=5)
    await asyncio.gather(*(rate(hass, track=TRACK, rating=stars) for stars in (1, 2, 3)))
    rows = await stored(hass)
    taken_back = {row["retracts"] for row in rows}
    standing = [row for row in rows if row["kind"] == "rated" and row["id"] not in taken_back]
    assert len(standing) == 1
    assert len(rows) == 7


async def test_who_may(
    hass: HomeAssistant, entry: MockConfigEntry, ada: ConfigSubentry, hass_read_only_user: MockUser
) -> None:
    await add_listener(hass, entry, "Ben")
    assert (await rate(hass, hass_read_only_user, track=TRACK, rating=5))["listeners"] == ["Ada"]
    with pytest.raises(Unauthorized):
        await rate(hass, hass_read_only_user, track=TRACK, rating=5, listener="Ben")
    stranger = MockUser().add_to_hass(hass)
    answer = await rate(hass, stranger, track=TRACK, rating=5)
    assert answer["listeners"] == ["Ada", "Ben"]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"track": TRACK, "rating": 0}, "rating_out_of_range"),
        ({"track": TRACK, "rating": 5.1}, "rating_out_of_range"),
        ({"track": TRACK, "rating": "nan"}, "not_a_number"),
        ({"track": TRACK, "rating": "lovely"}, "not_a_number"),
        ({"track": TRACK}, "rating_or_back"),
        ({"track": TRACK, "rating": 5, "take_back": True}, "rating_or_back"),
        ({"track": TRACK, "recommendation": "x", "rating": 5}, "track_or_list"),
        ({"track": "spotify:track:gone", "rating": 5}, "unknown_track"),
        ({"recommendation": "gone", "rating": 5}, "unknown_recommendation"),
        ({"rating": 5}, "nothing_to_rate"),
        ({"entity_id": KITCHEN, "rating": 5}, "nothing_playing"),
        ({"entity_id": OFFICE, "rating": 5}, "no_room"),
        ({"track": TRACK, "rating": 5, "listener": "nobody"}, "unknown_listener"),
    ],
)
async def test_what_is_refused_leaves_nothing(
    hass: HomeAssistant, data: dict[str, Any], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await rate(hass, **data)
    assert caught.value.translation_key == key
    assert await stored(hass) == []


async def test_a_full_disk_is_said(hass: HomeAssistant, ada: ConfigSubentry) -> None:
    """What was acknowledged is there, and what is there was acknowledged."""
    store = hass.data[LIBRARY].store

    def fill(connection: sqlite3.Connection) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    await hass.async_add_executor_job(store.write, fill)
    acknowledged: list[int] = []

    async def rate_until_full() -> None:
        for number in range(TRACKS):
            answer = await rate(hass, track=f"spotify:track:{number:022d}", rating=5)
            acknowledged.append(answer["interaction"])

    with pytest.raises(HomeAssistantError) as caught:
        await rate_until_full()
    assert caught.value.translation_key == "store_failed"
    assert [row["id"] for row in await stored(hass)] == acknowledged


async def test_rebuilding(
    hass: HomeAssistant, ada: ConfigSubentry, hass_read_only_user: MockUser
) -> None:
    await rate(hass, track=TRACK, rating=5)
    learned = await hass.services.async_call(
        DOMAIN, "rebuild", {}, blocking=True, return_response=True
    )
    assert learned == {"outcomes": 3}
    await hass.services.async_call(DOMAIN, "rebuild", {}, blocking=True)
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN, "rebuild", {}, blocking=True, context=Context(user_id=hass_read_only_user.id)
        )
