"""Pages of Reddit that come twice, out of order, or empty: nothing is lost or covered in error."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from collector.collecting import Collected, Plan, collect_source
from collector.coverage import read_islands
from collector.schema import posts, runs
from collector.sources.reddit import RedditSource
from collector.store import Store
from tests.servers.reddit_server import Answer, RedditServer, json_answer
from tests.stores import open_test_store

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
Listing = dict[str, Any]
Change = Callable[[Listing, Listing], Listing]


@pytest.fixture
def server() -> Iterator[RedditServer]:
    with RedditServer(clock=lambda: NOW) as running:
        for n in range(250):
            at = NOW - timedelta(hours=1, minutes=10 * n)
            running.comment("pakistan", f"I believe her, {n}. #MeToo", at)
        yield running


def page(server: RedditServer, after: str = "") -> Listing:
    """Return a page of comments as the server gives it."""
    return server.give_listing("pakistan", "comments", {"limit": "100", "after": after})


def come_twice(before: Listing, _here: Listing) -> Listing:
    """The page before, with a new token."""
    return {"kind": "Listing", "data": before["data"] | {"after": "t1_zzzzzz"}}


def come_again(before: Listing, _here: Listing) -> Listing:
    """The page before as it was, its token too."""
    return before


def come_shuffled(_before: Listing, here: Listing) -> Listing:
    return {"kind": "Listing", "data": here["data"] | {"children": here["data"]["children"][::-1]}}


def come_empty(_before: Listing, _here: Listing) -> Listing:
    return {"kind": "Listing", "data": {"children": [], "after": "t1_zzzzzz"}}


def collect(store: Store, server: RedditServer) -> Collected:
    source = RedditSource(
        **server.settings(), subreddits=["pakistan"], terms=["#MeToo"], clock=lambda: NOW
    )
    try:
        return collect_source(store, source, Plan(None, clock=lambda: NOW))
    finally:
        source.close()


def check_covered(store: Store, server: RedditServer) -> None:
    """What is called covered of the comments must be held."""
    with store.reading() as connection:
        held = set(connection.scalars(select(posts.c.native_id)))
        query = select(runs.c.query_hash).where(runs.c.query == "pakistan/comments")
        hashes = set(connection.scalars(query))
        islands = [window for _, hash_, window in read_islands(connection) if hash_ in hashes]
    for name, thing in server.things.items():
        at = datetime.fromtimestamp(thing["created_utc"], UTC)
        assert name in held or not any(w.since <= at < w.until for w in islands)


def answer(listing: Listing) -> Answer:
    return json_answer(listing, on="/comments")


@pytest.mark.parametrize("change", [come_twice, come_shuffled, come_empty, come_again])
@pytest.mark.parametrize("first", [True, False])
def test_an_odd_page_loses_nothing(
    sqlite_address: str, server: RedditServer, change: Change, *, first: bool
) -> None:
    store = open_test_store(sqlite_address)
    before = page(server)
    here = before if first else page(server, before["data"]["after"])
    server.answer(*([] if first else [answer(before)]), answer(change(before, here)))
    assert collect(store, server).stops == []
    check_covered(store, server)
    assert collect(store, server).stops == []
    with store.reading() as connection:
        held = list(connection.scalars(select(posts.c.native_id)))
    assert len(held) == len(set(held))
    assert set(held) == set(server.things)
    store.close()
