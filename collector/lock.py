"""One collector per store: a lock that ends with the process that holds it, however that ends."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from collector.errors import StoreBusy, StoreError
from collector.store import Store

__all__ = ["hold_store"]

RUN_LOCK = 0x61776161_7B
"""The number of PostgreSQL's advisory lock; writers queue at another one (see `database`)."""

FAR = 2**30
"""Where the lock lies on Windows, which does not let others read a locked byte."""


@contextmanager
def hold_store(store: Store) -> Iterator[None]:
    """Hold the store for collecting; raises StoreBusy where another process does.

    The lock is the operating system's (a file beside SQLite's) or PostgreSQL's own, never a file
    whose mere presence counts: after SIGKILL the next process gets it at once.
    """
    if store.engine.dialect.name == "postgresql":
        held = hold_postgresql(store)
    else:
        held = hold_file(store.engine.url.database)
    with held:
        yield


@contextmanager
def hold_postgresql(store: Store) -> Iterator[None]:
    """Hold an advisory lock on a connection of its own, which ends with the process."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        asked = f"SELECT pg_try_advisory_lock({RUN_LOCK})"
        if not connection.exec_driver_sql(asked).scalar():
            raise StoreBusy(busy(store.engine.url.render_as_string(), ""))
        try:
            yield
        finally:
            # The pool keeps the connection open, and the lock would stay with it.
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({RUN_LOCK})")


@contextmanager
def hold_file(database: str | None) -> Iterator[None]:
    """Hold a lock on the file beside a SQLite database; one in memory needs none."""
    if not database or database == ":memory:":
        yield
        return
    path = Path(database).resolve()
    path = path.with_name(f"{path.name}.lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(
            f"The lock file {path} cannot be made ({error.strerror}). Check its folder."
        ) from None
    with os.fdopen(descriptor, "r+", encoding="ascii", errors="replace") as file:
        if not lock(file):
            raise StoreBusy(busy(database, file.read(100)))
        file.truncate(0)
        file.write(f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
        file.flush()
        yield  # closing the file gives the lock back; the file itself stays


def busy(where: str, holder: str) -> str:
    """Say that another process is at work, and what to do."""
    who = f" ({holder})" if holder else ""
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
