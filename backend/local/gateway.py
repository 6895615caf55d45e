"""What API Gateway does around our functions, in this process.

An HTTP request becomes the real event of a REST API (payload version 1), the authorizer is asked
first and its answer put into the event, and the limits of the service hold: 10 MB per payload,
29 seconds per request.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
import json
import logging
import time
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit
import uuid

PAYLOAD_LIMIT: Final = 10 * 1024**2
"""Bytes of a request's or an answer's body."""
TIME_LIMIT: Final = 29.0
"""Seconds from the request to its answer."""

_API: Final = "arn:aws:execute-api:local:000000000000:rhythmiq/local"

logger = logging.getLogger(__name__)

type Event = dict[str, Any]
type Handler = Callable[[Event, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came over the wire."""

    method: str
    target: str
    """Path and query."""
    headers: Sequence[tuple[str, str]]
    body: bytes
    source_ip: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer as it goes over the wire."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What the Lambda runtime tells a function about its invocation."""

    function_name: str
    deadline: float
    """On the clock of `time.monotonic`."""
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 1024
    log_group_name: str = "local"
    log_stream_name: str = "local"

    @property
    def invoked_function_arn(self) -> str:
        """The name of the function among all functions."""
        return f"arn:aws:lambda:local:000000000000:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left, 0 when time is up."""
        return max(0, int(1_000 * (self.deadline - time.monotonic())))


class _RefusedError(Exception):
    """The gateway itself answers, in the words of API Gateway."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class _Function:
    """One function with one execution environment: one invocation at a time, as in Lambda."""

    def __init__(self, name: str, handler: Handler, time_limit: float) -> None:
        self._name = name
        self._handler = handler
        self._time_limit = time_limit
        self._environment = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def invoke(self, event: Event) -> dict[str, Any]:
        """Call the handler.

        Raises:
            TimeoutError: no answer within the limit.
            Exception: whatever the handler raised.
        """
        context = LambdaContext(self._name, time.monotonic() + self._time_limit)
        return self._environment.submit(self._handler, event, context).result(self._time_limit)

    def stop(self) -> None:
        """Take no further invocation."""
        self._environment.shutdown(wait=False, cancel_futures=True)


class Gateway:
    """A REST API with one function behind its routes and one authorizer before them."""

    def __init__(
        self,
        routes: Sequence[tuple[str, str]],
        *,
        handler: Handler,
        authorizer: Handler,
        time_limit: float = TIME_LIMIT,
    ) -> None:
        self._routes = frozenset(routes)
        self._function = _Function("api", handler, time_limit)
        self._authorizer = _Function("authorizer", authorizer, time_limit)

    def stop(self) -> None:
        """Take no further request."""
        self._function.stop()
        self._authorizer.stop()

    def answer(self, request: HttpRequest) -> HttpAnswer:
        """Answer as API Gateway would, whatever the functions do."""
        try:
            event = rest_event(request)
            self._check_route(event)
            event["requestContext"]["authorizer"] = self._authorize(event)
            return self._invoke(event)
        except _RefusedError as refusal:
            body = json.dumps({"message": refusal.message}).encode()
            return HttpAnswer(refusal.status, [("Content-Type", "application/json")], body)

    def _check_route(self, event: Event) -> None:
        if (event["httpMethod"], event["path"]) not in self._routes:
            raise _RefusedError(404, "Not found")

    def _authorize(self, event: Event) -> dict[str, str]:
        """Return what the authorizer says of the caller."""
        if not any(name.lower() == "authorization" for name in event["headers"]):
            raise _RefusedError(401, "Unauthorized")
        arn = f"{_API}/{event['httpMethod']}{event['path']}"
        question = event | {"type": "REQUEST", "methodArn": arn}
        del question["body"], question["isBase64Encoded"]
        try:
            decision = self._authorizer.invoke(question)
        except Exception as err:
            if str(err) == "Unauthorized":
                raise _RefusedError(401, "Unauthorized") from None
            logger.exception("the authorizer failed")
            raise _RefusedError(500, "Internal server error") from None
        if not allows(decision["policyDocument"], arn):
            raise _RefusedError(403, "User is not authorized to access this resource")
        return {
            "principalId": decision["principalId"],
            **{name: _flat(value) for name, value in decision.get("context", {}).items()},
        }

    def _invoke(self, event: Event) -> HttpAnswer:
        """Return the function's answer; when it fails, the log learns more than the caller."""
        try:
            answer = http_answer(self._function.invoke(event))
        except TimeoutError:
            raise _RefusedError(504, "Endpoint request timed out") from None
        except Exception:
            logger.exception("the function failed")
            raise _RefusedError(502, "Internal server error") from None
        if len(answer.body) > PAYLOAD_LIMIT:
            raise _RefusedError(502, "Internal server error")
        return answer


def rest_event(request: HttpRequest) -> Event:
    """Return the proxy event of a REST API for a request, not yet authorized."""
    url = urlsplit(request.target)
    headers = _gather(request.headers)
    query = _gather(parse_qsl(url.query, keep_blank_values=True))
    now = datetime.now(UTC)
    return {
        "resource": url.path,
        "path": url.path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "rhythmiq",
            "httpMethod": request.method,
            "identity": {
                "sourceIp": request.source_ip,
                "userAgent": headers.get("User-Agent", [None])[-1],
            },
            "path": f"/local{url.path}",
            "protocol": "HTTP/1.1",
            "requestId": str(uuid.uuid4()),
            "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": int(1_000 * now.timestamp()),
            "resourceId": "local",
            "resourcePath": url.path,
            "stage": "local",
        },
        # API Gateway hands bodies on as text unless told that a type is binary; ours is not
        "body": request.body.decode("utf-8", errors="replace") or None,
        "isBase64Encoded": False,
    }


def http_answer(answer: Mapping[str, Any]) -> HttpAnswer:
    """Return what a function's proxy answer says over the wire.

    Raises:
        KeyError, TypeError, ValueError: not a proxy answer.
    """
    headers = [*answer.get("headers", {}).items()] + [
        (name, value)
        for name, values in answer.get("multiValueHeaders", {}).items()
        for value in values
    ]
    return HttpAnswer(int(answer["statusCode"]), headers, (answer["body"] or "").encode())


def allows(policy: Mapping[str, Any], arn: str) -> bool:
    """Return whether a policy lets a caller at a method: one Allow, and no Deny."""
    effects = {
        statement["Effect"]
        for statement in policy["Statement"]
        if fnmatchcase(arn, statement["Resource"])
    }
    return effects == {"Allow"}


def _gather(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    gathered = defaultdict[str, list[str]](list)
    for name, value in pairs:
        gathered[name].append(value)
    return dict(gathered)


def _flat(value: str | float | bool) -> str:
    """Return an authorizer's value as a REST API hands it on: all are strings."""
    return str(value).lower() if isinstance(value, bool) else str(value)
