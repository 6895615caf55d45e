from pathlib import Path
import shutil
import subprocess
import sys

ENGINE = Path(__file__).parents[2] / "custom_components" / "rhythmiq" / "engine"

PROGRAM = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"homeassistant", "custom_components", "voluptuous", "soco"}:
            raise ImportError(f"{name} is not for the engine")

sys.meta_path.insert(0, Blocked())
import numpy as np
from elsewhere.core import Catalog, Context, Request, rank

tracks = Catalog.from_arrays(
    [[0.1, 80], [0.5, 100], [0.9, 130]], ["energy", "tempo"], uri=["slow", "medium", "fast"]
)
context = Context.from_values({"noise_level": 75})
wish = Request(context=context, mood="energetic", count=1)
found = rank(tracks, wish, rng=np.random.default_rng(0))
print(found.tracks[0].uri)
"""


def test_a_copy_under_another_name_works_alone(tmp_path: Path) -> None:
    package = tmp_path / "elsewhere"
    package.mkdir()
    (package / "__init__.py").touch()
    shutil.copytree(ENGINE, package / "core", ignore=shutil.ignore_patterns("__pycache__"))
    run = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{PROGRAM}",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.stderr == ""
    assert run.stdout.strip() == "fast"
