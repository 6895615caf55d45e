"""Household tokens in DynamoDB: items `TOKEN#<id>` of the single table."""

from typing import Any, Final

import boto3

from .tokens import HouseholdToken

SORT_KEY: Final = "TOKEN"


class TokenTable:
    """Tokens in one table; its TTL attribute is `expires_at`.

    DynamoDB removes expired items days late, so whoever reads compares the time again.
    """

    def __init__(self, table: str) -> None:
        self._table = table
        self._client = boto3.client("dynamodb")

    def get(self, token_id: str) -> HouseholdToken | None:
        """Read one token."""
        answer = self._client.get_item(TableName=self._table, Key=_key(token_id))
        if (item := answer.get("Item")) is None:
            return None
        return HouseholdToken(
            token_id=token_id,
            digest=item["digest"]["S"],
            profile_id=item["profile_id"]["S"],
            expires_at=int(item["expires_at"]["N"]),
        )

    def put(self, token: HouseholdToken) -> None:
        """Write one token."""
        self._client.put_item(
            TableName=self._table,
            Item=_key(token.token_id)
            | {
                "digest": {"S": token.digest},
                "profile_id": {"S": token.profile_id},
                "expires_at": {"N": str(token.expires_at)},
            },
        )

    def delete(self, token_id: str) -> bool:
        """Remove one token."""
        answer = self._client.delete_item(
            TableName=self._table, Key=_key(token_id), ReturnValues="ALL_OLD"
        )
        return "Attributes" in answer


def _key(token_id: str) -> dict[str, Any]:
    return {"pk": {"S": f"TOKEN#{token_id}"}, "sk": {"S": SORT_KEY}}
