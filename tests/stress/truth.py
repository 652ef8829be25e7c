"""Whether a store is true to the platforms wherever its ledger says covered."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from collector.coverage import read_islands
from collector.enrich import clean_text
from collector.post import Sighting
from collector.schema import posts
from collector.sources.protocol import Query, Window
from collector.sources.reddit_thing import sighting_from_thing
from collector.sources.terms import TermMatcher
from collector.sources.x_query import render
from collector.store import Store
from tests.stress.world import World

KINDS = {"new": "t3_", "comments": "t1_"}


def find_untruths(store: Store, world: World, queries: dict[str, Query]) -> list[str]:
    """Return what is missing, stale, not to be held, or doubled; `queries` by their hash."""
    with store.reading() as connection:
        rows = connection.execute(select(posts.c.platform, posts.c.native_id, posts.c.text)).all()
        islands = list(read_islands(connection))
        identities = func.count(func.distinct(posts.c.platform + posts.c.native_id))
        distinct = connection.scalar(select(identities))
    held = {(row.platform, row.native_id): row.text for row in rows}
    there = dict(read_x(world)) | dict(read_reddit(world))
    wrong = [f"{len(rows)} rows hold {distinct} posts"] if len(rows) != distinct else []
    wrong += [f"held but gone: {key}" for key in held.keys() - there.keys()]
    wrong += [f"not the newest text: {key}" for key in held if there.get(key, "") != held[key]]
    for source, hash_, window in islands:
        due = due_x if source == "x" else due_reddit
        missing = set(due(world, queries[hash_], window)) - held.keys()
        name = queries[hash_].name
        wrong += [f"covered by {name} and not held: {key}" for key in sorted(missing)]
    return wrong


def read_x(world: World) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield what X has: identity and newest text."""
    tweets = world.x.corpus.tweets
    for tweet in tweets.values():
        versions = tweet["edit_history_tweet_ids"]
        yield ("x", versions[0]), clean_text(tweets[versions[-1]]["text"])


def due_x(world: World, query: Query, window: Window) -> Iterator[tuple[str, str]]:
    """Yield what X would give now of a window."""
    for tweet in world.x.corpus.find(render(query.terms), window.since, window.until):
        yield "x", tweet["edit_history_tweet_ids"][0]


def read_reddit(world: World) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield what Reddit has: identity and newest text."""
    for found in map(sighting_from_thing, world.reddit.things.values()):
        if isinstance(found, Sighting):
            yield ("reddit", found.native_id), clean_text(found.text)


def due_reddit(world: World, query: Query, window: Window) -> Iterator[tuple[str, str]]:
    """Yield what a listing of Reddit holds now of a window, of what matches."""
    matcher, kind = TermMatcher(query.terms), KINDS[query.name.partition("/")[2]]
    for thing in things_of(world, kind):
        found = sighting_from_thing(thing)
        if not isinstance(found, Sighting) or not matcher.matches(found.text):
            continue
        if window.since <= found.created_at < window.until:
            yield "reddit", found.native_id


def things_of(world: World, kind: str) -> list[dict[str, Any]]:
    """Return the submissions, or the comments."""
    return [thing for name, thing in world.reddit.things.items() if name.startswith(kind)]
