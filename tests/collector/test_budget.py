"""Money: never more than the budget, whatever fails or is killed; what is sampled stays true."""

import random
import signal
import statistics
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from classifier.wiring import open_store
from collector.asking import Patience
from collector.budget import Budget, Charge, Purse, read_spent
from collector.collecting import Collected, Plan, collect_source
from collector.coverage import read_coverage
from collector.errors import BudgetSpent
from collector.limits_schema import draws, spending
from collector.rates import Rate, choose_probability
from collector.sampling import Rules, draw_windows, read_draws
from collector.schema import posts, runs
from collector.sources.protocol import Window
from collector.sources.x import XSource
from collector.store import Store
from tests.clocks import Clock
from tests.commanding import Command
from tests.servers.x_faults import die, limit_rate, refuse, say
from tests.servers.x_server import Asked, Reply, XServer, reply
from tests.stores import open_test_store

START = datetime(2026, 3, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POST, USER, COUNT = 5_000, 10_000, 10_000
"""Prices in millionths of a dollar."""


class Till:
    """What the server would charge for: every answer that it gave, arrived or not."""

    def __init__(self, seed: int = 0, faults: float = 0.0) -> None:
        self.micros = self.posts = 0
        self._faults = faults
        self._random = random.Random(seed)  # noqa: S311

    def __call__(self, server: XServer, asked: Asked, answer: dict[str, Any]) -> Reply:
        fault = self._random.random() < self._faults
        kind = self._random.randrange(4) if fault else 4
        if kind == 0:
            return refuse(503, "Over capacity")(server, asked, answer)
        if kind == 1:
            return limit_rate(int(server.api.clock().timestamp()) + 60)(server, asked, answer)
        if "counts" in asked.path:
            self.micros += COUNT
        users = len(answer.get("includes", {}).get("users", []))
        self.posts += (number := len(answer.get("data", [])) if "counts" not in asked.path else 0)
        self.micros += number * POST + users * USER
        faulty = {2: die, 3: say(b"{broken")}.get(kind)
        return faulty(server, asked, answer) if faulty else reply(answer)


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def quick(sqlite_address: str) -> Iterator[Store]:
    store = open_test_store(sqlite_address)
    yield store
    store.close()


def collect(store: Store, server: XServer, clock: Clock, seed: int, **changes: Any) -> Collected:
    options: dict[str, Any] = {"bearer_token": "invented-bearer", "queries": {"q": ["#MeToo"]}}
    source = XSource(**options, endpoint=server.url, timeout_s=5, page_size=10, clock=clock)
    plan: dict[str, Any] = {
        "price_per_read": POST / 1e6,
        "price_per_user": USER / 1e6,
        "price_per_count": COUNT / 1e6,
        "patience": Patience(3, 0, 0, timedelta(minutes=15), lambda _: None),
        "chance": random.Random(f"{seed} {clock.now}").random,  # noqa: S311
        "clock": clock,
    }
    return collect_source(store, source, Plan(DAY, **plan | changes))


def spent(store: Store, clock: Clock) -> Charge:
    with store.reading() as connection:
        return read_spent(connection, "x", clock.now)


moves = st.lists(
    st.tuples(st.sampled_from(["settle", "release", "lose"]), st.integers(0, 10)), max_size=30
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves, st.integers(0, 120), st.integers(0, 100))
def test_reservations_never_pass_the_limits(
    quick: Store, moves: list[tuple[str, int]], limit: int, cents: int
) -> None:
    with quick.writing() as connection:
        connection.execute(delete(spending))
    budget, most = Budget(limit, cents / 100), Charge(10, 50_000)
    purse = Purse(quick, "x", budget, most, Clock(START))
    expected = Charge()
    for move, number in moves:
        room = not budget or budget.has_room(expected + most)
        try:
            purse.reserve()
        except BudgetSpent:
            assert not room
            continue
        assert room
        if move == "settle":
            expected += Charge(number, number * 5_000)
            with quick.writing() as connection:
                purse.settle(connection, Charge(number, number * 5_000))
        elif move == "release":
            purse.release()
        else:
            expected += most
        assert spent(quick, Clock(START)) == expected
        assert budget.has_room(expected)


def test_two_processes_share_one_budget(store: Store, clock: Clock) -> None:
    purses = [Purse(store, "x", Budget(posts=95), Charge(10), clock) for _ in range(4)]

    def spend(purse: Purse) -> None:
        while True:
            try:
                purse.reserve()
            except BudgetSpent:
                return

    threads = [threading.Thread(target=spend, args=(purse,)) for purse in purses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert spent(store, clock) == Charge(90)
    clock.now = datetime(2026, 4, 1, tzinfo=UTC)
    purses[0].reserve()
    assert spent(store, clock) == Charge(10), "a new month begins anew"


def test_without_a_fault_the_store_knows_the_bill_to_the_cent(
    store: Store, x: XServer, clock: Clock
) -> None:
    x.always = till = Till()
    for hour in range(1, 60):
        x.corpus.post("Invented #MeToo", START - hour * HOUR)
    collected = collect(store, x, clock, 1)
    assert collected.stops == []
    assert spent(store, clock) == Charge(59, till.micros)
    assert collected.cost == pytest.approx(59 * (POST + USER) / 1e6)


def test_a_spent_budget_stops_before_the_request_and_says_how_to_go_on(
    store: Store, x: XServer, clock: Clock
) -> None:
    x.always = till = Till()
    clock.now = datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
    for tweet in range(200):
        x.corpus.post("Invented #MeToo", clock.now - DAY - timedelta(minutes=tweet))
    # Chance takes every slice, against all odds: only the reservations keep to the budget then.
    unlucky: dict[str, Any] = {"budget": Budget(dollars=0.40), "chance": lambda: 0.0}
    ends = [collect(store, x, clock, 0, **unlucky).stops for _ in range(3)]
    assert "x.budget_dollars" in ends[-1][0]
    assert till.micros <= 400_000
    asked = len(x.asked)
    assert collect(store, x, clock, 0, **unlucky).stops == ends[-1]
    assert len(x.asked) == asked, "not asked when nothing can be paid"
    clock.now += timedelta(minutes=1)
    collect(store, x, clock, 0, **unlucky)
    assert len(x.asked) > asked, "the next month has a budget of its own"


def month(x: XServer, seed: int) -> dict[str, str]:
    """Post three weeks with a day of burst, when most are hostile; return texts by id."""
    chance = random.Random(seed)  # noqa: S311
    texts = {}
    for hour in range(-6 * 24, 15 * 24):
        burst = 0 <= hour < 24 * 2
        for _ in range(chance.randrange(4, 9) if burst else chance.randrange(3)):
            hostile = chance.random() < (0.8 if burst else 0.2)
            at = START + hour * HOUR + chance.random() * HOUR
            tweet = x.corpus.post("hostile #MeToo" if hostile else "kind #MeToo", at)
            texts[tweet["id"]] = "hostile" if hostile else "kind"
    return texts


def weighted(store: Store) -> dict[str, float]:
    """Return the weighted number of posts by their first word."""
    with store.reading() as connection:
        rows = connection.execute(select(posts.c.text, posts.c.weight)).all()
    sums = {"hostile": 0.0, "kind": 0.0}
    for text, weight in rows:
        sums[text.split()[0]] += weight
    return sums


def live(store: Store, x: XServer, clock: Clock, seed: int, budget: Budget) -> None:
    """Collect every day for two weeks, and then what is still owed."""
    clock.now = START
    for _ in range(14 + 2):
        collect(store, x, clock, seed, budget=budget)
        clock.now += DAY


def test_what_is_sampled_is_unbiased_and_within_budget(
    tmp_path: Path, x: XServer, clock: Clock
) -> None:
    texts = month(x, 5)
    true = {kind: sum(text == kind for text in texts.values()) for kind in ("hostile", "kind")}
    budget = Budget(dollars=len(texts) * (POST + USER) / 1e6 * 0.5)
    totals, shares, plain = [], [], []
    for seed in range(4):
        store = open_test_store(f"sqlite:///{tmp_path}/{seed}.db")
        x.always = till = Till()
        live(store, x, clock, seed, budget)
        sums = weighted(store)
        totals.append(sum(sums.values()))
        shares.append(sums["hostile"] / totals[-1])
        with store.reading() as connection:
            kinds = list(connection.scalars(select(posts.c.text)))
            first, last = (START - 6 * DAY).date(), (START + 13 * DAY).date()
            owed = read_coverage(connection, now=START + 14 * DAY, since=first, until=last)
        plain.append(len(kinds))
        assert till.micros <= budget.dollars * 1e6
        assert till.micros == spent(store, clock).micros
        assert till.micros > 0.5 * budget.dollars * 1e6, "it is meant to be used"
        assert set(owed["reason"]) <= {"", "left_out"}
        store.close()
    for estimates, truth in (
        (totals, len(texts)),
        (shares, true["hostile"] / len(texts)),
    ):
        error = statistics.stdev(estimates) / len(estimates) ** 0.5
        assert abs(statistics.mean(estimates) - truth) < 3 * error
        assert statistics.stdev(estimates) < 0.25 * truth
    assert statistics.mean(plain) < 0.8 * len(texts), "without weights it would be wrong"


@pytest.mark.parametrize("seed", range(3))
def test_the_bill_stays_within_the_budget_under_faults(
    quick: Store, x: XServer, clock: Clock, seed: int
) -> None:
    texts = month(x, seed)
    x.always = till = Till(seed, faults=0.3)
    budget = Budget(posts=len(texts) // 2, dollars=len(texts) * (POST + USER) / 1e6 * 0.6)
    live(quick, x, clock, seed, budget)
    known = spent(quick, clock)
    assert till.micros <= known.micros <= budget.dollars * 1e6
    assert till.posts <= known.posts <= budget.posts
    with quick.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(posts))


def test_posts_weigh_the_inverse_of_what_their_run_was_drawn_with(
    store: Store, x: XServer, clock: Clock
) -> None:
    month(x, 1)
    collect(store, x, clock, 3, budget=Budget(dollars=2))
    query = select(posts.c.weight, runs.c.probability).join(runs, runs.c.id == posts.c.run_id)
    with store.reading() as connection:
        rows = connection.execute(query).all()
        drawn = read_draws(connection, "x", Window(START - 9 * DAY, START))
    assert rows
    assert all(row.weight == pytest.approx(1 / row.probability) for row in rows)
    assert all(row.probability < 1 for row in rows)
    assert {draw.drawn for draw in drawn} == {True, False}
    with store.reading() as connection:
        again = read_draws(connection, "x", Window(START - 9 * DAY, START))
    assert again[: len(drawn)] == drawn, "a draw is for good"


spans = st.tuples(st.integers(0, 200), st.integers(1, 90)).map(
    lambda s: Window(START + s[0] * HOUR / 3, START + (s[0] + s[1]) * HOUR / 3)
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(spans, min_size=1, max_size=6), st.integers(0, 1000), st.integers(1, 5))
def test_slices_are_drawn_once_and_never_overlap(
    quick: Store, gaps: list[Window], seed: int, hours: int
) -> None:
    with quick.writing() as connection:
        connection.execute(delete(draws))
    for turn, gap in enumerate(gaps):
        chance = random.Random(seed + turn).random  # noqa: S311
        rules = Rules(0.5, HOUR * (1 + turn % hours), DAY, 99, gap.until, chance)
        with quick.writing() as connection:
            chosen = draw_windows(connection, "x", [gap], rules)
            again = draw_windows(connection, "x", [gap], rules)
            known = read_draws(connection, "x", Window(START, START + 99 * DAY))
        assert again == chosen
        assert all(a.window.until <= b.window.since for a, b in pairwise(known))
        for each in chosen:
            inside = [d for d in known if d.window.since < each.window.until]
            inside = [d for d in inside if d.window.until > each.window.since]
            assert all(d.drawn and d.probability == each.probability for d in inside)


def test_the_probability_is_what_the_rest_pays_for() -> None:
    budget = Budget(posts=1000, dollars=10)
    need = Rate(posts=2000, micros=40_000_000)
    assert choose_probability(budget, Charge(), need) == pytest.approx(0.9 * 10 / 40)
    assert choose_probability(budget, Charge(900, 0), need) == pytest.approx(0.9 * 100 / 2000)
    assert choose_probability(budget, Charge(), Rate(10, 10)) == 1
    assert choose_probability(budget, Charge(5000, 0), need) == 0.01
    assert choose_probability(Budget(), Charge(), need) == 1


def test_a_killed_process_never_spends_more_than_the_store_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    killed: list[int] = []
    process: list[Command] = []
    ends: list[int] = []
    till, chance = Till(), random.Random(11)  # noqa: S311

    def turn(server: XServer, asked: Asked, answer: dict[str, Any]) -> Reply:
        charged = till(server, asked, answer)
        if len(killed) < 4 and chance.random() < 0.3:
            killed.append(1)
            process[-1].send_signal(signal.SIGKILL)
        return charged

    with XServer(token="invented-bearer", clock=lambda: datetime.now(UTC)) as x:
        for minute in range(1, 120):
            x.corpus.post("Invented #MeToo", now - 2 * HOUR - timedelta(minutes=20 * minute))
        x.always = turn
        for name, value in {
            "AWAAZ_X_BEARER_TOKEN": "invented-bearer",
            "AWAAZ_X__ENDPOINT": x.url,
            "AWAAZ_X__QUERIES": '{"q": ["#MeToo"]}',
            "AWAAZ_X__PAGE_SIZE": "10",
            "AWAAZ_X__BUDGET_DOLLARS": "2.5",
        }.items():
            monkeypatch.setenv(name, value)
        for _ in range(6):
            process.append(Command(("collect", "x"), {}))
            ends.append(process[-1].ended().returncode)
    assert ends.count(-signal.SIGKILL) == len(killed) == 4
    store = open_store(f"sqlite:///{tmp_path}/data/awaaz.db")
    with store.reading() as connection:
        known = read_spent(connection, "x", now)
    assert 0 < till.micros <= known.micros <= 2_500_000
    assert known.micros - till.micros <= 4 * 10 * (POST + USER), "each kill loses a page at most"


def test_a_store_from_before_budgets_is_brought_up_to_date(quick: Store, clock: Clock) -> None:
    address = quick.engine.url.render_as_string()
    with quick.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE runs DROP COLUMN probability")
        for table in ("holds", "spending", "draws"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql("DELETE FROM migrations WHERE name LIKE 'collector-%'")
        connection.exec_driver_sql(
            "INSERT INTO migrations (name, applied_at) VALUES ('collector-1-tables', 0)"
        )
        connection.exec_driver_sql(
            "INSERT INTO runs (source, query, query_hash, started_at, stop)"
            " VALUES ('x', 'q', '0', 0, 'complete')"
        )
    store = open_test_store(address)
    with store.reading() as connection:
        assert connection.scalar(select(runs.c.probability)) == 1
        assert read_spent(connection, "x", clock.now) == Charge()
    store.close()
