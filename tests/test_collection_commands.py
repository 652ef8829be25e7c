"""The commands around collection, through their own process, with X on this machine."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from collector.sources.x import EDGE, RECENT_SPAN
from tests.commanding import call
from tests.servers.x_faults import spend_cap
from tests.servers.x_server import XServer


def now() -> datetime:
    return datetime.now(UTC)


def full_days() -> int:
    """Return how many whole days X still gives: six of seven, one less as a day ends."""
    first = (now() - RECENT_SPAN + EDGE).date()
    return (now().date() - first).days - 1


def environment(x: XServer) -> dict[str, Any]:
    return {
        "AWAAZ_X_BEARER_TOKEN": "invented-bearer",
        "AWAAZ_X__ENDPOINT": x.url,
        "AWAAZ_X__QUERIES": '{"latin": ["#MeToo"]}',
        "AWAAZ_REDDIT__ENABLED": "false",
    }


def test_coverage_and_a_hold_are_shown_and_lifted(tmp_path: Path) -> None:
    call("models", "list")  # makes a store that nothing was collected into
    assert "ledger is empty" in call("coverage").stdout
    with XServer(token="invented-bearer", clock=now) as x:
        x.corpus.post("Invented #MeToo", now() - timedelta(days=3))
        x.script(spend_cap())
        refused = call("collect", "x", code=1, **environment(x))
        assert "left alone until" in refused.stderr
        shown = call("coverage", "--source", "x").stdout
        assert "cap is spent" in shown
        assert "awaaz resume x" in shown
        call("collect", "x", code=1, **environment(x))
        assert len(x.asked) == 1
        assert "asked again" in call("resume", "x").stdout
        assert "was not left alone" in call("resume", "x").stdout
        full = full_days()
        call("collect", "x", **environment(x))
    shown = call("coverage").stdout
    assert "█" * min(full, full_days()) in shown
    assert "awaaz resume" not in shown
    assert "x, this month (UTC): $0.01 and 1 posts" in shown or "$0.02 and 1 posts" in shown
    assert "no budget is set (x.budget_dollars)" in shown


def test_backfill_estimates_asks_and_goes_on(tmp_path: Path) -> None:
    span = ("backfill", "--since", "2018-10-08", "--until", "2018-10-10")
    with XServer(token="invented-bearer", clock=now) as x:
        at = datetime(2018, 10, 8, 12, tzinfo=UTC)
        for day in range(-1, 4):
            x.corpus.post("Invented #MeToo", at + timedelta(days=day))
        refused = call(*span, code=1, **environment(x))  # nobody answers the question
        assert "About 3 posts for at most $0.04" in refused.stdout
        assert {each.path for each in x.asked} == {"/2/tweets/counts/all"}
        done = call(*span, "--yes", **environment(x))
        assert "3 new" in done.stdout
        x.asked.clear()
        assert "Nothing is missing" in call(*span, **environment(x)).stdout
        assert x.asked == []
        call(
            "backfill", "--since", "2018-10-08", "--until", "2018-10-11", "--yes", **environment(x)
        )
        assert x.asked[-1].params["start_time"] == "2018-10-11T00:00:00Z"
    shown = call("coverage").stdout
    assert "2018-10" in shown
    assert "████" in shown


def test_backfill_says_why_not() -> None:
    span = ("backfill", "--since", "2018-10-08", "--until", "2018-10-10", "--yes")
    assert "no archive of 'reddit'" in call(*span, "--source", "reddit", code=1).stderr
    assert "AWAAZ_X_BEARER_TOKEN" in call(*span, code=1).stderr
    with XServer(token="invented-bearer", clock=now) as x:
        early = ("backfill", "--since", "2001-10-08", "--until", "2001-10-10", "--yes")
        assert "only from 2006-03-26" in call(*early, code=1, **environment(x)).stderr
        assert x.asked == []


def test_doctor_warns_where_nothing_bounds_the_spending() -> None:
    token: dict[str, Any] = {"AWAAZ_X_BEARER_TOKEN": "invented-bearer"}
    assert "without limit: set x.budget_dollars" in call("doctor", **token).stdout
    bounded = call("doctor", AWAAZ_X__BUDGET_DOLLARS="10", **token).stdout
    assert "It may spend $10.00 a month." in bounded
