"""Which key a store is written with: never a new one where the store was written with another."""

from pathlib import Path

from sqlalchemy import inspect, select
from sqlalchemy.exc import DatabaseError

from collector.database import open_engine
from collector.errors import ForgetKeyError, StoreError
from collector.forget_key import ForgetKey, read_or_make_key
from collector.schema import notes
from collector.store import KEY_CHECK

__all__ = ["choose_key", "is_keyed"]


def choose_key(secret: str | None, path: Path, address: str) -> ForgetKey:
    """Return the key given, else the one in `path`, made there for a store that has none yet.

    Raises ForgetKeyError where the store was written with a key and that is lost: with a new one
    everything forgotten could come back. Whether a key that is there is the store's own is told
    as the store opens.
    """
    if secret is None and not path.exists() and is_keyed(address):
        raise ForgetKeyError(
            f"The key for forgotten posts is lost: {path} is not there, AWAAZ_FORGET_KEY is not"
            " set, and this store was written with a key. Restore one of the two from a backup;"
            " with a new key everything that was forgotten could come back."
        )
    return read_or_make_key(secret, path)


def is_keyed(address: str) -> bool:
    """Say whether a store at `address` was written with a key; makes no store.

    Raises StoreError where that cannot be told: then no key may be made either.
    """
    engine = open_engine(address)
    file = engine.url.database
    if engine.dialect.name == "sqlite" and not (file and Path(file).exists()):
        return False
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table(notes.name):
                return False
            query = select(notes.c.value).where(notes.c.name == KEY_CHECK)
            return connection.scalar(query) is not None
    except DatabaseError as error:
        raise StoreError(
            f"The store {engine.url.render_as_string()} cannot be opened: {error.orig}."
            " Check store.url and that its server answers."
        ) from None
    finally:
        engine.dispose()
