"""Forgetting: a post that must go leaves only a keyed hash, and cannot come back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select, update

from collector.post import local_day
from collector.runs import utc_now
from collector.schema import posts, tombstones
from collector.scrubbing import ask_for_scrub
from collector.store import Store, insert_new

__all__ = ["Forgotten", "PostId", "expire_text", "forget_batch", "forget_by_reason", "forget_posts"]

CHUNK = 500


@dataclass(frozen=True, slots=True)
class PostId:
    """A platform and an id of its own; for X any id of the edit history."""

    platform: str
    native_id: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many of the posts were stored, and how many are now barred for good."""

    removed: int
    barred: int


def forget_posts(store: Store, ids: Sequence[PostId], reason: str, now: datetime) -> Forgotten:
    """Remove posts with all that is known of them, in one transaction, and bar their return.

    Ids that are not stored are barred too. The caller runs `scrub` afterwards.
    """
    with store.writing() as connection:
        return forget_batch(store, connection, ids, reason, now)


def forget_batch(
    store: Store, connection: Connection, ids: Sequence[PostId], reason: str, now: datetime
) -> Forgotten:
    """Remove and bar posts inside the caller's transaction; none given is fine."""
    removed, barred = 0, 0
    for start in range(0, len(ids), CHUNK):
        done = forget_chunk(store, connection, ids[start : start + CHUNK], reason, now)
        removed, barred = removed + done.removed, barred + done.barred
    return Forgotten(removed, barred)


def forget_by_reason(
    store: Store, connection: Connection, platform: str, gone: Mapping[str, str], now: datetime
) -> None:
    """Remove and bar posts of a platform, each for the reason given by its native id."""
    for reason in sorted(set(gone.values())):
        ids = [PostId(platform, native) for native, why in gone.items() if why == reason]
        forget_batch(store, connection, ids, reason, now)


def forget_chunk(
    store: Store, connection: Connection, ids: Sequence[PostId], reason: str, now: datetime
) -> Forgotten:
    """Remove and bar up to CHUNK posts inside the caller's transaction."""
    rows = find_rows(connection, ids)
    store.announce(connection, [row.id for row in rows], "forgotten")
    connection.execute(delete(posts).where(posts.c.id.in_([row.id for row in rows])))
    days = {
        (row.platform, native_id): local_day(row.created_at, row.country)
        for row in rows
        for native_id in (row.native_id, row.current_id)
        if native_id is not None
    }
    barred = {(one.platform, one.native_id): None for one in ids} | days
    stones: list[dict[str, object]] = [
        {
            "hash": store.key.hash_post(platform, native_id),
            "platform": platform,
            "day": day,
            "reason": reason,
            "forgotten_at": now,
        }
        for (platform, native_id), day in barred.items()
    ]
    insert_new(connection, tombstones, stones)
    if rows:
        ask_for_scrub(connection, now)
    return Forgotten(len(rows), len(ids))


def find_rows(connection: Connection, ids: Sequence[PostId]) -> list[Row[Any]]:
    """Return the stored posts that bear one of these ids, first or current."""
    found: dict[int, Row[Any]] = {}
    for platform in {one.platform for one in ids}:
        natives = [one.native_id for one in ids if one.platform == platform]
        query = select(
            posts.c.id,
            posts.c.platform,
            posts.c.native_id,
            posts.c.current_id,
            posts.c.created_at,
            posts.c.country,
        ).where(
            posts.c.platform == platform,
            or_(posts.c.native_id.in_(natives), posts.c.current_id.in_(natives)),
        )
        found |= {row.id: row for row in connection.execute(query)}
    return list(found.values())


def expire_text(store: Store, collected_before: datetime) -> int:
    """Delete the text of posts collected before a moment; their labels stay counted."""
    expired = 0
    while True:
        with store.writing() as connection:
            query = select(posts.c.id).where(
                posts.c.collected_at < collected_before, posts.c.text.is_not(None)
            )
            ids = list(connection.scalars(query.limit(CHUNK)))
            if not ids:
                return expired
            store.announce(connection, ids, "expired")
            # The hash goes too: with it anybody could test whether a known text was here.
            blank = update(posts).where(posts.c.id.in_(ids)).values(text=None, text_hash="")
            connection.execute(blank)
            ask_for_scrub(connection, utc_now())
            expired += len(ids)
