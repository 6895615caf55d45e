"""The function behind the routes, with the events that API Gateway sends."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.data.catalog import load_catalog
from backend.engine import Context, Request, rank, recommendation_from_json
from backend.handlers import api
from backend.local.gateway import LambdaContext

from .conftest import PROFILE, Events

CONTEXT: Any = LambdaContext("api", deadline=float("inf"))
EVENING: dict[str, Any] = {"context": {"time_of_day": 22.5, "noise_level": 34.0}, "count": 7}


def call(event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = api.handler(event, CONTEXT)
    assert answer["multiValueHeaders"]["Content-Type"] == ["application/json"]
    body: dict[str, Any] = json.loads(answer["body"])
    return answer["statusCode"], body


def test_a_household_learns_who_it_is(functions: None, events: Events) -> None:
    assert call(events("GET", "/v1/household")) == (200, {"profile_id": PROFILE, "tracks": 400})


def test_a_moment_is_answered_with_a_list(
    functions: None, events: Events, catalog_file: Path
) -> None:
    wish = Request(context=Context.from_values(EVENING["context"]), count=EVENING["count"])
    order = {"seed": 11, "request": EVENING}
    status, answer = call(events("POST", "/v1/recommendations", order))
    assert status == 200
    catalog = load_catalog(str(catalog_file))
    assert recommendation_from_json(answer) == rank(catalog, wish, rng=np.random.default_rng(11))
    assert len(answer["tracks"]) == 7
    for track in answer["tracks"]:
        amounts = [reason["amount"] for reason in track["reasons"]]
        assert np.isclose(sum(amounts), track["score"], atol=1e-6)


def test_the_seed_decides(functions: None, events: Events) -> None:
    answers = [
        call(events("POST", "/v1/recommendations", {"seed": seed, "request": EVENING}))
        for seed in (1, 1, 2, 2**63 - 1)
    ]
    assert all(status == 200 for status, _ in answers)
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        ({"count": 0}, "count_out_of_range"),
        ({"count": 10_000}, "count_out_of_range"),
        ({"mood": "grumpy"}, "unknown_mood"),
        ({"context": {"noise_level": 999}}, "variable_out_of_range"),
        ({"context": {"noise_level": "loud"}}, "variable_not_a_number"),
        ({"context": {"moon_phase": 3}}, "unknown_variable"),
        ({"genres": ["no such genre"]}, "unknown_genre"),
        ({"seeds": ["invented:track:nowhere"]}, "unknown_seed_track"),
    ],
)
def test_the_engines_refusals_keep_their_key(
    functions: None, events: Events, request_: dict[str, Any], key: str
) -> None:
    order = {"seed": 1, "request": {"context": {}} | request_}
    status, answer = call(events("POST", "/v1/recommendations", order))
    assert status == 422
    assert answer["error"]["key"] == key
    assert answer["error"]["message"]
    placeholders = answer["error"]["placeholders"]
    assert all(isinstance(text, str) for text in placeholders.values())


@pytest.mark.parametrize(
    "body",
    [
        None,
        "not json",
        "[]",
        pytest.param("[" * 100_000, id="deep"),
        {},
        {"seed": 1},
        {"request": {}},
        {"seed": -1, "request": {}},
        {"seed": 2**63, "request": {}},
        {"seed": "1", "request": {}},
        {"seed": 1.5, "request": {}},
        {"seed": True, "request": {}},
        {"seed": 1, "request": []},
        {"seed": 1, "request": None},
        {"seed": 1, "request": {}, "profile_id": "someone else"},
    ],
)
def test_a_malformed_body_is_named_but_not_repeated(
    functions: None, events: Events, body: object
) -> None:
    status, answer = call(events("POST", "/v1/recommendations", body))
    assert status == 400
    assert answer["error"]["key"] == "invalid_request"
    assert "someone else" not in json.dumps(answer)


def test_the_catalog_is_read_once(functions: None, events: Events, catalog_file: Path) -> None:
    assert call(events("GET", "/v1/household"))[0] == 200
    catalog_file.unlink()
    assert call(events("GET", "/v1/household"))[0] == 200


def test_the_log_tells_whose_request_but_not_the_moment(
    functions: None,
    events: Events,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    call(events("POST", "/v1/recommendations", {"seed": 1, "request": EVENING}))
    (recommended,) = [vars(record) for record in caplog.records if record.msg == "recommended"]
    assert (recommended["profile_id"], recommended["tracks"]) == (PROFILE, 7)
    assert "noise_level" not in str(recommended)
    metrics = capsys.readouterr().out
    assert "RankingTime" in metrics
    assert "noise_level" not in metrics


def test_a_request_that_nobody_vouched_for_fails(functions: None, events: Events) -> None:
    event = events("GET", "/v1/household")
    del event["requestContext"]["authorizer"]
    with pytest.raises(KeyError):
        api.handler(event, CONTEXT)
