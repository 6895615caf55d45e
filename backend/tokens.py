"""Make and revoke household tokens: `python -m backend.tokens --help`.

python -m backend.tokens --in tokens.json create --profile home
python -m backend.tokens --in dynamodb://TABLE revoke 0123456789abcdef
"""

import argparse
import sys
import time
from typing import Final

from backend.data.tokens import open_tokens
from backend.logic.tokens import create_token

_DAY: Final = 86_400


def main(arguments: list[str] | None = None) -> int:
    """Print a new token, once, or revoke one by its id (the middle of `rq1_<id>_<secret>`)."""
    parser = argparse.ArgumentParser(prog="python -m backend.tokens", description=main.__doc__)
    parser.add_argument("--in", dest="place", required=True, help="a file, or dynamodb://TABLE")
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create")
    create.add_argument("--profile", required=True, help="whose token: 1 to 64 of a-z, 0-9 and -")
    create.add_argument("--days", type=int, default=365, help="valid for (default: %(default)s)")
    revoke = commands.add_parser("revoke")
    revoke.add_argument("id")
    options = parser.parse_args(arguments)

    tokens = open_tokens(options.place)
    if options.command == "create":
        expires_at = int(time.time()) + options.days * _DAY
        try:
            print(create_token(tokens, options.profile, expires_at=expires_at))  # noqa: T201
        except ValueError as err:
            parser.error(str(err))
    elif not tokens.delete(options.id):
        print(f"no such token: {options.id}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
