"""Daily counts as every chart reads them."""

from collections.abc import Collection
from datetime import date

import polars as pl
from sqlalchemy import Connection, func, select

from classifier.daily import DIMENSIONS
from classifier.schema import daily, daily_frame

__all__ = ["read_daily", "read_frames"]


def read_daily(
    connection: Connection,
    *,
    model: str,
    countries: Collection[str] | None = None,
    platforms: Collection[str] | None = None,
    forms: Collection[str] | None = None,
    since: date | None = None,
    until: date | None = None,
) -> pl.DataFrame:
    """Return counts by day, platform, country, about, form and stance, in the order of days.

    `until` is included. Columns: day, platform, country, about, form, stance, n (posts),
    w (posts weighted by the inverse of their sampling probability).
    """
    query = select(
        *(daily.c[name] for name in DIMENSIONS[:-1]), daily.c.stance, daily.c.n, daily.c.w
    ).where(daily.c.model == model)
    chosen = {"country": countries, "platform": platforms, "form": forms}
    for name, values in chosen.items():
        if values is not None:
            query = query.where(daily.c[name].in_(list(values)))
    if since is not None:
        query = query.where(daily.c.day >= since)
    if until is not None:
        query = query.where(daily.c.day <= until)
    rows = [tuple(row) for row in connection.execute(query.order_by(daily.c.day))]
    texts = dict.fromkeys(("platform", "country", "about", "form", "stance"), pl.String)
    schema = {"day": pl.Date, **texts, "n": pl.Int64, "w": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def read_frames(connection: Connection, *, model: str) -> dict[str, int]:
    """Return the number of posts by frame."""
    query = select(daily_frame.c.frame, func.sum(daily_frame.c.n)).where(
        daily_frame.c.model == model
    )
    return {frame: int(n) for frame, n in connection.execute(query.group_by(daily_frame.c.frame))}
