"""When each post was last seen alive on its platform, and which are asked about next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from collector.post import Country, Evidence
from collector.privacy_schema import checks, maybe_edited
from collector.schema import posts, runs
from collector.sources.protocol import REDDIT_ARCHIVE
from collector.store import insert_new
from config.secrets import Secrets

__all__ = [
    "CHECKED_PLATFORMS",
    "CheckState",
    "Due",
    "count_unchecked",
    "mark_asked",
    "mark_seen",
    "mark_there",
    "read_edited",
    "read_queue",
    "read_states",
    "read_unasked",
]


CHECKED_PLATFORMS = ("x", "reddit")
"""Platforms that can be asked whether their posts are still there."""


@dataclass(frozen=True, slots=True)
class Due:
    """A stored post about which its platform is to be asked."""

    post_id: int
    native_id: str
    asked_id: str
    """The id to ask for: that of the version we hold."""
    country: Country
    country_evidence: Evidence
    missed: bool
    """The last answer did not mention it."""


@dataclass(frozen=True, slots=True)
class CheckState:
    """How far the re-checking of one platform's posts has come."""

    platform: str
    posts: int
    unchecked: int
    """Posts that were never seen alive since they were stored: imported ones, at first."""
    overdue: int
    """Posts whose last check is older than it may be, unchecked ones not counted."""
    oldest: datetime | None


def read_queue(
    connection: Connection, platform: str, *, asked_before: datetime, limit: int
) -> list[Due]:
    """Return the posts to look up: those that may have been edited, those never asked about, then
    the oldest question first."""
    due = {each.post_id: each for each in read_edited(connection, platform, limit=limit)}
    if len(due) < limit:
        rest = read_unasked(connection, platform, asked_before=asked_before, limit=limit)
        due |= {each.post_id: each for each in rest if each.post_id not in due}
    return list(due.values())[:limit]


def read_edited(connection: Connection, platform: str, *, limit: int) -> list[Due]:
    """Return the posts that may have been edited since they were read."""
    query = due_query().outerjoin(checks, checks.c.post_id == posts.c.id)
    query = query.join(maybe_edited, maybe_edited.c.post_id == posts.c.id)
    query = query.where(maybe_edited.c.platform == platform).order_by(posts.c.id)
    return read_rows(connection, query.limit(limit))


def read_unasked(
    connection: Connection, platform: str, *, asked_before: datetime, limit: int
) -> list[Due]:
    """Return the posts never asked about, then the oldest question first."""
    joined = due_query().outerjoin(checks, checks.c.post_id == posts.c.id)
    joined = joined.where(posts.c.platform == platform)
    never = joined.where(checks.c.post_id.is_(None)).order_by(posts.c.id)
    due = read_rows(connection, never.limit(limit))
    if len(due) < limit:
        older = due_query().join(checks, checks.c.post_id == posts.c.id)
        older = older.where(checks.c.platform == platform, checks.c.asked_at <= asked_before)
        older = older.order_by(checks.c.asked_at, checks.c.post_id)
        due += read_rows(connection, older.limit(limit - len(due)))
    return due


def due_query() -> Select[Any]:
    """Return the columns of a `Due`."""
    columns = (posts.c.id, posts.c.native_id, posts.c.current_id, posts.c.country)
    times = (checks.c.asked_at, checks.c.checked_at)
    return select(*columns, posts.c.country_evidence, *times)


def read_rows(connection: Connection, query: Select[Any]) -> list[Due]:
    """Return the rows of a query as they are asked about."""
    return [
        Due(post_id, native_id, current_id or native_id, country, evidence, asked != checked)
        for post_id, native_id, current_id, country, evidence, asked, checked in (
            connection.execute(query)
        )
    ]


def mark_seen(connection: Connection, post_ids: Sequence[int], now: datetime) -> None:
    """Note that the platform showed these posts alive."""
    mark(connection, post_ids, {"asked_at": now, "checked_at": now})
    connection.execute(delete(maybe_edited).where(maybe_edited.c.post_id.in_(post_ids)))


def mark_asked(connection: Connection, post_ids: Sequence[int], now: datetime) -> None:
    """Note that the platform was asked about these posts and did not mention them."""
    mark(connection, post_ids, {"asked_at": now})
    connection.execute(delete(maybe_edited).where(maybe_edited.c.post_id.in_(post_ids)))


def mark_there(
    connection: Connection, platform: str, post_ids: Sequence[int], now: datetime, edited: set[int]
) -> None:
    """Note that a job found these posts there; those in `edited` are to be looked up once."""
    mark(connection, post_ids, {"asked_at": now, "checked_at": now})
    rows = [{"post_id": i, "platform": platform} for i in post_ids if i in edited]
    insert_new(connection, maybe_edited, rows)


def mark(connection: Connection, post_ids: Sequence[int], times: dict[str, datetime]) -> None:
    """Write the times of these posts, of those that are still stored."""
    query = select(posts.c.id, posts.c.platform).where(posts.c.id.in_(post_ids))
    rows = [{"post_id": i, "platform": p, **times} for i, p in connection.execute(query)]
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(checks)
    newest = {name: statement.excluded[name] for name in times}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["post_id"], set_=newest), rows
    )


def read_states(
    connection: Connection, platforms: Collection[str], overdue_before: datetime
) -> list[CheckState]:
    """Return the state of each platform that has posts here."""
    late = and_(checks.c.checked_at.is_not(None), checks.c.checked_at < overdue_before)
    query = (
        select(
            posts.c.platform,
            func.count(),
            func.count().filter(or_(checks.c.post_id.is_(None), checks.c.checked_at.is_(None))),
            func.count().filter(late),
            func.min(checks.c.checked_at),
        )
        .outerjoin(checks, checks.c.post_id == posts.c.id)
        .where(posts.c.platform.in_(list(platforms)))
        .group_by(posts.c.platform)
        .order_by(posts.c.platform)
    )
    return [CheckState(*row) for row in connection.execute(query)]


def count_unchecked(connection: Connection, secrets: Secrets) -> int:
    """Return how many posts that only the archive showed hold text nobody can ask Reddit about.

    None as soon as there are credentials: then re-checking them is the collector's daily work.
    """
    if secrets.reddit_client_id is not None and secrets.reddit_client_secret is not None:
        return 0
    query = (
        select(func.count())
        .select_from(
            posts.join(runs, posts.c.run_id == runs.c.id).outerjoin(
                checks, checks.c.post_id == posts.c.id
            )
        )
        .where(runs.c.source == REDDIT_ARCHIVE, posts.c.text.is_not(None))
        .where(checks.c.checked_at.is_(None))
    )
    return connection.scalar(query) or 0
