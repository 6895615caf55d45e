"""The use case of the cloud: the moment of a home in, a list of tracks with reasons out."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from backend.engine.catalog import Catalog
from backend.engine.ranking import rank
from backend.engine.wire import recommendation_to_json, request_from_json


def recommend(catalog: Catalog, seed: int, request: Mapping[str, Any]) -> dict[str, Any]:
    """Rank the catalog as the home itself would.

    Args:
        catalog: the candidates.
        seed: 0 or more, for `numpy.random.default_rng`: the same seed gives the same list in the
            cloud and at home.
        request: an engine request in its JSON form.

    Raises:
        EngineError: the request asks for something that cannot be.
    """
    recommendation = rank(catalog, request_from_json(request), rng=np.random.default_rng(seed))
    return recommendation_to_json(recommendation)
