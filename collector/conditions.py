"""What the operator must hear of: read from the ledger and from how the jobs are doing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from collector.health import Health
from collector.runs import Stop
from collector.sampling import leave_out, read_draws
from collector.schema import runs
from collector.sources.protocol import Window
from collector.windows import find_gaps
from config.sections import WatchSettings

__all__ = ["FAILURES", "Condition", "find_conditions", "latest_run", "turn_failed"]

FAILURES: frozenset[Stop] = frozenset(
    {"credential_refused", "query_refused", "clock_astray", "unavailable", "error"}
)
"""Ends of a run that make its turn a failed one; limits and ceilings are how platforms are."""

SPENT: Mapping[str, str] = {
    "cap_spent": "gives no more in this period",
    "budget_spent": "gives no more in this period",
    "no_room": "brings no more",
}
"""The platform gives no more in this period, or the operator allows no more."""

DAY, WEEK = timedelta(days=1), timedelta(days=7)
A_POST_A_DAY = 7
"""New posts in the week before a silence by which something was to be expected."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is wrong until it has cleared; `name` tells it from others."""

    name: str
    says: str


def find_conditions(
    connection: Connection,
    health: Health,
    sources: Mapping[str, float],
    settings: WatchSettings,
    now: datetime,
) -> list[Condition]:
    """Return what is wrong now; `sources` are those that are on, with minutes between turns."""
    found = [*failing_jobs(health, settings.failures)]
    for source, minutes in sources.items():
        found += spent_cap(connection, source)
        found += low_coverage(connection, source, minutes, settings, now)
        if has_had_a_turn(health, source):
            found += silence(connection, source, timedelta(hours=settings.silent_hours), now)
    return found


def latest_run(connection: Connection) -> int:
    """Return the number of the latest run, 0 where there is none."""
    return connection.scalar(select(func.max(runs.c.id))) or 0


def turn_failed(connection: Connection, source: str, after: int) -> str:
    """Return why the runs of a source after run `after` failed; empty where none did.

    By number, not by time: a clock set back would count an earlier turn's failures again.
    """
    query = (
        select(runs.c.detail, runs.c.stop)
        .where(runs.c.source == source, runs.c.id > after, runs.c.stop.in_(FAILURES))
        .order_by(runs.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return (row.detail or row.stop) if row else ""


def failing_jobs(health: Health, most: int) -> Iterator[Condition]:
    """Yield the jobs that failed `most` turns in a row."""
    for name, job in health.jobs.items():
        if job.failures >= most:
            says = f"{name} has failed {job.failures} turns in a row. The last time: {job.says}"
            yield Condition(f"failing:{name}", says)


def has_had_a_turn(health: Health, source: str) -> bool:
    """Say whether a source has had a turn in this process: after a pause silence tells nothing."""
    job = health.jobs.get(source)
    ends = (job.last_success, job.last_failure) if job else ()
    return any(end is not None and end >= health.started_at for end in ends)


def spent_cap(connection: Connection, source: str) -> Iterator[Condition]:
    """Yield that the cap of a source is spent, while its latest run says so."""
    query = (
        select(runs.c.stop, runs.c.detail)
        .where(runs.c.source == source, runs.c.stop != "running")
        .order_by(runs.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is not None and row.stop in SPENT:
        yield Condition(f"cap:{source}", f"{source} {SPENT[row.stop]}: {row.detail}")


def low_coverage(
    connection: Connection, source: str, minutes: float, settings: WatchSettings, now: datetime
) -> Iterator[Condition]:
    """Yield that less than the set share of the last days is covered, over a source's queries.

    Time before a query was first asked does not count, nor what the next turn is to fill, nor
    slices that chance left out where the budget binds: the posts beside them weigh for them.
    """
    until = now - timedelta(hours=1, minutes=2 * minutes)
    shares = [
        share_covered(connection, source, query_hash, Window(max(first, oldest), until))
        for query_hash, first in asked_queries(connection, source, now - DAY - 3 * (now - until))
        if until - (oldest := now - timedelta(days=settings.coverage_days)) > DAY
        and until - first >= DAY
    ]
    share = sum(shares) / len(shares) if shares else 1.0
    if share < settings.coverage_share:
        says = (
            f"Of the last {settings.coverage_days:g} days of {source} {share:.0%} is covered, less"
            f" than {settings.coverage_share:.0%}. `awaaz status` shows why its runs ended."
        )
        yield Condition(f"coverage:{source}", says)


def asked_queries(
    connection: Connection, source: str, since: datetime
) -> Iterator[tuple[str, datetime]]:
    """Yield hash and first run of the queries asked since, of each name the latest terms.

    A search covers nothing by its nature and is left out.
    """
    query = (
        select(runs.c.query, runs.c.query_hash)
        .where(runs.c.source == source, runs.c.planned_until.is_not(None))
        .where(runs.c.started_at >= since)
        .order_by(runs.c.id)
    )
    latest = {row.query: row.query_hash for row in connection.execute(query)}
    for name, query_hash in latest.items():
        if "/search" in name:
            continue
        first = select(func.min(runs.c.started_at)).where(
            runs.c.source == source, runs.c.query_hash == query_hash
        )
        yield query_hash, connection.execute(first).scalar_one()


def share_covered(connection: Connection, source: str, query_hash: str, window: Window) -> float:
    """Return the share that runs of one query covered of what was not left out, 0 to 1."""
    query = select(runs.c.covered_since, runs.c.covered_until).where(
        runs.c.source == source,
        runs.c.query_hash == query_hash,
        runs.c.covered_until > window.since,
    )
    covered = [Window(since, until) for since, until in connection.execute(query)]
    gaps = find_gaps(covered, window)
    left_out = [d.window for d in read_draws(connection, source, window) if not d.drawn]
    missing = sum_lengths(leave_out(gaps, left_out))
    due = window.until - window.since - (sum_lengths(gaps) - missing)
    return 1 - missing / due if due else 1.0


def sum_lengths(windows: Iterable[Window]) -> timedelta:
    """Return how long windows are together."""
    return sum((window.until - window.since for window in windows), timedelta())


def silence(
    connection: Connection, source: str, longest: timedelta, now: datetime
) -> Iterator[Condition]:
    """Yield that nothing new came for too long from a source that used to bring a post a day."""
    brought = (runs.c.source == source, runs.c.new > 0)
    last = connection.scalar(select(func.max(runs.c.started_at)).where(*brought))
    if last is None or now - last <= longest:
        return
    week = select(func.sum(runs.c.new)).where(*brought, runs.c.started_at > last - WEEK)
    if (connection.scalar(week) or 0) >= A_POST_A_DAY:
        says = (
            f"Nothing new has come from {source} since {last:%Y-%m-%d %H:%M} UTC, where at least"
            " a post a day was to be expected. Look at its queries and at `awaaz status`."
        )
        yield Condition(f"silent:{source}", says)
