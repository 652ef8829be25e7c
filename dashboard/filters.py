"""Filters: what a view shows, read from a URL and written back to it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from collector.post import COUNTRIES, FORMS
from config.codebook import FRAMES, STANCES
from dashboard.trend import PERIODS, Period

__all__ = ["READ_FORMS", "Filters", "format_filters", "parse_filters", "select_daily"]

READ_FORMS: tuple[str, ...] = tuple(form for form in FORMS if form != "other")
"""The written forms that the model reads; posts in others are kept, never labelled."""

PLATFORM = re.compile(r"[a-z0-9_]{1,16}")
LAST_DRAW = 9999


@dataclass(frozen=True)
class Filters:
    """A view. An empty choice means all of them; a date that is None, the first or last day."""

    countries: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    period: Period | None = None
    with_none: bool = False
    as_counts: bool = False
    stance: str | None = None
    frame: str | None = None
    draw: int = 0
    """Which draw of example posts is shown."""

    def bound_days(self, first: date, last: date) -> tuple[date, date]:
        """Return the days of the view inside the days that have posts; all of them if none are."""
        since = max(first, self.since or first)
        until = min(last, self.until or last)
        return (since, until) if since <= until else (first, last)


def parse_filters(params: Mapping[str, str]) -> Filters:
    """Return the filters of a query string; what makes no sense is as if it were not there."""
    period = params.get("period")
    return Filters(
        countries=pick_known(params.get("country"), COUNTRIES),
        platforms=pick_platforms(params.get("platform")),
        forms=pick_known(params.get("form"), READ_FORMS),
        since=parse_day(params.get("since")),
        until=parse_day(params.get("until")),
        period=next((known for known in PERIODS if known == period), None),
        with_none=params.get("of") == "all",
        as_counts=params.get("show") == "counts",
        stance=next(iter(pick_known(params.get("stance"), STANCES)), None),
        frame=next(iter(pick_known(params.get("frame"), FRAMES)), None),
        draw=parse_draw(params.get("draw")),
    )


def format_filters(filters: Filters) -> dict[str, str]:
    """Return the query string's parts; whatever is as by default is left out."""
    parts = {
        "country": ",".join(filters.countries),
        "platform": ",".join(filters.platforms),
        "form": ",".join(filters.forms),
        "since": filters.since.isoformat() if filters.since else "",
        "until": filters.until.isoformat() if filters.until else "",
        "period": filters.period or "",
        "of": "all" if filters.with_none else "",
        "show": "counts" if filters.as_counts else "",
        "stance": filters.stance or "",
        "frame": filters.frame or "",
        "draw": str(filters.draw or ""),
    }
    return {name: value for name, value in parts.items() if value}


def select_daily(daily: pl.DataFrame, filters: Filters, *, any_country: bool) -> pl.DataFrame:
    """Return the daily counts of the view's platforms and forms, and of its countries or of any.

    Days are left to the caller: a period's share needs the view's bounds, not its rows.
    """
    chosen = {"platform": filters.platforms, "form": filters.forms}
    if not any_country:
        chosen["country"] = filters.countries
    for name, values in chosen.items():
        if values:
            daily = daily.filter(pl.col(name).is_in(values))
    return daily


def pick_known(value: str | None, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known names in a comma-separated value, in their fixed order."""
    named = set((value or "").split(","))
    return tuple(name for name in known if name in named)


def pick_platforms(value: str | None) -> tuple[str, ...]:
    """Return the names in a comma-separated value that could be platforms, sorted."""
    return tuple(sorted({name for name in (value or "").split(",") if PLATFORM.fullmatch(name)}))


def parse_day(value: str | None) -> date | None:
    """Return the day of an ISO date, None for anything else."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None


def parse_draw(value: str | None) -> int:
    """Return the number of a draw, 0 for anything else."""
    if value and value.isascii() and value.isdigit() and len(value) <= len(str(LAST_DRAW)):
        return int(value)
    return 0
