"""Batch compliance jobs: the real tweepy against a server on this machine, into a real store."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from classifier.schema import daily
from collector.asking import Patience
from collector.batch_check import recheck_in_batch
from collector.batch_jobs import find_job
from collector.checkers import CheckerEntry, recheck_platform
from collector.checks import read_states
from collector.compliance import Checked, CheckPlan
from collector.enrich import enrich
from collector.errors import StopRequested
from collector.forgetting import PostId, forget_posts
from collector.lock import hold_store
from collector.privacy_schema import batch_asked, batch_jobs, checks
from collector.schema import posts, runs, tombstones
from collector.sources.x_batch import XBatch
from collector.sources.x_checker import XChecker
from collector.sources.x_tweet import sighting_from_tweet
from collector.store import Store
from tests.classifier.test_labels import label_waiting
from tests.clocks import Clock
from tests.servers.x_api import Answer
from tests.servers.x_faults import die, refuse
from tests.servers.x_server import Asked, Reply, Turn, XServer
from tests.stores import open_test_store, put_posts, stored

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOKEN = "invented-bearer"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def x(clock: Clock) -> Iterator[XServer]:
    with XServer(token=TOKEN, clock=clock) as server:
        yield server


def plan_of(clock: Clock) -> CheckPlan:
    patience = Patience(attempts=2, sleep=clock.sleep)
    return CheckPlan(1000, DAY, 0.005, patience=patience, clock=clock)


def batch_of(x: XServer, clock: Clock) -> XBatch:
    return XBatch(bearer_token=TOKEN, endpoint=x.url, timeout_s=5, clock=clock)


def check(store: Store, x: XServer, clock: Clock) -> Checked:
    return recheck_in_batch(store, batch_of(x, clock), plan_of(clock))


def entry_of(x: XServer, clock: Clock) -> CheckerEntry:
    def look_up() -> XChecker:
        return XChecker(bearer_token=TOKEN, endpoint=x.url, timeout_s=5, clock=clock)

    return CheckerEntry("x", plan_of(clock), "", look_up, lambda: batch_of(x, clock))


def fill(
    store: Store, x: XServer, clock: Clock, count: int, *, years: int = 4, seen: bool = False
) -> list[str]:
    """Store tweets of some years ago, as an import would or as X showed them, and return ids."""
    then = clock.now - years * 365 * DAY
    tweets = [
        x.corpus.post(f"I believe her, {n}. #MeToo", then - n * HOUR, location="Lahore")
        for n in range(count)
    ]
    sightings = [sighting_from_tweet(t, x.corpus.users, {}) for t in tweets]
    put_posts(store, *enrich(sightings, clock.now))
    if seen:
        with store.writing() as connection:
            rows = connection.execute(select(posts.c.id, posts.c.platform)).all()
            at = then + 2 * HOUR
            values = [
                {"post_id": i, "platform": p, "asked_at": at, "checked_at": at} for i, p in rows
            ]
            connection.execute(checks.insert(), values)
    return [tweet["id"] for tweet in tweets]


def answer_with(body: bytes) -> Turn:
    def turn(server: XServer, asked: Asked, answer: Answer) -> Reply:
        return Reply(200, body)

    return turn


def ends(store: Store) -> list[tuple[str, str]]:
    with store.reading() as connection:
        query = (
            select(runs.c.source, runs.c.stop).where(runs.c.source != "test").order_by(runs.c.id)
        )
        return [tuple(row) for row in connection.execute(query)]


def lookups(x: XServer) -> int:
    return sum(asked.path == "/2/tweets" for asked in x.asked)


def test_one_job_asks_about_all_and_costs_nothing(store: Store, x: XServer, clock: Clock) -> None:
    ids = fill(store, x, clock, 1200)
    x.corpus.delete(x.corpus.tweets[ids[0]])
    x.corpus.protected.add(ids[700])
    x.jobs.takes = timedelta(minutes=3)
    checked = check(store, x, clock)
    assert stored(store) == set(ids) - {ids[0], ids[700]}
    assert (checked.asked, checked.forgotten, checked.cost, checked.stop) == (1200, 2, 0.0, "")
    assert sorted(next(iter(x.jobs.all.values())).ids or []) == sorted(ids)
    with store.reading() as connection:
        assert sorted(connection.scalars(select(tombstones.c.reason))) == ["deleted", "protected"]
        state = read_states(connection, ["x"], clock.now - DAY)[0]
        assert (state.posts, state.unchecked, state.overdue) == (1198, 0, 0)
        assert connection.scalar(select(func.count()).select_from(batch_jobs)) == 0
        assert connection.scalar(select(func.count()).select_from(batch_asked)) == 0
    assert lookups(x) == 0
    assert check(store, x, clock).asked == 0, "asked about a moment ago"


def test_a_job_goes_on_by_itself_and_a_later_turn_reads_it(
    store: Store, x: XServer, clock: Clock
) -> None:
    ids = fill(store, x, clock, 3)
    x.corpus.delete(x.corpus.tweets[ids[0]])
    x.jobs.takes = timedelta(hours=2)
    turns = recheck_platform(store, entry_of(x, clock))
    assert [(turn.source, turn.waiting) for turn in turns] == [("x-batch", True)]
    assert lookups(x) == 0, "nothing is paid for while a free job is under way"
    assert stored(store) == set(ids)
    asked_at = clock.now
    clock.now += 3 * HOUR
    recheck_platform(store, entry_of(x, clock))
    assert stored(store) == set(ids[1:])
    assert len(x.jobs.all) == 1
    with store.reading() as connection:
        seen = set(connection.scalars(select(checks.c.checked_at)))
    assert all(at <= asked_at for at in seen), "seen when asked, not when the answer was read"


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


def test_what_may_have_been_edited_is_looked_up(store: Store, x: XServer, clock: Clock) -> None:
    fill(store, x, clock, 2, years=1)
    batch, looked_up = recheck_platform(store, entry_of(x, clock))
    assert (batch.asked, looked_up.asked) == (2, 2), "an import may hold an early version"
    clock.now += 2 * DAY
    batch, looked_up = recheck_platform(store, entry_of(x, clock))
    assert (batch.asked, looked_up.asked) == (2, 0), "what was seen after an hour stays as it is"


def test_what_was_seen_after_its_hour_needs_no_lookup(
    store: Store, x: XServer, clock: Clock
) -> None:
    fill(store, x, clock, 3, years=1, seen=True)
    batch, looked_up = recheck_platform(store, entry_of(x, clock))
    assert (batch.asked, looked_up.asked) == (3, 0)


def test_a_withdrawn_place_leaves_the_post_and_takes_its_country(
    store: Store, x: XServer, clock: Clock
) -> None:
    tweet = x.corpus.post("I believe her. #MeToo", clock.now - 4 * 365 * DAY, location="")
    sighting = replace(sighting_from_tweet(tweet, {}, {}), place_country="PK")
    put_posts(store, *enrich([sighting], clock.now))
    label_waiting(store)
    x.jobs.scrubbed.add(tweet["id"])
    checked = check(store, x, clock)
    assert (checked.forgotten, checked.edited) == (0, 1)
    label_waiting(store)
    with store.reading() as connection:
        row = connection.execute(select(posts)).one()
        counted = connection.execute(select(daily.c.country, daily.c.n)).all()
    assert (row.country, row.country_evidence) == ("unknown", "none")
    assert [tuple(each) for each in counted] == [("unknown", 1)]


def test_a_post_forgotten_meanwhile_is_no_fault(store: Store, x: XServer, clock: Clock) -> None:
    ids = fill(store, x, clock, 2)
    x.jobs.takes = HOUR
    assert check(store, x, clock).waiting
    with store.writing() as connection:
        connection.execute(checks.delete())
        connection.execute(posts.delete().where(posts.c.native_id == ids[0]))
    clock.now += 2 * HOUR
    assert check(store, x, clock).asked == 1


def test_a_store_of_more_than_one_job_is_asked_about_in_turn(
    store: Store, x: XServer, clock: Clock
) -> None:
    """Posts that may have been edited too: they wait for a lookup, and stand in nobody's way."""
    ids = fill(store, x, clock, 25, years=1)
    x.corpus.delete(x.corpus.tweets[ids[-1]])
    plan = replace(plan_of(clock), batch_most=10)
    for _ in range(3):
        recheck_in_batch(store, batch_of(x, clock), plan)
        clock.now += HOUR
    assert {each for job in x.jobs.all.values() for each in job.ids or []} == set(ids)
    assert stored(store) == set(ids[:-1])
    with store.reading() as connection:
        state = read_states(connection, ["x"], clock.now - DAY)[0]
    assert (state.unchecked, state.overdue) == (0, 0), "a job tells that they are there"


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


def test_one_process_re_checks_at_a_time(store: Store, x: XServer, clock: Clock) -> None:
    fill(store, x, clock, 2)
    with hold_store(store, "x-check"), hold_store(store):
        (turn,) = recheck_platform(store, entry_of(x, clock))
    assert "Another process" in turn.stop
    assert not x.asked
    assert recheck_platform(store, entry_of(x, clock))[0].asked == 2


def test_a_job_goes_where_jobs_are_switched_off(store: Store, x: XServer, clock: Clock) -> None:
    fill(store, x, clock, 2)
    x.jobs.takes = HOUR
    recheck_platform(store, entry_of(x, clock))
    recheck_platform(store, replace(entry_of(x, clock), open_batch=None))
    with store.reading() as connection:
        assert find_job(connection, "x") is None


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


def test_what_jobs_answer_is_never_paid_for(store: Store, x: XServer, clock: Clock) -> None:
    fill(store, x, clock, 20)
    for takes in (timedelta(), timedelta(minutes=30), timedelta(seconds=30), timedelta()):
        x.jobs.takes = takes
        recheck_platform(store, entry_of(x, clock))
        clock.now += DAY
    assert lookups(x) == 0


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
