"""X, Reddit and its archive behind one face, for faults that all of them must survive."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from collector.collecting import Collected, Plan, collect_source
from collector.sources.arctic_shift import LAG, ArcticShiftSource
from collector.sources.protocol import Window
from collector.sources.reddit import RedditSource
from collector.sources.x import XSource
from collector.store import Store
from tests.servers.arctic_server import ArcticServer, Question, page_of
from tests.servers.reddit_server import Answer, RedditServer, json_answer
from tests.servers.x_server import TOKEN, Asked, Reply, XServer, reply

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Platform(Protocol):
    """A platform on its own clock, its invented posts, and a turn at it."""

    now: datetime

    def post(self, text: str, age: timedelta) -> str:
        """Add a post that is as old as may be collected, and `age` more; return its id."""
        ...

    def make_odd(self, number: int, /, **changes: Any) -> dict[str, Any]:
        """Return a post as the platform writes it but for changes of text or time."""
        ...

    def give_also(self, odd: list[Any]) -> None:
        """Put things in front of the next answer's own."""
        ...

    def collect(self, store: Store) -> Collected:
        """Take a turn."""
        ...


class X:
    """X, a search."""

    def __init__(self, stack: ExitStack) -> None:
        self.now = NOW
        self.server = stack.enter_context(XServer(token=TOKEN, clock=lambda: self.now))

    def post(self, text: str, age: timedelta) -> str:
        tweet_id: str = self.server.corpus.post(text, self.now - timedelta(minutes=1) - age)["id"]
        return tweet_id

    def make_odd(self, number: int, /, **changes: Any) -> dict[str, Any]:
        tweet_id = str(2_030_000_000_000_000_000 + number)
        names = {"text": "text", "time": "created_at"}
        at = f"{self.now - HOUR:%Y-%m-%dT%H:%M:%S.000Z}"
        known = {"id": tweet_id, "text": "#MeToo", "created_at": at}
        return known | {names.get(key, key): value for key, value in changes.items()}

    def give_also(self, odd: list[Any]) -> None:
        def turn(_server: XServer, _asked: Asked, answer: dict[str, Any]) -> Reply:
            return reply(answer | {"data": [*odd, *answer["data"]]})

        self.server.script(turn)

    def collect(self, store: Store) -> Collected:
        source = XSource(
            bearer_token=TOKEN,
            queries={"latin": ["#MeToo"]},
            endpoint=self.server.url,
            page_size=10,
            clock=lambda: self.now,
        )
        return collect_source(store, source, Plan(8 * DAY, clock=lambda: self.now))


class Reddit:
    """Reddit, the comments of a subreddit."""

    def __init__(self, stack: ExitStack) -> None:
        self.now = NOW
        self.server = stack.enter_context(RedditServer(clock=lambda: self.now))
        self.server.subreddits.add("pakistan")

    def post(self, text: str, age: timedelta) -> str:
        return self.server.comment("pakistan", text, self.now - timedelta(minutes=2) - age)

    def make_odd(self, number: int, /, **changes: Any) -> dict[str, Any]:
        return make_comment(f"zz{number}", self.now - HOUR, changes)

    def give_also(self, odd: list[Any]) -> None:
        listing = self.server.give_listing("pakistan", "comments", {"limit": "100"})
        listing["data"]["children"][:0] = [{"kind": "t1", "data": thing} for thing in odd]
        self.server.answer(json_answer(listing, on="/comments"))

    def collect(self, store: Store) -> Collected:
        source = RedditSource(
            **self.server.settings(),
            subreddits=["pakistan"],
            terms=["#MeToo"],
            clock=lambda: self.now,
        )
        try:
            return collect_source(store, source, Plan(None, clock=lambda: self.now))
        finally:
            source.close()


class Archive:
    """Reddit's archive, the same comments when they are two days old."""

    def __init__(self, stack: ExitStack) -> None:
        self.now = NOW
        self.server = stack.enter_context(ArcticServer(clock=lambda: self.now))

    def post(self, text: str, age: timedelta) -> str:
        return self.server.comment("pakistan", text, self.now - LAG - timedelta(seconds=2) - age)

    def make_odd(self, number: int, /, **changes: Any) -> dict[str, Any]:
        return make_comment(f"zz{number}", NOW - LAG - 2 * DAY, changes)

    def give_also(self, odd: list[Any]) -> None:
        true = self.server.give

        def give(question: Question) -> Answer:
            found = json.loads(true(question).body)["data"]
            return page_of([*odd, *found] if question.kind == "comments" and found else found)

        self.server.give = give  # type: ignore[method-assign]  # odd things stand among good ones

    def collect(self, store: Store) -> Collected:
        source = ArcticShiftSource(
            subreddits=["pakistan"],
            terms=["#MeToo"],
            span=Window(NOW - 9 * DAY, datetime(2027, 1, 1, tzinfo=UTC)),
            clock=lambda: self.now,
            endpoint=self.server.url,
            pace_s=0.0,
        )
        try:
            return collect_source(store, source, Plan(7 * DAY, 1_000, clock=lambda: self.now))
        finally:
            source.close()


def make_comment(bare: str, at: datetime, changes: dict[str, Any]) -> dict[str, Any]:
    """Return a comment as Reddit and its archive write it."""
    names = {"text": "body", "time": "created_utc"}
    known = {"id": bare, "name": f"t1_{bare}", "body": "#MeToo", "author": "invented"}
    known |= {"subreddit": "pakistan"}
    when = {"created_utc": int(at.timestamp())}
    return known | when | {names.get(key, key): value for key, value in changes.items()}


@contextmanager
def serve(name: str) -> Iterator[Platform]:
    """Yield a platform whose server lives as long as the context."""
    with ExitStack() as stack:
        kinds: dict[str, type[X | Reddit | Archive]] = {"x": X, "reddit": Reddit}
        yield kinds.get(name, Archive)(stack)
