"""Learning what listeners like from what they did; numpy only."""

from .model import ContextModel
from .taste import Taste

__all__ = ["ContextModel", "Taste"]
