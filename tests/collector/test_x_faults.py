"""X when it does not give what was asked: every fault becomes one of our errors."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

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
from collector.sources.transport import TimedAdapter
from collector.sources.x import MAX_IDLE_PAGES, XSource
from tests.servers.x_faults import (
    change,
    die,
    drip,
    give_no_posts,
    limit_rate,
    refuse,
    repeat_token,
    say,
    spend_cap,
)
from tests.servers.x_server import Turn, XServer, reply

BEARER = "invented-bearer"
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
DAY = Window(since=NOW - timedelta(days=1), until=NOW - timedelta(hours=1))
RESET = NOW + timedelta(minutes=9)


@pytest.fixture
def server() -> Iterator[XServer]:
    with XServer(token=BEARER, clock=lambda: NOW) as running:
        for minute in range(15):
            running.corpus.post("Invented #metoo", DAY.since + timedelta(minutes=minute))
        yield running


def make_source(url: str, *, bearer: str = BEARER, timeout_s: float = 5.0) -> XSource:
    return XSource(
        bearer_token=bearer,
        queries={"all": ["#MeToo"]},
        endpoint=url,
        timeout_s=timeout_s,
        page_size=10,
        clock=lambda: NOW,
    )


def collect(source: XSource) -> list[Page]:
    (query,) = source.queries()
    return list(source.pages(query, DAY))


FAULTS: dict[str, tuple[Turn, type[SourceError], str]] = {
    "429 with a reset": (limit_rate(int(RESET.timestamp())), RateLimited, "12:09:00 UTC"),
    "429 with a reset long ago": (limit_rate(1), RateLimited, "wait until"),
    "429 with a reset of no time": (limit_rate(10**18), SourceUnavailable, "none"),
    "429 with a reset in words": (limit_rate("soon"), SourceUnavailable, "format"),
    "429 without a reset": (spend_cap(), CapSpent, "Monthly product cap"),
    "429 of a cap, with a reset": (spend_cap(x_rate_limit_reset="1"), CapSpent, "cap"),
    "402": (refuse(402, "Your credits are depleted"), CapSpent, "credits are depleted"),
    "401": (refuse(401, "Unauthorized"), CredentialRefused, "AWAAZ_X_BEARER_TOKEN"),
    "403": (refuse(403, "Not of this plan"), CredentialRefused, "TOKEN: 403 .*this plan"),
    "400": (refuse(400, "Ambiguous use of and"), QueryRefused, "Ambiguous use of and"),
    "404": (refuse(404, "Not here"), SourceUnavailable, "404"),
    "500": (refuse(500, "Broken"), SourceUnavailable, "500"),
    "503": (say(b"<html>Over capacity</html>", 503), SourceUnavailable, "503"),
    "503 with a list": (say(b"[1]", 503, "application/json"), SourceUnavailable, "format"),
    "400 with nulls": (say(b'{"errors": null}', 400), SourceUnavailable, "format"),
    "200 with HTML": (say(b"<html>Hello</html>"), SourceUnavailable, "format"),
    "200 with nothing": (say(b""), SourceUnavailable, "format"),
    "200 with a list": (say(b"[]"), SourceUnavailable, "format"),
    "200 with null": (say(b"null"), SourceUnavailable, "format"),
    "200 with an empty object": (say(b"{}"), SourceUnavailable, "format"),
    "200 nested without end": (say(b"[" * 200_000), SourceUnavailable, "format"),
    "200 in no encoding": (say(b'{"data": "\xff\xfe'), SourceUnavailable, "format"),
    "200 with errors alone": (
        change(data=None, meta=None, errors=[{"title": "Oops"}]),
        SourceUnavailable,
        "format",
    ),
    "200 with an object for posts": (change(data={"id": "1"}), SourceUnavailable, "format"),
    "a token that is no text": (change(meta={"next_token": 7}), SourceUnavailable, "no text"),
    "death in the middle": (die, SourceUnavailable, "connection"),
    "a redirect elsewhere": (
        lambda _s, _a, _t: reply({}, 302, location="http://127.0.0.1:1/"),
        SourceUnavailable,
        "connection",
    ),
}


@pytest.mark.parametrize(("turn", "kind", "said"), FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("first", [True, False], ids=["first page", "second page"])
def test_faults_become_our_errors(
    server: XServer, turn: Turn, kind: type[SourceError], said: str, *, first: bool
) -> None:
    server.script(*([turn] if first else [change(), turn]))
    source = make_source(server.url)
    (query,) = source.queries()
    pages: list[Page] = []
    with pytest.raises(SourceError, match=said) as caught:
        pages.extend(source.pages(query, DAY))

    assert type(caught.value) is kind
    assert BEARER not in str(caught.value) + repr(caught.value)
    assert len(server.asked) == (1 if first else 2)
    assert all(page.covered is None for page in pages)


def test_the_next_attempt_succeeds(server: XServer) -> None:
    server.script(refuse(503, "Over capacity"))
    source = make_source(server.url)
    with pytest.raises(SourceUnavailable):
        collect(source)
    assert collect(source)[-1].covered is not None


def test_a_rate_limit_says_until_when(server: XServer) -> None:
    server.script(limit_rate(int(RESET.timestamp())), limit_rate(1))
    for until in (RESET, NOW + timedelta(seconds=1)):
        with pytest.raises(RateLimited) as caught:
            collect(make_source(server.url))
        assert caught.value.until == until


def test_a_repeated_token_is_stopped(server: XServer) -> None:
    server.always = repeat_token
    with pytest.raises(SourceUnavailable, match="token twice"):
        collect(make_source(server.url))
    assert len(server.asked) == 2


def test_a_chain_without_end_is_stopped(server: XServer) -> None:
    server.always = give_no_posts
    with pytest.raises(SourceUnavailable, match="without a new post"):
        collect(make_source(server.url))
    assert len(server.asked) == MAX_IDLE_PAGES


@pytest.mark.parametrize("turn", [drip(body_s=0.05), drip(head_s=0.05)], ids=["body", "head"])
def test_a_slow_drip_is_cut(server: XServer, turn: Turn) -> None:
    # Each byte comes well within the timeout; the whole answer would take minutes.
    server.always = turn
    with pytest.raises(SourceUnavailable, match="in time"):
        collect(make_source(server.url, timeout_s=0.5))


def test_nobody_there() -> None:
    with pytest.raises(SourceUnavailable, match="connection"):
        collect(make_source("http://127.0.0.1:1"))


@pytest.mark.parametrize("bearer", ["", "  ", "two words", "line\nbreak", "naïve", "nul\0"])
def test_a_token_that_cannot_be_one_is_refused_unprinted(bearer: str) -> None:
    with pytest.raises(CredentialRefused, match="AWAAZ_X_BEARER_TOKEN") as caught:
        make_source("http://127.0.0.1:1", bearer=bearer)
    assert not bearer.strip() or bearer not in str(caught.value)


def test_a_wrong_token_is_refused(server: XServer) -> None:
    source = make_source(server.url, bearer="another")
    with pytest.raises(CredentialRefused):
        collect(source)
    with pytest.raises(CredentialRefused):
        source.probe()


def test_the_log_holds_neither_token_nor_posts(
    server: XServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    source = make_source(server.url)
    collect(source)
    assert caplog.records
    assert BEARER not in caplog.text + repr(source)
    assert "Invented" not in caplog.text


def test_a_token_goes_out_over_plain_http_to_loopback_only() -> None:
    with pytest.raises(ValueError, match="must begin with https"):
        TimedAdapter(1.0, "http://api.example.org")
