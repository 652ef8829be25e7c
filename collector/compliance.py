"""Re-checking: what is gone from its platform goes here, what was edited there is updated."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from collector.asking import Asker, Patience, go_on
from collector.budget import Budget, Charge, Purse, to_micros
from collector.checks import Due, mark_asked, mark_seen, read_edited, read_queue
from collector.collecting import explain, stop_of
from collector.enrich import enrich
from collector.errors import SourceError, StopRequested
from collector.forgetting import forget_by_reason
from collector.opt_outs import find_opted_out, leave_out
from collector.post import Country, Post
from collector.posts import Tally, upsert_posts
from collector.runs import (
    PageCount,
    Stop,
    count_page,
    end_abandoned_runs,
    finish_run,
    start_run,
    utc_now,
)
from collector.sources.checker import Answer, Checker
from collector.sources.protocol import Query
from collector.store import Store

__all__ = ["CheckPlan", "Checked", "recheck", "record_turn"]

log = logging.getLogger(__name__)

DAY = timedelta(days=1)
"""Least time between two answers that do not mention a post: one may be a fault."""

UNDER_WAY = "The job is under way; the next turn reads its answer."
ADVICE = "Raise compliance.x_budget_dollars, or wait for the next month."


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """How many posts a turn asks about, and at what price."""

    limit: int
    again_after: timedelta = DAY
    """A post asked about less than this long ago is not asked about again."""
    price_per_read: float = 0.0
    communities: Mapping[str, Country] = field(default_factory=dict)
    budget: Budget = Budget()
    """What lookups may cost in a month, apart from what collecting may."""
    patience: Patience = Patience()
    only_edited: bool = False
    """A batch job has told of all others that they are there."""
    batch_most: int | None = None
    """Posts in one batch job at most; None: as many as the platform takes."""
    batch_wait: timedelta = timedelta(minutes=10)
    """A batch job is waited for so long; then it goes on by itself."""
    batch_step: timedelta = timedelta(seconds=20)
    clock: Callable[[], datetime] = utc_now

    def charge(self, reads: int) -> Charge:
        """Return what so many posts cost."""
        return Charge(reads, reads * to_micros(self.price_per_read))


@dataclass(slots=True)
class Checked:
    """What one turn of re-checking found, and what stopped it if anything did."""

    source: str
    asked: int = 0
    edited: int = 0
    forgotten: int = 0
    silent: int = 0
    """Posts that the platform did not mention and that stay for now."""
    cost: float = 0.0
    stop: str = ""
    waiting: bool = False
    """A batch job is under way, whose answer a later turn reads."""

    def __str__(self) -> str:
        """Say it in a line, without any id."""
        return (
            f"{self.asked:,} posts asked about: {self.forgotten:,} forgotten, {self.edited:,}"
            f" edited, {self.silent:,} not mentioned; cost ${self.cost:,.2f}"
        )


def recheck(
    store: Store,
    checker: Checker,
    plan: CheckPlan,
    on_batch: Callable[[Checked], None] | None = None,
    check: Callable[[], None] = go_on,
) -> Checked:
    """Ask the platform about the posts not asked about for longest; raises nothing it did.

    A batch's answer is one transaction. What the platform refuses is written on the run and in
    `stop`, and ends the turn; the next one goes on from there.
    """
    checked = Checked(checker.name)
    due = read_due(store, checker, plan, plan.clock())
    if not due:
        return checked
    with record_turn(store, checker.platform, checked, plan) as run_id:
        purse = Purse(store, checker.name, plan.budget, Charge(), plan.clock, ADVICE)
        ask = Asker(plan.patience, plan.clock, check, purse)
        ask_batches(Asking(store, checker, plan, run_id, ask, purse), due, checked, on_batch)
    return checked


@contextmanager
def record_turn(store: Store, platform: str, checked: Checked, plan: CheckPlan) -> Iterator[int]:
    """Yield the run of a turn of re-checking, and write how the turn ended, whatever ends it.

    What the platform refuses ends the block and goes no further.
    """
    started = plan.clock()
    with store.writing() as connection:
        end_abandoned_runs(connection, [checked.source], started)
        run_id = start_run(connection, Query(checked.source, platform, ()), None, started)
    stop: Stop = "error"
    try:
        yield run_id
        stop = "waiting" if checked.waiting else "complete"
    except SourceError as error:
        stop, checked.stop = stop_of(error), explain(error)
    except (KeyboardInterrupt, StopRequested):
        stop, checked.stop = "interrupted", "Stopped by the operator."
        raise
    finally:
        detail = f"{checked}. {checked.stop or (UNDER_WAY if checked.waiting else '')}".strip()
        with store.writing() as connection:
            finish_run(connection, run_id, stop, detail, plan.clock())
        log.info("run ended", extra={"run": run_id, "source": checked.source, "stop": stop})


@dataclass(frozen=True, slots=True)
class Asking:
    """What a turn of lookups works with."""

    store: Store
    checker: Checker
    plan: CheckPlan
    run_id: int
    ask: Asker
    purse: Purse


def most_of(ids: int, plan: CheckPlan) -> Charge:
    """Return what one question may cost: each post, and of an edited one its newest version."""
    return plan.charge(2 * ids) if plan.price_per_read else Charge()


def ask_batches(
    asking: Asking,
    due: Sequence[Due],
    checked: Checked,
    on_batch: Callable[[Checked], None] | None,
) -> None:
    """Ask about one batch after the other and write what each answer says."""
    checker, plan = asking.checker, asking.plan
    for start in range(0, len(due), checker.batch):
        batch = due[start : start + checker.batch]
        ids = [each.asked_id for each in batch]
        asking.purse.most = most_of(len(ids), plan)
        answer = asking.ask(partial(checker.check, ids))
        charge = plan.charge(answer.reads)
        with asking.store.writing() as connection:
            done = apply_answer(asking, connection, batch, answer)
            page = PageCount(len(batch), done.tally, done.forgotten, charge.dollars)
            count_page(connection, asking.run_id, page)
            asking.purse.settle(connection, charge)
        checked.asked += len(batch)
        checked.edited += done.tally.updated
        checked.forgotten += done.forgotten
        checked.silent += done.silent
        checked.cost += charge.dollars
        if on_batch is not None:
            on_batch(checked)


def read_due(store: Store, checker: Checker, plan: CheckPlan, now: datetime) -> list[Due]:
    """Return the posts of this turn, in the order in which they are asked about.

    They are read once: looking for the next ones after each answer would cost a walk through the
    whole store each time.
    """
    again_after = max(plan.again_after, DAY) if checker.silence_means_gone else plan.again_after
    with store.reading() as connection:
        if plan.only_edited:
            return read_edited(connection, checker.platform, limit=plan.limit)
        asked_before = now - again_after
        return read_queue(connection, checker.platform, asked_before=asked_before, limit=plan.limit)


@dataclass(frozen=True, slots=True)
class Done:
    """What one answer changed."""

    tally: Tally
    forgotten: int
    silent: int


def apply_answer(
    asking: Asking, connection: Connection, batch: Sequence[Due], answer: Answer
) -> Done:
    """Forget what is gone, update what was edited, and note what was asked; one transaction."""
    store, checker, plan = asking.store, asking.checker, asking.plan
    now = plan.clock()
    sightings = [
        replace(sighting, native_id=due.native_id)
        for due in batch
        if (sighting := answer.alive.get(due.asked_id)) is not None
    ]
    barred = find_opted_out(store.key, connection, sightings)
    gone = why_gone(checker, batch, answer) | {one.native_id: "opt_out" for one in barred}
    forget_by_reason(store, connection, checker.platform, gone, now)
    posts = refresh_posts(enrich(sightings, now, plan.communities), batch)
    tally = upsert_posts(store, connection, leave_out(posts, barred), asking.run_id)
    left = [due for due in batch if due.native_id not in gone]
    silent = [due.post_id for due in left if due.asked_id not in answer.alive]
    mark_seen(connection, [due.post_id for due in left if due.asked_id in answer.alive], now)
    mark_asked(connection, silent, now)
    return Done(tally, len(gone), len(silent))


def why_gone(checker: Checker, batch: Sequence[Due], answer: Answer) -> dict[str, str]:
    """Return by native id why each post of the batch that must go must go."""
    gone = {
        due.native_id: answer.gone[due.asked_id] for due in batch if due.asked_id in answer.gone
    }
    if checker.silence_means_gone:
        known = answer.alive.keys() | answer.gone.keys()
        missing = [due for due in batch if due.missed and due.asked_id not in known]
        gone |= {due.native_id: "missing" for due in missing}
    return gone


def refresh_posts(page: Sequence[Post], batch: Sequence[Due]) -> list[Post]:
    """Return the posts with the country found at collection: a check does not ask for authors."""
    known = {due.native_id: due for due in batch}
    return [
        replace(
            post,
            country=known[post.native_id].country,
            country_evidence=known[post.native_id].country_evidence,
        )
        for post in page
    ]
