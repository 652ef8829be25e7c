"""The commands around collection, through their own process, with X on this machine."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.servers.x_faults import spend_cap
from tests.servers.x_server import XServer
from tests.test_awaaz import call


def now() -> datetime:
    return datetime.now(UTC)


def environment(x: XServer) -> dict[str, Any]:
    return {
        "AWAAZ_X_BEARER_TOKEN": "invented-bearer",
        "AWAAZ_X__ENDPOINT": x.url,
        "AWAAZ_X__QUERIES": '{"latin": ["#MeToo"]}',
        "AWAAZ_REDDIT__ENABLED": "false",
    }


def test_coverage_and_a_hold_are_shown_and_lifted(tmp_path: Path) -> None:
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
        call("collect", "x", **environment(x))
    shown = call("coverage").stdout
    assert "██████" in shown
    assert "awaaz resume" not in shown
    assert "x, this month (UTC): $0.01 and 1 posts" in shown or "$0.02 and 1 posts" in shown
    assert "no budget is set (x.budget_dollars)" in shown
