"""Timing and printing, for all benchmarks."""

import statistics
import time
from collections.abc import Callable

ROUNDS = 3


def median_seconds(work: Callable[[], object]) -> float:
    """Return the median time of several rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def show(name: str, value: float) -> None:
    """Print one figure."""
    print(f"{name:<64} {value:>10,.2f}", flush=True)
