"""Run the cloud on this machine: `python -m backend.local --catalog FILE --token-file FILE`."""

import argparse
import os
from pathlib import Path
import signal
import sys
from types import FrameType
import warnings

from backend.engine.errors import EngineError
from backend.handlers import api, authorizer
from backend.routes import ROUTES

from .gateway import Gateway
from .server import LocalServer


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; prints `READY <url>` once requests are answered."""
    parser = argparse.ArgumentParser(prog="python -m backend.local", description=__doc__)
    parser.add_argument("--catalog", required=True, type=Path, help="a saved engine catalog")
    parser.add_argument(
        "--token-file", required=True, type=Path, help="see python -m backend.tokens"
    )
    parser.add_argument("--host", default="127.0.0.1", help="an address of 127.0.0.0/8")
    parser.add_argument("--port", default=8124, type=int, help="0 takes a free one")
    options = parser.parse_args(arguments)

    os.environ["CATALOG_URI"] = str(options.catalog)
    os.environ["TOKENS_URI"] = str(options.token_file)
    os.environ["POWERTOOLS_METRICS_DISABLED"] = "true"
    warnings.filterwarnings("ignore", "No application metrics")  # wanted, see above
    api.logger.setLevel("WARNING")
    signal.signal(signal.SIGTERM, _stop)
    try:
        api.catalog()
        gateway = Gateway(ROUTES, handler=api.handler, authorizer=authorizer.handler)
        with LocalServer(gateway, host=options.host, port=options.port) as server:
            print(f"READY {server.url}", flush=True)  # noqa: T201 (whoever started it waits)
            server.serve_forever()
    except KeyboardInterrupt:
        pass
    except (EngineError, OSError, ValueError) as err:
        print(f"cannot serve: {err}", file=sys.stderr)  # noqa: T201 (a command's word)
        return 1
    return 0


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
