"""What is known of batch jobs under way: kept in the store, so that a killed process loses none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select

from collector.errors import SourceUnavailable
from collector.post import local_day
from collector.privacy_schema import batch_asked, batch_jobs, checks
from collector.schema import posts
from collector.store import Store, insert_new

__all__ = [
    "Asked",
    "OpenJob",
    "close_job",
    "find_job",
    "keep_job",
    "read_asked",
    "settle",
    "withdraw_places",
]

EDITABLE = timedelta(hours=1)
"""X lets a post be edited for so long; what a job says does not tell of edits."""

FIRST_EDITS = datetime(2022, 9, 1, tzinfo=UTC)
"""When X began to let posts be edited."""

CHUNK = 500


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that was handed in and whose answer is not all written yet."""

    job: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A post that a job asks about."""

    post_id: int
    native_id: str
    asked_id: str
    checked_at: datetime | None
    """When it was last known to be there."""
    settled: bool
    """It cannot have been edited since we read it."""


def find_job(connection: Connection, platform: str) -> OpenJob | None:
    """Return the job of a platform that is under way, if one is."""
    query = select(batch_jobs.c.job, batch_jobs.c.asked_at)
    row = connection.execute(query.where(batch_jobs.c.platform == platform)).one_or_none()
    return OpenJob(*row) if row else None


def keep_job(
    connection: Connection, platform: str, job: OpenJob, asked: Mapping[int, str]
) -> dict[int, str]:
    """Note a job and the ids that it asks about; return those whose posts are still stored.

    Raises SourceUnavailable where another job is noted already.
    """
    row = {"platform": platform, "job": job.job, "asked_at": job.asked_at}
    insert_new(connection, batch_jobs, [row])
    if find_job(connection, platform) != job:
        raise SourceUnavailable("another job is under way; its answer is read first", billed=False)
    kept: dict[int, str] = {}
    for ids in chunks(list(asked)):
        there = connection.scalars(select(posts.c.id).where(posts.c.id.in_(ids)))
        kept |= {post_id: asked[post_id] for post_id in there}
    rows = [{"post_id": i, "platform": platform, "asked_id": named} for i, named in kept.items()]
    insert_new(connection, batch_asked, rows)
    return kept


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield ids in pieces that fit one statement's variables."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def close_job(connection: Connection, platform: str) -> None:
    """Forget the platform's job and what it still asks about, where there is one."""
    connection.execute(delete(batch_asked).where(batch_asked.c.platform == platform))
    connection.execute(delete(batch_jobs).where(batch_jobs.c.platform == platform))


def read_asked(connection: Connection, platform: str, limit: int = CHUNK) -> list[Asked]:
    """Return the next posts of the job whose answer is not written yet."""
    query = (
        select(
            posts.c.id,
            posts.c.native_id,
            batch_asked.c.asked_id,
            posts.c.created_at,
            checks.c.checked_at,
        )
        .join(batch_asked, batch_asked.c.post_id == posts.c.id)
        .outerjoin(checks, checks.c.post_id == posts.c.id)
        .where(batch_asked.c.platform == platform)
        .order_by(posts.c.id)
        .limit(limit)
    )
    return [
        Asked(post_id, native, asked, checked, is_settled(created, checked))
        for post_id, native, asked, created, checked in connection.execute(query)
    ]


def is_settled(created_at: datetime, checked_at: datetime | None) -> bool:
    """Say whether the version that we hold is surely the last one."""
    if created_at < FIRST_EDITS:
        return True
    return checked_at is not None and checked_at >= created_at + EDITABLE


def settle(connection: Connection, post_ids: Sequence[int]) -> None:
    """Note that the job's answer about these posts is written."""
    connection.execute(delete(batch_asked).where(batch_asked.c.post_id.in_(post_ids)))


def withdraw_places(store: Store, connection: Connection, post_ids: Sequence[int]) -> int:
    """Drop the country of posts whose place was withdrawn; return how many had it from there.

    They leave the daily counts and come back, by the next labelling, where nothing is known.
    """
    placed = select(posts.c.id, posts.c.created_at).where(
        posts.c.id.in_(post_ids), posts.c.country_evidence == "place"
    )
    rows = connection.execute(placed).all()
    store.announce(connection, [row.id for row in rows], "edited")
    for row in rows:
        nowhere = {"country": "unknown", "country_evidence": "none"}
        day = local_day(row.created_at, "unknown")
        connection.execute(posts.update().where(posts.c.id == row.id).values(**nowhere, day=day))
    return len(rows)
