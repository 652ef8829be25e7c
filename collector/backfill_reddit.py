"""Reddit's past without a credential: windows filled from the Arctic Shift archive."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from time import sleep

from collector.collecting import Collected, Plan, collect_source
from collector.errors import CollectorError
from collector.runs import utc_now
from collector.sources.arctic_shift import ArcticShiftSource
from collector.sources.protocol import Window
from collector.store import Store
from config.settings import Settings

__all__ = ["BackfillError", "fill_from_archive"]

ALL = 100_000
"""Windows per call: as many as there are."""


class BackfillError(CollectorError):
    """The backfill is switched off, or was asked for days that are none."""


def fill_from_archive(
    store: Store,
    settings: Settings,
    since: date,
    until: date,
    on_page: Callable[[Collected], None] | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
    wait: Callable[[float], None] = sleep,
) -> Collected:
    """Fetch what the archive holds from day `since` to day `until` (UTC, both included).

    Windows that the ledger calls covered are not asked for again, so a call that was stopped goes
    on where it was. What the archive refuses is in `stops`. Raises BackfillError where it is
    switched off.
    """
    archive = settings.arctic_shift
    if not archive.enabled:
        raise BackfillError(
            "The archive of Reddit is switched off. Read the paragraph above arctic_shift.enabled"
            " in config/awaaz.toml, and set it to true if you may use it."
        )
    if until < since:
        raise BackfillError(f"There is no day from {since} to {until}: --since comes first.")
    source = ArcticShiftSource(
        subreddits=list(settings.reddit.subreddits),
        terms=settings.reddit.terms,
        span=Window(midnight(since), midnight(until) + timedelta(days=1)),
        clock=clock,
        keyword_search=archive.keyword_search,
        endpoint=archive.endpoint or None,
        timeout_s=archive.timeout_s,
        pace_s=archive.pace_s,
        wait=wait,
    )
    plan = Plan(
        timedelta(days=archive.window_days),
        ALL,
        communities=settings.reddit.subreddits,
        clock=clock,
    )
    try:
        return collect_source(store, source, plan, on_page)
    finally:
        source.close()


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins in UTC."""
    return datetime.combine(day, clock_time(), UTC)
