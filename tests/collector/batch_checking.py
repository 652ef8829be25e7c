"""What the tests of batch compliance jobs share: old posts, and turns that ask about them."""

from datetime import timedelta

from sqlalchemy import select

from collector.asking import Patience
from collector.batch_check import recheck_in_batch
from collector.checkers import CheckerEntry
from collector.compliance import Checked, CheckPlan
from collector.enrich import enrich
from collector.privacy_schema import checks
from collector.schema import posts, runs
from collector.sources.x_batch import XBatch
from collector.sources.x_checker import XChecker
from collector.sources.x_tweet import sighting_from_tweet
from collector.store import Store
from tests.clocks import Clock
from tests.servers.x_api import Answer
from tests.servers.x_server import TOKEN, Asked, Reply, Turn, XServer
from tests.stores import put_posts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def plan_of(clock: Clock) -> CheckPlan:
    """Return how much is asked, waiting by `clock`."""
    patience = Patience(attempts=2, sleep=clock.sleep)
    return CheckPlan(1000, DAY, 0.005, patience=patience, clock=clock)


def batch_of(x: XServer, clock: Clock) -> XBatch:
    """Return what hands jobs to the X of a test."""
    return XBatch(bearer_token=TOKEN, endpoint=x.url, timeout_s=5, clock=clock)


def check(store: Store, x: XServer, clock: Clock) -> Checked:
    """Take one turn."""
    return recheck_in_batch(store, batch_of(x, clock), plan_of(clock))


def entry_of(x: XServer, clock: Clock) -> CheckerEntry:
    """Return the two ways in which X is asked."""

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
    """Answer with this body instead of the truth."""

    def turn(server: XServer, asked: Asked, answer: Answer) -> Reply:
        return Reply(200, body)

    return turn


def ends(store: Store) -> list[tuple[str, str]]:
    """Return how each run but that of `put_posts` ended."""
    with store.reading() as connection:
        query = (
            select(runs.c.source, runs.c.stop).where(runs.c.source != "test").order_by(runs.c.id)
        )
        return [tuple(row) for row in connection.execute(query)]


def lookups(x: XServer) -> int:
    """Count the paid questions."""
    return sum(asked.path == "/2/tweets" for asked in x.asked)
