"""What the local gateway does around the functions: as API Gateway does."""

from collections.abc import Iterator
import json
import threading
import time
from typing import Any

import pytest

from backend.local import gateway as module
from backend.local.gateway import (
    Gateway,
    Handler,
    HttpRequest,
    LambdaContext,
    allows,
    http_answer,
    rest_event,
)

ARN = "arn:aws:execute-api:local:000000000000:rhythmiq/local/GET/here"
HEADERS = [("authorization", "Bearer anything")]


def policy(effect: str, resource: str) -> dict[str, Any]:
    return {"Statement": [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}]}


def allow(event: dict[str, Any], _context: object) -> dict[str, Any]:
    return {
        "principalId": "home-1",
        "policyDocument": policy("Allow", event["methodArn"]),
        "context": {"profile_id": "home-1", "owner": True, "limit": 5},
    }


def echo(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    body = json.dumps({"event": event, "left": context.get_remaining_time_in_millis()})
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": body}


class Ask:
    """Sends one request to a gateway made of the given functions."""

    def __init__(self) -> None:
        self.gateways: list[Gateway] = []

    def __call__(
        self, handler: Handler = echo, authorizer: Handler = allow, **request: Any
    ) -> tuple[int, dict[str, Any]]:
        gateway = Gateway([("GET", "/here")], handler=handler, authorizer=authorizer, time_limit=5)
        self.gateways.append(gateway)
        what = {"method": "GET", "target": "/here", "headers": HEADERS, "body": b""} | request
        answer = gateway.answer(HttpRequest(**what))
        return answer.status, json.loads(answer.body)


@pytest.fixture
def ask() -> Iterator[Ask]:
    ask = Ask()
    yield ask
    for gateway in ask.gateways:
        gateway.stop()


def test_the_function_gets_the_event_of_a_rest_api(ask: Ask) -> None:
    status, answer = ask(
        target="/here?a=1&a=2&b=&c=%C3%A9", headers=[*HEADERS, ("X-Odd", "1"), ("X-Odd", "2")]
    )
    event = answer["event"]
    assert status == 200
    assert (event["httpMethod"], event["path"], event["body"]) == ("GET", "/here", None)
    assert event["headers"] == {"authorization": "Bearer anything", "X-Odd": "2"}
    assert event["multiValueHeaders"]["X-Odd"] == ["1", "2"]
    assert event["queryStringParameters"] == {"a": "2", "b": "", "c": "é"}
    assert event["multiValueQueryStringParameters"]["a"] == ["1", "2"]
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    # values of an authorizer arrive as text
    assert event["requestContext"]["authorizer"] == {
        "principalId": "home-1",
        "profile_id": "home-1",
        "owner": "true",
        "limit": "5",
    }
    assert 0 < answer["left"] <= 5_000


def test_a_body_arrives_as_text(ask: Ask) -> None:
    assert rest_event(HttpRequest("POST", "/", [], '{"é": 1}'.encode()))["body"] == '{"é": 1}'
    assert rest_event(HttpRequest("POST", "/", [], b"\xff"))["body"] == "�"


def test_the_authorizer_is_not_shown_the_body(ask: Ask) -> None:
    seen: list[dict[str, Any]] = []

    def remember(event: dict[str, Any], context: object) -> dict[str, Any]:
        seen.append(event)
        return allow(event, context)

    assert ask(authorizer=remember, body=b"private")[0] == 200
    (question,) = seen
    assert question["type"] == "REQUEST"
    assert "private" not in json.dumps(question)


@pytest.mark.parametrize(("method", "target"), [("GET", "/there"), ("POST", "/here"), ("GET", "")])
def test_other_routes_do_not_exist(ask: Ask, method: str, target: str) -> None:
    assert ask(method=method, target=target) == (404, {"message": "Not found"})


def test_without_the_header_nobody_is_asked(ask: Ask) -> None:
    def fail(_event: object, _context: object) -> dict[str, Any]:
        raise AssertionError("the identity source is missing")

    assert ask(fail, fail, headers=[]) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize(
    ("message", "status"), [("Unauthorized", 401), ("unauthorized", 500), ("", 500)]
)
def test_only_the_very_word_unauthorized_gives_401(ask: Ask, message: str, status: int) -> None:
    def refuse(_event: object, _context: object) -> dict[str, Any]:
        raise RuntimeError(message)

    assert ask(authorizer=refuse)[0] == status


@pytest.mark.parametrize(
    ("document", "allowed"),
    [
        (policy("Allow", ARN), True),
        (policy("Allow", "arn:aws:execute-api:local:000000000000:rhythmiq/local/*"), True),
        (policy("Allow", "arn:aws:execute-api:local:000000000000:rhythmiq/other/*"), False),
        (policy("Deny", "*"), False),
        (
            {"Statement": policy("Allow", "*")["Statement"] + policy("Deny", ARN)["Statement"]},
            False,
        ),
        ({"Statement": []}, False),
    ],
)
def test_a_policy_decides(ask: Ask, document: dict[str, Any], allowed: bool) -> None:
    def decide(_event: object, _context: object) -> dict[str, Any]:
        return {"principalId": "x", "policyDocument": document}

    assert allows(document, ARN) is allowed
    assert ask(authorizer=decide)[0] == (200 if allowed else 403)


@pytest.mark.parametrize("answer", [{}, {"statusCode": "many", "body": ""}, "text", None])
def test_a_failing_function_gives_502(
    ask: Ask, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert ask(lambda _event, _context: answer) == (502, {"message": "Internal server error"})
    assert "the function failed" in caplog.text


def test_an_answer_may_have_headers_of_both_kinds() -> None:
    answer = http_answer(
        {
            "statusCode": 204,
            "headers": {"A": "1"},
            "multiValueHeaders": {"B": ["2", "3"]},
            "body": "",
        }
    )
    assert answer.headers == [("A", "1"), ("B", "2"), ("B", "3")]
    assert (answer.status, answer.body) == (204, b"")


def test_an_answer_has_a_limit(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAYLOAD_LIMIT", 100)
    assert ask()[0] == 502


def test_a_request_has_29_seconds() -> None:
    released = threading.Event()

    def wait(_event: object, _context: object) -> dict[str, Any]:
        released.wait(20)
        return {"statusCode": 200, "body": ""}

    gateway = Gateway([("GET", "/here")], handler=wait, authorizer=allow, time_limit=0.1)
    start = time.monotonic()
    answer = gateway.answer(HttpRequest("GET", "/here", HEADERS, b""))
    assert time.monotonic() - start < 5
    assert answer.status == 504
    released.set()
    gateway.stop()
    assert module.TIME_LIMIT == 29.0


def test_time_runs_out_at_zero() -> None:
    assert LambdaContext("api", time.monotonic() - 1).get_remaining_time_in_millis() == 0
