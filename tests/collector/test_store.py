"""The store: every post once, the newest text, one state for readers, and no surprises on open."""

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from collector.errors import ForgetKeyError, StoreError
from collector.forget_key import ForgetKey
from collector.migrations import record
from collector.posts import Tally
from collector.schema import posts, runs
from collector.store import Change, Store
from tests.stores import KEY, START, make_post, open_test_store, put_posts


def texts_of(store: Store) -> dict[str, str]:
    with store.reading() as connection:
        rows = connection.execute(select(posts.c.native_id, posts.c.text)).all()
    return {row.native_id: row.text for row in rows}


def test_writing_twice_changes_nothing(store: Store) -> None:
    page = [make_post(n) for n in range(5)]
    assert put_posts(store, *page) == Tally(new=5)
    before = texts_of(store)
    assert put_posts(store, *page) == Tally(unchanged=5)
    assert texts_of(store) == before


def test_a_newer_revision_replaces_the_text_and_an_older_does_not(store: Store) -> None:
    put_posts(store, make_post(1, "first", revision=1))
    assert put_posts(store, make_post(1, "second", revision=2)) == Tally(updated=1)
    assert put_posts(store, make_post(1, "first", revision=1)) == Tally(unchanged=1)
    assert texts_of(store) == {"1001": "second"}


def test_the_greatest_revision_of_a_page_counts(store: Store) -> None:
    page = [make_post(1, f"revision {r}", revision=r) for r in (2, 3, 1)]
    assert put_posts(store, *page) == Tally(new=1, unchanged=2)
    assert texts_of(store) == {"1001": "revision 3"}


def test_same_id_on_two_platforms_is_two_posts(store: Store) -> None:
    assert put_posts(store, make_post(1), make_post(1, platform="reddit")).new == 2


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), max_size=40))
def test_any_order_of_pages_ends_in_the_newest_revisions(
    store: Store, sightings: list[tuple[int, int]]
) -> None:
    with store.writing() as connection:
        connection.execute(delete(posts))
    tally = Tally()
    for start in range(0, len(sightings), 3):
        chunk = sightings[start : start + 3]
        tally += put_posts(store, *(make_post(n, f"{n} at {r}", revision=r) for n, r in chunk))
    newest: dict[int, int] = {}
    for n, r in sightings:
        newest[n] = max(r, newest.get(n, 0))
    assert texts_of(store) == {str(1000 + n): f"{n} at {r}" for n, r in newest.items()}
    assert tally.new + tally.updated + tally.unchanged == len(sightings)


def test_listeners_hear_of_changes_inside_the_transaction(store: Store) -> None:
    heard: list[tuple[Change, list[str | None]]] = []

    def listen(connection: object, ids: object, change: Change) -> None:
        query = select(posts.c.text).where(posts.c.id.in_(ids))  # type: ignore[arg-type]  # row ids
        heard.append((change, list(connection.execute(query).scalars())))  # type: ignore[attr-defined]  # a Connection

    store.on_change(listen)
    put_posts(store, make_post(1, "old", revision=1))
    put_posts(store, make_post(1, "new", revision=2))
    assert heard == [("added", ["old"]), ("edited", ["old"])]


def test_a_listener_that_fails_undoes_the_whole_page(store: Store) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no")

    store.on_change(fail)
    with pytest.raises(RuntimeError):
        put_posts(store, make_post(1))
    assert texts_of(store) == {}


def test_writers_queue_up(store: Store) -> None:
    def write(start: int) -> None:
        for n in range(start, start + 20):
            put_posts(store, make_post(n))

    threads = [threading.Thread(target=write, args=(n * 20,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts_of(store)) == 80


def test_a_reader_sees_one_state_while_a_writer_goes_on(sqlite_address: str) -> None:
    store = open_test_store(sqlite_address)
    put_posts(store, make_post(1))
    with store.reading() as connection:
        first = len(connection.execute(select(posts.c.id)).all())
        put_posts(store, make_post(2))
        assert len(connection.execute(select(posts.c.id)).all()) == first == 1
    assert len(texts_of(store)) == 2


def test_an_emoji_a_flag_and_every_script_survive(store: Store) -> None:
    text = "بس کرو 🇵🇰 बस करो \u200d 👩🏽‍⚖️ enough"
    put_posts(store, make_post(1, text))
    assert texts_of(store)["1001"] == text


def test_times_of_every_age_survive(store: Store) -> None:
    put_posts(store, make_post(1, created_at=START.replace(year=1, microsecond=999_999)))
    put_posts(store, make_post(2, created_at=START.replace(year=9999)))
    with store.reading() as connection:
        times = list(connection.scalars(select(posts.c.created_at).order_by(posts.c.native_id)))
    assert times == [START.replace(year=1, microsecond=999_999), START.replace(year=9999)]


def test_another_key_is_refused(sqlite_address: str) -> None:
    open_test_store(sqlite_address).close()
    with pytest.raises(ForgetKeyError, match="not the one"):
        Store.open(sqlite_address, key=ForgetKey("some other key entirely"))


def test_writing_without_a_key_is_refused(sqlite_address: str) -> None:
    with pytest.raises(ForgetKeyError, match="AWAAZ_FORGET_KEY"):
        put_posts(Store.open(sqlite_address), make_post(1))


def test_opening_an_old_store_keeps_it_and_a_newer_one_is_refused(sqlite_address: str) -> None:
    store = open_test_store(sqlite_address)
    put_posts(store, make_post(1))
    with store.writing() as connection:
        row = {"name": "collector-99-from-the-future", "applied_at": START}
        connection.execute(insert(record).values(row))
    store.close()
    with pytest.raises(StoreError, match="newer awaaz"):
        open_test_store(sqlite_address)
    assert open_engine_count(sqlite_address) == 1


def open_engine_count(address: str) -> int:
    from collector.database import open_engine

    with open_engine(address).connect() as connection:
        return len(connection.execute(select(posts.c.id)).all())


@pytest.mark.parametrize("address", ["nonsense", "mysql://host/name", "sqlite+nothing:///x"])
def test_an_address_that_is_not_ours_is_told(address: str) -> None:
    with pytest.raises(StoreError, match=r"store\.url"):
        Store.open(address)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("these are my notes, not a database" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(f"sqlite:///{tmp_path}/notes.db", key=KEY)


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "blog.db"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE posts (title TEXT)")
    with pytest.raises(StoreError, match=r"another program .*table posts"):
        Store.open(f"sqlite:///{file}", key=KEY)
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("posts",)]
    other.close()


def test_a_password_is_not_told() -> None:
    with pytest.raises(StoreError) as told:
        Store.open("postgresql://user:hunter2@127.0.0.1:1/none")
    assert "hunter2" not in str(told.value)


def test_no_column_could_hold_an_author() -> None:
    names = {column.name for table in (posts, runs) for column in table.columns}
    assert not any("author" in name or "user" in name or "location" in name for name in names)
