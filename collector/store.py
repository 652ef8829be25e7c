"""The store: one writer at a time, readers any time, and listeners that hear of every change."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Self

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.schema import Table

from collector.database import explain_fault, open_engine
from collector.errors import ForgetKeyError, StoreError
from collector.forget_key import ForgetKey
from collector.interrupts import hold_interrupts
from collector.migrations import COLLECTOR_STEPS, Step, is_current, migrate
from collector.schema import notes

__all__ = ["Change", "Listener", "Store", "insert_new", "tell_faults"]

Change = Literal["added", "edited", "forgotten", "expired"]
Listener = Callable[[Connection, Sequence[int], Change], None]
KEY_CHECK = "forget_key_check"


class Store:
    """Posts and everything known of them, in one database."""

    def __init__(self, engine: Engine, key: ForgetKey | None = None) -> None:
        self.engine = engine
        self._key = key
        self._listeners: list[Listener] = []

    @classmethod
    def open(
        cls,
        address: str,
        *,
        key: ForgetKey | None = None,
        steps: Sequence[Step] = COLLECTOR_STEPS,
        busy_timeout_s: float = 60,
    ) -> Self:
        """Open the store at `address`, made or brought up to date where needed.

        `key` is needed to write posts; raises StoreError with what to do where it cannot be opened.
        """
        engine = open_engine(address, busy_timeout_s=busy_timeout_s)
        make_folder(engine)
        store = cls(engine, key)
        try:
            with store.reading() as connection:
                current = is_current(connection, steps)
            if not current:
                with store.writing() as connection:
                    migrate(connection, steps)
            store._check_key()
        except StoreError:
            engine.dispose()
            raise
        except (DatabaseError, OperationalError) as error:
            engine.dispose()
            raise StoreError(
                f"The store {engine.url.render_as_string()} cannot be opened: {error.orig}."
                " Check store.url and the permissions of its folder."
            ) from None
        return store

    @property
    def key(self) -> ForgetKey:
        """The key for forgotten posts; raises ForgetKeyError where the store was opened without."""
        if self._key is None:
            raise ForgetKeyError(
                "Writing posts needs the key for forgotten posts: set AWAAZ_FORGET_KEY."
            )
        return self._key

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the store throughout."""
        with tell_faults(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, patience_s: float | None = None) -> Iterator[Connection]:
        """Yield a connection that writes; all of it is kept at the end, or none.

        Ctrl-C waits until then.
        Raises StoreError where the disk is full, fails, or another process writes for too long:
        for `patience_s` on SQLite, or as long as the store was opened for.
        """
        options = {"writes": True, "patience_s": patience_s}
        with (
            tell_faults(),
            hold_interrupts(),
            self.engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    def on_change(self, listener: Listener) -> None:
        """Call `listener(connection, post_ids, change)` inside the transaction of every change.

        For `edited`, `forgotten` and `expired` it is called before the rows change, so that what
        was counted can be subtracted; for `added`, after.
        """
        self._listeners.append(listener)

    def announce(self, connection: Connection, post_ids: Sequence[int], change: Change) -> None:
        """Tell every listener of a change to posts, given by their row ids."""
        if post_ids:
            for listener in self._listeners:
                listener(connection, post_ids, change)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def _check_key(self) -> None:
        if self._key is None:
            return
        with self.reading() as connection:
            kept = connection.scalar(select(notes.c.value).where(notes.c.name == KEY_CHECK))
        if kept is None:
            with self.writing() as connection:
                insert_new(connection, notes, [{"name": KEY_CHECK, "value": self._key.check}])
        elif kept != self._key.check:
            raise ForgetKeyError(
                "The key for forgotten posts is not the one that this store was written with, so"
                " forgotten posts could come back. Restore AWAAZ_FORGET_KEY or the key file."
            )


@contextmanager
def tell_faults() -> Iterator[None]:
    """Turn what disks and locks do to a database into a StoreError that says what to do."""
    try:
        yield
    except DBAPIError as error:
        says = explain_fault(error)
        if not says:
            raise
        raise StoreError(says) from error


def insert_new(
    connection: Connection, table: Table, rows: Sequence[dict[str, object]], *, returning: str = ""
) -> list[int]:
    """Insert the rows whose key is not taken; return the column `returning` of those inserted."""
    if not rows:
        return []
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing()
    if not returning:
        connection.execute(statement, rows)
        return []
    inserted = connection.execute(statement.returning(table.c[returning]), rows)
    return list(inserted.scalars())


def make_folder(engine: Engine) -> None:
    """Make the folder of a SQLite file; raises StoreError where that is not possible."""
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or file == ":memory:":
        return
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder of the store {file} cannot be made ({error.strerror}). Check store.url."
        ) from None
