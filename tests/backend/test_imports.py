"""What each process of the cloud loads: cold starts and the home pay for every import."""

import os
from pathlib import Path
import subprocess
import sys

import pytest

from backend.infra.source import stage_source

REPOSITORY = Path(__file__).parents[2]


def loaded(module: str, root: Path) -> set[str]:
    """Return the top-level packages that are there after importing a module in a new process."""
    script = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_the_authorizer_loads_next_to_nothing() -> None:
    heavy = {"numpy", "pydantic", "aws_lambda_powertools", "boto3"}
    assert not heavy & loaded("backend.handlers.authorizer", REPOSITORY)


def test_the_runner_on_disk_needs_no_aws_sdk() -> None:
    # Powertools takes a look at botocore by itself, and does without
    assert not {"boto3", "aws_cdk", "moto"} & loaded("backend.local.__main__", REPOSITORY)


@pytest.mark.parametrize("module", ["backend.handlers.api", "backend.handlers.authorizer"])
def test_the_staged_source_stands_alone(module: str, tmp_path: Path) -> None:
    source = stage_source(tmp_path / "source")
    assert not any(path.is_symlink() for path in source.rglob("*"))
    packages = loaded(module, source)
    assert not {"homeassistant", "custom_components", "soco", "aiohttp"} & packages


def test_staging_again_leaves_nothing_old(tmp_path: Path) -> None:
    source = stage_source(tmp_path / "source")
    (source / "backend" / "old.py").touch()
    assert not (stage_source(source) / "backend" / "old.py").exists()
    assert not list(source.rglob("__pycache__"))
    assert {path.name for path in (source / "backend").iterdir()} == {
        *("__init__.py", "routes.py", "data", "engine", "handlers", "logic")
    }
