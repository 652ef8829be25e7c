"""Re-checking comes first: a purse of its own, and no more collected than can be kept checked."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from collector.asking import Patience
from collector.budget import Budget, Charge, read_spent
from collector.catalogue import describe_budgets, describe_upkeep
from collector.collecting import Collected, collect_source
from collector.compliance import Checked, CheckPlan, recheck
from collector.coverage import read_coverage
from collector.plans import Plan
from collector.runs import finish_run, start_run
from collector.schema import posts, runs
from collector.sources.protocol import Query
from collector.sources.x import XSource
from collector.sources.x_checker import XChecker
from collector.store import Store
from collector.upkeep import Upkeep
from config.settings import load_settings
from tests.clocks import Clock
from tests.servers.x_faults import die, refuse
from tests.servers.x_server import TOKEN, XServer, reply

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
QUICK = Patience(1, 0, 0, timedelta(minutes=15), lambda _: None)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 8, 12, tzinfo=UTC))


def collect(store: Store, x: XServer, clock: Clock, upkeep: Upkeep) -> Collected:
    source = XSource(
        bearer_token=TOKEN, queries={"q": ["#MeToo"]}, endpoint=x.url, page_size=10, clock=clock
    )
    plan = Plan(DAY, price_per_read=0.005, patience=QUICK, upkeep=upkeep, clock=clock)
    return collect_source(store, source, plan)


def check(store: Store, x: XServer, clock: Clock, budget: Budget) -> Checked:
    checker = XChecker(bearer_token=TOKEN, endpoint=x.url, timeout_s=5, clock=clock)
    plan = CheckPlan(1000, HOUR, 0.005, budget=budget, patience=QUICK, clock=clock)
    return recheck(store, checker, plan)


def count(store: Store) -> int:
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(posts)) or 0


def spent(store: Store, clock: Clock, source: str) -> Charge:
    with store.reading() as connection:
        return read_spent(connection, source, clock.now)


def end_job(store: Store, clock: Clock, stop: str) -> None:
    with store.writing() as connection:
        run_id = start_run(connection, Query("x-batch", "x", ()), None, clock.now)
        finish_run(connection, run_id, stop, "", clock.now)  # type: ignore[arg-type]  # a word of the ledger


def post(x: XServer, clock: Clock, number: int) -> None:
    for n in range(number):
        x.corpus.post(f"Invented {n} #MeToo", clock.now - 2 * HOUR - n * 6 * DAY / number)


def test_lookups_have_a_purse_of_their_own_and_keep_to_it(
    store: Store, x: XServer, clock: Clock
) -> None:
    post(x, clock, 40)
    collect(store, x, clock, Upkeep(1000))
    collected = spent(store, clock, "x")
    clock.now += DAY
    assert check(store, x, clock, Budget(dollars=0.50)).asked == 40
    assert spent(store, clock, "x-check") == Charge(40, 200_000)
    assert spent(store, clock, "x") == collected
    clock.now += DAY
    checked = check(store, x, clock, Budget(dollars=0.50))
    assert checked.asked == 0
    assert "compliance.x_budget_dollars" in checked.stop
    clock.now += 30 * DAY
    assert check(store, x, clock, Budget(dollars=0.50)).asked == 40


def test_what_a_lost_answer_may_have_cost_stays_spent(
    store: Store, x: XServer, clock: Clock
) -> None:
    post(x, clock, 10)
    collect(store, x, clock, Upkeep(1000))
    clock.now += DAY
    x.script(die)
    assert check(store, x, clock, Budget(dollars=1)).stop
    assert spent(store, clock, "x-check") == Charge(20, 100_000), "each post may come twice"


def test_collecting_shrinks_to_what_can_be_looked_up(
    store: Store, x: XServer, clock: Clock
) -> None:
    upkeep = Upkeep(60, "x-batch", "Raise it.")
    post(x, clock, 150)
    end_job(store, clock, "credential_refused")
    collect(store, x, clock, upkeep)
    assert 0 < count(store) <= 60
    with store.reading() as connection:
        days = [(clock.now - n * DAY).date() for n in (5, 1)]
        ledger = read_coverage(connection, now=clock.now, since=days[0], until=days[1])
    assert "left_out" in set(ledger["reason"]), "the ledger says what was not collected"
    while not (collected := collect(store, x, clock, upkeep)).stops:
        clock.now += 24 * HOUR
        post(x, clock, 300)
    assert "Raise it." in collected.stops[0]
    assert count(store) <= 60


@pytest.mark.parametrize("stop", ["complete", None])
def test_jobs_that_work_set_no_limit(
    store: Store, x: XServer, clock: Clock, stop: str | None
) -> None:
    post(x, clock, 100)
    if stop is not None:
        end_job(store, clock, stop)
    collect(store, x, clock, Upkeep(20, "x-batch", "Raise it."))
    assert count(store) == 100


@pytest.mark.parametrize("budget", [Budget(), Budget(posts=500)])
def test_where_there_is_no_room_nothing_is_read(
    store: Store, x: XServer, clock: Clock, budget: Budget
) -> None:
    """On the first of a month too, when nothing is spent yet."""
    post(x, clock, 30)
    collect(store, x, clock, Upkeep(1000))
    clock.now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    post(x, clock, 100)
    upkeep, held = Upkeep(20, advice="Raise it."), count(store)
    source = XSource(bearer_token=TOKEN, queries={"q": ["#MeToo"]}, endpoint=x.url, clock=clock)
    plan = Plan(DAY, price_per_read=0.005, budget=budget, upkeep=upkeep, clock=clock)
    assert collect_source(store, source, plan).stops == ["x is not read further. Raise it."]
    assert count(store) == held
    assert spent(store, clock, "x") == Charge()


@pytest.mark.parametrize("stop", ["unavailable", "rate_limited", "query_refused", "waiting"])
def test_a_fault_that_passes_leaves_nothing_out(
    store: Store, x: XServer, clock: Clock, stop: str
) -> None:
    end_job(store, clock, "complete")
    clock.now += DAY
    end_job(store, clock, stop)
    post(x, clock, 100)
    collect(store, x, clock, Upkeep(20, "x-batch"))
    assert count(store) == 100


def test_jobs_that_are_never_answered_are_no_jobs(store: Store, x: XServer, clock: Clock) -> None:
    for _ in range(5):
        end_job(store, clock, "unavailable")
        clock.now += DAY
    post(x, clock, 100)
    collect(store, x, clock, Upkeep(20, "x-batch"))
    assert count(store) <= 20


def test_a_machine_that_is_off_tries_nothing_in_vain(
    store: Store, x: XServer, clock: Clock
) -> None:
    end_job(store, clock, "waiting")
    clock.now += 5 * DAY
    post(x, clock, 100)
    collect(store, x, clock, Upkeep(20, "x-batch"))
    assert count(store) == 100


def test_a_stop_for_want_of_room_is_called_so(store: Store, x: XServer, clock: Clock) -> None:
    post(x, clock, 80)
    while not collect(store, x, clock, Upkeep(50, advice="Raise it.")).stops:
        clock.now += 24 * HOUR
        post(x, clock, 300)
    with store.reading() as connection:
        stops = set(connection.scalars(select(runs.c.stop).where(runs.c.source == "x")))
    assert "budget_spent" not in stops
    assert count(store) <= 50


def test_a_first_answer_that_was_paid_for_stays_paid(
    store: Store, x: XServer, clock: Clock
) -> None:
    post(x, clock, 10)
    collect(store, x, clock, Upkeep(1000))
    tweet = next(iter(x.corpus.tweets.values()))
    x.corpus.edit(tweet, "Invented anew #MeToo", clock.now)
    clock.now += DAY
    x.script(lambda _server, _asked, answer: reply(answer), refuse(503, "Over capacity"))
    assert check(store, x, clock, Budget(dollars=5)).stop
    assert spent(store, clock, "x-check").posts >= 10


def test_settings_tell_what_can_be_kept_checked() -> None:
    settings = load_settings()
    ours = describe_upkeep(settings, "x")
    assert (ours.posts, ours.batch) == (9000, "x-batch")
    assert "reddit_posts_per_turn" in describe_upkeep(settings, "reddit").advice
    assert describe_budgets(settings)["x-check"] == Budget(dollars=50)
    poor = settings.compliance.model_copy(update={"x_budget_dollars": 5.0, "x_batch": False})
    less = describe_upkeep(settings.model_copy(update={"compliance": poor}), "x")
    assert less.posts < 1000
    assert not less.batch
    assert "switch compliance.x_batch on" in less.advice
