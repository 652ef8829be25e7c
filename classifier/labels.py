"""Labels: written beside the daily counts, and taken out of them when a post changes or goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, update

from classifier.daily import add_labels, subtract_posts
from classifier.schema import labels
from collector.schema import posts
from collector.store import Change, insert_new
from config.codebook import FRAMES, STANCES

if TYPE_CHECKING:  # a store must open without the model's libraries
    from classifier.stance_classifier import Predictions

__all__ = [
    "Unlabelled",
    "count_labels",
    "count_unlabelled",
    "follow_posts",
    "read_unlabelled",
    "write_labels",
]


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """A post that waits for a label, with the hash of the text that will be read."""

    post_id: int
    text: str
    text_hash: str


def follow_posts(connection: Connection, post_ids: Sequence[int], change: Change) -> None:
    """Keep labels and daily counts true when the collector changes posts (see `Store.on_change`).

    An edited post's labels stay but leave the counts; a forgotten post's labels go; a post whose
    text expired stays counted.
    """
    chosen = labels.c.post_id.in_(post_ids)
    if change in ("edited", "forgotten"):
        subtract_posts(connection, post_ids)
    if change == "edited":
        connection.execute(update(labels).where(chosen).values(counted=False))
    elif change == "forgotten":
        connection.execute(delete(labels).where(chosen))
    elif change == "expired":
        connection.execute(delete(labels).where(chosen, ~labels.c.counted))
        connection.execute(update(labels).where(chosen).values(text_hash=""))


def read_unlabelled(
    connection: Connection, model: str, *, after: int, limit: int, since: date | None = None
) -> list[Unlabelled]:
    """Return the next posts, by row id, whose text the model has not labelled."""
    query = (
        select(posts.c.id, posts.c.text, posts.c.text_hash)
        .outerjoin(labels, and_(*has_label(model)))
        .where(posts.c.id > after, *is_labellable(since), labels.c.post_id.is_(None))
        .order_by(posts.c.id)
        .limit(limit)
    )
    return [Unlabelled(*row) for row in connection.execute(query)]


def write_labels(
    connection: Connection,
    model: str,
    batch: Sequence[Unlabelled],
    predictions: "Predictions",
    now: datetime,
) -> int:
    """Write the labels of a batch with their counts; leave out posts that changed meanwhile."""
    ids = [one.post_id for one in batch]
    query = select(posts.c.id, posts.c.text_hash).where(posts.c.id.in_(ids))
    present = {row.id: row.text_hash for row in connection.execute(query)}
    same = [i for i, one in enumerate(batch) if present.get(one.post_id) == one.text_hash]
    drop_uncounted(connection, model, [batch[i] for i in same])
    rows = [label_row(batch[i], model, predictions, i, now) for i in same]
    written = insert_new(connection, labels, rows, returning="post_id")
    add_labels(connection, model, written)
    return len(written)


def drop_uncounted(connection: Connection, model: str, batch: Sequence[Unlabelled]) -> None:
    """Make room where a post was edited and then edited back to a text labelled before."""
    connection.execute(
        delete(labels).where(
            labels.c.post_id.in_([one.post_id for one in batch]),
            labels.c.model == model,
            labels.c.text_hash.in_({one.text_hash for one in batch}),
            ~labels.c.counted,
        )
    )


def label_row(
    one: Unlabelled, model: str, predictions: "Predictions", i: int, now: datetime
) -> dict[str, object]:
    """Return the columns of one label."""
    stance = predictions.stance[i]
    frame = predictions.frames[i]
    return {
        "post_id": one.post_id,
        "model": model,
        "text_hash": one.text_hash,
        **{f"p_{name}": float(p) for name, p in zip(STANCES, stance, strict=True)},
        "stance": predictions.stances[i],
        "frame": frame,
        "p_frame": float(predictions.frame[i][FRAMES.index(frame)]),
        "counted": True,
        "labelled_at": now,
    }


def count_labels(connection: Connection, model: str) -> int:
    """Return how many posts bear a counted label of the model."""
    query = select(func.count()).select_from(labels)
    return connection.scalar(query.where(labels.c.model == model, labels.c.counted)) or 0


def count_unlabelled(
    connection: Connection, model: str | None, since: date | None = None
) -> dict[str, int]:
    """Return how many posts are in a language that is not read, and how many wait for a label."""
    other = select(func.count()).select_from(posts).where(posts.c.form == "other")
    joined = posts.outerjoin(labels, and_(*has_label(model or "")))
    waiting = select(func.count()).select_from(joined)
    waiting = waiting.where(*is_labellable(since), labels.c.post_id.is_(None))
    return {
        "other_form": connection.scalar(other) or 0,
        "waiting": connection.scalar(waiting) or 0,
    }


def has_label(model: str) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that join a post to the model's label of its present text."""
    return (
        labels.c.post_id == posts.c.id,
        labels.c.model == model,
        labels.c.text_hash == posts.c.text_hash,
        labels.c.counted,
    )


def is_labellable(since: date | None = None) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a post can be labelled, from a local day on."""
    at_all = (posts.c.text.is_not(None), posts.c.form != "other")
    return at_all if since is None else (*at_all, posts.c.day >= since)
