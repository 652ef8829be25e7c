"""The ledger: a row for every attempt to collect or import, what it covered and why it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from collector.posts import Tally
from collector.schema import runs
from collector.sources.protocol import Query, Window

__all__ = [
    "Stop",
    "count_page",
    "covered_windows",
    "end_abandoned_runs",
    "finish_run",
    "recent_runs",
    "start_run",
]

Stop = Literal[
    "running",
    "waiting",
    "complete",
    "ceiling",
    "rate_limited",
    "cap_spent",
    "budget_spent",
    "no_room",
    "credential_refused",
    "query_refused",
    "clock_astray",
    "unavailable",
    "interrupted",
    "error",
]


@dataclass(frozen=True, slots=True)
class PageCount:
    """What one page adds to its run."""

    fetched: int
    tally: Tally
    skipped: int = 0
    cost: float = 0.0
    covered: Window | None = None


def start_run(
    connection: Connection,
    query: Query,
    window: Window | None,
    now: datetime,
    probability: float = 1.0,
) -> int:
    """Write down that an attempt begins and return its id.

    `probability` is that with which the window was drawn; its posts weigh the inverse.
    """
    planned = {"planned_since": window.since, "planned_until": window.until} if window else {}
    row = {"source": query.source, "query": query.name, "query_hash": query.hash, **planned}
    row |= {"started_at": now, "stop": "running", "probability": probability}
    statement = insert(runs).values(row).returning(runs.c.id)
    return int(connection.execute(statement).scalar_one())


def count_page(connection: Connection, run_id: int, page: PageCount) -> None:
    """Add a page to its run, in the transaction that writes the page's posts."""
    changes: dict[str, Any] = {
        "pages": runs.c.pages + 1,
        "fetched": runs.c.fetched + page.fetched,
        "new": runs.c.new + page.tally.new,
        "updated": runs.c.updated + page.tally.updated,
        "unchanged": runs.c.unchanged + page.tally.unchanged,
        "skipped": runs.c.skipped + page.skipped + page.tally.forgotten,
        "cost": runs.c.cost + page.cost,
    }
    if page.covered is not None:
        changes["covered_since"] = page.covered.since
        changes["covered_until"] = page.covered.until
    connection.execute(update(runs).where(runs.c.id == run_id).values(changes))


def finish_run(connection: Connection, run_id: int, stop: Stop, detail: str, now: datetime) -> None:
    """Write down how an attempt ended."""
    changes = {"stop": stop, "detail": detail[:1000], "finished_at": now}
    connection.execute(update(runs).where(runs.c.id == run_id).values(changes))


def end_abandoned_runs(connection: Connection, sources: Sequence[str], now: datetime) -> int:
    """Mark runs that a killed process left open as interrupted and return how many there were."""
    statement = (
        update(runs)
        .where(runs.c.stop == "running", runs.c.source.in_(sources))
        .values(stop="interrupted", detail="The process ended before the run did.", finished_at=now)
    )
    return connection.execute(statement).rowcount


def covered_windows(connection: Connection, query: Query, after: datetime) -> list[Window]:
    """Return the windows after a moment that runs of this very query covered, oldest first."""
    statement = (
        select(runs.c.covered_since, runs.c.covered_until)
        .where(runs.c.source == query.source, runs.c.query_hash == query.hash)
        # What was planned ends within a second of what was covered, and has an index.
        .where(runs.c.planned_until > after - timedelta(seconds=1), runs.c.covered_until > after)
        .order_by(runs.c.covered_since)
    )
    return [Window(since, until) for since, until in connection.execute(statement)]


def recent_runs(connection: Connection, limit: int = 20) -> list[Row[Any]]:
    """Return the latest runs, newest first."""
    return list(connection.execute(select(runs).order_by(runs.c.id.desc()).limit(limit)))


def utc_now() -> datetime:
    """Return the present moment, aware."""
    return datetime.now(UTC)
