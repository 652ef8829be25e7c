"""Upkeep: no more posts are collected than can be asked about in time.

A post that nobody can ask about any more may be gone from its platform and still be here, so
re-checking comes first and collecting shrinks to it.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, func, select

from collector.schema import posts, runs

__all__ = ["Upkeep", "count_room"]

GRACE = timedelta(days=3)
"""So long jobs may be tried in vain: an outage, or a machine that is off, must not leave out slices
for good."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """How many stored posts of a platform can be kept checked."""

    posts: int
    """That lookups reach in time, by their number and by what they may cost."""
    batch: str = ""
    """The source of free batch jobs, which set no limit as long as they work; empty: none."""
    advice: str = ""
    """What to do where no more can be collected."""


def count_room(connection: Connection, platform: str, upkeep: Upkeep) -> int | None:
    """Return how many more posts can be kept checked; None where nothing limits them."""
    if upkeep.batch and jobs_work(connection, upkeep.batch):
        return None
    query = select(func.count()).select_from(posts).where(posts.c.platform == platform)
    return max(0, upkeep.posts - (connection.scalar(query) or 0))


def jobs_work(connection: Connection, batch: str) -> bool:
    """Say whether batch jobs are answered, or may yet be: neither refused nor long in vain."""
    own = runs.c.source == batch
    answered = select(func.max(runs.c.id)).where(own, runs.c.stop == "complete")
    since = select(runs.c.stop, runs.c.started_at).where(
        own, runs.c.id > (connection.scalar(answered) or 0), runs.c.stop != "interrupted"
    )
    vain = connection.execute(since.order_by(runs.c.id)).all()
    if not vain:
        return True
    refused = any(run.stop == "credential_refused" for run in vain)
    return not refused and vain[-1].started_at - vain[0].started_at < GRACE
