"""Tables of re-checking and of opt-outs: when a post was last seen alive, and who is left out."""

from sqlalchemy import Column, ForeignKey, Index, MetaData, String, Table

from collector.schema import Moment, posts

__all__ = ["checks", "opt_outs", "privacy_metadata"]

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
