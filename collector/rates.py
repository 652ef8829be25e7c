"""What an hour of a query brings and costs, by the ledger, and what share of it a budget pays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from collector.budget import Budget, Charge, to_micros
from collector.schema import runs
from collector.sources.protocol import Query

__all__ = ["Pace", "Rate", "choose_probability", "read_pace"]

HOUR = timedelta(hours=1)
SPAN = timedelta(days=7)
RECENT = timedelta(days=1)
BURST_HOURS = 48.0
"""A burst of the last day is expected to go on for so long, lest it eat the month unforeseen."""

PRIOR = 0.1
"""Of a page, seen nowhere and counted all the same: little history must not look like none."""

MARGIN = 0.9
LEAST = 0.01
"""A weight of more than a hundred would make a single slice outweigh a week."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Per hour."""

    posts: float = 0.0
    micros: float = 0.0

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(self.posts + other.posts, self.micros + other.micros)

    def __mul__(self, hours: float) -> "Rate":
        return Rate(self.posts * hours, self.micros * hours)


@dataclass(frozen=True, slots=True)
class Pace:
    """What a query needs per hour: in the long run, and for as long as a burst may last."""

    usual: Rate
    latest: Rate

    def need(self, owed_hours: float, coming_hours: float) -> Rate:
        """Return what is due for what is owed and for the rest of the month."""
        soon = min(coming_hours, BURST_HOURS)
        return self.latest * (owed_hours + soon) + self.usual * (coming_hours - soon)


def read_pace(connection: Connection, query: Query, most: Charge, now: datetime) -> Pace | None:
    """Return the pace of the last week, and of the last day where greater; None before any."""
    statement = (
        select(runs)
        .where(runs.c.source == query.source, runs.c.query_hash == query.hash)
        .where(runs.c.stop == "complete", runs.c.covered_until > now - SPAN)
    )
    rows = list(connection.execute(statement))
    if not rows:
        return None
    week = sum_rate(rows, Rate(PRIOR * most.posts, PRIOR * most.micros))
    day = sum_rate([row for row in rows if row.covered_until > now - RECENT], Rate())
    return Pace(week, Rate(max(week.posts, day.posts), max(week.micros, day.micros)))


def sum_rate(rows: Sequence[Row[Any]], prior: Rate) -> Rate:
    """Return what runs amount to per hour."""
    hours = sum((row.covered_until - row.covered_since) / HOUR / row.probability for row in rows)
    if not hours:
        return Rate()
    posts = sum(row.fetched / row.probability for row in rows)
    micros = sum(to_micros(row.cost) / row.probability for row in rows)
    return Rate((posts + prior.posts) / hours, (micros + prior.micros) / hours)


def choose_probability(budget: Budget, spent: Charge, need: Rate, room: int | None = None) -> float:
    """Return the share of slices that what is left pays for, `need` being due this month.

    `room` is how many posts may still be read, for reasons other than money.
    """
    shares = [1.0]
    if room is not None:
        shares.append(MARGIN * room / max(need.posts, 1))
    if budget.posts:
        shares.append(MARGIN * (budget.posts - spent.posts) / max(need.posts, 1))
    if budget.dollars:
        left = to_micros(budget.dollars) - spent.micros
        shares.append(MARGIN * left / max(need.micros, 1))
    return max(LEAST, min(shares))
