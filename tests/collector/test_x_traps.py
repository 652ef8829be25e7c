"""The traps of tweepy that `collector.sources.x_client` avoids.

Shown with the library itself, so that we notice when a new version no longer has one.
"""

import inspect
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
import tweepy  # type: ignore[import-untyped]

from collector.sources.transport import TimedAdapter, mount_timeouts
from tests.servers.x_faults import change, refuse, say, spend_cap
from tests.servers.x_server import XServer

BEARER = "invented-bearer"
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[XServer]:
    with XServer(token=BEARER, clock=lambda: NOW) as running:
        for minute in range(15):
            running.corpus.post("Invented #metoo", NOW - timedelta(hours=9, minutes=minute))
        yield running


def make_tweepy(url: str, **options: bool) -> tweepy.Client:
    client = tweepy.Client(BEARER, **options)
    mount_timeouts(client.session, timeout_s=5.0, rewrite={"https://api.twitter.com": url})
    return client


def test_tweepy_recurses_on_a_spent_cap_when_told_to_wait(server: XServer) -> None:
    server.always = spend_cap()
    client = make_tweepy(server.url, wait_on_rate_limit=True)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 150)  # the full depth takes a thousand requests
    try:
        with pytest.raises(RecursionError):
            client.search_recent_tweets("#MeToo")
    finally:
        sys.setrecursionlimit(limit)
    assert len(server.asked) > 20


def test_tweepy_sets_no_timeout(server: XServer) -> None:
    given: list[object] = []

    class Witness(TimedAdapter):
        def send(
            self, request: requests.PreparedRequest, *args: object, **options: object
        ) -> requests.Response:
            given.append(options["timeout"])
            return super().send(request, *args, **options)

    client = tweepy.Client(BEARER)
    client.session.mount("https://api.twitter.com", Witness(5.0, server.url))
    client.search_recent_tweets("#MeToo")
    assert given == [None]


def test_tweepy_has_no_class_for_402_and_no_guard_for_html(server: XServer) -> None:
    client = make_tweepy(server.url)
    server.script(refuse(402, "Credits depleted"), say(b"<html></html>"), say(b"[]", 503))
    with pytest.raises(tweepy.HTTPException) as caught:
        client.search_recent_tweets("#MeToo")
    assert type(caught.value) is tweepy.HTTPException
    with pytest.raises(requests.JSONDecodeError):
        client.search_recent_tweets("#MeToo")
    with pytest.raises(AttributeError):
        client.search_recent_tweets("#MeToo")


def test_tweepy_says_none_for_no_posts_and_ignores_partial_errors(server: XServer) -> None:
    client = make_tweepy(server.url)
    assert client.search_recent_tweets("#nothing").data is None
    server.script(change(errors=[{"title": "Forbidden"}]))
    answer = client.search_recent_tweets("#MeToo", max_results=10)
    assert len(answer.data) == 10
    assert answer.errors == [{"title": "Forbidden"}]


def test_tweepy_paginates_a_wrapped_method_with_the_wrong_token_name(server: XServer) -> None:
    client = make_tweepy(server.url)

    def search(query: str, **params: object) -> object:
        return client.search_recent_tweets(query, **params)

    pages = tweepy.Paginator(
        search, "#MeToo", start_time=NOW - timedelta(days=1), max_results=10, limit=3
    )
    with pytest.warns(DeprecationWarning, match="warn"):
        assert len([page.data for page in pages]) == 3
    assert [each.params.get("next_token") for each in server.asked] == [None] * 3
