"""Re-checking: the real libraries against servers on this machine, into a real store."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from classifier.schema import daily, labels
from collector.asking import Patience
from collector.checks import read_states
from collector.compliance import Checked, CheckPlan, recheck
from collector.enrich import enrich
from collector.errors import StopRequested
from collector.forgetting import PostId, forget_posts
from collector.opt_outs import add_opt_outs
from collector.privacy_schema import checks
from collector.schema import posts, runs, tombstones
from collector.sources.reddit_checker import RedditChecker
from collector.sources.reddit_thing import sighting_from_thing
from collector.sources.x_checker import XChecker
from collector.sources.x_tweet import sighting_from_tweet
from collector.store import Store
from tests.classifier.test_labels import label_waiting
from tests.clocks import Clock
from tests.servers.reddit_server import RedditServer, json_answer
from tests.servers.x_faults import change, die, limit_rate, refuse, say, spend_cap
from tests.servers.x_server import Turn, XServer
from tests.stores import put_posts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def check_x(store: Store, server: XServer, clock: Clock, limit: int = 1000) -> Checked:
    checker = XChecker(
        bearer_token="invented-bearer", endpoint=server.url, timeout_s=5, clock=clock
    )
    plan = CheckPlan(limit, DAY, 0.005, patience=Patience(attempts=1), clock=clock)
    return recheck(store, checker, plan)


def check_reddit(store: Store, server: RedditServer, clock: Clock) -> Checked:
    checker = RedditChecker(**server.settings(), clock=clock)
    return recheck(store, checker, CheckPlan(1000, DAY, patience=Patience(attempts=1), clock=clock))


def fill_x(store: Store, server: XServer, clock: Clock, count: int) -> list[str]:
    """Store tweets as an import would, without a check, and return their ids."""
    tweets = [
        server.corpus.post(f"I believe her, {n}. #MeToo", clock.now - n * HOUR, location="Lahore")
        for n in range(count)
    ]
    sightings = [sighting_from_tweet(t, server.corpus.users, {}) for t in tweets]
    put_posts(store, *enrich(sightings, clock.now))
    return [tweet["id"] for tweet in tweets]


def fill_reddit(store: Store, server: RedditServer, clock: Clock, count: int) -> list[str]:
    names = [server.comment("pakistan", f"On #MeToo, {n}", clock.now - HOUR) for n in range(count)]
    sightings = [sighting_from_thing(server.things[name]) for name in names]
    put_posts(store, *enrich(sightings, clock.now, {"pakistan": "PK"}))  # type: ignore[arg-type]  # none is a skip
    return names


def stored(store: Store) -> dict[str, str]:
    with store.reading() as connection:
        rows = connection.execute(select(posts.c.native_id, posts.c.text)).all()
    return {row.native_id: row.text for row in rows}


def reasons(store: Store) -> list[str]:
    with store.reading() as connection:
        return sorted(connection.scalars(select(tombstones.c.reason)))


def test_what_x_says_is_gone_goes_and_what_it_does_not_mention_stays(
    store: Store, x: XServer, clock: Clock
) -> None:
    ids = fill_x(store, x, clock, 6)
    x.corpus.delete(x.corpus.tweets[ids[0]])
    x.corpus.protected.add(ids[1])
    x.corpus.tweets[ids[2]]["withheld"] = {"country_codes": ["PK"], "scope": "tweet"}
    x.corpus.unmentioned.add(ids[3])
    checked = check_x(store, x, clock)
    assert set(stored(store)) == set(ids[3:])
    assert reasons(store) == ["not_authorized", "not_found", "withheld"]
    assert (checked.asked, checked.forgotten, checked.silent, checked.edited) == (6, 3, 1, 0)
    assert checked.cost == pytest.approx(3 * 0.005), "X charges what it gives"
    clock.now += 3 * DAY
    check_x(store, x, clock)
    assert ids[3] in stored(store), "silence of X is no deletion, however often"


def test_labels_and_counts_go_with_the_post_and_it_cannot_come_back(
    store: Store, x: XServer, clock: Clock
) -> None:
    ids = fill_x(store, x, clock, 2)
    label_waiting(store)
    tweet = x.corpus.tweets[ids[0]]
    x.corpus.delete(tweet)
    check_x(store, x, clock)
    with store.reading() as connection:
        assert len(connection.execute(select(labels)).all()) == 1
        assert sum(connection.scalars(select(daily.c.n))) == 1
        assert len(connection.execute(select(checks)).all()) == 1
    again = enrich([sighting_from_tweet(tweet, {}, {})], clock.now)
    assert put_posts(store, *again).forgotten == 1


def test_an_edit_is_taken_over_with_the_country_that_was_known(
    store: Store, x: XServer, clock: Clock
) -> None:
    ids = fill_x(store, x, clock, 1)
    label_waiting(store)
    edited = x.corpus.edit(x.corpus.tweets[ids[0]], "I was wrong. #MeToo", clock.now)
    checked = check_x(store, x, clock)
    assert (checked.edited, checked.forgotten) == (1, 0)
    with store.reading() as connection:
        row = connection.execute(select(posts)).one()
        counted = connection.execute(select(labels.c.counted)).scalars().all()
    assert (row.native_id, row.current_id, row.text) == (ids[0], edited["id"], edited["text"])
    assert (row.country, row.country_evidence) == ("PK", "location")
    assert counted == [False], "it waits for a new label"
    clock.now += DAY
    assert check_x(store, x, clock).edited == 0
    x.corpus.delete(edited)
    clock.now += DAY
    assert check_x(store, x, clock).forgotten == 1


def test_a_version_stored_without_its_history_stays_one_post(
    store: Store, x: XServer, clock: Clock
) -> None:
    first = x.corpus.post("I believe her. #MeToo", clock.now - HOUR)
    second = x.corpus.edit(first, "I believed her. #MeToo", clock.now)
    bare = {k: v for k, v in second.items() if k != "edit_history_tweet_ids"}
    put_posts(store, *enrich([sighting_from_tweet(bare, {}, {})], clock.now))
    x.corpus.edit(second, "I believe nobody. #MeToo", clock.now + HOUR)
    assert check_x(store, x, clock).edited == 1
    assert stored(store) == {second["id"]: "I believe nobody. #MeToo"}


def test_the_oldest_question_comes_first_and_each_post_has_its_turn(
    store: Store, x: XServer, clock: Clock
) -> None:
    ids = fill_x(store, x, clock, 5)
    x.corpus.unmentioned.add(ids[0])
    asked = []
    for _ in range(3):
        check_x(store, x, clock, limit=2)
        asked.append(x.asked[-1].params["ids"].split(","))
        clock.now += HOUR
    assert asked == [ids[0:2], ids[2:4], ids[4:5]]
    assert check_x(store, x, clock, limit=2).asked == 0, "within a day nothing is asked twice"
    clock.now += DAY
    check_x(store, x, clock, limit=2)
    assert x.asked[-1].params["ids"].split(",") == ids[0:2]


def test_batches_are_of_a_hundred(store: Store, x: XServer, clock: Clock) -> None:
    fill_x(store, x, clock, 230)
    assert check_x(store, x, clock, limit=210).asked == 210
    assert [len(a.params["ids"].split(",")) for a in x.asked] == [100, 100, 10]


def test_what_was_asked_for_carries_no_author(store: Store, x: XServer, clock: Clock) -> None:
    fill_x(store, x, clock, 1)
    check_x(store, x, clock)
    assert "author_id" not in str(x.asked[-1].params)
    assert "includes" not in x.served[-1]


@pytest.mark.parametrize(
    ("fault", "stop"),
    [
        (limit_rate(1_768_500_000), "rate_limited"),
        (spend_cap(), "cap_spent"),
        (refuse(401, "Unauthorized"), "credential_refused"),
        (refuse(503, "Over capacity"), "unavailable"),
        (say(b"<html>maintenance</html>"), "unavailable"),
        (change(data=None), "unavailable"),
        (die, "unavailable"),
    ],
)
def test_a_fault_forgets_nothing_and_is_on_the_run(
    store: Store, x: XServer, clock: Clock, fault: Turn, stop: str
) -> None:
    fill_x(store, x, clock, 3)
    x.script(fault)
    checked = check_x(store, x, clock)
    assert checked.stop
    assert "invented-bearer" not in checked.stop
    assert len(stored(store)) == 3
    with store.reading() as connection:
        row = connection.execute(select(runs).where(runs.c.source == "x-check")).one()
    assert (row.stop, row.covered_until) == (stop, None)
    assert check_x(store, x, clock).asked == 3, "the next turn goes on from there"


def test_an_id_that_x_refuses_reaches_no_message(store: Store, x: XServer, clock: Clock) -> None:
    (tweet_id,) = fill_x(store, x, clock, 1)
    x.script(refuse(400, f"The `ids` query parameter value [{tweet_id}] is not valid"))
    checked = check_x(store, x, clock)
    assert "lookup" in checked.stop
    assert tweet_id not in checked.stop


def test_a_request_to_stop_ends_after_the_batch_at_hand(
    store: Store, x: XServer, clock: Clock
) -> None:
    fill_x(store, x, clock, 150)
    checker = XChecker(bearer_token="invented-bearer", endpoint=x.url, clock=clock)

    def stop(checked: Checked) -> None:
        raise StopRequested("The process is ending.")

    with pytest.raises(StopRequested):
        recheck(store, checker, CheckPlan(1000, clock=clock), stop)
    with store.reading() as connection:
        assert len(connection.execute(select(checks)).all()) == 100
        query = select(runs.c.stop).where(runs.c.source == "x-check")
        assert connection.scalars(query).all() == ["interrupted"]


def test_what_reddit_shows_emptied_goes_at_once(
    store: Store, reddit: RedditServer, clock: Clock
) -> None:
    names = fill_reddit(store, reddit, clock, 4)
    reddit.delete(names[0])
    reddit.delete(names[1], "[removed]")
    reddit.edit(names[2], "On #MeToo, thought over", clock.now)
    checked = check_reddit(store, reddit, clock)
    assert (checked.forgotten, checked.edited, checked.silent) == (2, 1, 0)
    assert stored(store)[names[2]] == "On #MeToo, thought over"
    with store.reading() as connection:
        assert set(connection.scalars(select(posts.c.country))) == {"PK"}


def test_what_reddit_leaves_out_goes_with_the_second_answer_a_day_later(
    store: Store, reddit: RedditServer, clock: Clock
) -> None:
    names = fill_reddit(store, reddit, clock, 3)
    empty = {"kind": "Listing", "data": {"children": [], "after": None}}
    reddit.answer(json_answer(empty, on="/api/info"))
    assert check_reddit(store, reddit, clock).silent == 3
    clock.now += 23 * HOUR
    assert check_reddit(store, reddit, clock).asked == 0
    del reddit.things[names[0]]
    clock.now += HOUR
    checked = check_reddit(store, reddit, clock)
    assert (checked.forgotten, checked.silent) == (1, 0)
    assert set(stored(store)) == set(names[1:]), "a fault of one answer takes nothing"
    assert reasons(store) == ["missing"]
    del reddit.things[names[1]]
    clock.now += DAY
    assert check_reddit(store, reddit, clock).silent == 1
    clock.now += DAY
    assert check_reddit(store, reddit, clock).forgotten == 1


def test_a_post_of_an_author_who_opted_out_goes_when_reddit_names_the_author(
    store: Store, reddit: RedditServer, clock: Clock
) -> None:
    names = fill_reddit(store, reddit, clock, 2)
    author = reddit.things[names[0]]["author"]
    add_opt_outs(store, [("reddit", author.upper())], clock.now)
    assert check_reddit(store, reddit, clock).forgotten == 1
    assert set(stored(store)) == {names[1]}
    assert reasons(store) == ["opt_out"]


def test_a_post_forgotten_while_the_question_is_out_stays_forgotten(
    store: Store, x: XServer, clock: Clock
) -> None:
    ids = fill_x(store, x, clock, 2)
    checker = XChecker(bearer_token="invented-bearer", endpoint=x.url, clock=clock)
    look_up = checker.check

    def check(asked: list[str]) -> object:
        answer = look_up(asked)
        forget_posts(store, [PostId("x", ids[0])], "asked", clock.now)
        return answer

    checker.check = check  # type: ignore[method-assign,assignment]  # something happens meanwhile
    recheck(store, checker, CheckPlan(10, clock=clock))
    assert set(stored(store)) == {ids[1]}


def test_the_state_tells_the_oldest_check(store: Store, x: XServer, clock: Clock) -> None:
    ids = fill_x(store, x, clock, 3)
    check_x(store, x, clock, limit=2)
    with store.writing() as connection:
        old = clock.now - 40 * DAY
        first = select(posts.c.id).where(posts.c.native_id == ids[0]).scalar_subquery()
        connection.execute(update(checks).where(checks.c.post_id == first).values(checked_at=old))
    with store.reading() as connection:
        (state,) = read_states(connection, ["x", "reddit"], clock.now - 30 * DAY)
    assert (state.posts, state.unchecked, state.overdue, state.oldest) == (3, 1, 1, old)
