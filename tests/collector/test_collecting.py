"""Collecting: the real libraries against servers on this machine, into a real store."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from collector.asking import Patience
from collector.collecting import Collected, Plan, collect_source
from collector.errors import StopRequested
from collector.schema import posts, runs, tombstones
from collector.sources.reddit import RedditSource
from collector.sources.x import XSource
from collector.store import Store
from tests.clocks import Clock
from tests.servers.reddit_server import RedditServer
from tests.servers.x_faults import die, limit_rate, refuse, say, spend_cap
from tests.servers.x_server import Asked, Reply, Turn, XServer, reply
from tests.stores import ends, stored

HOUR = timedelta(hours=1)


def collect_x(store: Store, server: XServer, clock: Clock, **changes: object) -> Collected:
    source = XSource(
        bearer_token="invented-bearer",
        queries={"latin": ["#MeToo"]},
        endpoint=server.url,
        timeout_s=5,
        page_size=10,
        clock=clock,
    )
    once = {"patience": Patience(attempts=1), "clock": clock}
    options = {"window": 24 * HOUR, "price_per_read": 0.005} | once | changes
    return collect_source(store, source, Plan(**options))  # type: ignore[arg-type]  # tests change some


def collect_reddit(store: Store, server: RedditServer, clock: Clock) -> Collected:
    source = RedditSource(
        **server.settings(), subreddits=["pakistan"], terms=["#MeToo"], clock=clock
    )
    return collect_source(store, source, Plan(None, communities={"pakistan": "PK"}, clock=clock))


def fill(server: XServer, clock: Clock, number: int, step: timedelta) -> set[str]:
    """Post tweets at even steps back from now and return their ids."""
    return {
        server.corpus.post(f"I believe her, {n}. #MeToo", clock.now - HOUR - n * step)["id"]
        for n in range(number)
    }


def test_x_fills_every_window_and_a_second_turn_asks_only_for_what_is_new(
    store: Store, x: XServer, clock: Clock
) -> None:
    ids = fill(x, clock, 60, 2 * HOUR)
    first = collect_x(store, x, clock)
    assert stored(store) == ids
    assert first.stops == []
    assert first.tally.new == first.fetched == 60
    assert first.cost == pytest.approx(0.3)
    assert set(ends(store)) == {"complete"}
    clock.now += 2 * HOUR
    ids |= fill(x, clock, 1, HOUR)
    asked = len(x.asked)
    second = collect_x(store, x, clock)
    assert (second.tally.new, second.tally.unchanged) == (1, 0)
    assert len(x.asked) == asked + 1
    assert stored(store) == ids


def test_a_week_off_is_repaired_where_x_still_gives_it(
    store: Store, x: XServer, clock: Clock
) -> None:
    collect_x(store, x, clock)
    start = clock.now
    clock.now += timedelta(days=5)
    ids = {x.corpus.post("#MeToo", start + n * 6 * HOUR)["id"] for n in range(1, 19)}
    collect_x(store, x, clock)
    assert stored(store) == ids


@pytest.mark.parametrize(
    ("fault", "stop"),
    [
        (limit_rate(1_768_500_000), "rate_limited"),
        (spend_cap(), "cap_spent"),
        (refuse(402, "Payment required"), "cap_spent"),
        (refuse(401, "Unauthorized"), "credential_refused"),
        (refuse(403, "Forbidden"), "credential_refused"),
        (refuse(503, "Over capacity"), "unavailable"),
        (say(b"<html>maintenance</html>"), "unavailable"),
        (die, "unavailable"),
    ],
)
def test_what_x_refuses_is_on_the_run_and_repaired_at_the_next_turn(
    store: Store, x: XServer, clock: Clock, fault: Turn, stop: str
) -> None:
    ids = fill(x, clock, 30, HOUR)
    x.script(fault)
    collected = collect_x(store, x, clock)
    assert ends(store)[0] == stop
    assert len(collected.stops) == 1
    assert "invented-bearer" not in collected.stops[0]
    assert len(ends(store)) == 1, "the query ends with its first fault"
    if stop in ("rate_limited", "cap_spent"):
        assert "left alone until" in collect_x(store, x, clock).stops[0]
        assert len(x.asked) == 1, "not asked before its time"
        clock.now = datetime(2026, 2, 1, tzinfo=UTC)
        ids = fill(x, clock, 3, HOUR)  # those before are out of reach
    assert collect_x(store, x, clock).stops == []
    assert stored(store) == ids


def test_a_fault_in_the_middle_keeps_the_pages_before_it(
    store: Store, x: XServer, clock: Clock
) -> None:
    ids = fill(x, clock, 25, timedelta(minutes=1))
    x.script(*[_truth] * 7, refuse(503, "Over capacity"))
    collect_x(store, x, clock)
    assert 0 < len(stored(store)) < 25
    again = collect_x(store, x, clock)
    assert stored(store) == ids
    assert again.tally.unchanged > 0, "the page before the fault is read again, and not doubled"


def _truth(_server: XServer, _asked: Asked, answer: dict[str, Any]) -> Reply:
    return reply(answer)


def test_a_request_to_stop_ends_after_the_page_at_hand(
    store: Store, x: XServer, clock: Clock
) -> None:
    fill(x, clock, 25, timedelta(minutes=1))
    source = XSource(
        bearer_token="invented-bearer",
        queries={"latin": ["#MeToo"]},
        endpoint=x.url,
        page_size=10,
        clock=clock,
    )

    def stop(collected: Collected) -> None:
        if collected.fetched:
            raise StopRequested("The process is ending.")

    with pytest.raises(StopRequested):
        collect_source(store, source, Plan(24 * HOUR, clock=clock), stop)
    assert len(stored(store)) == 10
    assert ends(store)[-1] == "interrupted"


def test_a_run_left_open_by_a_killed_process_is_marked(
    store: Store, x: XServer, clock: Clock
) -> None:
    with store.writing() as connection:
        row = {"source": "x", "query": "latin", "query_hash": "0", "stop": "running"}
        connection.execute(runs.insert().values(**row, started_at=clock.now))
    collect_x(store, x, clock)
    assert ends(store)[0] == "interrupted"


def test_reddit_brings_its_country_and_goes_on_from_what_is_covered(
    store: Store, reddit: RedditServer, clock: Clock
) -> None:
    reddit.submit("pakistan", "A question on #MeToo", clock.now - 2 * HOUR, "How does one begin?")
    reddit.comment("pakistan", "Cricket.", clock.now - 3 * HOUR)
    collected = collect_reddit(store, reddit, clock)
    assert collected.stops == []
    with store.reading() as connection:
        row = connection.execute(select(posts)).one()
    assert (row.country, row.country_evidence) == ("PK", "community")
    assert row.native_id.startswith("t3_")
    clock.now += HOUR
    reddit.comment("pakistan", "I believe her. #MeToo", clock.now - timedelta(minutes=10))
    assert collect_reddit(store, reddit, clock).tally.new == 1
    with store.reading() as connection:
        windows = connection.execute(select(runs).where(runs.c.query == "pakistan/comments")).all()
    assert windows[1].planned_since == windows[0].covered_until


def test_what_reddit_deleted_goes_and_stays_away(
    store: Store, reddit: RedditServer, clock: Clock
) -> None:
    gone = reddit.comment("pakistan", "I said too much. #MeToo", clock.now - 2 * HOUR)
    collect_reddit(store, reddit, clock)
    assert stored(store) == {gone}
    reddit.delete(gone)
    clock.now += HOUR
    collect_reddit(store, reddit, clock)
    assert stored(store) == set()
    with store.reading() as connection:
        assert connection.execute(select(tombstones.c.reason)).scalars().all() == ["deleted"]
