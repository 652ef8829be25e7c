"""Timing and printing, for all benchmarks."""

import gc
import statistics
import time
from collections.abc import Callable, Sequence

ROUNDS = 3


def median_seconds(work: Callable[[], object]) -> float:
    """Return the median time of several rounds."""
    return statistics.median(seconds(work) for _ in range(ROUNDS))


def median_seconds_each(works: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Return the median time of each work after one round to warm up.

    The works take turns, so that what else the machine does falls on all of them alike.
    """
    for work in works:
        work()
    gc.collect()
    gc.freeze()  # what the caller holds in memory is not to be walked through in what is timed
    times = [[seconds(work) for work in works] for _ in range(rounds)]
    gc.unfreeze()
    return [statistics.median(column) for column in zip(*times, strict=True)]


def seconds(work: Callable[[], object]) -> float:
    """Return how long the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def show(name: str, value: float) -> None:
    """Print one figure."""
    print(f"{name:<64} {value:>10,.2f}", flush=True)
