"""A month of what `make stress` does for a year, and that a seed settles all of it."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.stress.year import simulate


def test_a_simulated_month_keeps_every_promise(tmp_path: Path) -> None:
    report = simulate(tmp_path, 30, 3)
    assert report.wrong == []
    assert min(report.posts[platform] for platform in ("x", "reddit")) > 100
    assert report.forgotten
    states = {(source, state) for source, state, _ in report.coverage}
    assert states > {("x", "covered"), ("x", "partly"), ("reddit", "covered")}
    assert ("x", "partly", "left_out") in report.coverage, "the budget is meant to bind"
    met = {"nobody collecting", "clock ahead", "clock back", "outage (X)", "spent cap (X)"}
    assert met <= report.faults.keys()


def read_ledger(folder: Path) -> list[Any]:
    with sqlite3.connect(folder / "year.db") as connection:
        rows = connection.execute("SELECT * FROM runs ORDER BY id").fetchall()
    connection.close()
    return rows


def test_a_seed_settles_all_that_happens(tmp_path: Path) -> None:
    reports, ledgers = [], []
    for name in ("once", "again"):
        (folder := tmp_path / name).mkdir()
        reports.append(replace(simulate(folder, 5, 4), seconds=0.0))
        ledgers.append(read_ledger(folder))
    assert reports[0].faults["rate limit (X)"], "some waiting is meant to be among it"
    assert reports[0] == reports[1]
    assert ledgers[0] == ledgers[1]
