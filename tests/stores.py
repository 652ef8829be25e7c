"""Stores for tests: the same code on SQLite and on a real PostgreSQL."""

import functools
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import make_url, select

from classifier.wiring import open_store
from collector.forget_key import ForgetKey
from collector.post import Post
from collector.posts import Tally, upsert_posts
from collector.runs import start_run
from collector.schema import posts, runs
from collector.sources.protocol import Query
from collector.store import Store

KEY = ForgetKey("a key that only the tests know")
START = datetime(2018, 10, 8, 12, tzinfo=UTC)
QUERY = Query("test", "invented", ("#MeToo",))


def open_test_store(address: str) -> Store:
    """Open a store with the tests' key."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        Path(url.database).write_bytes(read_empty_store())
    return open_store(address, key=KEY)


@functools.cache
def read_empty_store() -> bytes:
    """Return a new SQLite store: to make its tables takes ten times as long as to copy them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        open_store(f"sqlite:///{path.as_posix()}", key=KEY).close()
        return path.read_bytes()


def make_post(number: int, text: str | None = None, **changes: object) -> Post:
    """Return an invented post that differs from others by its number."""
    values: dict[str, object] = {
        "platform": "x",
        "native_id": str(1000 + number),
        "text": text if text is not None else f"I believe her, number {number}. #MeToo",
        "created_at": START + timedelta(hours=number),
        "collected_at": START + timedelta(days=30),
        "kind": "post",
        "form": "en",
        "language": "en",
        "country": "IN" if number % 2 else "PK",
        "country_evidence": "place",
        "about": "unknown",
        "about_evidence": "none",
    }
    return Post(**(values | changes))  # type: ignore[arg-type]  # tests name the fields they change


def put_posts(store: Store, *posts: Post) -> Tally:
    """Write posts as one run would."""
    with store.writing() as connection:
        run_id = start_run(connection, QUERY, None, START)
        return upsert_posts(store, connection, posts, run_id)


def stored(store: Store) -> set[str]:
    """Return the ids of all posts, none of which may be there twice."""
    with store.reading() as connection:
        found = connection.scalars(select(posts.c.native_id)).all()
    assert len(found) == len(set(found))
    return set(found)


def ends(store: Store) -> list[str]:
    """Return how each run ended, in their order."""
    with store.reading() as connection:
        return list(connection.scalars(select(runs.c.stop).order_by(runs.c.id)))
