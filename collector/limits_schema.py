"""Tables of what a source may not do: holds, what it has spent, and which slices were drawn."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    MetaData,
    String,
    Table,
    Text,
    inspect,
)

from collector.schema import Moment, runs

__all__ = ["create_budget", "create_holds", "draws", "holds", "spending"]

metadata = MetaData()

holds = Table(
    "holds",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("until", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_at", Moment, nullable=False),
)

spending = Table(
    "spending",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("month", String(7), primary_key=True),  # as in 2026-01, UTC
    Column("posts", BigInteger, nullable=False),
    Column("micros", BigInteger, nullable=False),  # millionths of a dollar: sums stay exact
)

draws = Table(
    "draws",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("since", Moment, primary_key=True),
    Column("until", Moment, nullable=False),
    Column("probability", Float, nullable=False),
    Column("drawn", Boolean, nullable=False),
)


def create_holds(connection: Connection) -> None:
    """Create the table of holds."""
    holds.create(connection)


def create_budget(connection: Connection) -> None:
    """Create the tables of spending and draws, and give runs their probability."""
    spending.create(connection)
    draws.create(connection)
    # A fresh store has the column from its first step, which creates the tables as they are now.
    if runs.c.probability.name not in {c["name"] for c in inspect(connection).get_columns("runs")}:
        connection.exec_driver_sql(
            "ALTER TABLE runs ADD COLUMN probability FLOAT NOT NULL DEFAULT 1"
        )
