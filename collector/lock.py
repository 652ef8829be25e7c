"""One process per work and store: a lock that ends with its holder, however that ends."""

import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from sqlalchemy.exc import DBAPIError

from collector.errors import StoreBusy, StoreError
from collector.store import Store

__all__ = ["hold_store"]

RUN_LOCK = 0x61776161_7B
"""The number of PostgreSQL's advisory lock; writers queue at another one (see `database`)."""

FAR = 2**30
"""Where the lock lies on Windows, which does not let others read a locked byte."""


@contextmanager
def hold_store(store: Store, work: str = "") -> Iterator[None]:
    """Hold the store for `work`, or for collecting; raises StoreBusy where another process does.

    The lock is the operating system's (a file beside SQLite's) or PostgreSQL's own, never a file
    whose mere presence counts: after SIGKILL the next process gets it at once.
    """
    if store.engine.dialect.name == "postgresql":
        held = hold_postgresql(store, work)
    else:
        held = hold_file(store.engine.url.database, work)
    with held:
        yield


@contextmanager
def hold_postgresql(store: Store, work: str) -> Iterator[None]:
    """Hold an advisory lock on a connection of its own, which ends with the process."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        number = RUN_LOCK + zlib.crc32(work.encode())
        asked = f"SELECT pg_try_advisory_lock({number})"
        if not connection.exec_driver_sql(asked).scalar():
            raise StoreBusy(busy(store.engine.url.render_as_string(), "", work))
        try:
            yield
        finally:
            try:  # the pool keeps the connection open, and the lock would stay with it
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({number})")
            except DBAPIError:  # the server ended the session, and the lock with it
                connection.invalidate()


@contextmanager
def hold_file(database: str | None, work: str) -> Iterator[None]:
    """Hold a lock on the file beside a SQLite database; one in memory needs none."""
    if not database or database == ":memory:":
        yield
        return
    path = Path(database).resolve()
    path = path.with_name(f"{path.name}.{work}.lock" if work else f"{path.name}.lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(
            f"The lock file {path} cannot be made ({error.strerror}). Check its folder."
        ) from None
    with os.fdopen(descriptor, "r+", encoding="ascii", errors="replace") as file:
        if not lock(file):
            raise StoreBusy(busy(database, file.read(100), work))
        file.truncate(0)
        file.write(f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
        file.flush()
        yield  # closing the file gives the lock back; the file itself stays


def busy(where: str, holder: str, work: str) -> str:
    """Say that another process is at work, and what to do."""
    who = f" ({holder})" if holder else ""
    if work:
        return f"Another process{who} does the same for {where}. Let it end, then call again."
    return f"Another `awaaz run`{who} collects into {where}. Leave it running, or stop it first."


if sys.platform == "win32":
    import msvcrt

    def lock(file: IO[str]) -> bool:
        """Take the lock of an open file; False where another process has it."""
        os.lseek(file.fileno(), FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(file.fileno(), 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def lock(file: IO[str]) -> bool:
        """Take the lock of an open file; False where another process has it."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
