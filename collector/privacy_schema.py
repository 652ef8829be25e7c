"""Tables of re-checking and of opt-outs: what was last seen alive, and who is left out."""

from sqlalchemy import Column, Connection, ForeignKey, Index, MetaData, String, Table

from collector.database import keep_no_statistics
from collector.schema import Moment, posts

__all__ = [
    "batch_asked",
    "batch_jobs",
    "checks",
    "create_batch_jobs",
    "create_maybe_edited",
    "maybe_edited",
    "opt_outs",
    "privacy_metadata",
]

privacy_metadata = MetaData()

# A table of its own: a check then never rewrites the post, and an old text never lies about in
# the bytes that an update leaves behind.
checks = Table(
    "checks",
    privacy_metadata,
    Column("post_id", ForeignKey(posts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("platform", String(16), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("checked_at", Moment),
    Index("checks_by_question", "platform", "asked_at"),
)
"""`asked_at`: when the platform was last asked. `checked_at`: when it last showed the post alive;
the two differ where the last answer did not mention it. No row: never asked, as after an import."""

opt_outs = Table(
    "opt_outs",
    privacy_metadata,
    Column("hash", String(64), primary_key=True),
    Column("platform", String(16), nullable=False),
    Column("added_at", Moment, nullable=False),
)
"""Keyed hashes of the names of authors who asked never to be stored."""

batch_metadata = MetaData()

batch_jobs = Table(
    "batch_jobs",
    batch_metadata,
    Column("platform", String(16), primary_key=True),
    Column("job", String(64), nullable=False),
    Column("asked_at", Moment, nullable=False),
)
"""The one job of each platform that is under way; it outlives the process that began it."""

batch_asked = Table(
    "batch_asked",
    batch_metadata,
    Column("post_id", ForeignKey(posts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("platform", ForeignKey(batch_jobs.c.platform, ondelete="CASCADE"), nullable=False),
    Column("asked_id", String(64), nullable=False),
)
"""Posts that the job asks about and whose answer is not written yet."""


maybe_edited = Table(
    "maybe_edited",
    MetaData(),
    Column("post_id", ForeignKey(posts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("platform", String(16), nullable=False),
)
"""Posts that a job found there and that may have been edited since we read them: one lookup each
tells, while jobs go on telling whether they are there."""


def create_batch_jobs(connection: Connection) -> None:
    """Create batch_jobs and batch_asked."""
    batch_metadata.create_all(connection)
    keep_no_statistics(connection, batch_asked.c.asked_id)


def create_maybe_edited(connection: Connection) -> None:
    """Create maybe_edited."""
    maybe_edited.create(connection, checkfirst=True)
