"""Diversity_P and Diversity_S with numpy, scipy and numba.

Arguments: method (gram, pdist, prim), agents. Prints the seconds the computation took and its figure, 0 to 1.
"""

import sys
import time

import numpy as np

ITEMS = 223
OPTIONS = np.array([2, 3, 4, 5, 10], dtype=np.uint64)


def splitmix64(x):
    with np.errstate(over="ignore"):
        z = x + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def answers(n):
    place = np.arange(n * ITEMS, dtype=np.uint64)
    options = OPTIONS[(place % np.uint64(ITEMS)) % np.uint64(len(OPTIONS))]
    found = 1 + splitmix64(np.uint64(2000003) + place) % options
    spans = OPTIONS[np.arange(ITEMS) % len(OPTIONS)].astype(float) - 1
    return found.astype(np.int8).reshape(n, ITEMS), np.sqrt((spans**2).sum())


def gram(x, scale):
    """All distances from one matrix product."""
    x = x.astype(float)
    norms = (x * x).sum(axis=1)
    squared = norms[:, None] + norms[None, :] - 2 * (x @ x.T)
    np.maximum(squared, 0, out=squared)
    np.sqrt(squared, out=squared)
    n = len(x)
    return (squared.sum() - np.trace(squared)) / (n * (n - 1)) / scale


def pdist(x, scale):
    from scipy.spatial.distance import pdist as distances

    return distances(x.astype(float)).mean() / scale


def prim(x, scale):
    """Prim's algorithm without a matrix, compiled."""
    from numba import njit

    @njit(cache=False)
    def tree(x):
        n, items = x.shape
        nearest = np.full(n, np.iinfo(np.int32).max, dtype=np.int32)
        inside = np.zeros(n, dtype=np.bool_)
        last, total = 0, 0.0
        inside[0] = True
        for _ in range(n - 1):
            best, chosen = np.iinfo(np.int32).max, -1
            for j in range(n):
                if inside[j]:
                    continue
                squared = np.int32(0)
                for k in range(items):
                    step = np.int32(x[last, k]) - np.int32(x[j, k])
                    squared += step * step
                if squared < nearest[j]:
                    nearest[j] = squared
                if nearest[j] < best:
                    best, chosen = nearest[j], j
            inside[chosen] = True
            total += np.sqrt(best)
            last = chosen
        return total / (n - 1)

    tree(x[:3].copy())
    return lambda: tree(x) / scale


def main():
    method, n = sys.argv[1], int(sys.argv[2])
    x, scale = answers(n)
    compute = prim(x, scale) if method == "prim" else (lambda: {"gram": gram, "pdist": pdist}[method](x, scale))
    started = time.perf_counter()
    figure = compute()
    print(time.perf_counter() - started, figure)


main()
