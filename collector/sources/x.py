"""X, searched through tweepy window by window: the last seven days, or the full archive."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from collector.errors import QueryRefused, SourceUnavailable
from collector.sources.protocol import Ask, Page, Query, Window, ask_once
from collector.sources.said_date import blame_clock
from collector.sources.x_client import XClient
from collector.sources.x_page import read_page
from collector.sources.x_query import ARCHIVE_LENGTH, RECENT_LENGTH, build_queries, render

__all__ = ["XSource"]

FIRST_DAY = datetime(2006, 3, 26, tzinfo=UTC)
"""The archive's first day."""

RECENT_SPAN = timedelta(days=7)
EDGE = timedelta(minutes=5)
"""X refuses a start older than seven days at each page, and the pages of a window take time."""

FRESHEST = timedelta(seconds=10)
LAG = timedelta(seconds=15)
"""X refuses an end of the last ten seconds; a clock may be some off."""

PAGE_SIZES = {False: (10, 100), True: (10, 500)}
"""Least and most posts in a page of the recent search and of the archive's."""

ARCHIVE_PAUSE_S = 1.0
"""The archive takes one request a second."""

MAX_IDLE_PAGES = 50
"""Pages in a row without a post not seen before, after which a chain counts as endless."""

MAX_COUNT_PAGES = 300
"""A page counts 31 days; X has existed for fewer months than this."""

FIELDS: Mapping[str, list[str]] = {
    "tweet_fields": [
        "created_at",
        "lang",
        "edit_history_tweet_ids",
        "note_tweet",
        "referenced_tweets",
        "geo",
        "author_id",  # only to find the stated location and who opted out; neither is kept
    ],
    "expansions": ["author_id", "geo.place_id"],
    "user_fields": ["location"],
    "place_fields": ["country_code"],
}


def _now() -> datetime:
    return datetime.now(UTC)


class XSource:
    """Searches X for any of the terms of each group, without retweets.

    `queries` maps a group's name to its hashtags, words and phrases. `archive` searches all
    posts since 2006 instead of those of the last seven days, in pages of up to 500 instead of
    100; `page_size` is brought within these bounds. `timeout_s` bounds each wait for an answer.
    `endpoint` sends requests to another base URL. X charges for each author beside the post.
    """

    name = "x"

    def __init__(
        self,
        *,
        bearer_token: str,
        queries: Mapping[str, Sequence[str]],
        archive: bool = False,
        endpoint: str | None = None,
        timeout_s: float = 30.0,
        page_size: int = 100,
        pause_s: float | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._client = XClient(bearer_token, endpoint=endpoint, timeout_s=timeout_s, clock=clock)
        self._groups = queries
        self._archive = archive
        least, most = PAGE_SIZES[archive]
        self.page_size = min(max(page_size, least), most)
        self._pause_s = pause_s if pause_s is not None else ARCHIVE_PAUSE_S * archive
        self._clock = clock

    def queries(self) -> Sequence[Query]:
        """Return the groups as queries no longer than X takes them; see `build_queries`."""
        return build_queries(self._groups, ARCHIVE_LENGTH if self._archive else RECENT_LENGTH)

    def reach(self, now: datetime) -> Window:
        """Return the span that X can still give at `now`, in whole seconds."""
        until = _floor(now - LAG)
        since = FIRST_DAY if self._archive else _floor(now - RECENT_SPAN + EDGE)
        return Window(since=since, until=until)

    def probe(self) -> None:
        """Ask X, at no cost, whether it takes the credential; raises `SourceError` if not."""
        self._client.probe()

    def pages(self, query: Query, window: Window, ask: Ask = ask_once) -> Iterator[Page]:
        """Yield the pages of a window, newest first; raises `SourceError`.

        The window is widened to whole seconds and narrowed to what X can give; the last page
        says in `covered` what was left. Sightings may come twice when X repeats a page.
        """
        asked = self._narrow(window)
        put = partial(self._ask_page, asked, self._params_of(query, asked))
        chain = _Chain()
        token: str | None = None
        while True:
            token, page = ask(partial(put, token))
            yield page if token else replace(page, covered=asked)
            if token is None:
                return
            chain.follow(token, page)
            time.sleep(self._pause_s)

    def count(self, query: Query, window: Window, ask: Ask = ask_once) -> int:
        """Return how many posts of a window match; X tells without charging for them each."""
        asked = self._narrow(window)
        span = {"start_time": asked.since, "end_time": asked.until, "granularity": "day"}
        count = partial(self._client.count, archive=self._archive, query=render(query.terms))
        put = partial(self._ask, asked, count)
        total, token = 0, None
        for _ in range(MAX_COUNT_PAGES):
            answer = ask(partial(put, next_token=token, **span))
            total, token = total + _total_of(answer), _token_of(answer)
            if token is None:
                return total
            time.sleep(self._pause_s)
        raise SourceUnavailable("X counts without end; try later")

    def _ask_page(
        self, window: Window, params: Mapping[str, Any], token: str | None
    ) -> tuple[str | None, Page]:
        """Return the next page's token and this page; raises where X's answer cannot be read."""
        search = partial(self._client.search, archive=self._archive)
        answer = self._ask(window, search, next_token=token, **params)
        return _token_of(answer), read_page(answer)

    def _ask(
        self, window: Window, put: Callable[..., Mapping[str, Any]], **params: Any
    ) -> Mapping[str, Any]:
        try:
            return put(**params)
        except QueryRefused:
            self._check_clock(window)
            raise

    def _check_clock(self, window: Window) -> None:
        """Raise ClockAstray where the date of X's refusal tells that our clock made it refuse.

        A start may also be too old because the pages before took long; then no clock is wrong.
        """
        here, there = self._clock(), self._client.refused_at
        if there is None:
            return
        ahead = window.until > there - FRESHEST
        behind = here < there - EDGE and window.since < there - RECENT_SPAN and not self._archive
        if ahead or behind:
            raise blame_clock("X", here, there)

    def _params_of(self, query: Query, window: Window) -> Mapping[str, Any]:
        return {
            "query": render(query.terms),
            "start_time": window.since,
            "end_time": window.until,
            "max_results": self.page_size,
            **FIELDS,
        }

    def _narrow(self, window: Window) -> Window:
        reach = self.reach(self._clock())
        since = max(_floor(window.since), reach.since)
        until = min(_ceil(window.until), reach.until)
        if since >= until:
            raise QueryRefused(
                f"X gives nothing between {window.since:%Y-%m-%d %H:%M:%S} and "
                f"{window.until:%Y-%m-%d %H:%M:%S} UTC, "
                f"only from {reach.since:%Y-%m-%d %H:%M:%S} to {reach.until:%Y-%m-%d %H:%M:%S}"
            )
        return Window(since=since, until=until)


@dataclass(slots=True)
class _Chain:
    """The pages of one window so far, to notice a chain that leads nowhere."""

    tokens: set[str] = field(default_factory=set)
    seen: set[str | None] = field(default_factory=set)
    idle_pages: int = 0

    def follow(self, token: str, page: Page) -> None:
        """Raise `SourceUnavailable` where `token` came before or nothing new came for long."""
        if token in self.tokens:
            raise SourceUnavailable("X gave a page token twice; the window is tried anew later")
        self.tokens.add(token)
        ids = {sighting.current_id for sighting in page.sightings}
        self.idle_pages = self.idle_pages + 1 if ids <= self.seen else 0
        self.seen |= ids
        if self.idle_pages >= MAX_IDLE_PAGES:
            raise SourceUnavailable(
                f"X gave {MAX_IDLE_PAGES} pages in a row without a new post and still another "
                "page token; the window is tried anew later"
            )


def _token_of(answer: Mapping[str, Any]) -> str | None:
    token = answer["meta"].get("next_token")
    if token is None or (isinstance(token, str) and token):
        return token
    raise SourceUnavailable("X gave a page token that is no text; try later")


def _total_of(answer: Mapping[str, Any]) -> int:
    total = answer["meta"].get("total_tweet_count")
    if isinstance(total, int):
        return total
    raise SourceUnavailable("X counts in a format not its own; try later")


def _floor(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _ceil(moment: datetime) -> datetime:
    return _floor(moment + timedelta(seconds=1) - datetime.resolution)
