"""Re-checking by batch jobs: free, for a whole store at once, and asked before any paid lookup."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from collector.asking import Asker, go_on
from collector.batch_jobs import (
    Asked,
    OpenJob,
    close_job,
    find_job,
    keep_job,
    read_asked,
    settle,
    withdraw_places,
)
from collector.checks import mark_there, read_unasked
from collector.compliance import Checked, CheckPlan, record_turn
from collector.errors import JobLost, SourceError
from collector.forgetting import forget_by_reason
from collector.posts import Tally
from collector.runs import PageCount, count_page
from collector.sources.checker import PLACE_WITHDRAWN, BatchChecker
from collector.store import Store

__all__ = ["recheck_in_batch"]

LOST_AFTER = timedelta(days=1)
"""A job that has not answered by then is given up, so that lookups take its place."""

UNREAD_AFTER = timedelta(days=3)
"""A job that could not be looked at or read for so long is given up too."""

SLACK = 0.98
"""Of the time between two questions: jobs take a while, and a day later it must be due again."""

LONGEST_REASON = 32


def recheck_in_batch(
    store: Store,
    checker: BatchChecker,
    plan: CheckPlan,
    on_batch: Callable[[Checked], None] | None = None,
    check: Callable[[], None] = go_on,
) -> Checked:
    """Ask about every post that is due in one job; raises nothing that the platform did.

    A job that takes longer than `plan.batch_wait` goes on by itself and is read in a later turn;
    until then `waiting` is set and nothing else need be asked about these posts.
    """
    checked, now = Checked(checker.name), plan.clock()
    with store.reading() as connection:
        job = find_job(connection, checker.platform)
        before, most = now - SLACK * plan.again_after, checker.most
        if plan.batch_most is not None:
            most = min(most, plan.batch_most)
        due = read_unasked(connection, checker.platform, asked_before=before, limit=most)
    if job is None and not due:
        return checked
    with record_turn(store, checker.platform, checked, plan) as run_id:
        ask = Asker(plan.patience, plan.clock, check)
        try:
            job = job or hand_in(store, checker, plan, ask, {d.post_id: d.asked_id for d in due})
            if wait_for(checker, plan, ask, job, checked):
                answer = ask(partial(checker.fetch, job.job))
                write_answer(store, checker, run_id, job, answer, checked, on_batch)
        except SourceError as error:
            give_up(store, checker, job, plan.clock(), error)
            raise
    return checked


def hand_in(
    store: Store, checker: BatchChecker, plan: CheckPlan, ask: Asker, due: Mapping[int, str]
) -> OpenJob:
    """Begin a job about these posts; it is in the store before any id leaves the house."""
    job = OpenJob(ask(checker.begin), plan.clock())
    with store.writing() as connection:
        kept = keep_job(connection, checker.platform, job, due)
    try:
        checker.hand_in(job.job, list(kept.values()))
    except SourceError:
        with store.writing() as connection:
            close_job(connection, checker.platform)
        raise
    return job


def wait_for(
    checker: BatchChecker, plan: CheckPlan, ask: Asker, job: OpenJob, checked: Checked
) -> bool:
    """Wait until a job is done and say whether it is; raises JobLost where it never will be."""
    until = plan.clock() + plan.batch_wait
    while True:
        state = ask(partial(checker.look, job.job))
        if state == "done":
            return True
        if state == "lost" or plan.clock() > job.asked_at + max(LOST_AFTER, 2 * plan.again_after):
            raise JobLost("the batch job came to nothing; the next turn begins another")
        if plan.clock() >= until:
            checked.waiting = True
            return False
        ask.pause(plan.batch_step.total_seconds())


def give_up(
    store: Store, checker: BatchChecker, job: OpenJob | None, now: datetime, error: SourceError
) -> None:
    """Close a job that is lost, or that nobody has been able to read for days."""
    if job is not None and (isinstance(error, JobLost) or now > job.asked_at + UNREAD_AFTER):
        with store.writing() as connection:
            if find_job(connection, checker.platform) == job:
                close_job(connection, checker.platform)


def write_answer(
    store: Store,
    checker: BatchChecker,
    run_id: int,
    job: OpenJob,
    answer: Mapping[str, str],
    checked: Checked,
    on_batch: Callable[[Checked], None] | None,
) -> None:
    """Act on the answer, some posts at a time, each time with what is left to do written down."""
    while write_part(store, checker.platform, run_id, job, answer, checked):
        if on_batch is not None:
            on_batch(checked)


def write_part(
    store: Store,
    platform: str,
    run_id: int,
    job: OpenJob,
    answer: Mapping[str, str],
    checked: Checked,
) -> bool:
    """Act on the answer for some posts; False where none was left, and the job is closed.

    Posts count as seen when they were asked about, not when the answer was read.
    """
    with store.writing() as connection:
        asked = read_asked(connection, platform)
        if not asked:
            close_job(connection, platform)
            return False
        gone = {
            one.native_id: answer[one.asked_id][:LONGEST_REASON]
            for one in asked
            if one.asked_id in answer and answer[one.asked_id] != PLACE_WITHDRAWN
        }
        forget_by_reason(store, connection, platform, gone, job.asked_at)
        moved = [one.post_id for one in asked if answer.get(one.asked_id) == PLACE_WITHDRAWN]
        checked.edited += withdraw_places(store, connection, moved)
        left = [a for a in asked if a.native_id not in gone and is_news(a, job)]
        edited = {a.post_id for a in left if not a.settled}
        mark_there(connection, platform, [a.post_id for a in left], job.asked_at, edited)
        settle(connection, [one.post_id for one in asked])
        count_page(connection, run_id, PageCount(len(asked), Tally(), len(gone)))
    checked.asked += len(asked)
    checked.forgotten += len(gone)
    return True


def is_news(asked: Asked, job: OpenJob) -> bool:
    """Say whether the job knows later of a post than we do."""
    return asked.checked_at is None or asked.checked_at < job.asked_at
