"""Batch compliance jobs that fail, vanish or are overtaken: nothing is lost or wrongly marked."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from collector.batch_check import recheck_in_batch
from collector.batch_jobs import find_job
from collector.checkers import recheck_platform
from collector.errors import StopRequested
from collector.forgetting import PostId, forget_posts
from collector.privacy_schema import checks
from collector.schema import posts
from collector.sources.x_batch import XBatch
from collector.store import Store
from tests.clocks import Clock
from tests.collector.batch_checking import (
    DAY,
    HOUR,
    answer_with,
    batch_of,
    check,
    ends,
    entry_of,
    fill,
    plan_of,
)
from tests.servers.x_faults import die, refuse
from tests.servers.x_server import TOKEN, Reply, XServer
from tests.stores import open_test_store, stored


def test_a_process_killed_while_it_waits_loses_no_job(
    x: XServer, clock: Clock, tmp_path: object
) -> None:
    address = f"sqlite:///{tmp_path}/store.db"
    store = open_test_store(address)
    ids = fill(store, x, clock, 2)
    x.corpus.delete(x.corpus.tweets[ids[0]])
    x.jobs.takes = HOUR

    def stop() -> None:
        raise StopRequested

    with pytest.raises(StopRequested):
        recheck_in_batch(store, batch_of(x, clock), plan_of(clock), check=stop)
    store.close()
    clock.now += 2 * HOUR
    store = open_test_store(address)
    assert check(store, x, clock).forgotten == 1
    assert len(x.jobs.all) == 1
    store.close()


def test_where_x_refuses_jobs_lookups_take_their_place(
    store: Store, x: XServer, clock: Clock
) -> None:
    ids = fill(store, x, clock, 3)
    x.corpus.delete(x.corpus.tweets[ids[0]])
    x.script(refuse(403, "Forbidden", "no access"))
    batch, looked_up = recheck_platform(store, entry_of(x, clock))
    assert "AWAAZ_X_BEARER_TOKEN" in batch.stop
    assert (looked_up.asked, looked_up.forgotten) == (3, 1)
    assert ends(store) == [("x-batch", "credential_refused"), ("x-check", "complete")]


def test_a_job_of_somebody_else_is_no_end(store: Store, x: XServer, clock: Clock) -> None:
    fill(store, x, clock, 2)
    x.jobs.open(x.url)
    batch, looked_up = recheck_platform(store, entry_of(x, clock))
    assert "under way" in batch.stop
    assert looked_up.asked == 2


@pytest.mark.parametrize("fault", ["fails", "never", "not handed in"])
def test_a_job_that_comes_to_nothing_is_given_up_and_begun_anew(
    store: Store, x: XServer, clock: Clock, fault: str
) -> None:
    ids = fill(store, x, clock, 2)
    x.jobs.fails, x.jobs.takes = fault == "fails", 400 * DAY if fault == "never" else timedelta()
    if fault == "not handed in":
        x.script(answer_with(b'{"data": {"id": "1"}}'))
    first = check(store, x, clock)
    if fault == "never":
        assert first.waiting
        clock.now += 2 * DAY
        first = check(store, x, clock)
    assert first.stop
    assert stored(store) == set(ids)
    x.jobs.fails, x.jobs.takes = False, timedelta()
    x.jobs.all.clear()
    x.corpus.delete(x.corpus.tweets[ids[0]])
    assert check(store, x, clock).forgotten == 1


@pytest.mark.parametrize(
    "body", [None, b'{"id": "1", "reason": "deleted"}\n{"id"', b"<html>", b"[]", b"null"]
)
def test_an_answer_that_is_cut_or_unread_marks_nothing(
    store: Store, x: XServer, clock: Clock, body: bytes | None
) -> None:
    ids = fill(store, x, clock, 2)
    for tweet in ids:
        x.corpus.delete(x.corpus.tweets[tweet])

    def spoil(whole: Reply) -> Reply:
        return replace(whole, cut=True) if body is None else replace(whole, body=body)

    x.deliveries.extend([spoil] * 2)
    checked = check(store, x, clock)
    assert checked.stop
    assert "Signature" not in checked.stop
    assert stored(store) == set(ids)
    with store.reading() as connection:
        assert not connection.scalar(select(func.count()).select_from(checks))
    assert check(store, x, clock).forgotten == 2, "the job is still there to be read"


def test_a_job_whose_opening_was_lost_ends_by_itself(
    store: Store, x: XServer, clock: Clock
) -> None:
    fill(store, x, clock, 2)
    x.script(die)  # opened all the same, but nobody here knows its id
    assert "under way" in check(store, x, clock).stop
    clock.now += HOUR
    assert check(store, x, clock).asked == 2


def test_a_post_forgotten_meanwhile_is_no_fault(store: Store, x: XServer, clock: Clock) -> None:
    ids = fill(store, x, clock, 2)
    x.jobs.takes = HOUR
    assert check(store, x, clock).waiting
    with store.writing() as connection:
        connection.execute(checks.delete())
        connection.execute(posts.delete().where(posts.c.native_id == ids[0]))
    clock.now += 2 * HOUR
    assert check(store, x, clock).asked == 1


def test_who_is_listed_twice_is_gone(store: Store, x: XServer, clock: Clock) -> None:
    ids = fill(store, x, clock, 2)
    lines = [{"id": ids[0], "reason": r} for r in ("scrub_geo", "deleted", "scrub_geo")]
    body = "".join(f"{json.dumps(line)}\n" for line in [*lines, {"id": "7", "reason": "deleted"}])
    x.deliveries.append(lambda whole: replace(whole, body=body.encode()))
    assert check(store, x, clock).forgotten == 1
    assert stored(store) == {ids[1]}


def test_a_job_that_x_no_longer_knows_is_given_up(store: Store, x: XServer, clock: Clock) -> None:
    ids = fill(store, x, clock, 2)
    x.corpus.delete(x.corpus.tweets[ids[0]])
    x.jobs.takes = 20 * HOUR
    assert check(store, x, clock).waiting
    x.jobs.all.clear()
    clock.now += HOUR
    assert check(store, x, clock).stop
    clock.now += 3 * DAY
    assert check(store, x, clock).stop
    x.jobs.takes = timedelta()
    assert check(store, x, clock).forgotten == 1


def test_a_post_forgotten_as_a_job_begins_is_not_handed_in(
    store: Store, x: XServer, clock: Clock
) -> None:
    ids = fill(store, x, clock, 3)

    class Slow(XBatch):
        def begin(self) -> str:
            forget_posts(store, [PostId("x", ids[0])], "asked", clock.now)
            return super().begin()

    slow = Slow(bearer_token=TOKEN, endpoint=x.url, timeout_s=5, clock=clock)
    assert recheck_in_batch(store, slow, plan_of(clock)).asked == 2
    assert sorted(next(iter(x.jobs.all.values())).ids or []) == sorted(ids[1:])


@pytest.mark.parametrize("address", ["https://[oops", "http://elsewhere.invalid/", "", None, 7])
def test_ids_go_to_safe_addresses_only(
    store: Store, x: XServer, clock: Clock, address: object
) -> None:
    fill(store, x, clock, 1)
    opened = {"data": {"id": "1", "status": "created", "upload_url": address}}
    x.script(answer_with(json.dumps(opened).encode()))
    assert "no safe address" in check(store, x, clock).stop
    with store.reading() as connection:
        assert find_job(connection, "x") is None


def test_an_error_at_the_second_look_does_not_lose_an_answer(
    store: Store, x: XServer, clock: Clock
) -> None:
    ids = fill(store, x, clock, 2)
    x.corpus.delete(x.corpus.tweets[ids[0]])
    x.jobs.takes = HOUR
    assert check(store, x, clock).waiting
    clock.now += DAY
    x.script(die, die)
    assert check(store, x, clock).stop
    assert check(store, x, clock).forgotten == 1
    assert len(x.jobs.all) == 1
