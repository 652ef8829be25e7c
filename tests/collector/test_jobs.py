"""Jobs: they take turns, do not overlap, and one that fails is recorded while others go on."""

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import select

from collector.errors import SourceUnavailable
from collector.jobs import Job, run_jobs
from collector.schema import runs
from collector.store import Store

SHORT = 0.05 / 60
"""A twentieth of a second in minutes."""


def turns_until(stop: threading.Event, count: int) -> Callable[[Callable[[], None]], str]:
    """Return a job's turn that ends everything after `count` turns."""
    done: list[int] = []

    def turn(check: Callable[[], None]) -> str:
        check()
        done.append(1)
        if len(done) >= count:
            stop.set()
        return "done"

    return turn


def recorded(store: Store) -> list[tuple[str, str, str]]:
    with store.reading() as connection:
        rows = connection.execute(select(runs.c.source, runs.c.stop, runs.c.detail)).all()
    return [tuple(row) for row in rows]


def test_a_failing_job_is_recorded_and_the_others_go_on(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()

    def fail(check: Callable[[], None]) -> str:
        raise ZeroDivisionError("with a secret in its message")

    run_jobs(store, [Job("bad", SHORT, fail), Job("good", SHORT, turns_until(stop, 3))], stop)
    failures = [row for row in recorded(store) if row[0] == "bad"]
    assert failures
    assert set(failures) == {("bad", "error", "ZeroDivisionError")}
    assert "Traceback" in caplog.text


def test_a_failure_of_ours_says_why(store: Store) -> None:
    stop = threading.Event()

    def fail(check: Callable[[], None]) -> str:
        stop.set()
        raise SourceUnavailable("Nothing answers.")

    run_jobs(store, [Job("x", SHORT, fail)], stop)
    assert recorded(store) == [("x", "error", "Nothing answers.")]


def test_turns_of_one_job_do_not_overlap(store: Store) -> None:
    stop = threading.Event()
    inside, most = 0, 0

    def slow(check: Callable[[], None]) -> str:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.2)
        inside -= 1
        return "slow"

    run_jobs(store, [Job("slow", SHORT, slow), Job("end", SHORT, turns_until(stop, 12))], stop)
    assert most == 1


def test_a_job_at_work_ends_at_its_next_page(store: Store) -> None:
    stop = threading.Event()
    pages: list[int] = []

    def endless(check: Callable[[], None]) -> str:
        while True:
            check()
            pages.append(1)
            time.sleep(0.01)
            stop.set()

    run_jobs(store, [Job("endless", SHORT, endless)], stop)
    assert pages == [1]
    assert recorded(store) == []
