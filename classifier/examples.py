"""Examples: labelled posts drawn for people to read."""

from collections.abc import Collection
from datetime import date

import polars as pl
from sqlalchemy import Connection, select

from classifier.schema import labels
from collector.schema import posts

__all__ = ["read_examples"]

PRIME = 1_000_003
SCHEMA = {
    "text": pl.String,
    "stance": pl.String,
    "frame": pl.String,
    "form": pl.String,
    "country": pl.String,
    "platform": pl.String,
    "day": pl.Date,
}


def read_examples(
    connection: Connection,
    *,
    model: str,
    stance: str | None = None,
    frame: str | None = None,
    countries: Collection[str] | None = None,
    platforms: Collection[str] | None = None,
    forms: Collection[str] | None = None,
    since: date | None = None,
    until: date | None = None,
    limit: int = 12,
    seed: int = 0,
) -> pl.DataFrame:
    """Draw up to `limit` posts with a counted label of the model; the same seed, the same draw.

    Columns: text, stance, frame, form, country, platform, day. `until` is included; None means any.
    """
    query = (
        select(posts.c.text, labels.c.stance, labels.c.frame)
        .add_columns(posts.c.form, posts.c.country, posts.c.platform, posts.c.day)
        .join(posts, posts.c.id == labels.c.post_id)
        .where(labels.c.model == model, labels.c.counted, posts.c.text.is_not(None))
    )
    equal = {labels.c.stance: stance, labels.c.frame: frame}
    query = query.where(*(column == value for column, value in equal.items() if value is not None))
    among = {posts.c.country: countries, posts.c.platform: platforms, posts.c.form: forms}
    query = query.where(*(column.in_(list(v)) for column, v in among.items() if v is not None))
    if since is not None:
        query = query.where(posts.c.day >= since)
    if until is not None:
        query = query.where(posts.c.day <= until)
    # A multiplication modulo a prime shuffles row ids alike on both databases.
    factor = (seed * 7919 + 104_729) % PRIME
    shuffled = ((posts.c.id % PRIME) * factor) % PRIME
    rows = connection.execute(query.order_by(shuffled, posts.c.id).limit(limit))
    return pl.DataFrame([tuple(row) for row in rows], schema=SCHEMA, orient="row")
