"""Synthesise the cloud; what the CDK's command line runs (cdk.json)."""

from pathlib import Path
import sys
from typing import Final

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from .source import stage_source
from .stack import CloudStack

WORK: Final = Path(".cache/lambda")


def main(outdir: str | None = None, *, work: Path = WORK) -> int:
    """Write the template into `outdir`, or where the CDK's command line wants it."""
    layer = work / "layer"
    if not layer.is_dir():
        print("run backend/infra/build first", file=sys.stderr)  # noqa: T201
        return 1
    app = App(outdir=outdir)
    CloudStack(app, "RhythmIQ", source=stage_source(work / "source"), layer=layer)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
