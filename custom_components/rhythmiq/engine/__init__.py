"""The ranking core: a moment goes in, a path through music comes out.

Pure arithmetic on arrays and frozen dataclasses; numpy only, no input or output, no clock.
"""

from .catalog import Catalog
from .context import Context
from .errors import EngineError
from .features import FEATURE_NAMES, FEATURES
from .learning import ContextModel
from .listener import Bans, Heard, Listener, Preference
from .moods import MOODS
from .musical_key import parse_key
from .pool import Pool
from .ranking import rank
from .recommendation import Reason, Recommendation, RecommendedTrack
from .request import Request
from .sequence import measure, sequence
from .similar import similar
from .tune_vector import TuneVector, Waypoint
from .variables import VARIABLES, Privacy, Variable
from .wire import (
    recommendation_from_json,
    recommendation_to_json,
    request_from_json,
    request_to_json,
)

__all__ = [
    "FEATURES",
    "FEATURE_NAMES",
    "MOODS",
    "VARIABLES",
    "Bans",
    "Catalog",
    "Context",
    "ContextModel",
    "EngineError",
    "Heard",
    "Listener",
    "Pool",
    "Preference",
    "Privacy",
    "Reason",
    "Recommendation",
    "RecommendedTrack",
    "Request",
    "TuneVector",
    "Variable",
    "Waypoint",
    "measure",
    "parse_key",
    "rank",
    "recommendation_from_json",
    "recommendation_to_json",
    "request_from_json",
    "request_to_json",
    "sequence",
    "similar",
]
