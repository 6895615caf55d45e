"""Fixtures for every test."""

from collections.abc import Iterator

import pytest
import pytest_socket

pytest_plugins = ["tests.household"]


@pytest.fixture(autouse=True)
def custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load this repository's integration."""
