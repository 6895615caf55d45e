from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.rhythmiq.engine.topk import top_k


@given(st.integers(0, 2**32 - 1), st.integers(0, 400), st.integers(0, 500), st.integers(1, 50))
def test_small_arrays_equal_a_full_sort(seed: int, n: int, k: int, distinct: int) -> None:
    score = np.random.default_rng(seed).integers(0, distinct, n).astype(np.float32)
    expected = np.argsort(-score, kind="stable")[:k]
    assert top_k(score, k).tolist() == expected.tolist()


@pytest.mark.parametrize("n", [64 * 512, 64 * 512 + 1, 100_003])
@pytest.mark.parametrize("k", [1, 50, 256, 257, 5000])
@pytest.mark.parametrize("distinct", [1, 20, 10**9])
def test_large_arrays_equal_a_full_sort(n: int, k: int, distinct: int) -> None:
    score = np.random.default_rng(n + k).integers(0, distinct, n).astype(np.float32)
    score[-1] = distinct + 1  # in the rest that fills no block
    expected = np.argsort(-score, kind="stable")[:k]
    assert top_k(score, k).tolist() == expected.tolist()
