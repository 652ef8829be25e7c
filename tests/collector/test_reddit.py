"""Reddit through the real PRAW, against a Reddit on this machine."""

import logging
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from praw.config import Config

from collector.errors import QueryRefused
from collector.post import Sighting
from collector.sources.protocol import Page, Skip, Source, Window
from collector.sources.reddit import CEILING, LONGEST_QUESTION, RedditSource
from collector.sources.reddit_thing import sighting_from_thing
from tests.servers.reddit_server import CLIENT_SECRET, RedditServer, json_answer

NOW = datetime(2019, 3, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = Window(NOW - 24 * HOUR, NOW - HOUR)
TERMS = ("#MeToo", "me too", "می ٹو", "मी टू")


@pytest.fixture
def server() -> Iterator[RedditServer]:
    with RedditServer() as running:
        yield running


def make_source(server: RedditServer, **changes: Any) -> RedditSource:
    options = {"subreddits": ["pakistan"], "terms": TERMS, "clock": lambda: NOW}
    return RedditSource(**server.settings() | options | changes)


def collect(source: RedditSource, kind: str, window: Window = WINDOW) -> list[Page]:
    query = next(query for query in source.queries() if query.name == f"pakistan/{kind}")
    return list(source.pages(query, window))


def ids(pages: list[Page]) -> list[str]:
    return [sighting.native_id for page in pages for sighting in page.sightings]


def fill(server: RedditServer, count: int, step: timedelta) -> None:
    """Add comments on other matters, the newest two hours old."""
    for number in range(count):
        server.comment("pakistan", f"cricket {number}", NOW - 2 * HOUR - number * step)


def test_gives_what_the_protocol_asks(server: RedditServer) -> None:
    source: Source = make_source(server, subreddits=["Pakistan", "r/india", "/r/pakistan/"])
    assert source.name == "reddit"
    assert [query.name for query in source.queries()] == [
        "pakistan/new",
        "pakistan/comments",
        "pakistan/search",
        "india/new",
        "india/comments",
        "india/search",
    ]
    assert {query.terms for query in source.queries()} == {TERMS}
    assert source.reach(NOW) == Window(NOW - timedelta(days=7), NOW - timedelta(seconds=60))


def test_without_terms_or_subreddits_asks_nothing(server: RedditServer) -> None:
    assert make_source(server, terms=["", "##"]).queries() == []
    assert make_source(server, subreddits=[]).queries() == []


@pytest.mark.parametrize("name", ["", "pakistan+india", "../api", "two words", "r/", "x" * 30])
def test_refuses_what_is_no_subreddit(server: RedditServer, name: str) -> None:
    with pytest.raises(QueryRefused, match="no subreddit's name"):
        make_source(server, subreddits=[name])


def test_comments_are_sifted_by_terms_and_window(server: RedditServer) -> None:
    early = server.comment("pakistan", "metoo, but too early", WINDOW.since - HOUR)
    first = server.comment("pakistan", "می ٹو کی تحریک", WINDOW.since)
    other = server.comment("pakistan", "sometool for cricket", WINDOW.since + HOUR)
    second = server.comment("pakistan", "&lt;3 #MeToo", WINDOW.until - HOUR)
    late = server.comment("pakistan", "me too", WINDOW.until)
    pages = collect(make_source(server), "comments")
    assert ids(pages) == [second, first]
    assert not {early, other, late} & set(ids(pages))
    assert [page.reads for page in pages] == [5]
    assert pages[-1].covered == WINDOW
    assert pages[0].sightings[1].text == "می ٹو کی تحریک"
    assert pages[0].sightings[1].community == "pakistan"


def test_submissions(server: RedditServer) -> None:
    found = server.submit("pakistan", "Panel on harassment", WINDOW.since, "मी टू & after")
    server.submit("pakistan", "Cricket", WINDOW.since)
    server.comment("pakistan", "metoo", WINDOW.since)
    [page] = collect(make_source(server), "new")
    assert [(s.native_id, s.text, s.kind) for s in page.sightings] == [
        (found, "Panel on harassment\n\nमी टू & after", "post")
    ]
    assert page.covered == WINDOW


def test_reads_pages_until_the_window_begins(server: RedditServer) -> None:
    fill(server, 450, timedelta(minutes=6))
    oldest = server.comment("pakistan", "metoo", WINDOW.since)
    pages = collect(make_source(server), "comments")
    assert [page.reads for page in pages] == [100, 100, 100]
    assert ids(pages) == [oldest]
    assert [page.covered for page in pages] == [None, None, WINDOW]
    asked = server.asked("/r/")
    assert [seen.params.get("after") is None for seen in asked] == [True, False, False]
    assert all(seen.params["raw_json"] == "1" for seen in asked)


@pytest.mark.parametrize("number", [CEILING + 50, 940])
def test_ceiling_leaves_the_beginning_of_the_window_uncovered(
    server: RedditServer, number: int
) -> None:
    fill(server, number, timedelta(seconds=1))
    pages = collect(make_source(server), "comments")
    assert sum(page.reads for page in pages) == min(number, CEILING)
    assert [page.covered for page in pages[:-1]] == [None] * 9
    covered = pages[-1].covered
    assert covered is not None
    assert WINDOW.since < covered.since < covered.until == WINDOW.until
    oldest = NOW - 2 * HOUR - (min(number, CEILING) - 1) * timedelta(seconds=1)
    assert timedelta(0) <= covered.since - oldest < timedelta(seconds=10)


def test_a_small_subreddit_read_to_its_end_is_covered(server: RedditServer) -> None:
    fill(server, 3, timedelta(seconds=1))
    assert [page.covered for page in collect(make_source(server), "comments")] == [WINDOW]


def test_an_old_one_out_of_place_does_not_end_the_reading(server: RedditServer) -> None:
    fill(server, 120, timedelta(seconds=1))
    found = server.comment("pakistan", "metoo", NOW - 3 * HOUR)
    listing = deepcopy(server.give_listing("pakistan", "comments", {"limit": "100"}))
    listing["data"]["children"][-1]["data"] |= {"created_utc": WINDOW.since.timestamp() - 60}
    server.answer(json_answer(listing))
    pages = collect(make_source(server), "comments")
    assert ids(pages) == [found]
    assert [page.covered for page in pages] == [None, WINDOW]


def test_window_that_is_not_over_is_not_covered(server: RedditServer) -> None:
    fill(server, 3, timedelta(seconds=1))
    window = Window(NOW - HOUR, NOW + HOUR)
    assert [page.covered for page in collect(make_source(server), "comments", window)] == [None]


def test_search_finds_more_and_covers_nothing(server: RedditServer) -> None:
    found = server.submit("pakistan", "On #MeToo", WINDOW.since)
    server.submit("pakistan", "A sometool", WINDOW.since)
    [page] = collect(make_source(server), "search")
    assert ids([page]) == [found]
    assert (page.reads, page.covered) == (2, None)
    [seen] = server.asked("/search")
    assert seen.params["q"] == '"MeToo" OR "me too" OR "می ٹو" OR "मी टू"'
    assert (seen.params["sort"], seen.params["t"], seen.params["restrict_sr"]) == (
        "new",
        "day",
        "1",
    )


def test_long_lists_of_terms_make_several_searches(server: RedditServer) -> None:
    terms = [f"invented phrase {number}" for number in range(60)]
    source = make_source(server, terms=terms)
    searches = [query for query in source.queries() if "search" in query.name]
    assert [query.name for query in searches] == [
        "pakistan/search",
        "pakistan/search-2",
        "pakistan/search-3",
    ]
    assert [term for query in searches for term in query.terms] == terms
    server.subreddits.add("pakistan")
    for query in searches:
        list(source.pages(query, WINDOW))
    assert all(len(seen.params["q"]) <= LONGEST_QUESTION for seen in server.asked("/search"))


def test_deleted_ones_are_passed_on_whatever_they_said(server: RedditServer) -> None:
    gone = server.comment("pakistan", "metoo", WINDOW.since)
    removed = server.comment("pakistan", "cricket", WINDOW.since - 9 * HOUR)
    server.delete(gone)
    server.delete(removed, "[removed]")
    [page] = collect(make_source(server), "comments")
    assert page.sightings == []
    assert {skip.deleted_id for skip in page.skips} == {("reddit", gone), ("reddit", removed)}


def test_edit_shows_as_a_newer_revision(server: RedditServer) -> None:
    name = server.comment("pakistan", "metoo", WINDOW.since)
    [before] = collect(make_source(server), "comments")[0].sightings
    server.edit(name, "metoo, and more", NOW - HOUR)
    [after] = collect(make_source(server), "comments")[0].sightings
    assert (after.native_id, after.text) == (before.native_id, "metoo, and more")
    assert after.revision > before.revision


def test_broken_things_are_skips_and_cost_no_request(server: RedditServer) -> None:
    fine = server.comment("pakistan", "metoo", WINDOW.since)
    whole = server.things[fine]
    broken: list[object] = [
        {"kind": "t1", "data": {"id": "aaa", "body": "metoo"}},
        {"kind": "t1", "data": whole | {"author": None, "subreddit": None}},
        {"kind": "t1", "data": {"body": "metoo"}},
        {"kind": "t1", "data": None},
        {"kind": "more", "data": {"children": ["bbb"], "id": "_", "name": "t1__"}},
        None,
        {"kind": "t1", "data": whole},
    ]
    server.answer(json_answer({"kind": "Listing", "data": {"children": broken, "after": None}}))
    [page] = collect(make_source(server), "comments")
    assert ids([page]) == [fine]
    assert len(page.skips) == 6
    assert all(skip.reason for skip in page.skips)
    assert [seen.path for seen in server.seen] == ["/api/v1/access_token", "/r/pakistan/comments/"]


def test_token_that_leads_nowhere_new_ends_the_reading(server: RedditServer) -> None:
    fill(server, 100, timedelta(seconds=1))
    endless = server.give_listing("pakistan", "comments", {"limit": "100"})
    endless["data"]["after"] = "t1_zzz"
    server.answer(json_answer(endless, times=99))
    assert [page.covered for page in collect(make_source(server), "comments")] == [None, None]


def test_tokens_that_never_end_are_bounded(server: RedditServer) -> None:
    for number in range(40):
        empty = {"kind": "Listing", "data": {"children": [], "after": f"t1_z{number}"}}
        server.answer(json_answer(empty))
    pages = collect(make_source(server), "comments")
    assert len(pages) == 20
    assert all(page.covered is None for page in pages)


def test_names_itself_and_reads_no_ini_file(
    server: RedditServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = "[DEFAULT]\noauth_url=http://127.0.0.1:9\nreddit_url=http://127.0.0.1:9\ntimeout=x\n"
    (tmp_path / "praw.ini").write_text(planted)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Config, "CONFIG", None)  # PRAW keeps what it read first
    monkeypatch.setenv("praw_username", "someone")  # as PRAW spells it
    monkeypatch.setenv("praw_password", "something")
    monkeypatch.setenv("praw_site", "elsewhere")
    server.comment("pakistan", "metoo", WINDOW.since)
    assert len(ids(collect(make_source(server), "comments"))) == 1
    assert all(seen.user_agent.startswith("awaaz tests ") for seen in server.seen)
    assert server.seen[0].params == {"grant_type": "client_credentials"}


def test_secret_is_in_no_log_and_no_repr(
    server: RedditServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.comment("pakistan", "metoo", WINDOW.since)
    source = make_source(server)
    collect(source, "comments")
    token = next(iter(server.tokens))
    for text in (caplog.text, repr(source), repr(vars(source))):
        assert CLIENT_SECRET not in text
        assert token not in text
    assert "Fetching" in caplog.text


def test_info_gives_things_by_id(server: RedditServer) -> None:
    kept = server.comment("pakistan", "metoo", WINDOW.since)
    gone = server.submit("pakistan", "metoo", WINDOW.since, "text")
    server.delete(gone)
    client = make_source(server)._client
    listing = client.list_things("api/info/", {"id": f"{kept},{gone},t1_none"})
    first, second = map(sighting_from_thing, listing.things)
    assert isinstance(first, Sighting)
    assert isinstance(second, Skip)
    assert second.deleted_id == ("reddit", gone)
