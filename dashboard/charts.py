"""Charts: Vega-Lite drawings from plain frames; nothing here knows of Streamlit."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import altair as alt
import polars as pl

from config.events import Event
from dashboard import wording
from dashboard.axes import (
    Row,
    data_of,
    find_domain,
    finish,
    measure_axis,
    stamp,
    stance_colour,
    stance_dash,
    time_axis,
    value_axis,
)
from dashboard.phrases import name_stance, say_day, say_of, say_period, say_share
from dashboard.theme import MUTED
from dashboard.trend import FEW, Period

__all__ = [
    "count_starts",
    "describe_points",
    "draw_bars",
    "draw_trend",
    "events_between",
    "is_overfull",
    "number_events",
]

LINES_HEIGHT, BARS_HEIGHT = 300, 90
CROWDED, OVERFULL = 60, 400
"""Beyond these many periods points are smaller and bars have no gaps between them; then lines are
thin and join only shares that stand on FEW posts or more, since all of them would be a block."""
APART = 0.06
"""Events nearer than this share of the time axis carry one number label, as in 5-8."""


def describe_points(points: pl.DataFrame, period: Period, *, with_none: bool) -> list[Row]:
    """Return the rows of `count_periods` as the charts take them, with their tooltips' words."""
    return [
        {
            "stance": row["stance"],
            "name": name_stance(row["stance"]),
            "start": stamp(row["start"]),
            "middle": stamp(row["start"], (row["end"] - row["start"] + timedelta(days=1)) / 2),
            "stop": stamp(row["end"] + timedelta(days=1)),
            "share": row["share"],
            "n": row["n"],
            "few": row["of"] < FEW,
            "period": name_period(row, period),
            "share_words": say_share(row["share"]),
            "count_words": say_of(row["n"], row["of"], with_none=with_none),
        }
        for row in points.iter_rows(named=True)
    ]


def name_period(row: Row, period: Period) -> str:
    """Return the name of a row's period, with a word where the view holds only part of it."""
    name = say_period(row["start"], row["end"], period)
    return name if row["full"] else wording.IN_PART.format(period=name)


def draw_trend(
    rows: Sequence[Row],
    events: Sequence[Event],
    *,
    as_counts: bool = False,
    source: Sequence[str] = (),
) -> alt.LayerChart:
    """Draw a line per stance over time, with numbered rules where events fall.

    Lines break where a share has no denominator. Points on fewer than FEW posts are hollow.
    `source` are lines that go along when the chart is passed on.
    """
    domain = find_domain(rows)
    measure = "n" if as_counts else "share"
    base = alt.Chart(data_of(rows)).encode(
        x=time_axis(domain), y=measure_axis(rows, measure), color=stance_colour(rows)
    )
    layers = [
        draw_rules(events, domain),
        draw_event_numbers(events, domain),
        draw_lines(base, measure, thin=is_overfull(rows)).encode(strokeDash=stance_dash(rows)),
        *draw_points(base, count_starts(rows), measure),
    ]
    return finish(layers, LINES_HEIGHT, source)


def count_starts(rows: Sequence[Row]) -> int:
    """Return the number of periods that the rows tell of."""
    return len({row["start"] for row in rows})


def is_overfull(rows: Sequence[Row]) -> bool:
    """Say whether there are more periods than a reader can tell apart."""
    return count_starts(rows) > OVERFULL


def draw_lines(base: alt.Chart, measure: str, *, thin: bool) -> alt.Chart:
    """Draw the lines; thin ones leave out the shares of few posts, which stay as hollow points."""
    if thin and measure == "share":
        base = base.transform_calculate(share="datum.few ? null : datum.share")
    chart: alt.Chart = base.mark_line(strokeWidth=1 if thin else 2.25, strokeJoin="round")
    return chart


def draw_points(base: alt.Chart, periods: int, measure: str) -> list[alt.Chart]:
    """Draw the points: filled, hollow where few, and unseen ones that are easy to hit."""
    size = 4 if periods > OVERFULL else 14 if periods > CROWDED else 40
    seen = base.transform_filter(f"isValid(datum.{measure})")
    tooltip = [
        alt.Tooltip("period:N", title=wording.TIP_PERIOD),
        alt.Tooltip("name:N", title=wording.TIP_STANCE),
        alt.Tooltip("share_words:N", title=wording.TIP_SHARE),
        alt.Tooltip("count_words:N", title=wording.TIP_COUNT),
    ]
    faint = "datum.few" if measure == "share" else "false"
    return [
        seen.transform_filter(f"!({faint})").mark_point(filled=True, size=size, opacity=1),
        seen.transform_filter(faint).mark_point(
            filled=False, fill="white", size=size, strokeWidth=min(1.2, size / 6), opacity=0.7
        ),
        seen.mark_point(size=260, opacity=0, clip=True).encode(tooltip=tooltip),
    ]


def draw_bars(rows: Sequence[Row]) -> alt.LayerChart:
    """Draw how many posts each period's figures stand on, stacked by stance."""
    domain, stacked = find_domain(rows), stack_rows(rows)
    bars = (
        alt.Chart(data_of(stacked))
        .mark_rect(stroke="white", strokeWidth=0 if count_starts(rows) > CROWDED else 0.5)
        .encode(
            x=time_axis(domain, "start"),
            x2="stop:T",
            y=alt.Y(
                "low:Q",
                axis=value_axis("~s", 3, whole=True),
                scale=alt.Scale(domainMin=0),
                title=None,
            ),
            y2="high:Q",
            color=stance_colour(rows, legend=False),
            tooltip=[
                alt.Tooltip("period:N", title=wording.TIP_PERIOD),
                alt.Tooltip("name:N", title=wording.TIP_STANCE),
                alt.Tooltip("count_words:N", title=wording.TIP_COUNT),
            ],
        )
    )
    return finish([bars], BARS_HEIGHT)


def stack_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with the ends of their bars: `low` and `high`, stance upon stance."""
    heights: dict[str, int] = {}
    stacked = []
    for row in rows:
        low = heights.get(row["start"], 0)
        heights[row["start"]] = low + row["n"]
        stacked.append({**row, "low": low, "high": low + row["n"]})
    return stacked


def draw_rules(events: Sequence[Event], domain: list[str]) -> alt.Chart:
    """Draw a thin line on each event's day."""
    numbered = enumerate(events, start=1)
    rules = [
        {
            "middle": stamp(event.day, timedelta(hours=12)),
            "title": f"{number}. {event.title}",
            "date": f"{say_day(event.day)}, {wording.EVENT_COUNTRY[event.country]}",
        }
        for number, event in numbered
    ]
    chart: alt.Chart = (
        alt.Chart(data_of(rules))
        .mark_rule(color="#9aa2ad", strokeWidth=1)
        .encode(
            x=time_axis(domain),
            tooltip=[
                alt.Tooltip("title:N", title=wording.TIP_EVENT),
                alt.Tooltip("date:N", title=wording.TIP_DATE),
            ],
        )
    )
    return chart


def draw_event_numbers(events: Sequence[Event], domain: list[str]) -> alt.Chart:
    """Write the events' numbers above the plot, one label for those that fall close together."""
    first, last = (datetime.fromisoformat(moment) for moment in domain)
    labels = number_events([event.day for event in events], (last - first).days * APART)
    chart: alt.Chart = (
        alt.Chart(data_of([{"middle": stamp(day), "label": label} for day, label in labels]))
        .mark_text(baseline="bottom", dy=-4, fontSize=11, fontWeight=600, color=MUTED, clip=False)
        .encode(x=time_axis(domain), y=alt.value(0), text="label:N")
    )
    return chart


def number_events(days: Sequence[date], apart: float) -> list[tuple[date, str]]:
    """Return where to write which numbers, for sorted days: those within `apart` days share one."""
    groups: list[list[int]] = []
    for index, day in enumerate(days):
        if groups and (day - days[groups[-1][0]]).days < apart:
            groups[-1].append(index)
        else:
            groups.append([index])
    return [
        (
            days[group[0]] + (days[group[-1]] - days[group[0]]) / 2,
            str(group[0] + 1) if len(group) == 1 else f"{group[0] + 1}–{group[-1] + 1}",
        )
        for group in groups
    ]


def events_between(
    events: Sequence[Event], countries: Sequence[str], since: date, until: date
) -> list[Event]:
    """Return the events of a view: worldwide ones always, others by the countries chosen."""
    return [
        event
        for event in events
        if since <= event.day <= until
        and (not countries or event.country in (*countries, "other") or "unknown" in countries)
    ]
