"""A clock that jumps: windows stay sane, nothing is lost, and nothing is called covered early."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from collector.collecting import Collected, Plan, collect_source
from collector.schema import runs
from collector.sources.reddit import RedditSource
from collector.sources.x import XSource
from collector.store import Store
from tests.servers.reddit_server import RedditServer
from tests.servers.x_api import Answer
from tests.servers.x_faults import change, refuse
from tests.servers.x_server import Asked, Reply, XServer
from tests.stores import ends, open_test_store, stored

START = datetime(2026, 3, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class World:
    """True time at the platforms, and this machine's clock astray from it."""

    def __init__(self) -> None:
        self.true = START
        self.astray = timedelta()

    def here(self) -> datetime:
        return self.true + self.astray


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def x(world: World) -> Iterator[XServer]:
    with XServer(token="invented-bearer", clock=lambda: world.true) as server:
        yield server


def collect_x(store: Store, server: XServer, world: World) -> Collected:
    source = XSource(
        bearer_token="invented-bearer",
        queries={"latin": ["#MeToo"]},
        endpoint=server.url,
        page_size=10,
        clock=world.here,
    )
    return collect_source(store, source, Plan(24 * HOUR, clock=world.here))


def collect_reddit(store: Store, server: RedditServer, world: World) -> Collected:
    source = RedditSource(
        **server.settings(), subreddits=["pakistan"], terms=["#MeToo"], clock=world.here
    )
    try:
        return collect_source(store, source, Plan(None, clock=world.here))
    finally:
        source.close()


def check_windows(store: Store) -> None:
    with store.reading() as connection:
        rows = connection.execute(select(runs)).all()
    for row in rows:
        assert row.stop != "running"
        assert row.planned_since < row.planned_until
        if row.covered_until is not None:
            assert row.planned_since <= row.covered_since < row.covered_until <= row.planned_until


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(jumps=st.lists(st.sampled_from([0, 0, -1, 1, -26, 30, -160, 160, 9_000]), max_size=6))
def test_x_has_everything_once_the_clock_is_right(
    x: XServer, world: World, tmp_path_factory: pytest.TempPathFactory, jumps: list[int]
) -> None:
    store = open_test_store(f"sqlite:///{tmp_path_factory.mktemp('clock')}/store.db")
    x.corpus.tweets.clear()
    world.true = START
    truth = set()
    for hours in [*jumps, 0]:
        truth.add(x.corpus.post("#MeToo", world.true - HOUR)["id"])
        world.astray = hours * HOUR
        collect_x(store, x, world)
        world.true += 6 * HOUR
    collected = collect_x(store, x, world)
    assert collected.stops == []
    assert stored(store) == truth
    check_windows(store)
    store.close()


def test_what_a_fast_clock_called_covered_on_reddit_is_asked_for_again(
    store: Store, reddit: RedditServer, world: World
) -> None:
    first = reddit.comment("pakistan", "#MeToo", START - HOUR)
    world.astray = 10 * HOUR
    collect_reddit(store, reddit, world)
    later = reddit.comment("pakistan", "#MeToo, later", START + HOUR)
    world.true, world.astray = START + 2 * HOUR, timedelta()
    assert collect_reddit(store, reddit, world).stops == []
    assert stored(store) == {first, later}
    world.true = START + 20 * HOUR
    last = reddit.comment("pakistan", "#MeToo, last", START + 9 * HOUR)
    collect_reddit(store, reddit, world)
    assert stored(store) == {first, later, last}
    check_windows(store)


def test_reddit_says_itself_what_is_over_however_fast_our_clock(
    store: Store, reddit: RedditServer, world: World
) -> None:
    reddit.clock = lambda: world.true
    first = reddit.comment("pakistan", "#MeToo", START - HOUR)
    world.astray = 5 * HOUR
    collect_reddit(store, reddit, world)
    # Put right only once what it called covered is past: nothing here shows it was ever wrong.
    world.true, world.astray = START + 12 * HOUR, timedelta()
    later = reddit.comment("pakistan", "#MeToo, later", START + 3 * HOUR)
    assert collect_reddit(store, reddit, world).stops == []
    assert stored(store) == {first, later}
    check_windows(store)


def test_a_clock_far_behind_asks_for_nothing_and_takes_nothing_back(
    store: Store, reddit: RedditServer, world: World
) -> None:
    reddit.comment("pakistan", "#MeToo", START - HOUR)
    collect_reddit(store, reddit, world)
    asked = len(reddit.seen)
    with store.reading() as connection:
        before = connection.execute(select(runs)).all()
    world.astray = timedelta(days=-3_000)
    assert "Set the clock right" in collect_reddit(store, reddit, world).stops[0]
    assert len(reddit.seen) == asked
    with store.reading() as connection:
        assert connection.execute(select(runs)).all() == before
    world.astray = timedelta()
    world.true += HOUR
    assert collect_reddit(store, reddit, world).stops == []


def test_the_day_on_which_clocks_change_has_all_its_hours(
    store: Store, x: XServer, world: World
) -> None:
    world.true = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    truth = set()
    for _ in range(8):
        world.true += timedelta(minutes=30)
        truth.add(x.corpus.post("#MeToo", world.true - timedelta(minutes=5))["id"])
        collect_x(store, x, world)
    assert stored(store) == truth
    with store.reading() as connection:
        spans = [
            (row.covered_since, row.covered_until)
            for row in connection.execute(select(runs).order_by(runs.c.covered_since))
        ]
    assert all(until == since for (_, until), (since, _) in pairwise(spans))


def test_a_ledger_without_claims_is_left_alone(store: Store, x: XServer, world: World) -> None:
    collect_x(store, x, world)
    with store.writing() as connection:
        connection.execute(delete(runs).where(runs.c.covered_until.is_not(None)))
    world.astray = timedelta(days=-3_000)
    collect_x(store, x, world)
    check_windows(store)


@pytest.mark.parametrize("astray", [HOUR, 30 * HOUR, -2 * HOUR])
def test_x_names_the_clock_and_not_the_query_until_it_is_right(
    store: Store, x: XServer, world: World, astray: timedelta
) -> None:
    truth = {x.corpus.post("#MeToo", START - 3 * HOUR)["id"]}
    world.astray = astray
    (said,) = collect_x(store, x, world).stops
    assert f"{world.here():%Y-%m-%d %H:%M:%S} UTC" in said
    assert f"X {START:%Y-%m-%d %H:%M:%S}. Set the clock right" in said
    assert ends(store)[-1] == "clock_astray"
    assert len(x.asked) == len(ends(store)), "asking again at once would be refused again"
    world.astray = timedelta()
    assert collect_x(store, x, world).stops == []
    assert stored(store) == truth
    assert ends(store)[-1] == "complete"
    check_windows(store)


def test_a_query_that_x_refuses_is_named_however_fast_the_clock(
    store: Store, x: XServer, world: World
) -> None:
    x.always = refuse(400, "Ambiguous use of and")
    world.astray = timedelta(seconds=2)
    assert "Ambiguous" in collect_x(store, x, world).stops[0]
    x.dated, world.astray = False, 5 * HOUR
    assert "does not take the query" in collect_x(store, x, world).stops[0], "who is to know?"
    assert set(ends(store)) == {"query_refused"}


def test_pages_that_took_long_are_not_blamed_on_the_clock(
    store: Store, x: XServer, world: World
) -> None:
    def wait(server: XServer, asked: Asked, answer: Answer) -> Reply:
        world.true += HOUR
        return change()(server, asked, answer)

    for minutes in range(15):
        x.corpus.post("#MeToo", START - timedelta(days=6, hours=23, minutes=minutes))
    x.script(wait)
    assert "start_time" in collect_x(store, x, world).stops[0]
    assert ends(store)[-1] == "query_refused"
