"""When the variance components are re-estimated: at fixed counts of rows, ever further apart."""

from itertools import count

FIRST = 16


def last_estimation(n_rows: int) -> int:
    """Return the largest of 16, 22, 32, 45, 64, … (16 · √2ᵏ) that is at most `n_rows`, or 0."""
    last = 0
    for step in count():
        due = int(FIRST * 2 ** (step / 2))
        if due > n_rows:
            return last
        last = due
    raise AssertionError
