"""Collecting: ask a source for the windows it still owes and keep what it gives, page by page."""

import logging
from collections.abc import Callable
from dataclasses import replace

from collector.asking import go_on
from collector.clock import mend_ledger
from collector.enrich import enrich
from collector.errors import (
    BudgetSpent,
    CapSpent,
    ClockAstray,
    CollectorError,
    CredentialRefused,
    NoRoom,
    QueryRefused,
    RateLimited,
    SourceError,
    StopRequested,
    StoreError,
)
from collector.forgetting import PostId, forget_batch
from collector.holds import Hold, end_of_period, hold_source, read_holds
from collector.opt_outs import find_opted_out, leave_out
from collector.owed import find_owed
from collector.plans import Collected, Plan, Turn, begin_turn
from collector.posts import upsert_posts
from collector.runs import PageCount, Stop, count_page, end_abandoned_runs, finish_run, start_run
from collector.sampling import Chosen
from collector.sources.protocol import REDDIT_ARCHIVE, Page, Query, Source, Window
from collector.store import Store

__all__ = ["Collected", "Plan", "collect_source"]

log = logging.getLogger(__name__)
NOT_ALL = "The platform gives no more; what the ledger does not call covered stays unseen."


def collect_source(
    store: Store,
    source: Source,
    plan: Plan,
    on_page: Callable[[Collected], None] | None = None,
    check: Callable[[], None] = go_on,
    within: Window | None = None,
) -> Collected:
    """Take one turn at every query of a source; raises nothing that the platform did.

    What the platform refuses is written on the run and in `stops`. A refused credential, a rate
    limit or a spent cap ends the turn; a refused query or a fault of one request ends that query.
    A long limit or a spent cap also holds the source, so that it is not asked before its time.
    `check` is called before every wait and raises StopRequested where the process is to end.
    With `within` the turn fills that span of the past, all of it, instead of what is owed now.
    """
    turn = begin_turn(store, source, plan, on_page, check, within)
    if (reason := find_obstacle(turn)) is not None:
        turn.collected.stops.append(reason)
        return turn.collected
    for query in source.queries():
        if not try_query(turn, query):
            break
    return turn.collected


def find_obstacle(turn: Turn) -> str | None:
    """Return why the source is not to be asked at all; close what a killed process left open."""
    now, name = turn.plan.clock(), turn.source.name
    with turn.store.writing() as connection:
        end_abandoned_runs(connection, [name], now)
        try:
            mend_ledger(connection, name, now)
        except SourceError as error:
            return str(error)
        held = [hold for hold in read_holds(connection, now) if hold.source == name]
        try:
            turn.purse.check(connection)
        except BudgetSpent as error:
            return str(error)
    return str(held[0]) if held else None


def try_query(turn: Turn, query: Query) -> bool:
    """Fill what one query owes, note what stopped it, and say whether others may be asked."""
    try:
        collect_query(turn, query)
    except (CapSpent, RateLimited) as error:
        turn.collected.stops.append(str(hold_turn(turn, error)))
        return False
    except (CredentialRefused, BudgetSpent) as error:
        turn.collected.stops.append(explain(error))
        return False
    except SourceError as error:
        turn.collected.stops.append(explain(error))
    return True


def hold_turn(turn: Turn, error: CapSpent | RateLimited) -> Hold:
    """Leave the source alone until the limit ends or the platform counts anew."""
    now = turn.plan.clock()
    ends = error.until if isinstance(error, RateLimited) else None
    until = ends or end_of_period(now, turn.plan.period)
    hold = Hold(turn.source.name, until, explain(error))
    with turn.store.writing() as connection:
        hold_source(connection, hold, now)
    return hold


def collect_query(turn: Turn, query: Query) -> None:
    """Fill the windows that one query owes."""
    for chosen in find_owed(turn, query):
        with turn.store.writing() as connection:
            now = turn.plan.clock()
            run_id = start_run(connection, query, chosen.window, now, chosen.probability)
        turn.collected.runs += 1
        fill_window(turn, query, chosen, run_id)


def fill_window(turn: Turn, query: Query, chosen: Chosen, run_id: int) -> None:
    """Write the pages of one window and how the run ended, whatever ends it."""
    stop: Stop = "error"
    detail = "The run ended with a fault; the log has its traceback."
    try:
        complete = write_pages(turn, query, chosen, run_id)
        stop, detail = ("complete", "") if complete else ("ceiling", NOT_ALL)
    except SourceError as error:
        stop, detail = stop_of(error), explain(error)
        raise
    except StoreError as error:
        detail = str(error)
        raise
    except (KeyboardInterrupt, StopRequested):
        stop, detail = "interrupted", "Stopped by the operator."
        raise
    finally:
        with turn.store.writing() as connection:
            finish_run(connection, run_id, stop, detail, turn.plan.clock())
        log.info("run ended", extra={"run": run_id, "source": turn.source.name, "stop": stop})


def write_pages(turn: Turn, query: Query, chosen: Chosen, run_id: int) -> bool:
    """Write the pages of one window and say whether the platform can give nothing more of it."""
    complete = False
    for page in turn.source.pages(query, chosen.window, turn.asker):
        write_page(turn, page, run_id, 1 / chosen.probability)
        reach = turn.source.reach(turn.plan.clock())
        complete = complete or covers(page, chosen.window, reach)
        if turn.on_page is not None:
            turn.on_page(turn.collected)
    return complete


def covers(page: Page, window: Window, reach: Window) -> bool:
    """Say whether a page ends a window of which the platform can give nothing more."""
    return page.covered is not None and page.covered.since <= max(window.since, reach.since)


def write_page(turn: Turn, page: Page, run_id: int, weight: float) -> None:
    """Write one page with its count on the run, and with the last page what is covered."""
    now, collected = turn.plan.clock(), turn.collected
    posts = [
        replace(post, weight=weight) for post in enrich(page.sightings, now, turn.plan.communities)
    ]
    charge = turn.plan.charge(page.reads, page.users)
    deleted = [PostId(*skip.deleted_id) for skip in page.skips if skip.deleted_id]
    # An archive shows what was there once: whether it still is, only the platform can say.
    seen_at = None if turn.source.name == REDDIT_ARCHIVE else now
    store = turn.store
    with store.writing() as connection:
        barred = find_opted_out(store.key, connection, page.sightings)
        forget_batch(store, connection, barred, "opt_out", now)
        kept = leave_out(posts, barred)
        tally = upsert_posts(store, connection, kept, run_id, seen_at=seen_at)
        forget_batch(store, connection, deleted, "deleted", now)
        skipped = len(page.skips) + len(barred)
        count = PageCount(page.reads, tally, skipped, charge.dollars, page.covered)
        count_page(connection, run_id, count)
        turn.purse.settle(connection, charge)
    collected.tally += tally
    collected.fetched += page.reads
    collected.cost += charge.dollars


def explain(error: CollectorError) -> str:
    """Return what happened, with how often it was tried."""
    return " ".join((str(error), *getattr(error, "__notes__", ())))


def stop_of(error: CollectorError) -> Stop:
    """Return the word by which the ledger knows this end."""
    words: dict[type[CollectorError], Stop] = {
        CredentialRefused: "credential_refused",
        RateLimited: "rate_limited",
        CapSpent: "cap_spent",
        BudgetSpent: "budget_spent",
        NoRoom: "no_room",
        QueryRefused: "query_refused",
        ClockAstray: "clock_astray",
    }
    return words.get(type(error), "unavailable")
