"""Fetching the past: what of a span is missing, what it would cost, and then slice by slice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from collector.asking import go_on
from collector.budget import Charge
from collector.collecting import collect_source
from collector.errors import QueryRefused
from collector.owed import find_missing
from collector.plans import Collected, Plan, Turn, begin_turn
from collector.sources.protocol import Counter, Query, Source, Window
from collector.store import Store

__all__ = ["Estimate", "backfill", "estimate_backfill", "sum_estimates"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one query lacks of a span."""

    query: str
    missing: timedelta
    posts: int
    most: Charge
    """What they cost where every post has another author."""


def estimate_backfill(
    store: Store,
    source: Source,
    plan: Plan,
    within: Window,
    check: Callable[[], None] = go_on,
) -> list[Estimate]:
    """Return per query what is missing of a span, by the source's own count.

    Raises `SourceError`; QueryRefused where the source cannot count, or nothing of the span can
    be given. A post that several queries match is in the estimate of each.
    """
    turn = begin_turn(store, source, plan, check=check, within=within)
    reach = source.reach(plan.clock())
    if within.since >= within.until or within.until <= reach.since or within.since >= reach.until:
        raise QueryRefused(
            f"{source.name} gives nothing of this span, only from {reach.since:%Y-%m-%d} to"
            f" {reach.until:%Y-%m-%d}; choose other days."
        )
    return [estimate_query(turn, query, within) for query in source.queries()]


def estimate_query(turn: Turn, query: Query, within: Window) -> Estimate:
    """Return what one query lacks."""
    if not isinstance(turn.source, Counter):
        raise QueryRefused(
            f"{turn.source.name} has no archive that could be searched; import one: awaaz import"
        )
    gaps = find_missing(turn, query, within)
    posts = sum(turn.source.count(query, gap, turn.counting) for gap in gaps)
    missing = sum((gap.until - gap.since for gap in gaps), timedelta())
    return Estimate(query.name, missing, posts, turn.plan.charge(posts, posts))


def backfill(
    store: Store,
    source: Source,
    plan: Plan,
    within: Window,
    on_page: Callable[[Collected], None] | None = None,
    check: Callable[[], None] = go_on,
) -> Collected:
    """Fill what is missing of a span, oldest first; called again it goes on where it ended."""
    return collect_source(store, source, plan, on_page, check, within)


def sum_estimates(estimates: Sequence[Estimate]) -> Charge:
    """Return what all queries together cost at most."""
    return sum((estimate.most for estimate in estimates), Charge())
