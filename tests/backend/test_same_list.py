"""The same moment, seed and catalog give the same list at home and in the cloud."""

from aiohttp import ClientSession
import numpy as np
import pytest

from custom_components.rhythmiq import engine as home
from custom_components.rhythmiq.cloud.client import CloudAuthError, CloudClient
from custom_components.rhythmiq.engine.errors import EngineError

MOMENTS: dict[str, dict[str, object]] = {
    "quiet late evening": {"time_of_day": 23.0, "noise_level": 32.0, "illuminance": 8.0},
    "loud Saturday afternoon": {
        "time_of_day": 15.5,
        "day_type": "weekend",
        "noise_level": 78.0,
        "occupancy": 8.0,
    },
    "nothing known": {},
}


def wishes(moment: str) -> list[home.Request]:
    context = home.Context.from_values(MOMENTS[moment])
    return [
        home.Request(context=context),
        home.Request(context=context, count=500),
        home.Request(
            context=context,
            seconds=1_800,
            mood="calm",
            genres=("pop", "ambient"),
            tempo=(85.0, 150.0),
            features={"energy": 0.35},
            seeds=("invented:track:0007",),
        ),
    ]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_home_and_cloud_agree(
    moment: str, local_cloud: str, token: str, catalog_bytes: bytes
) -> None:
    catalog = home.Catalog.load(catalog_bytes)
    async with ClientSession() as session:
        client = CloudClient(session, local_cloud, token)
        for seed, wish in enumerate(wishes(moment)):
            at_home = home.rank(catalog, wish, rng=np.random.default_rng(seed))
            answer = await client.recommend({"seed": seed, "request": home.request_to_json(wish)})
            assert home.recommendation_from_json(answer) == at_home
            assert at_home.tracks


async def test_home_and_cloud_refuse_alike(
    local_cloud: str, token: str, catalog_bytes: bytes
) -> None:
    catalog = home.Catalog.load(catalog_bytes)
    wish = home.Request(genres=("polka",))
    with pytest.raises(EngineError) as at_home:
        home.rank(catalog, wish, rng=np.random.default_rng(0))
    async with ClientSession() as session:
        with pytest.raises(EngineError) as in_cloud:
            await CloudClient(session, local_cloud, token).recommend(
                {"seed": 0, "request": home.request_to_json(wish)}
            )
    assert in_cloud.value.key == at_home.value.key
    assert in_cloud.value.placeholders == at_home.value.placeholders


async def test_the_token_is_checked(local_cloud: str, token: str) -> None:
    async with ClientSession() as session:
        await CloudClient(session, local_cloud, token).check()
        with pytest.raises(CloudAuthError):
            await CloudClient(session, local_cloud, f"rq1_{'0' * 16}_{'A' * 43}").check()
