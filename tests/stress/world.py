"""An invented world: what is posted, edited and deleted on X and Reddit while its clock is turned.

All of it follows from a seed; nothing happens before its time.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import count
from types import TracebackType
from typing import Any, Self

from tests.servers.reddit_server import RedditServer
from tests.servers.x_server import XServer

START = datetime(2026, 1, 1, tzinfo=UTC)
TOKEN = "invented-bearer"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CYCLE = 91
"""Days after which the calendar of bursts and faults begins again."""

BURST = range(3, 7)
"""Days of the cycle on which X has ten times as many posts: more than the budget pays for."""

FLOOD = range(36, 38)
"""Days of the cycle, nobody collecting, on which Reddit has more than a listing gives."""

TAGS = ("#MeToo", "#می_ٹو")
Event = Callable[[], None]


class World(AbstractContextManager["World"]):
    """Both platforms, true time, and this machine's clock, `astray` from it."""

    def __init__(self, seed: int) -> None:
        self.true, self.astray = START, timedelta()
        self.x = XServer(token=TOKEN, clock=lambda: self.true)
        self.reddit = RedditServer(allowance=10**9, clock=lambda: self.true)
        self.numbers = count()
        self._random = random.Random(seed)  # noqa: S311  # it guards no secret
        self._due: list[tuple[datetime, int, Event]] = []
        self._order = count()
        self._planned = START

    def __enter__(self) -> Self:
        self.x.__enter__()
        self.reddit.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.x.__exit__(kind, error, tb)
        self.reddit.__exit__(kind, error, tb)

    def here(self) -> datetime:
        """Return what this machine's clock says."""
        return self.true + self.astray

    def sleep(self, seconds: float) -> None:
        """Wait, in place of `time.sleep`."""
        self.turn_clock(self.true + timedelta(seconds=seconds))

    def turn_clock(self, until: datetime) -> None:
        """Let happen what happens until a moment."""
        while self._planned <= until:
            self._plan_day()
        while self._due and self._due[0][0] <= until:
            self.true, _, happen = heapq.heappop(self._due)
            happen()
        self.true = until

    def _plan_day(self) -> None:
        day = (self._planned - START).days % CYCLE
        for at in self._moments(100 if day in BURST else 12):
            self._at(at, self._post_on_x)
        for at in self._moments(700 if day in FLOOD else 8):
            self._at(at, self._post_on_reddit)
        self._planned += DAY

    def _moments(self, expected: int) -> Iterator[datetime]:
        for _ in range(self._random.randint(expected // 2, expected * 3 // 2)):
            yield self._planned + self._random.random() * DAY

    def _at(self, moment: datetime, happen: Event) -> None:
        heapq.heappush(self._due, (moment, next(self._order), happen))

    def _later(self, least: timedelta, most: timedelta, happen: Event) -> None:
        early = self._random.random() ** 3  # what is edited or deleted mostly is so soon
        self._at(self.true + least + early * (most - least), happen)

    def _write(self) -> str:
        tag = self._random.choice((*TAGS, TAGS[0], "#other"))
        return f"Invented post {next(self.numbers)} {tag}"

    def _post_on_x(self) -> None:
        tweet = self.x.corpus.post(text := self._write(), self.true, location="Lahore, Pakistan")
        if self._random.random() < 0.1:  # X lets edit for an hour
            edited = f"{text} edited"
            self._later(HOUR / 12, HOUR, lambda: self._edit_on_x(tweet, edited))
        if self._random.random() < 0.15:
            self._later(HOUR * 2, 60 * DAY, lambda: self.x.corpus.delete(tweet))

    def _edit_on_x(self, tweet: dict[str, Any], text: str) -> None:
        self.x.corpus.edit(tweet, text, self.true)

    def _post_on_reddit(self) -> None:
        reddit, text = self.reddit, self._write()
        if self._random.random() < 0.3:
            name = reddit.submit("pakistan", f"A title {text}", self.true, text)
        else:
            name = reddit.comment("pakistan", text, self.true)
        if self._random.random() < 0.1:
            self._later(HOUR, 5 * DAY, lambda: self._edit_on_reddit(name, f"{text} edited"))
        if self._random.random() < 0.1:
            self._later(HOUR, 60 * DAY, lambda: reddit.delete(name))

    def _edit_on_reddit(self, name: str, text: str) -> None:
        if self.reddit.things[name]["author"] != "[deleted]":
            self.reddit.edit(name, text, self.true)
