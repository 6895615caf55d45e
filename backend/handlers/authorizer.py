"""The REST API's authorizer: says which household calls.

API Gateway asks once per token and 300 seconds.  Neither numpy nor Powertools is imported here,
so a cold start costs no more than the AWS SDK.
"""

from functools import cache
import logging
import os
import time
from typing import Any

from backend.data.tokens import TokenStore, open_tokens
from backend.logic.tokens import InvalidTokenError, verify_token

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


class UnauthorizedError(Exception):
    """API Gateway answers 401 to this very message, and 500 to any other."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


@cache
def tokens() -> TokenStore:
    """Return the store named by `TOKENS_URI`: one per process."""
    return open_tokens(os.environ["TOKENS_URI"])


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Allow the whole stage to a household that proves itself.

    The policy names the stage, not the method: API Gateway caches it under the token alone.

    Raises:
        UnauthorizedError: no token, or not one that counts.
    """
    authorization = next(
        (value for name, value in event["headers"].items() if name.lower() == "authorization"), ""
    )
    try:
        token = verify_token(tokens(), authorization, now=time.time())
    except InvalidTokenError as err:
        logger.warning("token refused: %s", err)
        raise UnauthorizedError from None
    api_and_stage = "/".join(event["methodArn"].split("/", 2)[:2])
    return {
        "principalId": token.profile_id,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": f"{api_and_stage}/*",
                }
            ],
        },
        "context": {"profile_id": token.profile_id, "token_id": token.token_id},
    }
