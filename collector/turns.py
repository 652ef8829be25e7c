"""The collector's turns in a long-lived process; each ends with a sentence for the log."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from collector.catalogue import SourceEntry
from collector.checkers import CheckerEntry, recheck_platform
from collector.collecting import collect_source
from collector.forgetting import expire_text
from collector.jobs import Job
from collector.scrubbing import scrub_if_due
from collector.store import Store
from config.settings import Settings

__all__ = ["collector_jobs", "privacy_jobs"]

Turn = Callable[[Callable[[], None]], str]


def collector_jobs(store: Store, settings: Settings, entries: Iterable[SourceEntry]) -> list[Job]:
    """Return a job for every source that is not off, and one that deletes expired text."""
    hours, days = settings.schedule.expire_hours, settings.privacy.retention_days
    jobs = [Job(e.name, e.minutes, collect_turn(store, e)) for e in entries if not e.off]
    return [*jobs, Job("expire", hours * 60, expire_turn(store, days))]


def privacy_jobs(store: Store, settings: Settings, entries: Iterable[CheckerEntry]) -> list[Job]:
    """Return a job that re-checks each platform's posts, and one that scrubs after a forgetting."""
    minutes = settings.compliance.check_hours * 60
    jobs = [Job(f"{e.platform}-check", minutes, check_turn(store, e)) for e in entries if not e.off]
    return [*jobs, Job("scrub", settings.compliance.scrub_minutes, scrub_turn(store))]


def collect_turn(store: Store, entry: SourceEntry) -> Turn:
    """Return the turn that fills what one source owes."""

    def turn(check: Callable[[], None]) -> str:
        collected = collect_source(store, entry.open(), entry.plan, lambda _: check(), check)
        ends = f"; stopped: {'; '.join(collected.stops)}" if collected.stops else ""
        return f"{collected.tally.new} new posts, cost ${collected.cost:.2f}{ends}"

    return turn


def check_turn(store: Store, entry: CheckerEntry) -> Turn:
    """Return the turn that asks one platform about its share of the stored posts."""

    def turn(check: Callable[[], None]) -> str:
        turns = recheck_platform(store, entry, lambda _: check(), check)
        ends = (f"{each}; stopped: {each.stop}" if each.stop else str(each) for each in turns)
        return ". ".join(ends)

    return turn


def expire_turn(store: Store, days: int) -> Turn:
    """Return the turn that deletes text collected more than `days` ago."""

    def turn(check: Callable[[], None]) -> str:
        check()
        expired = expire_text(store, datetime.now(UTC) - timedelta(days=days))
        return f"text of {expired} posts deleted"

    return turn


def scrub_turn(store: Store) -> Turn:
    """Return the turn that takes what was forgotten out of the bytes of the files."""

    def turn(check: Callable[[], None]) -> str:
        check()
        if scrub_if_due(store):
            return "nothing forgotten is left in the files"
        return "a reader keeps old bytes in use; the next turn tries again"

    return turn
