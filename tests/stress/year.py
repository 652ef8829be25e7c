"""A simulated year of collecting, through the real libraries, from two platforms that fail."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from collector.asking import Patience
from collector.budget import Budget, read_spent
from collector.checkers import CheckerEntry, recheck_platform
from collector.collecting import Plan, collect_source
from collector.compliance import CheckPlan, recheck
from collector.coverage import read_coverage
from collector.errors import StopRequested
from collector.schema import posts, runs, tombstones
from collector.sources.reddit import RedditSource
from collector.sources.reddit_checker import RedditChecker
from collector.sources.x import XSource
from collector.sources.x_batch import XBatch
from collector.sources.x_checker import XChecker
from collector.store import Store
from collector.upkeep import Upkeep
from tests.stores import open_test_store
from tests.stress.faults import COUNT, POST, USER, Trouble
from tests.stress.truth import find_untruths
from tests.stress.world import DAY, HOUR, START, TAGS, TOKEN, World

QUERIES = {"latin": [TAGS[0]], "urdu": [TAGS[1]]}
BUDGET = Budget(dollars=6.0)
CHECKS = Budget(dollars=20.0)
UPKEEP = Upkeep(4000, "x-batch")
STEP = 12 * HOUR


@dataclass
class Report:
    """What a simulated span came to; `wrong` is empty where every promise was kept."""

    days: int
    seconds: float = 0.0
    posts: dict[str, int] = field(default_factory=dict)
    forgotten: int = 0
    coverage: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Days of queries by source, state and reason."""
    faults: Counter[str] = field(default_factory=Counter)
    stops: dict[str, int] = field(default_factory=dict)
    spending: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Dollars by month: what X charged, and what the store knows as spent."""
    checks: float = 0.0
    wrong: list[str] = field(default_factory=list)


class Year:
    """One simulated span: a world, its trouble, and the store that is to survive both."""

    def __init__(self, world: World, store: Store, seed: int) -> None:
        self.world, self.store = world, store
        self.trouble = Trouble(world, seed)
        self._random = random.Random(seed)  # noqa: S311  # it guards no secret
        chance = random.Random(seed)  # noqa: S311  # it guards no secret
        self._patience = Patience(3, 2, 60, timedelta(minutes=15), world.sleep, chance)

    def live(self, days: int) -> Report:
        """Collect twice a day, re-check once a week, and say at the end what came of it."""
        started = time.monotonic()
        while self.world.true < START + days * DAY:
            self.world.turn_clock(self.world.true + STEP)
            self._take_turn()
        self._come_to_rest()
        report = self._report(days)
        report.seconds = time.monotonic() - started
        return report

    def _take_turn(self) -> None:
        self.trouble.begin_turn()
        if self.trouble.fate == "nobody collecting":
            return
        self._collect()
        if (self.world.true - START) // STEP % 14 == 0:
            self._check()

    def _come_to_rest(self) -> None:
        """Re-check everything on a calm day; nothing more is posted in the meantime."""
        self.world.astray = timedelta()
        self.world.reddit.script.clear()
        self.world.x.always = None
        self.world.x.jobs.takes = timedelta()
        self.world.true += 8 * DAY
        self._check()

    def _collect(self) -> None:
        try:
            x = self._open_x()
            collect_source(self.store, x, self._plan_x(), check=self._check_stop)
            reddit = self._open_reddit()
            try:
                plan = Plan(None, patience=self._patience, period="day", clock=self.world.here)
                collect_source(self.store, reddit, plan, check=self._check_stop)
            finally:
                reddit.close()
        except StopRequested:
            return

    def _check_stop(self) -> None:
        if self.trouble.is_stopped():
            raise StopRequested("stopped by the simulation")

    def _check(self) -> None:
        here, url = self.world.here, self.world.x.url
        x_plan = CheckPlan(
            *(100_000, 6 * DAY, POST / 1e6), budget=CHECKS, patience=self._patience, clock=here
        )
        x = CheckerEntry(
            *("x", x_plan, ""),
            lambda: XChecker(bearer_token=TOKEN, endpoint=url, timeout_s=5, clock=here),
            lambda: XBatch(bearer_token=TOKEN, endpoint=url, timeout_s=5, clock=here),
        )
        recheck_platform(self.store, x)
        reddit = RedditChecker(**self.world.reddit.settings(), clock=here)
        plan = CheckPlan(100_000, 6 * DAY, patience=self._patience, clock=here)
        recheck(self.store, reddit, plan)

    def _open_x(self) -> XSource:
        return XSource(
            bearer_token=TOKEN,
            queries=QUERIES,
            endpoint=self.world.x.url,
            timeout_s=5,
            page_size=10,
            clock=self.world.here,
        )

    def _plan_x(self) -> Plan:
        return Plan(
            DAY,
            price_per_read=POST / 1e6,
            price_per_user=USER / 1e6,
            price_per_count=COUNT / 1e6,
            budget=BUDGET,
            upkeep=UPKEEP,
            patience=self._patience,
            chance=self._random.random,
            clock=self.world.here,
        )

    def _open_reddit(self) -> RedditSource:
        return RedditSource(
            **self.world.reddit.settings(),
            subreddits=["pakistan"],
            terms=list(TAGS),
            clock=self.world.here,
        )

    def _report(self, days: int) -> Report:
        report = Report(days, faults=self.trouble.seen, checks=self.trouble.checks / 1e6)
        reddit = self._open_reddit()
        queries = {q.hash: q for q in (*self._open_x().queries(), *reddit.queries())}
        reddit.close()
        report.wrong = find_untruths(self.store, self.world, queries)
        self._report_ledger(report)
        self._report_spending(report)
        return report

    def _report_ledger(self, report: Report) -> None:
        last = (START + (report.days - 1) * DAY).date()
        with self.store.reading() as connection:
            held = select(posts.c.platform, func.count()).group_by(posts.c.platform)
            report.posts = {row[0]: row[1] for row in connection.execute(held)}
            report.forgotten = connection.scalar(select(func.count()).select_from(tombstones)) or 0
            ends = select(runs.c.stop, func.count()).group_by(runs.c.stop).order_by(runs.c.stop)
            report.stops = {row[0]: row[1] for row in connection.execute(ends)}
            ledger = read_coverage(
                connection, now=self.world.true, since=START.date(), until=last
            ).rows(named=True)
        kept = [row for row in ledger if "/search" not in row["query"]]
        keys = ((row["source"], row["state"], row["reason"]) for row in kept)
        report.coverage = dict(sorted(Counter(keys).items()))

    def _report_spending(self, report: Report) -> None:
        for month, micros in sorted(self.trouble.bill.items()):
            first = datetime.fromisoformat(f"{month}-01T00:00+00:00")
            with self.store.reading() as connection:
                known = read_spent(connection, "x", first).dollars
            report.spending[month] = (micros / 1e6, known)
            if not micros / 1e6 <= known <= BUDGET.dollars:
                report.wrong.append(f"spent in {month}: ${micros / 1e6:.2f}, known ${known:.2f}")


def simulate(folder: Path, days: int, seed: int) -> Report:
    """Live through so many days with a fresh store in `folder`."""
    store = open_test_store(f"sqlite:///{folder.as_posix()}/year.db")
    try:
        with World(seed) as world:
            return Year(world, store, seed).live(days)
    finally:
        store.close()
