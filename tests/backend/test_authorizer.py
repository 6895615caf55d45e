"""The authorizer, asked as API Gateway asks."""

from pathlib import Path
import time
from typing import Any

import pytest

from backend.data.token_file import TokenFile
from backend.handlers import authorizer
from backend.logic.tokens import create_token

from .conftest import PROFILE, TABLE

ARN = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/live/POST/v1/recommendations"


def question(authorization: str | None, name: str = "Authorization") -> dict[str, Any]:
    headers = {"Host": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"}
    if authorization is not None:
        headers[name] = authorization
    return {"type": "REQUEST", "methodArn": ARN, "headers": headers, "path": "/v1/recommendations"}


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_a_household_may_use_the_whole_stage_and_no_other(
    functions: None, token: str, name: str
) -> None:
    answer = authorizer.handler(question(f"Bearer {token}", name), None)
    assert answer["principalId"] == PROFILE
    assert answer["context"] == {"profile_id": PROFILE, "token_id": token.split("_")[1]}
    assert answer["policyDocument"]["Statement"] == [
        {
            "Action": "execute-api:Invoke",
            "Effect": "Allow",
            "Resource": "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/live/*",
        }
    ]


def test_the_table_serves_as_well_as_the_file(
    functions: None, aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENS_URI", f"dynamodb://{TABLE}")
    token = create_token(authorizer.tokens(), "other", expires_at=int(time.time()) + 60)
    assert authorizer.handler(question(f"Bearer {token}"), None)["principalId"] == "other"


@pytest.mark.parametrize("authorization", [None, "", "Bearer nonsense"])
def test_without_a_token_that_counts_the_answer_is_unauthorized(
    functions: None, authorization: str | None
) -> None:
    with pytest.raises(authorizer.UnauthorizedError, match=r"^Unauthorized$"):
        authorizer.handler(question(authorization), None)


def test_an_expired_token_is_unauthorized_and_never_logged(
    functions: None, token_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    token = create_token(TokenFile(token_file), PROFILE, expires_at=int(time.time()) - 1)
    with pytest.raises(authorizer.UnauthorizedError, match=r"^Unauthorized$"):
        authorizer.handler(question(f"Bearer {token}"), None)
    assert "has expired" in caplog.text
    assert token.split("_", 2)[2] not in caplog.text
