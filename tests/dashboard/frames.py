"""Frames of daily counts as `classifier.daily.read_daily` gives them."""

from collections.abc import Sequence
from datetime import date

import polars as pl

TEXTS = ("platform", "country", "about", "form", "stance")
SCHEMA = {"day": pl.Date, **dict.fromkeys(TEXTS, pl.String), "n": pl.Int64, "w": pl.Float64}
Count = tuple[date, str, int]


def daily_of(counts: Sequence[Count], **changes: object) -> pl.DataFrame:
    """Return daily counts from days, stances and numbers."""
    rows = []
    for day, stance, n in counts:
        row: dict[str, object] = {
            "day": day,
            "platform": "x",
            "country": "IN",
            "about": "unknown",
            "form": "en",
            "stance": stance,
            "n": n,
            "w": float(n),
        }
        rows.append(row | changes)
    return pl.DataFrame(rows, schema=SCHEMA)
