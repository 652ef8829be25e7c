"""Stores filled with invented labelled posts, without any model having read them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from classifier.daily import add_labels
from classifier.registry import make_live
from classifier.schema import labels
from collector.post import Post, hash_text
from collector.schema import posts
from collector.store import Store, insert_new
from config.codebook import FRAMES, STANCES, stance_of_frame
from tests.stores import make_post, open_test_store, put_posts

MODEL = "invented-1"
NOW = datetime(2019, 4, 1, tzinfo=UTC)
FIRST = date(2018, 9, 3)
"""A Monday."""
Labelled = tuple[Post, str]
"""A post with the frame that its label has; the frame tells the stance."""


def make_labelled(number: int, day: date, frame: str, **changes: object) -> Labelled:
    """Return an invented post of a day with the frame of its label."""
    noon = datetime.combine(day, time(12), UTC)
    return make_post(number, created_at=noon, **changes), frame  # type: ignore[arg-type]


def make_weeks(weeks: int = 8, per_week: int = 40) -> list[Labelled]:
    """Return weeks of posts: supportive rises, and every fourth post takes no stance."""
    made: list[Labelled] = []
    for week in range(weeks):
        for index in range(per_week):
            day = FIRST + timedelta(weeks=week, days=index % 7)
            made.append(make_labelled(len(made), day, frame_of(week, index)))
    return made


def frame_of(week: int, index: int) -> str:
    """Return the frame of a week's post."""
    if index % 4 == 0:
        return "none"
    if index % 10 < 4 + week // 2:
        return "solidarity"
    return "due_process" if index % 3 else "ridicule"


def fill_store(address: str, labelled: Iterable[Labelled]) -> None:
    """Put labelled posts into the store at `address`."""
    store = open_test_store(address)
    put_labelled(store, list(labelled))
    store.close()


def put_labelled(store: Store, labelled: Sequence[Labelled]) -> None:
    """Write posts and labels as importing and labelling would."""
    put_posts(store, *(post for post, _ in labelled))
    with store.writing() as connection:
        make_live(connection, MODEL, {"base": "none"}, NOW)
        ids = {
            (row.platform, row.native_id): row.id
            for row in connection.execute(select(posts.c.id, posts.c.platform, posts.c.native_id))
        }
        rows = [
            label_row(ids[post.platform, post.native_id], post, frame) for post, frame in labelled
        ]
        add_labels(connection, MODEL, insert_new(connection, labels, rows, returning="post_id"))


def label_row(post_id: int, post: Post, frame: str) -> dict[str, object]:
    """Return a label that is sure of itself."""
    stance = stance_of_frame(frame)
    assert frame in FRAMES
    return {
        "post_id": post_id,
        "model": MODEL,
        "text_hash": hash_text(post.text),
        **{f"p_{name}": float(name == stance) for name in STANCES},
        "stance": stance,
        "frame": frame,
        "p_frame": 1.0,
        "counted": True,
        "labelled_at": NOW,
    }
