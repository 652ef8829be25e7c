"""Collecting: ask a source for the windows it still owes and keep what it gives, page by page."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collector.clock import mend_ledger
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
from collector.forgetting import PostId, forget_chunk
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


def collect_source(
    store: Store, source: Source, plan: Plan, on_page: Callable[[Collected], None] | None = None
) -> Collected:
    """Take one turn at every query of a source; raises nothing that the platform did.

    What the platform refuses is written on the run and in `stops`. A refused credential, a rate
    limit or a spent cap ends the turn; a refused query or a fault of one request ends that query.
    """
    collected = Collected(source.name)
    try:
        with store.writing() as connection:
            end_abandoned_runs(connection, [source.name], plan.clock())
            mend_ledger(connection, source.name, plan.clock())
    except SourceError as error:
        collected.stops.append(str(error))
        return collected
    for query in source.queries():
        try:
            collect_query(store, source, query, plan, collected, on_page)
        except (CredentialRefused, CapSpent, RateLimited) as error:
            collected.stops.append(str(error))
            break
        except SourceError as error:
            collected.stops.append(str(error))
    return collected


def collect_query(
    store: Store,
    source: Source,
    query: Query,
    plan: Plan,
    collected: Collected,
    on_page: Callable[[Collected], None] | None,
) -> None:
    """Fill the windows that one query owes."""
    with store.reading() as connection:
        covered = covered_windows(connection, query)
    reach = source.reach(plan.clock())
    for window in plan_windows(covered, reach, plan.window, plan.windows_per_turn):
        with store.writing() as connection:
            run_id = start_run(connection, query, window, plan.clock())
        collected.runs += 1
        fill_window(store, source, query, window, run_id, plan, collected, on_page)


def fill_window(
    store: Store,
    source: Source,
    query: Query,
    window: Window,
    run_id: int,
    plan: Plan,
    collected: Collected,
    on_page: Callable[[Collected], None] | None,
) -> None:
    """Write the pages of one window and how the run ended, whatever ends it."""
    stop: Stop = "error"
    detail = "The run ended with a fault; the log has its traceback."
    complete = False
    try:
        for page in source.pages(query, window):
            write_page(store, page, run_id, plan, collected)
            complete = complete or covers(page, window, source.reach(plan.clock()))
            if on_page is not None:
                on_page(collected)
        stop, detail = ("complete", "") if complete else ("ceiling", NOT_ALL)
    except SourceError as error:
        stop, detail = stop_of(error), str(error)
        raise
    except StoreError as error:
        detail = str(error)
        raise
    except (KeyboardInterrupt, StopRequested):
        stop, detail = "interrupted", "Stopped by the operator."
        raise
    finally:
        with store.writing() as connection:
            finish_run(connection, run_id, stop, detail, plan.clock())
        log.info("run ended", extra={"run": run_id, "source": source.name, "stop": stop})


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
        tally = upsert_posts(store, connection, posts, run_id)
        if deleted:
            forget_chunk(store, connection, deleted, "deleted", now)
        count = PageCount(page.reads, tally, len(page.skips), cost, page.covered)
        count_page(connection, run_id, count)
    collected.tally += tally
    collected.fetched += page.reads
    collected.cost += cost


def stop_of(error: CollectorError) -> Stop:
    """Return the word by which the ledger knows this end."""
    words: dict[type[CollectorError], Stop] = {
        CredentialRefused: "credential_refused",
        RateLimited: "rate_limited",
        CapSpent: "cap_spent",
        QueryRefused: "query_refused",
    }
    return words.get(type(error), "unavailable")
