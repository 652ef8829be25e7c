"""Upkeep: no more posts are collected than can be asked about in time.

A post that nobody can ask about any more may be gone from its platform and still be here, so
re-checking comes first and collecting shrinks to it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from collector.budget import Budget, Charge
from collector.schema import posts, runs

__all__ = ["Upkeep", "count_room", "shrink_budget"]


@dataclass(frozen=True, slots=True)
class Upkeep:
    """How many stored posts of a platform can be kept checked."""

    posts: int
    """That lookups reach within `within`, by their number and by what they may cost."""
    within: timedelta
    batch: str = ""
    """The source of free batch jobs, which set no limit as long as they work; empty: none."""


def count_room(connection: Connection, platform: str, upkeep: Upkeep, now: datetime) -> int | None:
    """Return how many more posts can be kept checked; None where nothing limits them."""
    if upkeep.batch and jobs_work(connection, upkeep, now):
        return None
    query = select(func.count()).select_from(posts).where(posts.c.platform == platform)
    return max(0, upkeep.posts - (connection.scalar(query) or 0))


def jobs_work(connection: Connection, upkeep: Upkeep, now: datetime) -> bool:
    """Say whether the last batch job ended well, lately enough; before the first one they may."""
    ended = runs.c.finished_at.is_not(None) & (runs.c.stop != "interrupted")
    query = select(runs.c.stop, runs.c.finished_at).where(runs.c.source == upkeep.batch, ended)
    last = connection.execute(query.order_by(runs.c.id.desc()).limit(1)).one_or_none()
    return last is None or (last.stop == "complete" and last.finished_at > now - upkeep.within)


def shrink_budget(budget: Budget, spent: Charge, room: int | None) -> Budget:
    """Return a month's budget that reads no more than there is room for."""
    if room is None:
        return budget
    most = spent.posts + room
    return Budget(min(budget.posts, most) if budget.posts else most, budget.dollars)
