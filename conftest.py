"""Make this repository's `custom_components` the one Home Assistant's loader finds."""

from pathlib import Path
import sys

sys.path.insert(0, str(Path(__file__).parent))

import custom_components  # noqa: F401 (the test harness brings a package of the same name)

pytest_plugins = ["tests.household"]
