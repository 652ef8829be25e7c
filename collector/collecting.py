"""Collecting: ask a source for the windows it still owes and keep what it gives, page by page."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collector.asking import Asker, Patience, go_on
from collector.enrich import enrich
from collector.errors import (
    CapSpent,
    CollectorError,
    CredentialRefused,
    QueryRefused,
    RateLimited,
    SourceError,
    StopRequested,
    StoreError,
)
from collector.forgetting import PostId, forget_batch
from collector.holds import Hold, Period, end_of_period, hold_source, read_holds
from collector.opt_outs import find_opted_out, leave_out
from collector.post import Country
from collector.posts import Tally, upsert_posts
from collector.runs import (
    PageCount,
    Stop,
    count_page,
    covered_windows,
    end_abandoned_runs,
    finish_run,
    start_run,
    utc_now,
)
from collector.sources.protocol import Page, Query, Source, Window
from collector.store import Store
from collector.windows import plan_windows

__all__ = ["Collected", "Plan", "collect_source"]

log = logging.getLogger(__name__)
NOT_ALL = "The platform gives no more; what the ledger does not call covered stays unseen."


@dataclass(frozen=True, slots=True)
class Plan:
    """How a source is asked; `window` None is for newest-first listings (see `plan_windows`)."""

    window: timedelta | None
    windows_per_turn: int = 16
    price_per_read: float = 0.0
    price_per_user: float = 0.0
    communities: Mapping[str, Country] = field(default_factory=dict)
    patience: Patience = Patience()
    period: Period = "month"
    """After which the platform counts anew what it gives."""
    clock: Callable[[], datetime] = utc_now


@dataclass(slots=True)
class Collected:
    """What one turn of a source brought, and what stopped it if anything did."""

    source: str
    tally: Tally = Tally()
    runs: int = 0
    fetched: int = 0
    cost: float = 0.0
    stops: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a source: what it works with, and what it has brought so far."""

    store: Store
    source: Source
    plan: Plan
    collected: Collected
    asker: Asker
    on_page: Callable[[Collected], None] | None


def collect_source(
    store: Store,
    source: Source,
    plan: Plan,
    on_page: Callable[[Collected], None] | None = None,
    check: Callable[[], None] = go_on,
) -> Collected:
    """Take one turn at every query of a source; raises nothing that the platform did.

    What the platform refuses is written on the run and in `stops`. A refused credential, a rate
    limit or a spent cap ends the turn; a refused query or a fault of one request ends that query.
    A long limit or a spent cap also holds the source, so that it is not asked before its time.
    `check` is called before every wait and raises StopRequested where the process is to end.
    """
    collected = Collected(source.name)
    asker = Asker(plan.patience, plan.clock, check)
    with store.writing() as connection:
        end_abandoned_runs(connection, [source.name], plan.clock())
        held = [h for h in read_holds(connection, plan.clock()) if h.source == source.name]
    if held:
        collected.stops.append(str(held[0]))
        return collected
    turn = Turn(store, source, plan, collected, asker, on_page)
    for query in source.queries():
        if not try_query(turn, query):
            break
    return collected


def try_query(turn: Turn, query: Query) -> bool:
    """Fill what one query owes, note what stopped it, and say whether others may be asked."""
    try:
        collect_query(turn, query)
    except (CapSpent, RateLimited) as error:
        turn.collected.stops.append(str(hold_turn(turn, error)))
        return False
    except CredentialRefused as error:
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
    plan = turn.plan
    with turn.store.reading() as connection:
        covered = covered_windows(connection, query)
    reach = turn.source.reach(plan.clock())
    for window in plan_windows(covered, reach, plan.window, plan.windows_per_turn):
        with turn.store.writing() as connection:
            run_id = start_run(connection, query, window, plan.clock())
        turn.collected.runs += 1
        fill_window(turn, query, window, run_id)


def fill_window(turn: Turn, query: Query, window: Window, run_id: int) -> None:
    """Write the pages of one window and how the run ended, whatever ends it."""
    stop: Stop = "error"
    detail = "The run ended with a fault; the log has its traceback."
    try:
        complete = write_pages(turn, query, window, run_id)
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


def write_pages(turn: Turn, query: Query, window: Window, run_id: int) -> bool:
    """Write the pages of one window and say whether the platform can give nothing more of it."""
    complete = False
    for page in turn.source.pages(query, window, turn.asker):
        write_page(turn.store, page, run_id, turn.plan, turn.collected)
        complete = complete or covers(page, window, turn.source.reach(turn.plan.clock()))
        if turn.on_page is not None:
            turn.on_page(turn.collected)
    return complete


def covers(page: Page, window: Window, reach: Window) -> bool:
    """Say whether a page ends a window of which the platform can give nothing more."""
    return page.covered is not None and page.covered.since <= max(window.since, reach.since)


def write_page(store: Store, page: Page, run_id: int, plan: Plan, collected: Collected) -> None:
    """Write one page with its count on the run, and with the last page what is covered."""
    now = plan.clock()
    posts = enrich(page.sightings, now, plan.communities)
    cost = page.reads * plan.price_per_read + page.users * plan.price_per_user
    deleted = [PostId(*skip.deleted_id) for skip in page.skips if skip.deleted_id]
    with store.writing() as connection:
        barred = find_opted_out(store.key, connection, page.sightings)
        forget_batch(store, connection, barred, "opt_out", now)
        kept = leave_out(posts, barred)
        tally = upsert_posts(store, connection, kept, run_id, seen_at=now)
        forget_batch(store, connection, deleted, "deleted", now)
        skipped = len(page.skips) + len(barred)
        count = PageCount(page.reads, tally, skipped, cost, page.covered)
        count_page(connection, run_id, count)
    collected.tally += tally
    collected.fetched += page.reads
    collected.cost += cost


def explain(error: CollectorError) -> str:
    """Return what happened, with how often it was tried."""
    return " ".join((str(error), *getattr(error, "__notes__", ())))


def stop_of(error: CollectorError) -> Stop:
    """Return the word by which the ledger knows this end."""
    words: dict[type[CollectorError], Stop] = {
        CredentialRefused: "credential_refused",
        RateLimited: "rate_limited",
        CapSpent: "cap_spent",
        QueryRefused: "query_refused",
    }
    return words.get(type(error), "unavailable")
