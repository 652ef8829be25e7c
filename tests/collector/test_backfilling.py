"""The archive: slice by slice, resumed where it ended, and never beside what was sampled."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from collector.asking import Patience
from collector.backfilling import backfill, estimate_backfill, sum_estimates
from collector.budget import Budget
from collector.collecting import Plan
from collector.errors import QueryRefused, StopRequested
from collector.limits_schema import draws
from collector.schema import posts, runs
from collector.sources.protocol import Window
from collector.sources.reddit import RedditSource
from collector.sources.x import XSource
from collector.store import Store
from tests.servers.reddit_server import RedditServer
from tests.servers.x_faults import refuse
from tests.servers.x_server import XServer

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
FIRST = datetime(2018, 10, 8, tzinfo=UTC)
DAY = timedelta(days=1)
SPAN = Window(FIRST, FIRST + 10 * DAY)
PLAN = Plan(
    DAY,
    windows_per_turn=2,
    price_per_read=0.005,
    price_per_user=0.01,
    patience=Patience(attempts=1),
    clock=lambda: NOW,
)


@pytest.fixture
def x() -> Iterator[XServer]:
    with XServer(token="invented-bearer", clock=lambda: NOW) as server:
        for number in range(-3, 63):
            server.corpus.post(f"Invented {number} #MeToo", FIRST + number * DAY / 6)
        yield server


@pytest.fixture
def source(x: XServer) -> XSource:
    return make_source(x)


def make_source(x: XServer, **changes: Any) -> XSource:
    options: dict[str, Any] = {"queries": {"latin": ["#MeToo"]}, "page_size": 10, "pause_s": 0}
    return XSource(
        bearer_token="invented-bearer",
        archive=True,
        endpoint=x.url,
        clock=lambda: NOW,
        **options | changes,
    )


def stored(store: Store) -> int:
    with store.reading() as connection:
        return len(connection.execute(select(posts.c.id)).all())


def test_the_estimate_is_what_it_then_brings(store: Store, x: XServer, source: XSource) -> None:
    (estimate,) = estimate_backfill(store, source, PLAN, SPAN)
    assert (estimate.missing, estimate.posts) == (10 * DAY, 60)
    assert estimate.most.dollars == pytest.approx(60 * 0.015)
    assert stored(store) == 0
    collected = backfill(store, source, PLAN, SPAN)
    assert collected.stops == []
    assert (collected.runs, collected.tally.new) == (10, 60)
    assert collected.cost <= sum_estimates([estimate]).dollars
    asked = len(x.asked)
    assert estimate_backfill(store, source, PLAN, SPAN)[0].missing == timedelta()
    assert backfill(store, source, PLAN, SPAN).runs == 0
    assert len(x.asked) == asked


def test_it_goes_on_where_it_ended(store: Store, x: XServer, source: XSource) -> None:
    def stop(collected: object) -> None:
        if stored(store) >= 20:
            raise StopRequested("The process is ending.")

    with pytest.raises(StopRequested):
        backfill(store, source, PLAN, SPAN, stop)
    x.always = refuse(503, "Over capacity")
    assert len(backfill(store, source, PLAN, SPAN).stops) == 1
    x.always = None
    assert 20 <= stored(store) < 60
    missing = 60 - stored(store)
    assert backfill(store, source, PLAN, SPAN).tally.new == missing
    assert stored(store) == 60


def test_its_budget_ends_it_and_the_next_month_goes_on(store: Store, x: XServer) -> None:
    clock = [NOW]
    source = make_source(x)
    plan = Plan(
        DAY,
        price_per_read=0.005,
        price_per_user=0.01,
        budget=Budget(dollars=0.5),
        clock=lambda: clock[0],
    )
    assert "budget" in backfill(store, source, plan, SPAN).stops[0]
    assert 0 < stored(store) <= 33
    clock[0] = datetime(2026, 2, 1, tzinfo=UTC)
    backfill(store, source, plan, SPAN)
    assert stored(store) > 33


def test_sampled_slices_stay_as_they_were_drawn(store: Store, x: XServer, source: XSource) -> None:
    rows = [
        {"source": "x", "since": FIRST + n * DAY, "until": FIRST + (n + 1) * DAY, "drawn": n == 3}
        for n in (2, 3)
    ]
    with store.writing() as connection:
        connection.execute(insert(draws), [row | {"probability": 0.5} for row in rows])
    assert backfill(store, source, PLAN, SPAN).tally.new == 48
    with store.reading() as connection:
        planned = connection.execute(select(runs.c.planned_since, runs.c.planned_until)).all()
    assert all(until <= FIRST + 2 * DAY or since >= FIRST + 4 * DAY for since, until in planned)


def test_what_has_no_archive_is_refused(store: Store, x: XServer, source: XSource) -> None:
    with pytest.raises(QueryRefused, match="only from 2006-03-26"):
        estimate_backfill(store, source, PLAN, Window(FIRST - 9000 * DAY, FIRST - 8000 * DAY))
    with RedditServer() as server:
        options = {"subreddits": ["pakistan"], "terms": ["#MeToo"], "clock": lambda: NOW}
        reddit = RedditSource(**server.settings() | options)
        with pytest.raises(QueryRefused, match="awaaz import"):
            estimate_backfill(store, reddit, PLAN, Window(NOW - DAY, NOW))
        reddit.close()
