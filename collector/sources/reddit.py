"""Reddit: submissions found by search, newest submissions and comments of chosen subreddits."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from collector.errors import QueryRefused
from collector.sources.protocol import Ask, Page, Query, Window, ask_once
from collector.sources.reddit_client import PACE_S, Listing, RedditClient
from collector.sources.reddit_thing import posted_at
from collector.sources.reddit_words import join_terms, sift
from collector.sources.terms import TermMatcher, fold_words

__all__ = ["RedditSource"]

PAGE = 100
CEILING = 1_000
"""Things that Reddit gives of any listing, however long."""

MAX_PAGES = 20
"""Pages may come short; this bounds a listing whose token never ends."""

WHOLE = 500
"""A listing that ends before this is the whole subreddit. One that ends later may have been cut:
Reddit counts what moderators removed toward the ceiling and does not give it."""

TAIL = 5
"""Things in a row that must be older than a window's start to show that the listing reached it;
one may stand out of order, as when a moderator lets it in late."""

LAG = timedelta(seconds=60)
"""Reddit's listings show a new post within seconds; younger ones are left for the next window."""

LONGEST_QUESTION = 512
SUBREDDIT = re.compile(r"(?:/?r/)?([A-Za-z0-9]\w{1,20})/?", re.ASCII)
SPANS = (("hour", 1), ("day", 24), ("week", 7 * 24), ("month", 28 * 24), ("year", 365 * 24))


def utc_now() -> datetime:
    """Return the present moment, aware."""
    return datetime.now(UTC)


class RedditSource:
    """Reads chosen subreddits; takes what holds one of the terms as whole words.

    Comments cannot be searched for, so the newest are read and sifted; so are submissions, since
    only a newest-first listing tells that nothing was left out. Search adds older ones.
    """

    name = "reddit"
    page_size = PAGE

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        user_agent: str,
        subreddits: Sequence[str],
        terms: Sequence[str],
        endpoint: str | None = None,
        timeout_s: float = 30.0,
        clock: Callable[[], datetime] = utc_now,
        pace_s: float = PACE_S,
        reach_days: int = 7,
    ) -> None:
        self._subreddits = tuple(dict.fromkeys(_read_name(name) for name in subreddits))
        self._terms = tuple(terms)
        self._clock = clock
        self._reach = timedelta(days=reach_days)
        self._client = RedditClient(
            client_id=client_id,
            client_secret=client_secret,
            user_agent=user_agent,
            endpoint=endpoint,
            timeout_s=timeout_s,
            clock=clock,
            pace_s=pace_s,
        )

    def close(self) -> None:
        """Close the connections to Reddit."""
        self._client.close()

    def queries(self) -> Sequence[Query]:
        """Return per subreddit its newest submissions, its newest comments, and its searches."""
        searches = _split_terms(self._terms)
        kinds = [("new", self._terms), ("comments", self._terms)] if searches else []
        kinds += [(f"search-{i}" if i > 1 else "search", s) for i, s in enumerate(searches, 1)]
        return [
            Query(self.name, f"{subreddit}/{kind}", terms)
            for subreddit in self._subreddits
            for kind, terms in kinds
        ]

    def reach(self, now: datetime) -> Window:
        """Return the last days: how far 1,000 things reach depends on the subreddit."""
        return Window(now - self._reach, now - LAG)

    def pages(self, query: Query, window: Window, ask: Ask = ask_once) -> Iterator[Page]:
        """Yield what the listing holds of `window`, newest first, a page per answer.

        What Reddit shows as deleted is a skip with its id, of whatever time, so that it goes.
        The last page covers the window where a newest-first listing reached its start, or was
        read to the end of a small subreddit; otherwise it covers the part that was reached, and
        nothing that by Reddit's own clock has not been yet. Raises `SourceError`.
        """
        asked_at = self._clock()
        path, params = _question(query, window, asked_at)
        settled = "/search" not in query.name and window.until <= asked_at
        matcher = TermMatcher(query.terms)
        progress = _Progress(window.since)
        while not progress.ended:
            position = params | progress.position()
            listing = ask(partial(self._client.list_things, path, position))
            progress.note(listing)
            sightings, skips = sift(listing.things, matcher, window)
            covered = progress.covered(window) if settled and progress.ended else None
            yield Page(sightings, skips, len(listing.things), covered=self._cut_future(covered))

    def _cut_future(self, covered: Window | None) -> Window | None:
        """Return what of `covered` was over when Reddit answered: our clock may be fast."""
        said_at = self._client.said_at
        if covered is None or said_at is None:
            return covered
        until = min(covered.until, said_at - LAG)
        return Window(covered.since, until) if covered.since < until else None


class _Progress:
    """How far a newest-first listing has been read."""

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._count = self._pages = 0
        self._oldest: deque[datetime] = deque(maxlen=TAIL)
        self._tokens: list[str | None] = []
        self.ended = self.complete = self._loops = False

    def position(self) -> dict[str, str | int]:
        """Return the parameters that ask for the next page."""
        after = self._tokens[-1] if self._tokens else None
        if after is None:
            return {"limit": PAGE}
        return {"limit": PAGE, "after": after, "count": self._count}

    def note(self, listing: Listing) -> None:
        """Take account of one page."""
        self._count += len(listing.things)
        self._pages += 1
        self._oldest.extend(t for t in map(posted_at, listing.things) if t is not None)
        exhausted = listing.after is None
        self._loops = listing.after is not None and listing.after in self._tokens
        cut = self._count >= CEILING or self._pages >= MAX_PAGES or self._loops
        self.complete = self._reached() or (exhausted and self._count < WHOLE)
        self.ended = self.complete or exhausted or cut
        self._tokens.append(listing.after)

    def covered(self, window: Window) -> Window | None:
        """Return what of `window` the listing holds: all of it, its newest part, or nothing."""
        if self.complete:
            return window
        if len(self._oldest) < TAIL or self._loops:
            return None
        since = max(window.since, *self._oldest)
        return Window(since, window.until) if since < window.until else None

    def _reached(self) -> bool:
        return len(self._oldest) == TAIL and max(self._oldest) < self._since


def _question(query: Query, window: Window, now: datetime) -> tuple[str, dict[str, str | int]]:
    """Return path and parameters of the listing that a query reads."""
    subreddit, _, kind = query.name.partition("/")
    if not kind.startswith("search"):
        return f"r/{subreddit}/{kind}/", {}
    hours = (now - window.since) / timedelta(hours=1)
    span = next((name for name, length in SPANS if hours <= length), "all")
    words: dict[str, str | int] = {"q": join_terms(query.terms), "t": span}
    return f"r/{subreddit}/search/", words | {"restrict_sr": 1, "sort": "new", "syntax": "lucene"}


def _split_terms(terms: Iterable[str]) -> list[tuple[str, ...]]:
    """Split terms so that each part makes a question short enough; those without words go."""
    parts: list[tuple[str, ...]] = []
    for term in terms:
        if not fold_words(term).strip(" |"):
            continue
        if parts and len(join_terms((*parts[-1], term))) <= LONGEST_QUESTION:
            parts[-1] = (*parts[-1], term)
        else:
            parts.append((term,))
    return parts


def _read_name(name: str) -> str:
    found = SUBREDDIT.fullmatch(name.strip())
    if found is None:
        raise QueryRefused(
            f"{name!r} is no subreddit's name: write it as it stands after r/ in its address."
        )
    return found[1].lower()
