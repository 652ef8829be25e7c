"""What a source must give so that the collector can fill windows of time from it."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar, runtime_checkable

from collector.post import Sighting

__all__ = [
    "REDDIT_ARCHIVE",
    "Ask",
    "Counter",
    "Page",
    "Query",
    "Skip",
    "Source",
    "Window",
    "ask_once",
]

REDDIT_ARCHIVE = "reddit-archive"
"""The name under which the ledger knows posts that came from Reddit's archive, not from Reddit."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query:
    """One question put to a source again and again; other terms make another query."""

    source: str
    name: str
    terms: tuple[str, ...]

    @property
    def hash(self) -> str:
        """Short hash of source, name and terms, by which the ledger knows the query."""
        lines = "\n".join((self.source, self.name, *self.terms))
        return hashlib.blake2b(lines.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, `since` included, `until` excluded; both aware and UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Skip:
    """A post or line that could not be taken, and why in a few words without its content."""

    reason: str
    where: str = ""
    deleted_id: tuple[str, str] | None = None
    """(platform, native id) where the source says that the post was deleted."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a platform; it is committed as a whole."""

    sightings: Sequence[Sighting]
    skips: Sequence[Skip] = ()
    reads: int = 0
    """Posts that the platform charges for in this answer."""
    users: int = 0
    """Authors that came with the posts and that the platform charges for."""
    covered: Window | None = None
    """Set on the last page: the part of the window of which the pages hold all that matched."""


class Ask(Protocol):
    """Puts one request to a platform; it may wait before it and repeat it."""

    def __call__(self, request: Callable[[], T], /) -> T:
        """Return what the request gives; raises what it raises."""
        ...


def ask_once(request: Callable[[], T], /) -> T:
    """Put a request without patience."""
    return request()


class Source(Protocol):
    """A platform; see `collector/sources/x.py` for one."""

    name: str
    page_size: int
    """Posts, and authors, that one request brings at most."""

    def queries(self) -> Sequence[Query]:
        """Return the queries of the configuration, split as the platform needs them."""
        ...

    def reach(self, now: datetime) -> Window:
        """Return the span that the platform can still give at `now`."""
        ...

    def pages(self, query: Query, window: Window, ask: Ask = ask_once) -> Iterator[Page]:
        """Yield the pages of one window; raises `SourceError` when the platform does not give.

        Each page is one request, and each request goes through `ask`.
        """
        ...


@runtime_checkable
class Counter(Protocol):
    """A source that can say how many posts there are without giving them."""

    def count(self, query: Query, window: Window, ask: Ask = ask_once) -> int:
        """Return how many posts of a window match; raises `SourceError`."""
        ...
