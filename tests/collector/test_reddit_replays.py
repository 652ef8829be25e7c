"""What Reddit once really answered, given once more to the real PRAW."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collector.post import Sighting
from collector.sources.protocol import Page, Query, Skip, Window
from collector.sources.reddit import RedditSource
from collector.sources.reddit_thing import sighting_from_thing
from tests.servers.reddit_server import RedditServer, json_answer

WINDOW = Window(datetime(2006, 1, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC))
COMMON = ("the", "a", "to", "you", "what", "praw")


@pytest.fixture
def server() -> Iterator[RedditServer]:
    with RedditServer() as running:
        yield running


def replay(server: RedditServer, kind: str) -> list[Page]:
    source = RedditSource(**server.settings(), subreddits=["invented"], terms=COMMON)
    return list(source.pages(Query("reddit", f"invented/{kind}", COMMON), WINDOW))


def ids(pages: list[Page]) -> list[str]:
    return [sighting.native_id for page in pages for sighting in page.sightings]


def exchanges(shared: Path, name: str) -> list[dict[str, Any]]:
    path = shared / "recorded" / "reddit" / name
    if not path.is_file():
        pytest.skip("the recorded exchanges with Reddit are not here")
    recorded = json.loads(path.read_text())
    return [each["response"]["body"] for each in recorded if each["request"]["method"] == "GET"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("TestSubreddit.test_search.json", "search"),
        ("TestSubredditListings.test_comments.json", "comments"),
        ("TestSubredditListings.test_new.json", "new"),
    ],
)
def test_replayed_listing(server: RedditServer, shared: Path, name: str, kind: str) -> None:
    [body] = exchanges(shared, name)
    body["data"]["after"] = None
    server.answer(json_answer(body))
    [page] = replay(server, kind)
    things = [child["data"] for child in body["data"]["children"]]
    assert page.reads == len(things)
    assert set(ids([page])) <= {thing["name"] for thing in things}
    assert len(page.sightings) >= len(things) / 3
    assert all("deleted" in skip.reason for skip in page.skips)


def test_replayed_info_is_read_or_passed_over(shared: Path) -> None:
    bodies = exchanges(shared, "TestReddit.test_info.json")
    things = [child["data"] for body in bodies for child in body["data"]["children"]]
    found = [sighting_from_thing(thing) for thing in things]
    expected = {thing["name"] for thing in things if thing["name"][:2] in {"t1", "t3"}}
    read = {each.native_id for each in found if isinstance(each, Sighting)}
    gone = {each.deleted_id[1] for each in found if isinstance(each, Skip) and each.deleted_id}
    assert read | gone == expected
    assert len(read) > 100


def test_replayed_listing_of_1000_reaches_the_ceiling(server: RedditServer, shared: Path) -> None:
    bodies = exchanges(shared, "TestListingGenerator.test_exhaust_items.json")
    server.answer(*(json_answer(body) for body in bodies))
    pages = replay(server, "new")
    assert [page.reads for page in pages] == [100] * 10
    assert all(page.covered is None for page in pages[:-1])
    assert len(set(ids(pages))) == len(ids(pages)) > 500
