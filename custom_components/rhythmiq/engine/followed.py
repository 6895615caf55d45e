"""How well a list follows its tune vector."""

from collections.abc import Sequence as ListOf

from .catalog import Catalog
from .index import Index
from .pool import Pool
from .sequence import Sequence, measure
from .tune_vector import TuneVector


def followed(
    catalog: Catalog, uris: ListOf[str], vector: TuneVector, seconds: float | None = None
) -> Sequence | None:
    """Measure a list against the path it was made for, which lasts `seconds` or as it does itself.

    None where the list is empty or the catalog does not know all of its tracks.
    """
    rows = catalog.rows_of(uris)
    if len(rows) == 0 or (rows < 0).any():
        return None
    lasting = Index.of(catalog).seconds(rows)
    path = vector.path(catalog, seconds or vector.seconds or float(lasting.sum()))
    pool = Pool.from_catalog(catalog, rows, seconds=lasting)
    return measure(pool, list(range(len(rows))), path)
