"""What goes wrong at Reddit, and which of our errors says so; nothing here waits for minutes."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from collector.errors import (
    CapSpent,
    CredentialRefused,
    QueryRefused,
    RateLimited,
    SourceError,
    SourceUnavailable,
)
from collector.sources.protocol import Page, Window
from collector.sources.reddit import RedditSource
from tests.servers.reddit_server import (
    CLIENT_SECRET,
    Answer,
    RedditServer,
    json_answer,
)

NOW = datetime(2019, 3, 8, 12, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=1), NOW)
TOKEN = "/access_token"
KEYS = ("AWAAZ_REDDIT_CLIENT_ID", "AWAAZ_REDDIT_CLIENT_SECRET")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server() -> Iterator[RedditServer]:
    with RedditServer() as running:
        running.comment("pakistan", "metoo", NOW - timedelta(hours=1))
        yield running


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every sleep of this process is noted and not slept."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def make_source(server: RedditServer, **changes: Any) -> RedditSource:
    options = {"subreddits": ["pakistan"], "terms": ["metoo"], "clock": lambda: NOW}
    return RedditSource(**server.settings() | options | changes)


def collect(source: RedditSource) -> list[Page]:
    comments = next(query for query in source.queries() if query.name.endswith("/comments"))
    return list(source.pages(comments, WINDOW))


def fail(server: RedditServer, error: type[SourceError], **changes: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        collect(make_source(server, **changes))
    assert type(caught.value) is error
    assert CLIENT_SECRET not in str(caught.value)
    assert str(caught.value).endswith(".")
    return caught.value


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 408])
@pytest.mark.parametrize("on", ["/r/", TOKEN])
def test_trouble_of_reddit(server: RedditServer, naps: list[float], status: int, on: str) -> None:
    server.answer(Answer(status, b"<html>Our servers are busy</html>", on=on, times=9))
    fail(server, SourceUnavailable)
    assert len(server.asked(on)) == 1, "repeating is the scheduler's"
    assert sum(naps) == 0


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=b"<html>You are now in a queue</html>"),
        Answer(body=b""),
        Answer(body=b'{"kind": "Listing", "data"'),
        Answer(204),
        Answer(body=b"[" * 100_000),
        Answer(302),
        json_answer(None),
        json_answer("ok"),
        json_answer([]),
        json_answer({"error": 500, "message": "Internal"}),
        json_answer({"kind": "Listing", "data": None}),
        json_answer({"kind": "Listing", "data": {"children": None, "after": None}}),
        json_answer({"kind": "Listing", "data": {"children": {}, "after": None}}),
    ],
)
def test_answer_in_another_format(server: RedditServer, answer: Answer) -> None:
    server.answer(answer)
    fail(server, SourceUnavailable)


@pytest.mark.parametrize(
    "value", [None, [], "x", {}, {"access_token": "x"}, {"access_token": "x", "expires_in": "1"}]
)
def test_token_in_another_format(server: RedditServer, value: object) -> None:
    server.answer(json_answer(value, on=TOKEN))
    fail(server, SourceUnavailable)


@pytest.mark.parametrize("on", ["/r/", TOKEN])
def test_connection_closed_in_the_middle(server: RedditServer, on: str) -> None:
    server.answer(Answer(body=b'{"kind": "Listing"}' * 9, cut=True, on=on))
    fail(server, SourceUnavailable)
    assert len(server.asked(on)) == 1


@pytest.mark.parametrize("on", ["/r/", TOKEN])
@pytest.mark.parametrize("head", [False, True])
def test_slow_drops(server: RedditServer, on: str, *, head: bool) -> None:
    server.answer(Answer(body=b" " * 10_000, drip_s=0.05, on=on, drip_head=head))
    started = time.monotonic()
    fail(server, SourceUnavailable, timeout_s=0.3)
    assert time.monotonic() - started < 30, "PRAW holds to 16 s, and to each drop anew"


def test_nobody_there() -> None:
    with RedditServer() as gone:
        pass
    fail(gone, SourceUnavailable)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "90"}, 1.5 * MINUTE),
        ({"retry-after": format_datetime(NOW + 2 * MINUTE, usegmt=True)}, 2 * MINUTE),
        ({"x-ratelimit-reset": "120", "x-ratelimit-remaining": "0.0"}, 2 * MINUTE),
        ({"retry-after": "soon", "x-ratelimit-reset": "60"}, MINUTE),
        ({"retry-after": "-5"}, MINUTE / 60),
        ({"retry-after": "1e300"}, 24 * 60 * MINUTE),
    ],
)
@pytest.mark.parametrize("on", ["/r/", TOKEN])
def test_429_that_says_until_when(
    server: RedditServer, naps: list[float], headers: dict[str, str], wait: timedelta, on: str
) -> None:
    server.answer(json_answer({"error": 429}, 429, headers=headers, on=on))
    error = fail(server, RateLimited)
    assert isinstance(error, RateLimited)
    assert error.until == NOW + wait
    assert sum(naps) == 0


@pytest.mark.parametrize("headers", [{}, {"retry-after": "soon"}, {"x-ratelimit-reset": "nan"}])
def test_429_that_does_not_say(server: RedditServer, headers: dict[str, str]) -> None:
    server.answer(Answer(429, b"<html>Too Many Requests</html>", headers))
    fail(server, CapSpent)


def test_402(server: RedditServer) -> None:
    server.answer(Answer(402))
    fail(server, CapSpent)


@pytest.fixture
def clock() -> list[datetime]:
    return [NOW]


def test_spent_allowance_is_waited_for_elsewhere(
    server: RedditServer, naps: list[float], clock: list[datetime]
) -> None:
    server.allowance, server.reset_s = 1, 540
    source = make_source(server, clock=lambda: clock[0])
    assert len(collect(source)) == 1
    with pytest.raises(RateLimited) as caught:
        collect(source)
    assert caught.value.until == NOW + 9 * MINUTE
    assert len(server.asked("/r/")) == 1, "not even asked"
    clock[0] += 9 * MINUTE
    server.used = 0
    assert len(collect(source)) == 1
    assert sum(naps) == 0, "prawcore alone sleeps nine minutes here"


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=1)])
def test_clock_that_jumps_does_not_stop_the_source(
    server: RedditServer, clock: list[datetime], jump: timedelta
) -> None:
    server.allowance = 1
    source = make_source(server, clock=lambda: clock[0])
    collect(source)
    clock[0] += jump
    assert len(collect(source)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1e300"},
        {"x-ratelimit-remaining": "many", "x-ratelimit-reset": "60"},
        {"x-ratelimit-remaining": "5"},
        {"x-ratelimit-remaining": "5", "x-ratelimit-reset": "6.5", "x-ratelimit-used": "x"},
    ],
)
def test_odd_headers_do_no_harm(server: RedditServer, headers: dict[str, str]) -> None:
    listing = server.give_listing("pakistan", "comments", {})
    server.answer(json_answer(listing, headers=headers))
    assert len(collect(make_source(server))[0].sightings) == 1


def test_requests_keep_their_distance(server: RedditServer, naps: list[float]) -> None:
    collect(make_source(server, pace_s=0.6))
    assert [nap for nap in naps if nap > 0] == [pytest.approx(0.6, abs=0.3)]


def test_wrong_secret(server: RedditServer) -> None:
    wrong = CLIENT_SECRET[::-1]
    error = fail(server, CredentialRefused, client_secret=wrong)
    assert all(key in str(error) for key in KEYS)
    assert wrong not in str(error)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        json_answer({"error": "invalid_grant"}, on=TOKEN),
        json_answer({"error": "unauthorized_client", "error_description": "x"}, 400, on=TOKEN),
        json_answer({"message": "Forbidden", "error": 403}, 403, on=TOKEN),
        Answer(403, headers={"www-authenticate": 'Bearer error="insufficient_scope"'}),
        Answer(403, b"<html>whoa there, pardner!</html>"),
    ],
)
def test_refused_credential(server: RedditServer, answer: Answer) -> None:
    server.answer(answer)
    assert KEYS[0] in str(fail(server, CredentialRefused))


def test_stale_token_is_renewed_once(server: RedditServer, naps: list[float]) -> None:
    source = make_source(server)
    collect(source)
    server.tokens.clear()
    assert len(collect(source)) == 1
    assert len(server.asked(TOKEN)) == 2
    assert sum(naps) < 10


@pytest.mark.parametrize("headers", [{}, {"www-authenticate": 'Bearer realm="reddit"'}])
def test_401_that_stays(server: RedditServer, naps: list[float], headers: dict[str, str]) -> None:
    server.answer(json_answer({"error": 401}, 401, headers=headers, times=99))
    assert KEYS[1] in str(fail(server, CredentialRefused))
    assert len(server.asked("/r/")) == 2
    assert sum(naps) < 10


def ban(server: RedditServer) -> None:
    server.banned.add("pakistan")


def close(server: RedditServer) -> None:
    server.private.add("pakistan")


def rename(server: RedditServer) -> None:
    server.subreddits.clear()


@pytest.mark.parametrize("change", [ban, close, rename])
def test_subreddit_that_is_not_given(
    server: RedditServer, change: Callable[[RedditServer], None]
) -> None:
    change(server)
    assert "r/pakistan" in str(fail(server, QueryRefused))


@pytest.mark.parametrize("status", [400, 404, 414, 451])
def test_refused_question(server: RedditServer, status: int) -> None:
    server.answer(json_answer({"message": "no", "fields": 1}, status))
    assert str(status) in str(fail(server, QueryRefused))


def test_pages_before_a_fault_are_given(server: RedditServer) -> None:
    for number in range(150):
        server.comment("pakistan", "metoo", NOW - timedelta(hours=2, seconds=number))
    server.answer(json_answer(server.give_listing("pakistan", "comments", {"limit": "100"})))
    server.answer(Answer(503))
    source = make_source(server)
    comments = next(query for query in source.queries() if query.name.endswith("/comments"))
    pages = source.pages(comments, WINDOW)
    first = next(pages)
    assert len(first.sightings) == 100
    assert first.covered is None
    with pytest.raises(SourceUnavailable):
        next(pages)
