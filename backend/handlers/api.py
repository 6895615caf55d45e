"""The REST API: what a home asks the cloud."""

from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
import json
import os
import time
from typing import Annotated, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, Field

from backend.data.catalog import load_catalog
from backend.engine.catalog import Catalog
from backend.engine.errors import EngineError
from backend.logic.recommend import recommend
from backend.routes import HOUSEHOLD, RECOMMENDATIONS

logger = Logger(service="recommendations")
metrics = Metrics(namespace="RhythmIQ", service="recommendations")
app = APIGatewayRestResolver(enable_validation=True)


class RecommendationOrder(BaseModel):
    """The body of `POST /v1/recommendations`; the engine itself judges what `request` says."""

    model_config = ConfigDict(extra="forbid", strict=True)

    seed: Annotated[int, Field(ge=0, lt=2**63)]
    request: dict[str, Any]


class Household(BaseModel):
    """The answer of `GET /v1/household`: whose token that was, and how much there is to play."""

    profile_id: str
    tracks: int


@cache
def catalog() -> Catalog:
    """Return the catalog that `CATALOG_URI` names: read once per process."""
    start = time.perf_counter()
    loaded = load_catalog(os.environ["CATALOG_URI"])
    seconds = time.perf_counter() - start
    logger.info("catalog loaded", tracks=loaded.n_tracks, seconds=round(seconds, 3))
    return loaded


@app.get(HOUSEHOLD)
def read_household() -> Household:
    """Tell a home that its address and token are right, at next to no cost."""
    metrics.add_metric("HouseholdChecks", MetricUnit.Count, 1)
    return Household(profile_id=_profile_id(), tracks=catalog().n_tracks)


@app.post(RECOMMENDATIONS)
def create_recommendation(order: RecommendationOrder) -> dict[str, Any]:
    """Answer a moment with a list of tracks."""
    start = time.perf_counter()
    answer = recommend(catalog(), order.seed, order.request)
    milliseconds = 1_000 * (time.perf_counter() - start)
    metrics.add_metric("RankingTime", MetricUnit.Milliseconds, milliseconds)
    logger.info(
        "recommended",
        profile_id=_profile_id(),
        tracks=len(answer["tracks"]),
        milliseconds=round(milliseconds, 1),
    )
    return answer


@app.exception_handler(EngineError)  # type: ignore[untyped-decorator]
def refuse(error: EngineError) -> Response[str]:
    """Answer 422 with a key that the home translates."""
    metrics.add_metric("RequestsRefused", MetricUnit.Count, 1)
    logger.info("refused", key=error.key)
    return _error(HTTPStatus.UNPROCESSABLE_ENTITY, error.key, error.placeholders, str(error))


@app.exception_handler(RequestValidationError)  # type: ignore[untyped-decorator]
def reject(error: RequestValidationError) -> Response[str]:
    """Answer 400 to a body that no home of ours sends, naming the fields but not their values."""
    return _malformed(".".join(map(str, found["loc"])) for found in error.errors())


@app.exception_handler(RecursionError)  # type: ignore[untyped-decorator]
def reject_depth(_error: RecursionError) -> Response[str]:
    """Answer 400 to a body nested so deeply that the parser gave up."""
    return _malformed(["body"])


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of API Gateway (REST API, payload version 1)."""
    return app.resolve(event, context)


def _profile_id() -> str:
    """Return whose request this is: the authorizer's word, never the caller's."""
    profile_id: str = app.current_event.request_context.authorizer["profile_id"]
    return profile_id


def _malformed(places: Iterable[str]) -> Response[str]:
    metrics.add_metric("RequestsMalformed", MetricUnit.Count, 1)
    fields = ", ".join(places)
    return _error(
        HTTPStatus.BAD_REQUEST,
        "invalid_request",
        {"fields": fields},
        f"The request is malformed: {fields}",
    )


def _error(
    status: HTTPStatus, key: str, placeholders: dict[str, str], message: str
) -> Response[str]:
    return Response(
        status_code=status,
        content_type=content_types.APPLICATION_JSON,
        body=json.dumps({"error": {"key": key, "placeholders": placeholders, "message": message}}),
    )
