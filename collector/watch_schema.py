"""The table of the watch: which conditions the operator was told of, and by which way."""

from sqlalchemy import Column, Connection, MetaData, String, Table, Text

from collector.schema import Moment

__all__ = ["create_notices", "notices"]

notices = Table(
    "notices",
    MetaData(),
    Column("condition", String(128), primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("says", Text, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("tried_at", Moment, nullable=False),
    Column("told_at", Moment),
)


def create_notices(connection: Connection) -> None:
    """Create the table of notices."""
    notices.create(connection, checkfirst=True)
