"""Forgetting: gone from every read and from the bytes, and never back."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from classifier.wiring import open_store
from collector.errors import ForgetKeyError, StoreError
from collector.forget_key import ForgetKey, read_or_make_key
from collector.forgetting import PostId, expire_text, forget_posts
from collector.key_choice import choose_key
from collector.post_links import parse_id
from collector.posts import Tally
from collector.schema import posts, tombstones
from collector.scrubbing import read_due, scrub, scrub_if_due
from collector.store import Store
from tests.stores import START, make_post, open_test_store, put_posts

SECRET_TEXT = "a sentence that nobody else would ever write"


def test_a_forgotten_post_cannot_come_back(store: Store) -> None:
    put_posts(store, make_post(1, SECRET_TEXT), make_post(2))
    done = forget_posts(store, [PostId("x", "1001")], "asked", START)
    assert (done.removed, done.barred) == (1, 1)
    assert put_posts(store, make_post(1, SECRET_TEXT, revision=9)) == Tally(forgotten=1)
    with store.reading() as connection:
        assert list(connection.scalars(select(posts.c.native_id))) == ["1002"]


def test_any_id_of_the_edit_history_forgets_the_post(store: Store) -> None:
    put_posts(store, make_post(1, current_id="1501", revision=1501))
    assert forget_posts(store, [PostId("x", "1501")], "asked", START).removed == 1
    assert put_posts(store, make_post(1)).forgotten == 1


def test_a_post_never_seen_is_barred(store: Store) -> None:
    assert forget_posts(store, [PostId("x", "1007")], "asked", START).removed == 0
    assert put_posts(store, make_post(7)).forgotten == 1


def test_the_tombstone_tells_no_id(store: Store) -> None:
    put_posts(store, make_post(1))
    forget_posts(store, [PostId("x", "1001")], "asked", START)
    with store.reading() as connection:
        row = connection.execute(select(tombstones)).one()
    assert "1001" not in str(row.hash)
    assert (row.platform, row.reason) == ("x", "asked")


def test_the_bytes_go_from_the_file_and_its_log(sqlite_address: str, tmp_path: Path) -> None:
    store = open_test_store(sqlite_address)
    put_posts(store, make_post(1, SECRET_TEXT), *(make_post(n) for n in range(2, 50)))
    forget_posts(store, [PostId("x", "1001")], "asked", START)
    assert scrub(store)
    for path in tmp_path.glob("store.db*"):
        assert SECRET_TEXT.encode() not in path.read_bytes()


def test_scrub_says_when_a_reader_is_in_the_way(sqlite_address: str) -> None:
    store = open_test_store(sqlite_address)
    put_posts(store, make_post(1, SECRET_TEXT))
    with store.reading() as connection:
        connection.execute(select(posts.c.id)).all()
        forget_posts(store, [PostId("x", "1001")], "asked", START)
        assert not scrub(store, attempts=1)
    assert scrub(store)


def test_text_expires_by_the_day_of_collection(store: Store) -> None:
    old = make_post(1, SECRET_TEXT, collected_at=START)
    put_posts(store, old, make_post(2, collected_at=START + timedelta(days=2)))
    assert expire_text(store, START + timedelta(days=1)) == 1
    assert expire_text(store, START + timedelta(days=1)) == 0
    with store.reading() as connection:
        rows = {r.native_id: r.text for r in connection.execute(select(posts))}
    assert rows["1001"] is None
    assert rows["1002"] is not None
    assert put_posts(store, make_post(1, SECRET_TEXT, revision=9)) == Tally(unchanged=1)


def test_a_key_file_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "forget.key"
    first = read_or_make_key(None, path)
    assert path.stat().st_mode & 0o077 == 0
    assert read_or_make_key(None, path).check == first.check
    assert read_or_make_key("another secret, long enough", path).check != first.check


def test_a_damaged_or_short_key_is_told(tmp_path: Path) -> None:
    path = tmp_path / "forget.key"
    path.write_text("short\n")
    with pytest.raises(ForgetKeyError, match="too short"):
        read_or_make_key(None, path)
    with pytest.raises(ForgetKeyError):
        ForgetKey("")


@pytest.mark.parametrize("text", ["1052", "x:", ":1052", "https://x.com/someone", ""])
def test_what_is_no_post_id_is_told(text: str) -> None:
    with pytest.raises(StoreError, match="as in x:1052"):
        parse_id(text)


def test_a_post_id_is_read() -> None:
    assert parse_id(" reddit:t3_abc ") == PostId("reddit", "t3_abc")


def test_no_key_is_made_for_a_store_that_had_one(sqlite_address: str, tmp_path: Path) -> None:
    path = tmp_path / "forget.key"
    made = choose_key(None, path, sqlite_address)
    open_store(sqlite_address, key=made).close()
    assert choose_key(None, path, sqlite_address).check == made.check
    path.unlink()
    with pytest.raises(ForgetKeyError, match="is lost"):
        choose_key(None, path, sqlite_address)
    assert not path.exists()
    assert choose_key("another key, long enough", path, sqlite_address).check != made.check
    with pytest.raises(ForgetKeyError, match="not the one"):
        open_store(sqlite_address, key=choose_key("another key, long enough", path, sqlite_address))


def test_no_key_is_made_while_the_store_cannot_be_asked(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"this is no database at all" * 100)
    path = tmp_path / "forget.key"
    with pytest.raises(StoreError, match="cannot be opened"):
        choose_key(None, path, f"sqlite:///{tmp_path}/store.db")
    assert not path.exists()


def test_a_scrub_waits_its_turn_and_stays_due_until_it_had_one(store: Store) -> None:
    put_posts(store, make_post(1, SECRET_TEXT))
    with store.reading() as connection:
        connection.execute(select(posts.c.id)).all()
        forget_posts(store, [PostId("x", "1001")], "asked", START)
        assert not scrub(store, attempts=2)
    assert read_due(store) is not None
    assert scrub_if_due(store)
    assert read_due(store) is None
    assert put_posts(store, make_post(2)).new == 1, "the short wait was for the scrub alone"
