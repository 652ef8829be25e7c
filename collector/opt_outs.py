"""Opt-outs: a person who asks is never stored; only a keyed hash of the name is kept."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from collector.errors import StoreError
from collector.forget_key import ForgetKey
from collector.forgetting import PostId
from collector.post import Post, Sighting
from collector.privacy_schema import opt_outs
from collector.store import Store, insert_new

__all__ = [
    "OPTED_OUT",
    "add_opt_outs",
    "count_opt_outs",
    "find_opted_out",
    "leave_out",
    "parse_author",
    "remove_opt_outs",
]

OPTED_OUT = "its author asked to be left out"
NAMES = {
    "x": re.compile(r"(?:@(?P<name>\w{1,30})|id:(?P<id>[1-9][0-9]{0,18}))", re.ASCII),
    "reddit": re.compile(
        r"(?:(?:@|/?u/)(?P<name>[\w-]{1,30})|id:(?P<id>t2_[0-9a-z]{1,13}))", re.ASCII
    ),
}
HOW_TO = "Write x:@name, x:id:NUMBER, reddit:u/name or reddit:id:t2_..., as the platform has it."


def parse_author(text: str) -> tuple[str, str]:
    """Return platform and name, or `id:` and the account's id; raises StoreError.

    The message does not repeat what was written, since it may be a name.
    """
    platform, _, name = text.strip().partition(":")
    pattern = NAMES.get(platform.lower())
    found = pattern.fullmatch(name) if pattern else None
    if found is None:
        raise StoreError(f"This is not an author's name. {HOW_TO}")
    return platform.lower(), found["name"] or f"id:{found['id']}"


def add_opt_outs(store: Store, authors: Iterable[tuple[str, str]], now: datetime) -> int:
    """Bar these authors from ever being stored; return how many were not barred before."""
    rows = [
        {"hash": store.key.hash_author(*author), "platform": author[0], "added_at": now}
        for author in dict.fromkeys(authors)
    ]
    with store.writing() as connection:
        return len(insert_new(connection, opt_outs, rows, returning="hash"))


def remove_opt_outs(store: Store, authors: Iterable[tuple[str, str]]) -> int:
    """Let these authors be stored again; return how many had been barred."""
    hashes = [store.key.hash_author(*author) for author in authors]
    with store.writing() as connection:
        return connection.execute(delete(opt_outs).where(opt_outs.c.hash.in_(hashes))).rowcount


def count_opt_outs(connection: Connection) -> dict[str, int]:
    """Return how many authors are barred, by platform; more cannot be told."""
    query = select(opt_outs.c.platform, func.count()).group_by(opt_outs.c.platform)
    rows = connection.execute(query.order_by(opt_outs.c.platform))
    return {platform: count for platform, count in rows}  # noqa: C416  # rows are no pairs to mypy


def find_opted_out(
    key: ForgetKey, connection: Connection, sightings: Iterable[Sighting]
) -> list[PostId]:
    """Return the posts among these whose author is barred, whether they are stored or not."""
    barred = set(connection.scalars(select(opt_outs.c.hash)))
    if not barred:
        return []
    return [
        PostId(one.platform, one.native_id)
        for one in sightings
        if any(key.hash_author(one.platform, name) in barred for name in one.authors)
    ]


def leave_out(page: Sequence[Post], barred: Iterable[PostId]) -> list[Post]:
    """Return the posts of a page that are not among the barred."""
    identities = set(barred)
    return [post for post in page if PostId(post.platform, post.native_id) not in identities]
