"""Opening a database: SQLite in WAL mode, or PostgreSQL."""

import sqlite3
from typing import Any

from sqlalchemy import Column, Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from collector.errors import StoreError

__all__ = [
    "drop_statistics",
    "explain_fault",
    "keep_no_statistics",
    "open_engine",
    "parse_address",
]

BACKENDS = ("sqlite", "postgresql")
WRITER_LOCK = 0x61776161_7A

KEPT = "What was committed is kept; the same command goes on from there."
FULL = f"The disk of the store is full, or a limit is set on its file. Make space. {KEPT}"
LOCKED = (
    "Another process has been using the store for longer than store.busy_timeout_s. End it, or"
    f" raise that limit. {KEPT}"
)
BROKEN = (
    "The disk of the store cannot be read or written. Look at the disk, its space, and the limit"
    f" on the size of files. {KEPT}"
)
GONE = f"The database server has ended the connection. See whether it is up. {KEPT}"
DAMAGED = (
    "The database of the store is damaged. Stop all that uses it, keep a copy of its files, and"
    " restore it from a backup, or save what can still be read (sqlite3 FILE .recover)."
)
READ_ONLY = "The store cannot be written. Give this user the right to write its file and folder."
FAULTS = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_IOERR: BROKEN,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    "53100": FULL,
    "55P03": LOCKED,
    "58030": BROKEN,
    "XX001": DAMAGED,
    "XX002": DAMAGED,
    "25006": READ_ONLY,
    "57P01": GONE,
    "57P02": GONE,
    "57P03": GONE,
}
"""By SQLite's primary result code, or PostgreSQL's SQLSTATE."""


def open_engine(address: str, *, busy_timeout_s: float = 60) -> Engine:
    """Return an engine for `address`; raises StoreError for an address that is not ours."""
    url = parse_address(address)
    if url.get_backend_name() == "sqlite":
        return open_sqlite(url, busy_timeout_s)
    try:
        return open_postgresql(url)
    except ModuleNotFoundError as error:
        raise StoreError(
            f"The store on PostgreSQL needs {error.name}: pip install 'awaaz[postgres]'."
        ) from None


def explain_fault(error: DBAPIError) -> str:
    """Return what a fault of disk or locks means for the operator; empty for any other."""
    extended = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(extended, int):
        return FAULTS.get(extended & 0xFF, "")
    told = FAULTS.get(getattr(error.orig, "sqlstate", None) or "", "")
    return told or (GONE if error.connection_invalidated else "")


def parse_address(address: str) -> URL:
    """Return the parsed address; PostgreSQL goes through psycopg 3.

    Raises StoreError for an address that is not ours.
    """
    hint = "Give store.url as sqlite:///FILE or postgresql://USER@HOST/NAME."
    try:
        url = make_url(address)
        url.get_dialect()
        if url.get_backend_name() not in BACKENDS:
            raise StoreError(f"The store cannot be a {url.get_backend_name()} database. {hint}")
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise StoreError(f"The store's address is not a database URL. {hint}") from None
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    return url


def open_postgresql(url: URL) -> Engine:
    """Return an engine whose writers queue up, as on SQLite: counters never deadlock."""
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes", False):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")

    return engine


def open_sqlite(url: URL, busy_timeout_s: float) -> Engine:
    """Return an engine whose writers queue up and whose readers never wait."""
    engine = create_engine(url, connect_args={"timeout": busy_timeout_s}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        # The driver must not open transactions of its own: `begin` below decides which kind.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "secure_delete=ON",  # a forgotten post must leave the bytes of the file too
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") == "AUTOCOMMIT":  # as VACUUM asks for
            return
        if not options.get("writes", False):
            connection.exec_driver_sql("BEGIN")
            return
        patience_s = options.get("patience_s") or busy_timeout_s
        connection.exec_driver_sql(f"PRAGMA busy_timeout={round(patience_s * 1000)}")
        # A writer that starts as a reader can fail on upgrade whatever the timeout: ask at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def keep_no_statistics(connection: Connection, *columns: Column[Any]) -> None:
    """Keep columns out of PostgreSQL's statistics from now on.

    ANALYZE copies values of each column into pg_statistic, where a forgotten one would stay.
    """
    for column in columns:
        alter_on_postgresql(connection, column, "SET STATISTICS 0")


def drop_statistics(connection: Connection, *columns: Column[Any]) -> None:
    """Drop what ANALYZE once kept of columns: a change of type does, even to itself."""
    for column in columns:
        kind = column.type.compile(connection.dialect)
        alter_on_postgresql(connection, column, f"TYPE {kind}")


def alter_on_postgresql(connection: Connection, column: Column[Any], change: str) -> None:
    """Alter a column of a PostgreSQL store; SQLite keeps no values in its statistics."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE {column.table.name} ALTER {column.name} {change}")
