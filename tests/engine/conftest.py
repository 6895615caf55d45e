"""The engine knows no Home Assistant, so its tests start none."""

import pytest


@pytest.fixture(autouse=True)
def custom_integrations() -> None:
    """Replace the fixture of the same name that needs a Home Assistant."""
