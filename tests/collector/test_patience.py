"""Faults that pass are waited out within the window; limits are kept to, across restarts too."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from collector.asking import Patience
from collector.collecting import Collected, Plan, collect_source
from collector.errors import StopRequested
from collector.holds import LONGEST, end_of_period, lift_hold, read_holds
from collector.jobs import Job, run_jobs
from collector.schema import posts, runs
from collector.sources.reddit import RedditSource
from collector.sources.x import XSource
from collector.store import Store
from tests.servers.reddit_server import Answer, RedditServer
from tests.servers.x_faults import change, die, limit_rate, refuse, say, spend_cap
from tests.servers.x_server import Turn, XServer
from tests.stores import open_test_store

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SHORT = 0.05 / 60


class Watch:
    """A clock that moves by what is slept."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept = 0.0

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += timedelta(seconds=seconds)

    def patience(self, attempts: int = 4) -> Patience:
        return Patience(attempts, 2.0, 60.0, timedelta(minutes=15), self.sleep)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def x(watch: Watch) -> Iterator[XServer]:
    with XServer(token="invented-bearer", clock=watch) as server:
        for minute in range(35):
            at = NOW - timedelta(hours=2, minutes=minute)
            server.corpus.post(f"Invented {minute} #MeToo", at)
        yield server


def make_x(server: XServer, watch: Watch, **changes: Any) -> XSource:
    options: dict[str, Any] = {"bearer_token": "invented-bearer", "queries": {"latin": ["#MeToo"]}}
    more = {"endpoint": server.url, "timeout_s": 5, "page_size": 10, "clock": watch}
    return XSource(**options | more | changes)


def collect_x(store: Store, server: XServer, watch: Watch, **changes: Any) -> Collected:
    options: dict[str, Any] = {"window": 7 * DAY, "patience": watch.patience(), "clock": watch}
    return collect_source(store, make_x(server, watch), Plan(**options | changes))


def stored(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(connection.scalars(select(posts.c.native_id)))


def last_run(store: Store) -> Any:
    with store.reading() as connection:
        return connection.execute(select(runs).order_by(runs.c.id.desc()).limit(1)).one()


FAULTS: dict[str, Turn] = {
    "503": refuse(503, "Over capacity"),
    "502 with HTML": say(b"<html>Bad gateway</html>", 502),
    "broken JSON": say(b'{"data": [{"id"'),
    "death in the middle": die,
    "a token that is no text": change(meta={"next_token": 7}),
    "a limit of some minutes": limit_rate(int((NOW + timedelta(minutes=4)).timestamp())),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("page", [0, 2])
def test_a_fault_that_passes_leaves_no_gap_and_reads_no_page_twice(
    store: Store, x: XServer, watch: Watch, fault: Turn, page: int
) -> None:
    x.script(*[change()] * page, fault, fault)
    collected = collect_x(store, x, watch)
    assert collected.stops == []
    assert stored(store) == set(x.corpus.tweets)
    assert (collected.tally.new, collected.tally.unchanged) == (35, 0)
    assert last_run(store).stop == "complete"
    assert len(x.asked) <= 4 + 2
    assert watch.slept > 0
    if fault is FAULTS["a limit of some minutes"]:
        assert watch.now >= NOW + timedelta(minutes=4), "not asked before the limit ends"
        assert len(x.asked) == 4 + 2


def test_a_fault_that_stays_is_recorded_after_a_bounded_number_of_times(
    store: Store, x: XServer, watch: Watch
) -> None:
    x.script(change())
    x.always = refuse(503, "Over capacity")
    collected = collect_x(store, x, watch)
    assert len(x.asked) == 1 + 4
    assert len(stored(store)) == 10
    assert last_run(store).stop == "unavailable"
    assert last_run(store).detail.endswith("Asked 4 times.")
    assert collected.stops == [last_run(store).detail]
    assert watch.slept <= 2 + 4 + 8
    x.always = None
    assert collect_x(store, x, watch).stops == []
    assert stored(store) == set(x.corpus.tweets)


@pytest.mark.parametrize("fault", [refuse(401, "No"), refuse(400, "No"), refuse(402, "No")])
def test_what_does_not_pass_is_not_repeated(
    store: Store, x: XServer, watch: Watch, fault: Turn
) -> None:
    x.script(fault)
    collect_x(store, x, watch)
    assert len(x.asked) == 1
    assert watch.slept == 0


@pytest.mark.parametrize(
    ("fault", "until"),
    [
        (limit_rate(int((NOW + timedelta(hours=5)).timestamp())), NOW + timedelta(hours=5)),
        (spend_cap(), datetime(2026, 2, 1, tzinfo=UTC)),
        (refuse(402, "Credits are spent"), datetime(2026, 2, 1, tzinfo=UTC)),
    ],
)
def test_a_long_limit_holds_the_source_across_a_restart(
    sqlite_address: str, x: XServer, watch: Watch, fault: Turn, until: datetime
) -> None:
    store = open_test_store(sqlite_address)
    x.script(fault)
    first = collect_x(store, x, watch)
    assert f"until {until:%Y-%m-%d %H:%M} UTC" in first.stops[0]
    store.close()
    store = open_test_store(sqlite_address)
    watch.now = until - timedelta(seconds=1)
    assert collect_x(store, x, watch).stops == first.stops
    assert len(x.asked) == 1
    watch.now = until
    assert collect_x(store, x, watch).stops == []
    assert len(x.asked) > 1


def test_an_operator_lifts_a_hold_and_a_clock_astray_sets_none(
    store: Store, x: XServer, watch: Watch
) -> None:
    x.script(spend_cap())
    collect_x(store, x, watch)
    with store.writing() as connection:
        assert lift_hold(connection, "x")
        assert not lift_hold(connection, "x")
    assert collect_x(store, x, watch).stops == []
    watch.now += 400 * DAY
    x.script(spend_cap())
    collect_x(store, x, watch)
    watch.now = NOW
    with store.reading() as connection:
        assert read_holds(connection, NOW) == []
        (hold,) = read_holds(connection, NOW + 400 * DAY)
    assert hold.until - (NOW + 400 * DAY) < LONGEST


def test_a_period_ends_at_midnight_or_with_the_month() -> None:
    moment = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert end_of_period(moment, "day") == datetime(2027, 1, 1, tzinfo=UTC)
    assert end_of_period(moment, "month") == datetime(2027, 1, 1, tzinfo=UTC)
    assert end_of_period(datetime(2026, 2, 3, tzinfo=UTC), "month").month == 3


def test_a_request_to_stop_ends_the_waiting(store: Store, x: XServer, watch: Watch) -> None:
    x.script(change(), limit_rate(int((NOW + timedelta(minutes=14)).timestamp())))

    def check() -> None:
        if watch.slept >= 3:
            raise StopRequested("The process is ending.")

    plan = Plan(7 * DAY, patience=watch.patience(), clock=watch)
    with pytest.raises(StopRequested):
        collect_source(store, make_x(x, watch), plan, None, check)
    assert watch.slept == 3
    assert last_run(store).stop == "interrupted"
    assert len(stored(store)) == 10


def test_a_job_that_waits_does_not_block_others(store: Store, x: XServer, watch: Watch) -> None:
    ends_at = NOW + timedelta(minutes=10)
    x.always = limit_rate(int(ends_at.timestamp()))
    stop, turns = threading.Event(), []
    patience = Patience(4, 1.0, 1.0, timedelta(minutes=15))  # really asleep

    def wait(check: Any) -> str:
        plan = Plan(7 * DAY, patience=patience, clock=lambda: NOW)
        collect_source(store, make_x(x, watch), plan, lambda _: check(), check)
        return "not reached"

    def go_on(_: Any) -> str:
        if x.asked:
            turns.append(1)
        if len(turns) >= 5:
            stop.set()
        return "done"

    run_jobs(store, [Job("x", SHORT, wait), Job("other", SHORT, go_on)], stop)
    assert len(turns) >= 5
    assert len(x.asked) == 1
    assert last_run(store).stop == "interrupted"


def test_reddit_is_asked_again_within_its_listing(store: Store, watch: Watch) -> None:
    with RedditServer() as server:
        names = {
            server.comment("pakistan", f"{n} #MeToo", NOW - timedelta(hours=n)) for n in range(1, 9)
        }
        server.answer(Answer(503, b"", on="/comments"), Answer(200, b"{broken", on="/comments"))
        options = {"subreddits": ["pakistan"], "terms": ["#MeToo"], "clock": watch}
        source = RedditSource(**server.settings() | options)
        collected = collect_source(
            store, source, Plan(None, patience=watch.patience(), clock=watch)
        )
        source.close()
    assert collected.stops == []
    assert stored(store) == names
    assert len(server.asked("/comments")) == 3
