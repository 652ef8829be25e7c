"""The collector's tables: posts, runs, tombstones, and the notes the store keeps of itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

__all__ = ["Moment", "Serial", "metadata", "notes", "posts", "runs", "tombstones"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Serial = BigInteger().with_variant(Integer, "sqlite")
"""A growing integer key on both databases (SQLite grows only keys named INTEGER)."""


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment kept as microseconds since 1970: exact, and alike on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        if value is None:
            return None
        return (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        return None if value is None else EPOCH + timedelta(microseconds=value)


metadata = MetaData()

notes = Table(
    "notes",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("query", Text, nullable=False),
    Column("query_hash", String(32), nullable=False),
    Column("planned_since", Moment),
    Column("planned_until", Moment),
    Column("covered_since", Moment),
    Column("covered_until", Moment),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("pages", Integer, nullable=False, server_default="0"),
    Column("fetched", Integer, nullable=False, server_default="0"),
    Column("new", Integer, nullable=False, server_default="0"),
    Column("updated", Integer, nullable=False, server_default="0"),
    Column("unchanged", Integer, nullable=False, server_default="0"),
    Column("skipped", Integer, nullable=False, server_default="0"),
    Column("cost", Float, nullable=False, server_default="0"),
    Column("stop", String(32), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Column("probability", Float, nullable=False, server_default="1"),
    Index("runs_by_query", "source", "query_hash", "planned_until"),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("platform", String(16), nullable=False),
    Column("native_id", String(64), nullable=False),
    Column("current_id", String(64)),
    Column("revision", BigInteger, nullable=False),
    Column("text", Text),
    Column("text_hash", String(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("collected_at", Moment, nullable=False),
    Column("day", Date, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("form", String(8), nullable=False),
    Column("language", String(16)),
    Column("country", String(8), nullable=False),
    Column("country_evidence", String(10), nullable=False),
    Column("about", String(8), nullable=False),
    Column("about_evidence", String(10), nullable=False),
    Column("weight", Float, nullable=False),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    UniqueConstraint("platform", "native_id", name="posts_identity"),
    Index("posts_by_current_id", "platform", "current_id"),
    Index("posts_by_collection", "collected_at"),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("platform", String(16), nullable=False),
    Column("day", Date),
    Column("reason", String(32), nullable=False),
    Column("forgotten_at", Moment, nullable=False),
)
