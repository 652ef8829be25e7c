"""A month of what `make stress` does for a year."""

from pathlib import Path

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
