"""A starter catalog of invented tracks, for the demo and for first steps without an export.

Nothing in it exists: artists and titles come from a word grammar (`words`), features are
drawn per genre (`generate`) from a small table of statistics (`genres.csv`,
`correlations.csv`), which `measure` computed once from real tracks.
"""

from .generate import write

__all__ = ["write"]
