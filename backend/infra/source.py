"""The part of this repository that a Lambda function runs."""

from pathlib import Path
import shutil
from typing import Final

BACKEND: Final = Path(__file__).parents[1]

_PACKAGES: Final = ("data", "engine", "handlers", "logic")
_MODULES: Final = ("__init__.py", "routes.py")


def stage_source(target: Path) -> Path:
    """Copy what the functions import, as the package `backend`, into an emptied folder.

    The engine, a link to the integration's own in the repository, arrives as plain files.
    """
    shutil.rmtree(target, ignore_errors=True)
    package = target / "backend"
    package.mkdir(parents=True)
    for name in _MODULES:
        shutil.copy(BACKEND / name, package)
    for name in _PACKAGES:
        shutil.copytree(
            BACKEND / name, package / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    return target
