"""Stress: a simulated year, and a collection killed 200 times; `make stress`.

`--write` keeps the report in tests/stress/last.md. Ends with 1 where a promise was broken.

A seed settles all that is up to chance: what is posted, edited and deleted and when, the faults,
the draws where the budget binds, how long the collector waits after a fault, and the points of the
kills. The clock is the world's own. So a run with the same days and seed has the same ledger, and
the same report but for the seconds it took. Nothing here is drawn by hypothesis; what is, in the
tests, is settled by `pytest --hypothesis-seed=N`.
"""

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.stress.year import BUDGET, Report, simulate

LAST = Path(__file__).with_name("last.md")
MOST = 20
"""Broken promises that are named."""


def main() -> None:
    """Run what is asked for and say what came of it."""
    options = read_options()
    logging.disable(logging.CRITICAL)  # the year's faults are meant, and many
    with tempfile.TemporaryDirectory() as folder:
        report = simulate(Path(folder), options.days, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        kills = kill_collections(Path(folder), options.kills, options.seed)
    lines = [*describe_year(report), "", *describe_kills(kills)]
    text = "\n".join([*head(options), "", *lines, ""])
    print(text)
    if options.write:
        LAST.write_text(text, encoding="utf-8")
    sys.exit(1 if report.wrong or kills["failed"] else 0)


def read_options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__)
    parser.add_argument("--days", type=int, default=365, help="of the simulated year")
    parser.add_argument("--kills", type=int, default=200, help="of a collection")
    parser.add_argument("--seed", type=int, default=1, help="of all that is up to chance")
    parser.add_argument("--write", action="store_true", help=f"keep the report in {LAST.name}")
    return parser.parse_args()


def kill_collections(folder: Path, count: int, seed: int) -> dict[str, Any]:
    """Return what became of a collection that was killed `count` times; see `tests.killing`."""
    started = time.monotonic()
    command = [sys.executable, "-m", "tests.killing", "collect", str(folder), "-"]
    done = subprocess.run(
        [*command, str(seed), str(count)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    answer: dict[str, Any] = {"kills": 0, "statements": 0, "rows": {}, "failed": ""}
    if done.returncode:
        answer["failed"] = done.stderr[-2000:]
    else:
        answer |= json.loads(done.stdout.splitlines()[-1])
    return answer | {"seconds": time.monotonic() - started}


def head(options: argparse.Namespace) -> list[str]:
    """Return the title, with its date and with what was asked for."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    asked = f"--days {options.days} --kills {options.kills} --seed {options.seed}"
    return ["# Stress", "", f"{today}, `python -m tests.stress {asked}`"]


def describe_year(report: Report) -> Iterator[str]:
    """Yield the report of the simulated year."""
    held = sum(report.posts.values())
    wrong = len(report.wrong)
    verdict = "every promise was kept" if not wrong else f"{wrong} promises were BROKEN"
    yield f"## A simulated year: {verdict}"
    yield ""
    yield (
        f"{report.days} days in {report.seconds:.0f} s: {held:,} posts held at the end, as the"
        f" platforms have them; {report.forgotten:,} forgotten after deletion."
    )
    yield from (f"- {line}" for line in report.wrong[:MOST])
    yield from ("", "| Days of queries | covered | partly | not | why not all |", "|-|-|-|-|-|")
    yield from describe_coverage(report)
    faults = ", ".join(f"{name} {times:,}" for name, times in report.faults.most_common() if times)
    ends = ", ".join(f"{stop} {times:,}" for stop, times in report.stops.items())
    yield from ("", f"Faults survived, by request or turn that met one: {faults}.", "")
    yield from (f"Ends of runs: {ends}.", "")
    months = ", ".join(
        f"{month} {charged:.2f} ({known:.2f})"
        for month, (charged, known) in report.spending.items()
    )
    yield (
        f"Charged by X, and known to the store as spent at most, of ${BUDGET.dollars:.2f} a month:"
        f" {months}. Re-checking, a line of its own: {report.checks:.2f}."
    )


def describe_coverage(report: Report) -> Iterator[str]:
    """Yield a row of the table for each source."""
    for source in sorted({source for source, _, _ in report.coverage}):
        states: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        for (name, state, reason), days in report.coverage.items():
            if name == source:
                states[state] += days
                reasons[reason] += days
        why = ", ".join(f"{reason} {days}" for reason, days in reasons.most_common() if reason)
        figures = " | ".join(str(states[state]) for state in ("covered", "partly", "uncovered"))
        yield f"| {source} | {figures} | {why} |"


def describe_kills(kills: dict[str, Any]) -> Iterator[str]:
    """Yield what became of the collection that was killed."""
    if kills["failed"]:
        yield from ("## A killed collection: the store DIFFERS", "", kills["failed"])
        return
    yield from (f"## A collection killed {kills['kills']} times: the same store each time", "")
    rows = ", ".join(f"{count:,} {table}" for table, count in kills["rows"].items() if count)
    yield (
        f"Killed before one of its {kills['statements']:,} statements and commits, begun again,"
        f" compared with one left alone ({rows}): {kills['seconds']:.0f} s."
    )


if __name__ == "__main__":
    main()
