"""Opting out: whoever asks is never stored, and no author's name is kept, written or logged."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from collector.collecting import Plan, collect_source
from collector.enrich import enrich
from collector.errors import StoreError
from collector.importing import import_archive
from collector.opt_outs import (
    add_opt_outs,
    count_opt_outs,
    find_opted_out,
    parse_author,
    remove_opt_outs,
)
from collector.post import Sighting
from collector.privacy_schema import opt_outs
from collector.schema import posts, tombstones
from collector.sources.reddit import RedditSource
from collector.sources.x import XSource
from collector.store import Store
from tests.servers.reddit_server import RedditServer
from tests.servers.x_server import XServer
from tests.stores import START, open_test_store

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def x() -> Iterator[XServer]:
    with XServer(token="invented-bearer", clock=lambda: NOW) as server:
        yield server


def collect(store: Store, x: XServer, reddit: RedditServer) -> None:
    def clock() -> datetime:
        return NOW

    for source, window in (
        (
            XSource(
                bearer_token="invented-bearer",
                queries={"latin": ["#MeToo"]},
                endpoint=x.url,
                clock=clock,
            ),
            timedelta(days=8),
        ),
        (
            RedditSource(
                **reddit.settings(), subreddits=["pakistan"], terms=["#MeToo"], clock=clock
            ),
            None,
        ),
    ):
        plan = Plan(window, communities={"pakistan": "PK"}, clock=clock)
        assert collect_source(store, source, plan).stops == []


def fill(x: XServer, reddit: RedditServer) -> tuple[str, str]:
    """Post two on each platform; return the names of the authors of the first ones."""
    tweets = [x.corpus.post(f"On #MeToo, {n}", NOW - timedelta(hours=2 + n)) for n in range(2)]
    names = [
        reddit.comment("pakistan", f"Of #MeToo, {n}", NOW - timedelta(hours=2)) for n in range(2)
    ]
    return (
        x.corpus.users[tweets[0]["author_id"]]["username"],
        reddit.things[names[0]]["author"],
    )


def texts(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(connection.scalars(select(posts.c.text)))


def test_who_opted_out_is_not_collected(store: Store, x: XServer, reddit: RedditServer) -> None:
    x_name, reddit_name = fill(x, reddit)
    add_opt_outs(store, [("x", x_name.upper()), ("reddit", reddit_name)], START)
    collect(store, x, reddit)
    assert texts(store) == {"On #MeToo, 1", "Of #MeToo, 1"}


def test_what_was_stored_before_goes_when_it_is_seen_again(
    store: Store, x: XServer, tmp_path: Path
) -> None:
    archive = tmp_path / "archive.jsonl"
    line = {"id": "1050000000000000001", "created_at": "2018-10-10T10:00:00.000Z", "lang": "en"}
    author = {"id": "77", "username": "invented_handle"}
    archive.write_text(json.dumps(line | {"text": "On #MeToo", "author": author}) + "\n")
    import_archive(store, archive)
    assert texts(store) == {"On #MeToo"}
    add_opt_outs(store, [("x", "id:77")], START)
    report = import_archive(store, archive)
    assert dict(report.skipped) == {"its author asked to be left out": 1}
    assert texts(store) == set()
    remove_opt_outs(store, [("x", "id:77")])
    assert import_archive(store, archive).tally.forgotten == 1, "what was forgotten stays so"


def test_the_list_tells_numbers_only(store: Store) -> None:
    authors = [("x", "invented_handle"), ("x", "Invented_Handle"), ("reddit", "invented_handle")]
    assert add_opt_outs(store, authors, START) == 2
    assert add_opt_outs(store, authors, START) == 0
    with store.reading() as connection:
        assert count_opt_outs(connection) == {"reddit": 1, "x": 1}
        assert "invented" not in str(connection.execute(select(opt_outs)).all()).casefold()
    assert remove_opt_outs(store, authors[:1]) == 1
    with store.reading() as connection:
        assert count_opt_outs(connection) == {"reddit": 1}


def test_no_authors_name_reaches_the_bytes_of_the_store_or_the_logs(
    sqlite_address: str,
    tmp_path: Path,
    x: XServer,
    reddit: RedditServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    fill(x, reddit)
    names = {user["username"] for user in x.corpus.users.values()}
    names |= {thing["author"] for thing in reddit.things.values()}
    archive = tmp_path / "archive.jsonl"
    tweet = {"id": "1050000000000000001", "created_at": "2018-10-10T10:00:00Z", "text": "On #MeToo"}
    archive.write_text(json.dumps(tweet | {"author": {"id": "7", "username": "archived_name"}}))
    store = open_test_store(sqlite_address)
    add_opt_outs(store, [("x", "opted_name")], START)
    collect(store, x, reddit)
    import_archive(store, archive)
    files = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
    assert len(texts(store)) == 5
    assert b"On #MeToo" in files, "the search below can find something"
    for name in {*names, "archived_name", "opted_name"}:
        assert name.encode() not in files
        assert name not in caplog.text
    store.close()


def test_authors_go_no_further_than_the_comparison(store: Store) -> None:
    sighting = Sighting("x", "1", "On #MeToo", START, authors=("invented_handle",))
    assert "invented_handle" not in repr(sighting)
    assert "invented_handle" not in repr(enrich([sighting], START))
    with store.reading() as connection:
        assert find_opted_out(store.key, connection, [sighting]) == []


def test_a_barred_post_leaves_a_tombstone(store: Store, x: XServer, reddit: RedditServer) -> None:
    x_name, _ = fill(x, reddit)
    add_opt_outs(store, [("x", x_name)], START)
    collect(store, x, reddit)
    with store.reading() as connection:
        assert connection.scalars(select(tombstones.c.reason)).all() == ["opt_out"]


@pytest.mark.parametrize(
    ("text", "author"),
    [
        ("x:@Invented_Name", ("x", "Invented_Name")),
        (" X:id:77 ", ("x", "id:77")),
        ("reddit:u/invented-name", ("reddit", "invented-name")),
        ("reddit:/u/invented", ("reddit", "invented")),
        ("reddit:id:t2_abc", ("reddit", "id:t2_abc")),
    ],
)
def test_an_author_is_read(text: str, author: tuple[str, str]) -> None:
    assert parse_author(text) == author


@pytest.mark.parametrize("text", ["invented", "x:invented", "x:1052", "reddit:@a b", "myspace:@a"])
def test_what_is_no_author_is_told_without_repeating_it(text: str) -> None:
    with pytest.raises(StoreError, match="x:@name") as told:
        parse_author(text)
    assert "invented" not in str(told.value)
