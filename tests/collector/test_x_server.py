"""The loopback server itself, asked through the real tweepy as X would be."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import tweepy  # type: ignore[import-untyped]

from collector.sources.transport import mount_timeouts
from tests.servers.x_corpus import matches
from tests.servers.x_server import XServer

BEARER = "invented-bearer"
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[XServer]:
    with XServer(token=BEARER, clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def client(server: XServer) -> tweepy.Client:
    client = tweepy.Client(BEARER, return_type=dict)
    rewrite = {"https://api.twitter.com": server.url}
    mount_timeouts(client.session, timeout_s=5.0, rewrite=rewrite)
    return client


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("#metoo", True),
        ("#MeToo -is:retweet", True),
        ("(nothing OR #metoo)", True),
        ("(nothing OR else)", False),
        ('"in invented words"', True),
        ('"words in"', False),
        ("#metoo -invented", False),
        ("#metoo -(nothing OR else)", True),
        ("is:retweet", False),
        ('"می ٹو" OR nothing', True),
        ("metoo", False),
    ],
)
def test_query_language(query: str, *, found: bool) -> None:
    assert matches(query, {"text": "In invented words: #MeToo، می ٹو!"}) is found


def test_lookup_names_what_is_gone(server: XServer, client: tweepy.Client) -> None:
    kept = server.corpus.post("Invented", NOW - timedelta(days=90))
    gone = server.corpus.post("Invented too", NOW - timedelta(days=90))
    server.corpus.delete(gone)
    answer = client.get_tweets([kept["id"], gone["id"]], tweet_fields=["created_at"])

    assert [each["id"] for each in answer["data"]] == [kept["id"]]
    assert [(each["resource_type"], each["value"]) for each in answer["errors"]] == [
        ("tweet", gone["id"])
    ]


def test_counts(server: XServer, client: tweepy.Client) -> None:
    for hours in (5, 6, 30, 24 * 9):
        server.corpus.post("Invented #metoo", NOW - timedelta(hours=hours))
    recent = client.get_recent_tweets_count("#metoo", granularity="day")
    assert [each["tweet_count"] for each in recent["data"]] == [1, 2]
    assert recent["data"][0]["start"] == "2026-01-14T00:00:00.000Z"
    everything = client.get_all_tweets_count("#metoo", start_time=NOW - timedelta(days=60))
    assert everything["meta"]["total_tweet_count"] == 4


@pytest.mark.parametrize(
    "params",
    [
        {"query": "a" * 513},
        {"query": "a", "max_results": 101},
        {"query": "a", "start_time": NOW - timedelta(days=8)},
        {"query": "a", "end_time": NOW},
        {"query": "a", "next_token": "no token"},
    ],
)
def test_refuses_what_x_refuses(client: tweepy.Client, params: dict[str, object]) -> None:
    with pytest.raises(tweepy.BadRequest):
        client.search_recent_tweets(**params)
