"""Benchmarks as ratios measured in one run: `make bench`.

Absolute figures depend on the machine and on what else it does; the ratios are what to quote.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.importing import bench_import, sample_texts
from tests.bench.labelling import bench_first_label, bench_labelling
from tests.bench.timing import median_seconds, show
from tests.conftest import ROOT


def bench_start() -> None:
    """Time whole processes: the first answer, and the help."""

    def start(*arguments: str) -> None:
        command = [sys.executable, "awaaz.py", *arguments]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True)

    python = median_seconds(lambda: subprocess.run([sys.executable, "-c", ""], check=True))
    show("start: seconds of python alone", python)
    show("start: seconds of awaaz --help", median_seconds(lambda: start("--help")))
    show("start: seconds of awaaz predict", median_seconds(lambda: start("predict", "me too")))


def main() -> None:
    """Run all benchmarks."""
    with tempfile.TemporaryDirectory() as folder:
        bench_import(Path(folder))
    bench_labelling(sample_texts(1500))
    bench_first_label()
    bench_start()


if __name__ == "__main__":
    main()
