"""When the variance components are re-estimated: at fixed counts of rows, ever further apart."""

FIRST = 16


def last_estimation(n_rows: int) -> int:
    """Return the largest of 16, 22, 32, 45, 64, … (16 · √2ᵏ) that is at most `n_rows`, or 0."""
    last, step = 0, 0
    while (due := int(FIRST * 2 ** (step / 2))) <= n_rows:
        last, step = due, step + 1
    return last
