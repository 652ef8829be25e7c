"""Reddit's past from the Arctic Shift archive, which needs no credential."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from collector.errors import SourceUnavailable
from collector.sources.arctic_client import ArcticClient, Kind, TooMuch
from collector.sources.protocol import REDDIT_ARCHIVE, Ask, Page, Query, Window, ask_once
from collector.sources.reddit_thing import posted_at
from collector.sources.reddit_words import join_terms, sift
from collector.sources.said_date import blame_clock
from collector.sources.terms import TermMatcher, fold_words

__all__ = ["ArcticShiftSource"]

MOST, FEWEST = 100, 10
"""Things per page."""

SHORTEST_S = 3_600
"""A question over a shorter span is not split further."""

LAG = timedelta(days=2)
"""The archive looks at a post again after about 36 hours; before, much is missing from it."""

SETTLED = LAG - timedelta(hours=1)
"""The same by the archive's own clock, from which ours may differ a little."""

SAME_SECOND = 20
"""Pages within one second: more of them are an archive that goes in circles."""

BY_WORD = "-by-word"


class ArcticShiftSource:
    """Gives what the archive holds of chosen subreddits between two moments, oldest first.

    By keyword the archive searches and the terms are looked for again here; otherwise everything
    is read and sifted, which asks for many more pages.
    """

    name = REDDIT_ARCHIVE
    page_size = MOST

    def __init__(
        self,
        *,
        subreddits: Sequence[str],
        terms: Sequence[str],
        span: Window,
        clock: Callable[[], datetime],
        keyword_search: bool = True,
        endpoint: str | None = None,
        timeout_s: float = 60.0,
        pace_s: float = 1.0,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._subreddits = tuple(dict.fromkeys(name.lower() for name in subreddits))
        self._terms = tuple(term for term in terms if fold_words(term).strip(" |"))
        self._span, self._suffix = span, BY_WORD if keyword_search else ""
        self._clock = clock
        self._client = ArcticClient(
            endpoint=endpoint, timeout_s=timeout_s, pace_s=pace_s, clock=clock, wait=wait
        )

    def close(self) -> None:
        """Close the connections to the archive."""
        self._client.close()

    def queries(self) -> Sequence[Query]:
        """Return per subreddit its submissions and its comments."""
        return [
            Query(self.name, f"{subreddit}/{kind}{self._suffix}", self._terms)
            for subreddit in self._subreddits
            for kind in ("posts", "comments")
        ]

    def reach(self, now: datetime) -> Window:
        """Return the span that was asked for, as far as the archive can have it."""
        return Window(self._span.since, max(self._span.since, min(self._span.until, now - LAG)))

    def pages(self, query: Query, window: Window, ask: Ask = ask_once) -> Iterator[Page]:
        """Yield what the archive holds of `window`, oldest first; the last page covers it.

        What it marks as deleted is a skip with its id. Raises `SourceError`: ClockAstray where
        the archive's own clock says that it cannot have all of `window` yet.
        """
        del ask  # the archive's client is patient itself: it tells what to ask for in smaller parts
        subreddit, _, named = query.name.partition("/")
        kind: Kind = "posts" if named.startswith("posts") else "comments"
        asked: dict[str, str | int] = {"subreddit": subreddit, "sort": "asc"}
        if named.endswith(BY_WORD):
            asked["query" if kind == "posts" else "body"] = join_terms(query.terms)
        matcher = TermMatcher(query.terms)
        walk = Walk(window)
        while not walk.ended:
            try:
                things = self._client.search(kind, asked | walk.position())
            except TooMuch as error:
                walk.ease(error)
                continue
            self._check_clock(window)
            fresh = walk.note(things)
            sightings, skips = sift(fresh, matcher, window)
            covered = window if walk.ended and walk.whole else None
            yield Page(sightings, skips, len(fresh), covered=covered)

    def _check_clock(self, window: Window) -> None:
        there = self._client.said_at
        if there is not None and window.until > there - SETTLED:
            raise blame_clock("Arctic Shift", self._clock(), there)


class Walk:
    """How far a window has been read; the archive knows seconds and no pages.

    Each question begins one second before the newest thing read, so that things of the same
    second are not lost, and an archive that suddenly gives nothing is found out: what it gave
    last must come again.
    """

    def __init__(self, window: Window) -> None:
        self._at = int(window.since.timestamp())
        self._ends = [-int(-window.until.timestamp() // 1)]
        self._limit = MOST
        self._seen: set[str] = set()
        self._newest: int | None = None
        self._same = self._empty = 0
        self.whole = True

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to ask."""
        return not self._ends

    def position(self) -> dict[str, str | int]:
        """Return the parameters that ask for the next page."""
        return {"after": self._at - 1, "before": self._ends[-1], "limit": self._limit}

    def ease(self, error: TooMuch) -> None:
        """Ask for fewer things, then for a shorter span; raises where it is short already."""
        if self._limit > FEWEST:
            self._limit = max(FEWEST, self._limit // 2)
        elif self._ends[-1] - self._at > SHORTEST_S:
            self._ends.append((self._at + self._ends[-1]) // 2)
        else:
            raise SourceUnavailable(str(error))

    def note(self, things: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Take account of one page and return the things on it that are new."""
        times = [int(t.timestamp()) for t in map(posted_at, things) if t is not None]
        if times != sorted(times):
            raise SourceUnavailable("Arctic Shift gave posts in another order than asked for.")
        fresh = list({key_of(t): t for t in things if key_of(t) not in self._seen}.values())
        self._seen.update(key_of(t) for t in fresh)
        if not things:
            self._note_nothing()
        elif times and times[-1] > self._at:
            self._move(times[-1])
        elif fresh and times:
            self._stay(times[-1])
        else:
            self._note_nothing_new(full=len(things) >= self._limit, times=times)
        return fresh

    def _move(self, newest: int) -> None:
        self._at = self._newest = newest
        self._same = self._empty = 0
        if newest >= self._ends[-1]:  # the archive looked past the end: all before it was given
            self._end_span()

    def _stay(self, newest: int) -> None:
        self._newest = max(newest, self._newest or newest)
        self._same += 1
        self._limit = MOST
        if self._same > SAME_SECOND:
            raise SourceUnavailable("Arctic Shift's pages go in circles; try later.")

    def _note_nothing(self) -> None:
        if self._newest is None or self._newest < self._at:
            self._end_span()
            return
        self._empty += 1
        if self._empty > 1:
            raise SourceUnavailable("Arctic Shift gave nothing where it had posts; try later.")

    def _note_nothing_new(self, *, full: bool, times: Sequence[int]) -> None:
        if not full:
            self._end_span()
        elif times and times[0] >= self._at - 1 and self._limit == MOST:
            self.whole = False  # a second so full that the archive cannot give all of it
            self._at += 1
        elif self._limit < MOST:
            self._stay(self._at)
        else:
            raise SourceUnavailable("Arctic Shift's pages go in circles; try later.")

    def _end_span(self) -> None:
        self._at = max(self._at, self._ends.pop())
        while self._ends and self._ends[-1] <= self._at:
            self._ends.pop()
        self._limit = min(MOST, self._limit * 2)
        self._same = self._empty = 0


def key_of(thing: Mapping[str, Any]) -> str:
    """Return what tells a thing from others: its id, or its time where it has none."""
    bare = thing.get("id")
    return bare if isinstance(bare, str) else repr(thing.get("created_utc"))
