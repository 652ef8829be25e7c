"""Ordered steps that bring a store of any age to today's tables.

Each package lists its own steps; a step and the record of it are one transaction. Steps are never
edited once released: a change of a table is a new step at the end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select

from collector.database import drop_statistics, keep_no_statistics
from collector.errors import StoreError
from collector.limits_schema import create_budget, create_holds
from collector.privacy_schema import create_batch_jobs, create_maybe_edited, privacy_metadata
from collector.schema import Moment, metadata, posts
from collector.watch_schema import create_notices

__all__ = ["COLLECTOR_STEPS", "Step", "migrate"]


@dataclass(frozen=True)
class Step:
    """One change of the tables, done once per store."""

    name: str
    apply: Callable[[Connection], None]


record = Table(
    "migrations",
    MetaData(),
    Column("name", String(128), primary_key=True),
    Column("applied_at", Moment, nullable=False),
)


TELLING = (posts.c.text, posts.c.text_hash, posts.c.native_id, posts.c.current_id)
"""Columns whose values must not outlive a post."""


def create_first_tables(connection: Connection) -> None:
    """Create posts, runs, tombstones and notes."""
    metadata.create_all(connection)


def create_privacy_tables(connection: Connection) -> None:
    """Create checks and opt_outs, and keep posts out of PostgreSQL's statistics."""
    privacy_metadata.create_all(connection)
    keep_no_statistics(connection, *TELLING)


def clear_statistics(connection: Connection) -> None:
    """Drop what PostgreSQL's ANALYZE once kept of posts."""
    drop_statistics(connection, *TELLING)


COLLECTOR_STEPS: tuple[Step, ...] = (
    Step("collector-1-tables", create_first_tables),
    Step("collector-2-holds", create_holds),
    Step("collector-3-notices", create_notices),
    Step("collector-4-privacy", create_privacy_tables),
    Step("collector-5-budget", create_budget),
    Step("collector-6-batch-jobs", create_batch_jobs),
    Step("collector-7-statistics", clear_statistics),
    Step("collector-8-edits", create_maybe_edited),
)


def migrate(connection: Connection, steps: Sequence[Step]) -> list[str]:
    """Apply the steps that this store lacks and return their names; one transaction, the caller's.

    Raises StoreError where the store was written by a newer awaaz, or by another program.
    """
    refuse_foreign(connection)
    record.create(connection, checkfirst=True)
    applied = set(connection.scalars(select(record.c.name)))
    refuse_newer(applied, steps)
    missing = [step for step in steps if step.name not in applied]
    for step in missing:
        step.apply(connection)
        connection.execute(insert(record).values(name=step.name, applied_at=datetime.now(UTC)))
    return [step.name for step in missing]


def is_current(connection: Connection, steps: Sequence[Step]) -> bool:
    """Say whether the store has every step, without writing to it."""
    if not inspect(connection).has_table(record.name):
        return False
    applied = set(connection.scalars(select(record.c.name)))
    refuse_newer(applied, steps)
    return applied.issuperset(step.name for step in steps)


def refuse_foreign(connection: Connection) -> None:
    """Raise StoreError for a database that has tables of our names but no record of our steps."""
    there = set(inspect(connection).get_table_names())
    if record.name not in there and (taken := sorted(there & set(metadata.tables))):
        raise StoreError(
            f"The database at store.url belongs to another program (its table {taken[0]} is not"
            " ours). Let store.url name a file or database of awaaz's own."
        )


def refuse_newer(applied: set[str], steps: Sequence[Step]) -> None:
    """Raise StoreError for steps of packages we know that we do not know."""
    packages = {step.name.split("-")[0] for step in steps}
    known = {step.name for step in steps}
    newer = sorted(name for name in applied - known if name.split("-")[0] in packages)
    if newer:
        raise StoreError(
            f"The store was written by a newer awaaz (it has {newer[0]}). Upgrade awaaz to use it."
        )
