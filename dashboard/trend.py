"""The trend: daily counts brought to days, weeks or months, with their denominators."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

import polars as pl

from config.codebook import STANCES

__all__ = [
    "FEW",
    "PERIODS",
    "TAKING",
    "Coverage",
    "Period",
    "Reading",
    "Summary",
    "choose_period",
    "count_periods",
    "describe_coverage",
    "find_extent",
    "is_weighted",
    "summarise",
]

Period = Literal["day", "week", "month"]
PERIODS: tuple[Period, ...] = get_args(Period)
STEPS = {"day": "1d", "week": "1w", "month": "1mo"}

TAKING: tuple[str, ...] = STANCES[:-1]
"""The stances that a post can take; `none` is the last one and stands apart."""

FEW = 20
"""Below this many posts in the denominator a share is drawn faintly and not put into words."""


ROUNDING = 1e-6
"""Shares nearer than this are the same: sums of weights carry the rounding of floats."""


@dataclass(frozen=True)
class Coverage:
    """What a figure is made of, in posts."""

    labelled: int
    taking: int
    everywhere: int
    """Posts of every country that match the other filters."""
    unknown_country: int
    """How many of those come from nobody knows where."""

    @property
    def none(self) -> int:
        """Posts labelled as taking no stance."""
        return self.labelled - self.taking


@dataclass(frozen=True)
class Reading:
    """The shares of one period; a share is None where nothing was counted."""

    start: date
    end: date
    of: int
    counts: dict[str, int]
    shares: dict[str, float | None]


@dataclass(frozen=True)
class Summary:
    """The last full period worth a sentence, and the one just before it."""

    latest: Reading | None
    before: Reading | None


def find_extent(daily: pl.DataFrame) -> tuple[date, date] | None:
    """Return the first and the last day with a labelled post, None where there is none."""
    first, last = daily["day"].min(), daily["day"].max()
    return (first, last) if isinstance(first, date) and isinstance(last, date) else None


def count_periods(
    daily: pl.DataFrame,
    period: Period,
    *,
    since: date,
    until: date,
    with_none: bool = False,
) -> pl.DataFrame:
    """Return one row per period and stance between two days, both included.

    Columns: start, end (last day), full (every day of the period lies in the range), stance,
    n (posts), of (posts in the denominator), share (weighted, 0 to 1; null where `of` is 0).
    Periods without posts are there with zeros. `with_none` takes all labelled posts as the
    denominator and gives `none` rows of its own; otherwise it is the posts that take a stance.
    """
    stances = STANCES if with_none else TAKING
    counted = (
        daily.filter(pl.col("day").is_between(since, until), pl.col("stance").is_in(stances))
        .with_columns(start=pl.col("day").dt.truncate(STEPS[period]))
        .group_by("start", "stance")
        .agg(pl.col("n").sum(), pl.col("w").sum())
    )
    return share_out(list_periods(period, since, until, stances), counted)


def list_periods(
    period: Period, since: date, until: date, stances: tuple[str, ...]
) -> pl.DataFrame:
    """Return every period that touches the range, crossed with the stances in their order."""
    step = STEPS[period]
    days = pl.Series("day", [since, until], dtype=pl.Date).dt.truncate(step)
    starts = pl.date_range(days[0], days[1], step, eager=True).alias("start")
    periods = pl.DataFrame({"start": starts}).with_columns(
        end=pl.col("start").dt.offset_by(step) - timedelta(days=1)
    )
    full = (pl.col("start") >= since) & (pl.col("end") <= until)
    order = pl.DataFrame({"stance": stances}, schema={"stance": pl.String})
    return periods.with_columns(full=full).join(order, how="cross")


def share_out(rows: pl.DataFrame, counted: pl.DataFrame) -> pl.DataFrame:
    """Fill the rows with counts and with shares of their period's total."""
    total = pl.col("w").sum().over("start")
    return (
        rows.join(counted, on=["start", "stance"], how="left", maintain_order="left")
        .with_columns(pl.col("n").fill_null(0), pl.col("w").fill_null(0.0))
        .with_columns(
            of=pl.col("n").sum().over("start"),
            share=pl.when(total > 0).then(pl.col("w") / total),
        )
        .drop("w")
    )


def is_weighted(points: pl.DataFrame) -> bool:
    """Say whether any share differs from its posts over those of its denominator."""
    apart = (pl.col("share") - pl.col("n") / pl.col("of")).abs()
    return not points.filter(pl.col("of") > 0, apart > ROUNDING).is_empty()


def describe_coverage(
    daily: pl.DataFrame, countries: tuple[str, ...], since: date, until: date
) -> Coverage:
    """Count what the range holds: `daily` carries every country, `countries` those looked at.

    The posts of unknown country are counted over all countries, since a filter by country is
    exactly what leaves them out.
    """
    within = daily.filter(pl.col("day").is_between(since, until))
    chosen = within.filter(pl.col("country").is_in(countries)) if countries else within
    return Coverage(
        labelled=total(chosen),
        taking=total(chosen.filter(pl.col("stance").is_in(TAKING))),
        everywhere=total(within),
        unknown_country=total(within.filter(pl.col("country") == "unknown")),
    )


def total(daily: pl.DataFrame) -> int:
    """Return the number of posts in a frame of daily counts."""
    return int(daily["n"].sum())


def choose_period(daily: pl.DataFrame, since: date, until: date) -> Period:
    """Return `week` where at least half of the weeks with posts have FEW or more, else `month`."""
    weeks = count_periods(daily, "week", since=since, until=until).unique("start")
    held = weeks.filter(pl.col("of") > 0)
    enough = held.filter(pl.col("of") >= FEW)
    return "week" if held.height and enough.height * 2 >= held.height else "month"


def summarise(points: pl.DataFrame) -> Summary:
    """Return the last full period with at least FEW posts and its predecessor, if there are any."""
    worth = points.filter(pl.col("full"), pl.col("of") >= FEW)
    start = worth["start"].max()
    if not isinstance(start, date):
        return Summary(None, None)
    earlier = points.filter(pl.col("full"), pl.col("start") < start)["start"].max()
    before = read_period(points, earlier) if isinstance(earlier, date) else None
    return Summary(read_period(points, start), before)


def read_period(points: pl.DataFrame, start: date) -> Reading:
    """Return the figures of the period that starts on `start`."""
    rows = points.filter(pl.col("start") == start)
    return Reading(
        start=start,
        end=rows["end"][0],
        of=int(rows["of"][0]),
        counts=dict(zip(rows["stance"], rows["n"], strict=True)),
        shares=dict(zip(rows["stance"], rows["share"], strict=True)),
    )
