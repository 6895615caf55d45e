"""Invented listeners and outcomes for the learning tests."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.rhythmiq.engine import ContextModel

N_FEATURES, N_CONTEXT = 5, 3


@dataclass(frozen=True)
class Outcomes:
    """Rows as `observe` takes them."""

    listener: NDArray[np.int64]
    track: NDArray[np.int64]
    artist: NDArray[np.int64]
    features: NDArray[np.float64]
    context: NDArray[np.float64]
    reward: NDArray[np.float64]
    when: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.listener)

    def __getitem__(self, rows: Any) -> Outcomes:
        return Outcomes(*(getattr(self, field.name)[rows] for field in fields(self)))

    def asked(self) -> dict[str, NDArray[Any]]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "reward"}

    def observed(self) -> dict[str, NDArray[Any]]:
        return {**self.asked(), "reward": self.reward}


def outcomes(
    n: int, seed: int = 0, *, listeners: int = 3, tracks: int = 40, context_matters: float = 1.0
) -> Outcomes:
    """Return n rows of people whose taste is partly the model's form, partly not."""
    rng = np.random.default_rng(seed)
    catalog = rng.normal(size=(tracks, N_FEATURES)) * [1, 10, 0.1, 3, 1] + [0, 120, 0, -8, 5]
    catalog[:, 4] = rng.random(tracks) < 0.3
    who, track = rng.integers(listeners, size=n), rng.integers(tracks, size=n)
    context = rng.normal(size=(n, N_CONTEXT)) * [1, 20, 1]
    z = (catalog[track] - catalog.mean(axis=0)) / catalog.std(axis=0)
    wish = 0.8 * z[:, 0] + 0.6 * z[:, 1] * (-1.0) ** who + context_matters * z[:, 2] * context[:, 0]
    reward = 1 / (1 + np.exp(-wish - rng.normal(size=n)))
    return Outcomes(
        who + 7, track * 3, track // 4, catalog[track], context, reward, np.cumsum(
            rng.exponential(900, size=n)
        ),
    )  # fmt: skip


def learned(rows: Outcomes, **options: Any) -> ContextModel:
    """Return a model that observed the rows."""
    model = ContextModel(N_FEATURES, N_CONTEXT, **options)
    model.observe(**rows.observed())
    return model
