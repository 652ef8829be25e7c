"""The coverage ledger: what of each day the runs of a query covered, and why not the rest."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import Literal, TypeVar

import polars as pl
from sqlalchemy import Connection, case, func, or_, select

from collector.limits_schema import draws
from collector.sampling import leave_out
from collector.schema import runs
from collector.sources.protocol import Window
from collector.windows import find_gaps

__all__ = ["COVERAGE_SCHEMA", "State", "read_coverage"]

State = Literal["covered", "partly", "uncovered"]
T = TypeVar("T")
DAY = timedelta(days=1)
SERIES = (runs.c.source, runs.c.query_hash)
COVERAGE_SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "source": pl.String,
    "query": pl.String,
    "series": pl.String,
    "day": pl.Date,
    "state": pl.Enum(["covered", "partly", "uncovered"]),
    "share": pl.Float64,
    "reason": pl.String,
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run's try at a window and how it ended."""

    number: int
    window: Window
    stop: str


@dataclass(slots=True)
class Series:
    """All attempts at one wording of a query; other terms under the same name are another."""

    source: str
    query: str
    hash: str
    planned: Window
    latest: int
    """Number of the latest run."""
    covered: list[Window] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    """Those that did not cover all that they planned."""
    left_out: list[Window] = field(default_factory=list)
    """Slices that chance left out."""

    def days(self, today: date, *, current: bool) -> Iterator[date]:
        """Yield the UTC days that it answers for: from its first, a current one up to today."""
        first, last = self.planned.since.date(), last_day(self.planned)
        if current:
            last = max(last, today)
        for number in range((last - first).days + 1):
            yield first + number * DAY


def read_coverage(
    connection: Connection,
    *,
    now: datetime,
    since: date | None = None,
    until: date | None = None,
    source: str | None = None,
) -> pl.DataFrame:
    """Return a row per source, query and UTC day, `until` included; see COVERAGE_SCHEMA.

    `series` tells wordings of a query under the same name apart, `share` (0 to 1) is how much of
    the day is covered, and `reason` why the rest is not: how the latest run ended that tried it,
    or `not_tried`, `not_over` (today), `out_of_reach` (the platform no longer gave it),
    `left_out` (chance, where the budget binds; the posts beside it weigh for it); empty where all
    is covered.
    """
    rows: list[tuple[object, ...]] = []
    kept = [s for s in read_series(connection) if source in (None, s.source)]
    latest = {(s.source, s.query): s.hash for s in sorted(kept, key=attrgetter("latest"))}
    for series in kept:
        current = latest[series.source, series.query] == series.hash
        days = [d for d in series.days(now.date(), current=current) if within(d, since, until)]
        for day, share, reason in judge_days(series, days, now.date()):
            state = "covered" if share == 1 else "partly" if share else "uncovered"
            rows.append((series.source, series.query, series.hash, day, state, share, reason))
    return pl.DataFrame(rows, schema=COVERAGE_SCHEMA, orient="row")


def read_series(connection: Connection) -> list[Series]:
    """Return every query that was ever tried, in the order of source, name and first attempt."""
    since, until = func.min(runs.c.planned_since), func.max(runs.c.planned_until)
    query = (
        select(*SERIES, runs.c.query, since.label("since"), until.label("until"))
        .add_columns(func.max(runs.c.id).label("latest"))
        .where(runs.c.planned_since.is_not(None))
        .group_by(*SERIES, runs.c.query)
        .order_by(runs.c.source, runs.c.query, func.min(runs.c.id))
    )
    found: dict[tuple[str, str], Series] = {}
    for row in connection.execute(query):
        planned = Window(row.since, row.until)
        series = Series(row.source, row.query, row.query_hash, planned, row.latest)
        found[row.source, row.query_hash] = series
    for source, hash_, window in read_islands(connection):
        found[source, hash_].covered.append(window)
    add_attempts(connection, found)
    add_left_out(connection, found.values())
    return list(found.values())


def read_islands(connection: Connection) -> Iterator[tuple[str, str, Window]]:
    """Yield source, query hash and covered window; those that touch are one.

    The database joins them: a year of runs is some hundred thousand rows and a few windows.
    """
    since, until = runs.c.covered_since, runs.c.covered_until
    so_far = func.max(until).over(partition_by=SERIES, order_by=since, rows=(None, -1))
    starts = case((since <= so_far, 0), else_=1).label("starts")
    rows = select(*SERIES, since, until, starts).where(until.is_not(None)).subquery()
    keys = (rows.c.source, rows.c.query_hash)
    number = func.sum(rows.c.starts).over(partition_by=keys, order_by=rows.c.covered_since)
    numbered = select(rows, number.label("number")).subquery()
    keys = (numbered.c.source, numbered.c.query_hash)
    first, last = func.min(numbered.c.covered_since), func.max(numbered.c.covered_until)
    query = select(*keys, first, last).group_by(*keys, numbered.c.number).order_by(first)
    for source, hash_, island_since, island_until in connection.execute(query):
        yield source, hash_, Window(island_since, island_until)


def add_attempts(connection: Connection, found: Mapping[tuple[str, str], Series]) -> None:
    """Give every series the runs that did not cover all that they planned."""
    query = select(
        *SERIES, runs.c.id, runs.c.planned_since, runs.c.planned_until, runs.c.stop
    ).where(
        runs.c.planned_since.is_not(None),
        or_(
            runs.c.covered_until.is_(None),
            runs.c.covered_since > runs.c.planned_since,
            runs.c.covered_until < runs.c.planned_until,
        ),
    )
    for source, hash_, number, since, until, stop in connection.execute(query):
        found[source, hash_].attempts.append(Attempt(number, Window(since, until), stop))


def add_left_out(connection: Connection, found: Iterable[Series]) -> None:
    """Give every series the slices of its source that chance left out."""
    query = select(draws.c.source, draws.c.since, draws.c.until).where(~draws.c.drawn)
    windows: dict[str, list[Window]] = defaultdict(list)
    for source, since, until in connection.execute(query.order_by(draws.c.since)):
        windows[source].append(Window(since, until))
    for series in found:
        series.left_out = windows[series.source]


def judge_days(
    series: Series, days: Sequence[date], today: date
) -> Iterator[tuple[date, float, str]]:
    """Yield each day with the share of it that is covered, and why the rest is not."""
    wanted = set(days)
    covered = spread_over_days(((w, w) for w in series.covered), wanted)
    attempts = spread_over_days(((a.window, a) for a in series.attempts), wanted)
    left_out = spread_over_days(((w, w) for w in series.left_out), wanted)
    for day in days:
        gaps = find_gaps(covered.get(day, ()), whole_day(day))
        share = 1 - sum((gap.until - gap.since for gap in gaps), timedelta()) / DAY
        missing = leave_out(gaps, left_out.get(day, ()))
        reason = explain_gaps(missing, attempts.get(day, ()), over=day < today)
        yield day, share, reason or ("left_out" if gaps else "")


def explain_gaps(gaps: Sequence[Window], attempts: Iterable[Attempt], *, over: bool) -> str:
    """Return how the latest run ended that tried what is missing."""
    if not gaps:
        return ""
    tried = [a for a in attempts if any(overlap(a.window, gap) for gap in gaps)]
    if not tried:
        return "not_tried" if over else "not_over"
    stop = max(tried, key=lambda a: a.number).stop
    # A run that took all there was and still left a part: the platform no longer gave that part.
    return "out_of_reach" if stop == "complete" else stop


def spread_over_days(
    items: Iterable[tuple[Window, T]], wanted: set[date]
) -> Mapping[date, list[T]]:
    """Return under each wanted day what touches it, so that a day looks at its own only."""
    by_day: dict[date, list[T]] = defaultdict(list)
    if not wanted:
        return by_day
    first, last = min(wanted), max(wanted)
    for window, item in items:
        day = max(first, window.since.date())
        while day <= min(last, last_day(window)):
            by_day[day].append(item)
            day += DAY
    return by_day


def overlap(one: Window, other: Window) -> bool:
    """Say whether two windows share a moment."""
    return one.since < other.until and other.since < one.until


def whole_day(day: date) -> Window:
    """Return a UTC day as a window."""
    start = datetime.combine(day, time(), UTC)
    return Window(start, start + DAY)


def last_day(window: Window) -> date:
    """Return the last UTC day that a window touches."""
    return (max(window.since, window.until - datetime.resolution)).date()


def within(day: date, since: date | None, until: date | None) -> bool:
    """Say whether a day lies in the span asked for."""
    return (since is None or day >= since) and (until is None or day <= until)
