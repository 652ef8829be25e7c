"""Batch compliance jobs: the real tweepy against a server on this machine, into a real store."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select

from classifier.schema import daily
from collector.batch_check import recheck_in_batch
from collector.batch_jobs import find_job
from collector.checkers import recheck_platform
from collector.checks import read_states
from collector.enrich import enrich
from collector.lock import hold_store
from collector.privacy_schema import batch_asked, batch_jobs, checks
from collector.schema import posts, tombstones
from collector.sources.x_tweet import sighting_from_tweet
from collector.store import Store
from tests.classifier.test_labels import label_waiting
from tests.clocks import Clock
from tests.collector.batch_checking import (
    DAY,
    HOUR,
    batch_of,
    check,
    entry_of,
    fill,
    lookups,
    plan_of,
)
from tests.servers.x_server import XServer
from tests.stores import put_posts, stored


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


def test_what_jobs_answer_is_never_paid_for(store: Store, x: XServer, clock: Clock) -> None:
    fill(store, x, clock, 20)
    for takes in (timedelta(), timedelta(minutes=30), timedelta(seconds=30), timedelta()):
        x.jobs.takes = takes
        recheck_platform(store, entry_of(x, clock))
        clock.now += DAY
    assert lookups(x) == 0
