"""What goes wrong in the simulated year: a calendar of great faults, and small ones by chance."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any

from collector.budget import month_of
from tests.servers.reddit_server import Answer
from tests.servers.x_faults import (
    die,
    give_no_posts,
    limit_rate,
    refuse,
    repeat_page,
    say,
    shuffle_page,
    spend_cap,
)
from tests.servers.x_server import Asked, Reply, Turn, XServer, reply
from tests.stress.world import CYCLE, HOUR, START, World

CALENDAR = {
    **dict.fromkeys(range(9, 11), "nobody collecting"),
    12: "refused credential",
    **dict.fromkeys(range(14, 17), "outage"),
    18: "clock ahead",
    20: "clock back",
    23: "spent cap",
    **dict.fromkeys(range(32, 42), "nobody collecting"),
    46: "clock far ahead",
    **dict.fromkeys(range(60, 69), "outage"),
    75: "payment required",
}
"""What each day of the cycle brings; on all others only chance does."""

ASTRAY = {"clock ahead": 5 * HOUR, "clock back": -30 * HOUR, "clock far ahead": 60 * HOUR}
SMALL = {
    "5xx": refuse(503, "Over capacity"),
    "died mid-answer": die,
    "broken JSON": say(b"{broken", content_type="application/json"),
    "empty page": give_no_posts,
    "repeated page": repeat_page,
    "page out of order": shuffle_page,
}
REDDIT = {
    "5xx": Answer(503),
    "died mid-answer": Answer(200, b'{"data": {"children": []}}', cut=True),
    "broken JSON": Answer(200, b"{broken"),
    "rate limit": Answer(429, headers={"x-ratelimit-reset": "90", "x-ratelimit-remaining": "0"}),
}
JOBS_TAKE = (timedelta(), timedelta(minutes=5), 3 * HOUR, 90 * HOUR)
"""What a batch job of X may take; one that takes longer than a day is given up."""

POST, USER, COUNT = 5_000, 10_000, 10_000
"""Prices in millionths of a dollar."""


class Trouble:
    """Makes the faults of a world, counts them, and keeps the bill of what X would charge."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.seen: Counter[str] = Counter()
        self.bill: Counter[str] = Counter()
        """Millionths of a dollar by the month that this machine's clock says."""
        self.checks = 0
        """Millionths of a dollar for re-checking, which has a line of its own."""
        self._random = random.Random(seed)  # noqa: S311  # it guards no secret
        world.x.always = self._answer_x

    @property
    def fate(self) -> str:
        """What the calendar has for today."""
        return CALENDAR.get((self.world.true - START).days % CYCLE, "")

    def begin_turn(self) -> None:
        """Set the clock astray where the calendar says so, and script Reddit's faults."""
        fate, world = self.fate, self.world
        world.x.jobs.takes = self._random.choice(JOBS_TAKE)
        world.astray = ASTRAY.get(fate, timedelta())
        world.reddit.script.clear()
        if fate in ASTRAY or fate == "nobody collecting":
            self.seen[fate] += 1
        if fate == "outage":
            self.seen["outage (Reddit)"] += 1
            world.reddit.answer(Answer(503, on="/", times=10_000))
        elif self._random.random() < 0.2:
            name = self._random.choice(list(REDDIT))
            self.seen[f"{name} (Reddit)"] += 1
            fault = REDDIT[name]
            world.reddit.answer(Answer(fault.status, fault.body, fault.headers, cut=fault.cut))

    def is_stopped(self) -> bool:
        """Say, by chance, whether the operator stops the process just now."""
        stopped = self._random.random() < 0.002
        self.seen["stopped"] += stopped
        return stopped

    def _answer_x(self, server: XServer, asked: Asked, answer: dict[str, Any]) -> Reply:
        great = {
            "outage": refuse(503, "Over capacity"),
            "refused credential": refuse(401, "Unauthorized", "Unauthorized"),
            "spent cap": spend_cap(),
            "payment required": refuse(402, "Credits depleted", "CreditsDepleted"),
        }.get(self.fate)
        if great is not None:
            self.seen[f"{self.fate} (X)"] += 1
            return great(server, asked, answer)
        if "search" in asked.path and self._random.random() < 0.06:
            return self._fail_x(server, asked, answer)
        self._charge(asked, answer)
        return reply(answer)

    def _fail_x(self, server: XServer, asked: Asked, answer: dict[str, Any]) -> Reply:
        limit = limit_rate(int(self.world.true.timestamp()) + 60)
        turns: dict[str, Turn] = {"rate limit": limit, **SMALL}
        if "next_token" not in asked.params:
            del turns["repeated page"]
        name = self._random.choice([n for n in turns if "data" in answer or "page" not in n])
        self.seen[f"{name} (X)"] += 1
        if name not in {"5xx", "rate limit", "empty page"}:
            self._charge(asked, answer)  # given, whether it arrives or not
        return turns[name](server, asked, answer)

    def _charge(self, asked: Asked, answer: dict[str, Any]) -> None:
        posts = len(answer.get("data", [])) * POST
        if asked.path == "/2/tweets":
            self.checks += posts
        if not ("search" in asked.path or "counts" in asked.path):
            return  # batch jobs cost nothing
        month = month_of(self.world.here())
        if "counts" in asked.path:
            self.bill[month] += COUNT
        else:
            self.bill[month] += posts + len(answer.get("includes", {}).get("users", [])) * USER
