"""Writing posts: every post once, its newest text, and never one that was forgotten."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from collector.checks import mark_seen
from collector.post import Post, hash_text
from collector.schema import posts, tombstones
from collector.store import Store, insert_new

__all__ = ["Tally", "upsert_posts"]

CHUNK = 500
COLUMNS = tuple(f.name for f in fields(Post))
get_columns = attrgetter(*COLUMNS)


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the posts of a page."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    forgotten: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Tally)))


def upsert_posts(
    store: Store,
    connection: Connection,
    page: Sequence[Post],
    run_id: int,
    *,
    seen_at: datetime | None = None,
) -> Tally:
    """Write a page inside the caller's transaction and say what became of it.

    A post that is there already changes only for a greater revision; of several revisions in one
    page the greatest counts. Posts with a tombstone are left out. `seen_at` is given where
    the platform itself showed the posts just now, which counts as a check that they are there.
    """
    newest = keep_newest(page)
    tally = Tally(unchanged=len(page) - len(newest))
    for chunk in chunks(newest):
        tally += upsert_chunk(store, connection, chunk, run_id, seen_at)
    return tally


def upsert_chunk(
    store: Store,
    connection: Connection,
    chunk: Sequence[Post],
    run_id: int,
    seen_at: datetime | None,
) -> Tally:
    """Write up to CHUNK posts whose identities differ."""
    forgotten = find_forgotten(store, connection, chunk)
    kept = [post for post in chunk if identity(post) not in forgotten]
    known = find_known(connection, kept)
    fresh = [post for post in kept if identity(post) not in known]
    edited = [post for post in kept if is_edit(post, known.get(identity(post)))]
    rows = [{**row_of(post), "run_id": run_id} for post in fresh]
    added = insert_new(connection, posts, rows, returning="id")
    store.announce(connection, added, "added")
    updated = apply_edits(store, connection, edited, known)
    if seen_at is not None:
        mark_seen(connection, [r.id for r in find_known(connection, kept).values()], seen_at)
    unchanged = len(kept) - len(added) - updated
    return Tally(len(added), updated, unchanged, len(chunk) - len(kept))


def apply_edits(
    store: Store,
    connection: Connection,
    edited: Sequence[Post],
    known: dict[tuple[str, str], Row[Any]],
) -> int:
    """Write newer revisions; return how many of them changed the text."""
    changed = [p for p in edited if hash_text(p.text) != known[identity(p)].text_hash]
    store.announce(connection, [known[identity(p)].id for p in changed], "edited")
    if edited:
        statement = update(posts).where(posts.c.id == bindparam("row_id"))
        rows = [{**edit_of(post), "row_id": known[identity(post)].id} for post in edited]
        connection.execute(statement, rows)
    return len(changed)


def keep_newest(page: Sequence[Post]) -> list[Post]:
    """Return one post per identity, the greatest revision, in the order of first sight."""
    newest: dict[tuple[str, str], Post] = {}
    for post in page:
        seen = newest.get(identity(post))
        if seen is None or post.revision > seen.revision:
            newest[identity(post)] = post
    return list(newest.values())


def find_known(connection: Connection, chunk: Sequence[Post]) -> dict[tuple[str, str], Row[Any]]:
    """Return the stored rows of these posts by identity."""
    columns = (posts.c.id, posts.c.platform, posts.c.native_id, posts.c.revision)
    known: dict[tuple[str, str], Row[Any]] = {}
    for platform in {post.platform for post in chunk}:
        ids = [post.native_id for post in chunk if post.platform == platform]
        query = select(*columns, posts.c.text_hash, posts.c.text.is_(None).label("expired")).where(
            posts.c.platform == platform, posts.c.native_id.in_(ids)
        )
        known |= {(row.platform, row.native_id): row for row in connection.execute(query)}
    return known


def find_forgotten(
    store: Store, connection: Connection, chunk: Sequence[Post]
) -> set[tuple[str, str]]:
    """Return the identities among these posts that have a tombstone, under any of their ids."""
    hashes = {
        store.key.hash_post(post.platform, native_id): identity(post)
        for post in chunk
        for native_id in {post.native_id, post.current_id or post.native_id}
    }
    query = select(tombstones.c.hash).where(tombstones.c.hash.in_(list(hashes)))
    return {hashes[found] for found in connection.scalars(query)}


def is_edit(post: Post, row: Row[Any] | None) -> bool:
    """Say whether `post` is a newer revision of a stored post whose text is still held."""
    return row is not None and not row.expired and post.revision > row.revision


def identity(post: Post) -> tuple[str, str]:
    """Return the key by which a post is one post."""
    return post.platform, post.native_id


def row_of(post: Post) -> dict[str, object]:
    """Return the columns of a post."""
    row: dict[str, object] = dict(zip(COLUMNS, get_columns(post), strict=True))
    row["text_hash"], row["day"] = hash_text(post.text), post.day
    return row


def edit_of(post: Post) -> dict[str, object]:
    """Return the columns that an edit changes; when it was first collected stays."""
    row = row_of(post)
    for name in ("platform", "native_id", "created_at", "collected_at", "weight"):
        del row[name]
    return row


def chunks(page: Sequence[Post]) -> Iterator[Sequence[Post]]:
    """Yield the page in pieces that fit one statement's variables."""
    for start in range(0, len(page), CHUNK):
        yield page[start : start + CHUNK]
