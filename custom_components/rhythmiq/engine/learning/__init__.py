"""Learning what listeners like from what they did; numpy only."""

from .model import ContextModel

__all__ = ["ContextModel"]
