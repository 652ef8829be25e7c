"""What the registry adds to the tables: where a model's folder is, and every promotion."""

from sqlalchemy import BigInteger, Column, Connection, Float, MetaData, String, Table, Text, inspect

from collector.schema import Moment, Serial

__all__ = ["add_registry", "promotions"]

promotions = Table(
    "promotions",
    MetaData(),
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("version", String(64), nullable=False),
    Column("replaced", String(64)),
    Column("at", Moment, nullable=False),
    Column("basis", Text, nullable=False),
    Column("difference", Float),
    Column("rows", Text, nullable=False),
    Column("anyway", Text, nullable=False),
)
"""`basis` says what was compared on, `rows` holds the comparison by part as JSON, `anyway` the
reason given for going against it."""


def add_registry(connection: Connection) -> None:
    """Create promotions; add `folder` and `retired_at` to a models table that lacks them."""
    promotions.create(connection, checkfirst=True)
    there = {column["name"] for column in inspect(connection).get_columns("models")}
    moment = BigInteger().compile(connection.dialect)
    added = {"folder": "TEXT NOT NULL DEFAULT ''", "retired_at": moment}
    for name, kind in added.items():
        if name not in there:
            connection.exec_driver_sql(f"ALTER TABLE models ADD COLUMN {name} {kind}")
