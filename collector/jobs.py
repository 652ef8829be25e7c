"""A long-lived process: jobs that take their turns, never overlap, and do not end one another."""

import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, current_thread, main_thread
from types import FrameType
from typing import Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from collector.errors import CollectorError, StopRequested
from collector.runs import finish_run, start_run, utc_now
from collector.sources.protocol import Query
from collector.store import Store

__all__ = ["Job", "TurnFailed", "TurnWatcher", "run_jobs"]

log = logging.getLogger(__name__)
GRACE_S = 300


class TurnFailed(CollectorError):
    """A turn of an upper room failed; the message is a sentence of that room."""


@dataclass(frozen=True)
class Job:
    """Something done every `minutes`; `turn` is given a function that raises StopRequested.

    It returns a sentence for the log, or nothing where there is nothing to tell.
    """

    name: str
    minutes: float
    turn: Callable[[Callable[[], None]], str]


class TurnWatcher(Protocol):
    """Hears of every turn; raises nothing."""

    def begin_turn(self, job: str) -> None:
        """Hear that a turn begins."""
        ...

    def end_turn(self, job: str, says: str, *, failed: bool) -> None:
        """Hear how it ended, in a sentence."""
        ...


class NoWatcher:
    """Hears nothing."""

    def begin_turn(self, job: str) -> None:
        """Do nothing."""

    def end_turn(self, job: str, says: str, *, failed: bool) -> None:
        """Do nothing."""


def run_jobs(
    store: Store,
    jobs: Sequence[Job],
    stop: Event | None = None,
    watcher: TurnWatcher | None = None,
) -> None:
    """Run jobs until `stop` is set, SIGTERM or Ctrl-C; then end each after its page at hand."""
    stop = stop or Event()
    with catch_signals(stop):
        keep_turning(store, jobs, stop, watcher or NoWatcher())


def keep_turning(store: Store, jobs: Sequence[Job], stop: Event, watcher: TurnWatcher) -> None:
    """Give every job its turns until `stop` is set."""
    # A thread per job: a library that sleeps on a rate limit must not hold up the others.
    executor = ThreadPoolExecutor(max(1, len(jobs)))
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE_S}
    scheduler = BackgroundScheduler(
        executors={"default": executor}, job_defaults=defaults, timezone=UTC
    )
    for job in jobs:
        scheduler.add_job(
            take_turn,
            "interval",
            minutes=job.minutes,
            args=(store, job, stop, watcher),
            id=job.name,
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    log.info("started with the jobs %s", ", ".join(job.name for job in jobs))
    while not stop.wait(1.0):  # in steps, so that a signal is handled on every platform
        pass
    log.info("ending after the page at hand")
    scheduler.shutdown(wait=True)


def take_turn(store: Store, job: Job, stop: Event, watcher: TurnWatcher) -> None:
    """Run one turn of a job; a fault is logged and recorded, and the next turn tries again."""

    def check() -> None:
        if stop.is_set():
            raise StopRequested("The process is ending.")

    if stop.is_set():
        return
    watcher.begin_turn(job.name)
    try:
        says = job.turn(check)
    except StopRequested:
        log.info("%s: stopped", job.name)
        return
    except Exception as error:  # the job's edge: one job must not end the others
        log.exception("%s: failed; it is tried again in %g minutes", job.name, job.minutes)
        says = explain(error)
        record_failure(store, job.name, says)
        watcher.end_turn(job.name, says, failed=True)
        return
    if says:
        log.info("%s: %s", job.name, says)
    watcher.end_turn(job.name, says, failed=False)


def explain(error: Exception) -> str:
    """Say what failed, without what a library's message may quote."""
    return str(error) if isinstance(error, CollectorError) else type(error).__name__


def record_failure(store: Store, name: str, detail: str) -> None:
    """Write a failed turn into the ledger, where the store still takes it."""
    try:
        with store.writing() as connection:
            run_id = start_run(connection, Query(name, "turn", ()), None, utc_now())
            finish_run(connection, run_id, "error", detail, utc_now())
    except Exception:  # the store itself may be what failed
        log.exception("%s: the failure could not be recorded", name)


@contextmanager
def catch_signals(stop: Event) -> Iterator[None]:
    """Set `stop` on SIGTERM and Ctrl-C, where this is the main thread and can be told of them."""

    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # the signal's own shape
        stop.set()

    numbers = (signal.SIGTERM, signal.SIGINT) if current_thread() is main_thread() else ()
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
