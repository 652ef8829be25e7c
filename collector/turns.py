"""The collector's turns in a long-lived process; each ends with a sentence for the log."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from collector.catalogue import SourceEntry
from collector.collecting import collect_source
from collector.forgetting import expire_text, scrub
from collector.jobs import Job
from collector.store import Store
from config.settings import Settings

__all__ = ["collector_jobs"]

Turn = Callable[[Callable[[], None]], str]


def collector_jobs(store: Store, settings: Settings, entries: Iterable[SourceEntry]) -> list[Job]:
    """Return a job for every source that is not off, and one that deletes expired text."""
    hours, days = settings.schedule.expire_hours, settings.privacy.retention_days
    jobs = [Job(e.name, e.minutes, collect_turn(store, e)) for e in entries if not e.off]
    return [*jobs, Job("expire", hours * 60, expire_turn(store, days))]


def collect_turn(store: Store, entry: SourceEntry) -> Turn:
    """Return the turn that fills what one source owes."""

    def turn(check: Callable[[], None]) -> str:
        collected = collect_source(store, entry.open(), entry.plan, lambda _: check(), check)
        ends = f"; stopped: {'; '.join(collected.stops)}" if collected.stops else ""
        return f"{collected.tally.new} new posts, cost ${collected.cost:.2f}{ends}"

    return turn


def expire_turn(store: Store, days: int) -> Turn:
    """Return the turn that deletes text collected more than `days` ago, from the files too."""

    def turn(check: Callable[[], None]) -> str:
        check()
        expired = expire_text(store, datetime.now(UTC) - timedelta(days=days))
        if expired and not scrub(store):
            return f"text of {expired} posts deleted; its bytes go when no reader is in the way"
        return f"text of {expired} posts deleted"

    return turn
