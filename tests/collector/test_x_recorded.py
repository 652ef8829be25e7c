"""Genuine answers of X, recorded by others, through the real tweepy into sightings."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collector.errors import CredentialRefused, QueryRefused
from collector.sources.protocol import Page, Window
from collector.sources.x import XSource
from tests.servers.x_api import Answer
from tests.servers.x_server import Asked, Reply, Turn, XServer, reply

BEARER = "invented-bearer"
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
WINDOW = Window(datetime(2020, 6, 1, tzinfo=UTC), datetime(2021, 7, 1, tzinfo=UTC))


@pytest.fixture
def recorded(shared: Path) -> Path:
    folder = shared / "recorded" / "x"
    if not folder.is_dir():
        pytest.skip("the recorded exchanges ../shared/recorded/x are not here")
    return folder


@pytest.fixture
def server() -> Iterator[XServer]:
    with XServer(token=BEARER, clock=lambda: NOW) as running:
        running.api.foreign_tokens = True
        yield running


def replay(path: Path) -> Turn:
    """Answer with the body and status of the first exchange in a file."""
    response = json.loads(path.read_text(encoding="utf-8"))[0]["response"]

    def turn(_server: XServer, _asked: Asked, _answer: Answer) -> Reply:
        return reply(response["body"], response["status"])

    return turn


def collect(server: XServer) -> list[Page]:
    source = XSource(
        bearer_token=BEARER,
        queries={"all": ["#MeToo"]},
        archive=True,
        endpoint=server.url,
        pause_s=0.0,
        clock=lambda: NOW,
    )
    return list(source.pages(source.queries()[0], WINDOW))


def posts_of(path: Path) -> dict[str, Any]:
    """Return what is in a file by id, retweets apart, read without our code."""
    body = json.loads(path.read_text(encoding="utf-8"))[0]["response"]["body"]
    return {
        tweet["id"]: tweet
        for tweet in body["data"]
        if all(each["type"] != "retweeted" for each in tweet.get("referenced_tweets", []))
    }


def test_a_chain_of_two_pages(server: XServer, recorded: Path) -> None:
    files = [recorded / f"tweets__search__all-{name}.json" for name in ("088954", "0b4aba")]
    server.script(*map(replay, files))
    pages = collect(server)

    assert [page.reads for page in pages] == [495, 190]
    assert [page.covered for page in pages] == [None, WINDOW]
    for page, path in zip(pages, files, strict=True):
        assert [each.native_id for each in page.sightings] == list(posts_of(path))
        assert {each.reason for each in page.skips} == {"a retweet, though none were asked for"}
        assert len(page.sightings) + len(page.skips) == page.reads
    last = [each for page in pages for each in page.sightings]
    assert Counter(each.kind for each in last) == {"quote": 31, "reply": 25, "post": 37}
    assert {each.place_country for each in pages[1].sightings} == {"DE"}
    assert any(each.location for each in last)
    assert not any("&amp;" in each.text for each in last)
    assert "b26v89c19zqg8o3fo7gedbxl6afww1zmsj1lrnbjjeyd9" in server.asked[1].params.values()


def test_answers_without_fields(server: XServer, recorded: Path) -> None:
    server.script(replay(recorded / "test_client_search_all_tweets.json"))
    server.script(replay(recorded / "tweets__search__all-b749d4.json"))
    first, last = collect(server)

    assert len(first.sightings) == 10 - len(first.skips)
    # The posts end with the time at which a machine wrote them.
    times = [each for each in first.sightings if each.text.endswith(" tweepy")]
    assert len(times) >= 5
    for each in times:
        written = datetime.fromisoformat(each.text.removesuffix(" tweepy")).replace(tzinfo=UTC)
        assert abs((each.created_at - written).total_seconds()) < 2
    assert (last.reads, last.covered) == (0, WINDOW)


def test_refusals(server: XServer, recorded: Path) -> None:
    server.script(replay(recorded / "tweets__search__all-90b063.json"))
    with pytest.raises(CredentialRefused, match="401 Unauthorized"):
        collect(server)
    server.script(replay(recorded / "tweets__search__all-92adbd.json"))
    with pytest.raises(QueryRefused, match="'start_time' must be before 'end_time'"):
        collect(server)
