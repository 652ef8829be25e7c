"""Timing and printing, for all benchmarks."""

import gc
import statistics
import time
from collections.abc import Callable, Sequence

ROUNDS = 3


def median_seconds(work: Callable[[], object]) -> float:
    """Return the median time of several rounds."""
    return statistics.median(seconds(work) for _ in range(ROUNDS))


def seconds_in_turns(works: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Return the times of each work, round by round, after one round to warm up.

    The works take turns, so that what else the machine does falls on all of a round alike.
    """
    for work in works:
        work()
    gc.collect()
    gc.freeze()  # what the caller holds in memory is not to be walked through in what is timed
    times = [[seconds(work) for work in works] for _ in range(rounds)]
    gc.unfreeze()
    return [list(column) for column in zip(*times, strict=True)]


def median_ratio(times: Sequence[float], to: Sequence[float]) -> float:
    """Return the median over rounds of the ratio of two works' times."""
    return statistics.median(each / other for each, other in zip(times, to, strict=True))


def seconds(work: Callable[[], object]) -> float:
    """Return how long the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def show(name: str, value: float) -> None:
    """Print one figure."""
    print(f"{name:<64} {value:>10,.2f}", flush=True)
