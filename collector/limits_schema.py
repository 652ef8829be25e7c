"""Tables of what a source may not do yet: holds."""

from sqlalchemy import Column, Connection, MetaData, String, Table, Text

from collector.schema import Moment

__all__ = ["create_holds", "holds"]

metadata = MetaData()

holds = Table(
    "holds",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("until", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_at", Moment, nullable=False),
)


def create_holds(connection: Connection) -> None:
    """Create the table of holds."""
    holds.create(connection)
