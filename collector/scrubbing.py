"""Scrubbing: what was forgotten leaves the bytes of the database's files too."""

from datetime import datetime
from time import sleep

from sqlalchemy import Connection, delete, insert, inspect, select
from sqlalchemy.exc import OperationalError

from collector.schema import notes, posts
from collector.store import Store, tell_faults

__all__ = ["ask_for_scrub", "read_due", "scrub", "scrub_if_due"]

SCRUB_DUE = "scrub_due"
PAUSE_S = 0.25
LOCK_WAIT_MS = 5_000


def ask_for_scrub(connection: Connection, now: datetime) -> None:
    """Note in the transaction that forgets a text that its bytes have still to go."""
    connection.execute(delete(notes).where(notes.c.name == SCRUB_DUE))
    connection.execute(insert(notes).values(name=SCRUB_DUE, value=now.isoformat()))


def scrub_if_due(store: Store) -> bool:
    """Scrub where something was forgotten since the last time; False where it is still due."""
    return read_due(store) is None or scrub(store)


def scrub(store: Store, attempts: int = 20) -> bool:
    """Remove deleted bytes from the database's files; False where others kept them in use.

    Both databases rewrite their file, since neither zeroes what it frees: SQLite's
    `secure_delete` zeroes a deleted row but not the copies that pages leave behind when they are
    split, and PostgreSQL's plain VACUUM leaves the bytes in the free space of heap, TOAST and
    index. PostgreSQL's own log goes by the server's retention.
    """
    due = read_due(store)
    postgresql = store.engine.dialect.name == "postgresql"
    rewrite = rewrite_postgresql if postgresql else rewrite_sqlite
    with tell_faults():
        rewritten = rewrite(store, attempts)
    if not rewritten:
        return False
    with store.writing() as connection:  # what was forgotten meanwhile stays due
        done = delete(notes).where(notes.c.name == SCRUB_DUE, notes.c.value == (due or ""))
        connection.execute(done)
    return True


def read_due(store: Store) -> str | None:
    """Return the moment of the last forgetting whose bytes have still to go."""
    with store.reading() as connection:
        return connection.scalar(select(notes.c.value).where(notes.c.name == SCRUB_DUE))


def rewrite_sqlite(store: Store, attempts: int) -> bool:
    """Rewrite the file and fold its log in; readers in the way of either are waited for."""
    statements = ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"]
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={LOCK_WAIT_MS // 20}")
        connection.detach()  # it is closed at the end, so that nobody inherits the short wait
        for _ in range(attempts):
            while statements and succeeds(connection, statements[0]):
                statements.pop(0)
            if not statements:
                return True
            sleep(PAUSE_S)
    return False


def succeeds(connection: Connection, statement: str) -> bool:
    """Run a statement; False where others kept it from doing all of its work."""
    try:
        row = connection.exec_driver_sql(statement)
        return not row.returns_rows or not row.one()[0]
    except OperationalError:  # locked, or no room for a second file: the next turn tries again
        return False


def rewrite_postgresql(store: Store, attempts: int) -> bool:
    """Rewrite posts with their long texts and indexes, and what refers to them, each locked for
    as long: other rooms' tables hold hashes of texts."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"SET lock_timeout = {LOCK_WAIT_MS // 20}")
        connection.detach()
        tables = [posts.name, *find_referring(connection)]
        for _ in range(attempts):
            while tables and succeeds(connection, f"VACUUM (FULL) {tables[0]}"):
                tables.pop(0)
            if not tables:
                return True
            sleep(PAUSE_S)
    return False


def find_referring(connection: Connection) -> list[str]:
    """Return the tables of any room that refer to posts."""
    keys = inspect(connection).get_multi_foreign_keys()
    return sorted(
        table
        for (_, table), found in keys.items()
        if any(key["referred_table"] == posts.name for key in found)
    )
