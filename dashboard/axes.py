"""Axes and scales that the charts share, and the look that all of them have."""

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import altair as alt

# Altair asks whether a value is one of theirs as soon as either is in `sys.modules`, though it be
# half imported by another visitor's thread; loaded here, both are whole before anybody draws.
import numpy as np  # noqa: F401
import pandas as pd  # type: ignore[import-untyped]  # noqa: F401
import polars as pl

from dashboard import wording
from dashboard.theme import COLOURS, DASHES, FONT, GRID, INK, MUTED

__all__ = [
    "Row",
    "data_of",
    "find_domain",
    "finish",
    "measure_axis",
    "stamp",
    "stance_colour",
    "stance_dash",
    "time_axis",
    "value_axis",
]

Row = dict[str, Any]
AXIS_WIDTH = 44
"""Pixels left of the plots: the same in both charts, so that their time axes stand in line."""
NARROW, NARROW_ENTRIES = 420, 3
"""Below this many pixels a legend has room for this many entries in a row."""
DAYS_OF_DATES = 120
"""Up to this many days the time axis names days, from there on months."""


def time_axis(domain: list[str], field: str = "middle") -> alt.X:
    """Return the time axis: the same scale in every layer, in UTC so that no day shifts."""
    days = (datetime.fromisoformat(domain[1]) - datetime.fromisoformat(domain[0])).days
    axis = alt.Axis(
        format="%b %Y" if days > DAYS_OF_DATES else "%-d %b",
        tickCount=alt.ExprRef("clamp(floor(width / 65), 2, 10)"),
        grid=False,
        labelOverlap="greedy",
        labelSeparation=10,
        labelFlush=True,
        title=None,
    )
    scale = alt.Scale(type="utc", domain=domain, nice=False)
    return alt.X(f"{field}:T", axis=axis, scale=scale)


def measure_axis(rows: Sequence[Row], measure: str) -> alt.Y:
    """Return the axis of shares (from zero to a round quarter above the highest) or of counts."""
    if measure == "n":
        return alt.Y(
            "n:Q", axis=value_axis("~s", 5, whole=True), scale=alt.Scale(domainMin=0), title=None
        )
    highest = max((row["share"] or 0 for row in rows), default=1)
    top = next(top for top in (0.25, 0.5, 0.75, 1.0) if highest <= top + 1e-9)
    scale = alt.Scale(domain=[0, top], nice=False)
    axis = value_axis(".0%", 4)
    return alt.Y("share:Q", axis=axis, scale=scale, title=None)


def value_axis(form: str, ticks: int, *, whole: bool = False) -> alt.Axis:
    """Return an axis of fixed width with light lines; `whole` for what has no halves: posts."""
    return alt.Axis(
        format=form,
        tickCount=ticks,
        tickMinStep=1 if whole else alt.Undefined,
        minExtent=AXIS_WIDTH,
        maxExtent=AXIS_WIDTH,
        domain=False,
    )


def stance_colour(rows: Sequence[Row], *, legend: bool = True) -> alt.Color:
    """Return the colour of each stance that the rows speak of."""
    shown = stances_of(rows)
    scale = alt.Scale(domain=shown, range=[COLOURS[stance] for stance in shown])
    return alt.Color("stance:N", scale=scale, legend=stance_legend(len(shown)) if legend else None)


def stance_dash(rows: Sequence[Row]) -> alt.StrokeDash:
    """Return the dashes of each stance, so that colour is never the only sign."""
    shown = stances_of(rows)
    scale = alt.Scale(domain=shown, range=[DASHES[stance] for stance in shown])
    return alt.StrokeDash("stance:N", scale=scale, legend=stance_legend(len(shown)))


def stances_of(rows: Sequence[Row]) -> list[str]:
    """Return the stances of the rows in their fixed order."""
    present = {row["stance"] for row in rows}
    return [stance for stance in COLOURS if stance in present]


def stance_legend(entries: int) -> alt.Legend:
    """Return the legend: a short line of each kind, above the plot."""
    return alt.Legend(
        orient="top",
        title=None,
        symbolType="stroke",
        symbolSize=420,
        symbolStrokeWidth=2.5,
        labelExpr=f"{json.dumps(wording.STANCE)}[datum.label] || datum.label",
        columns=alt.ExprRef(f"width < {NARROW} ? 2 : 4") if entries > NARROW_ENTRIES else entries,
    )


def find_domain(rows: Sequence[Row]) -> list[str]:
    """Return the first and the last moment of the rows."""
    return [min(row["start"] for row in rows), max(row["stop"] for row in rows)]


def stamp(day: date, after: timedelta = timedelta()) -> str:
    """Return a moment after the day's start as ISO text in UTC."""
    return f"{(datetime.combine(day, time()) + after).isoformat()}Z"


def data_of(rows: Sequence[Row]) -> pl.DataFrame:
    """Return rows as data for a drawing; Altair checks rows of lists one by one, for seconds."""
    return pl.DataFrame(rows, infer_schema_length=None)


def finish(layers: Sequence[alt.Chart], height: int, source: Sequence[str] = ()) -> alt.LayerChart:
    """Lay charts over each other, `source` beneath, and give them their size and look."""
    chart: alt.LayerChart = (
        alt.LayerChart(layer=list(layers))
        .properties(width="container", height=height)
        .configure(font=FONT, background="white")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=MUTED,
            labelFontSize=12,
            gridColor=GRID,
            tickColor=GRID,
            domainColor="#9aa2ad",
        )
        .configure_legend(labelColor=INK, labelFontSize=13, offset=22, columnPadding=14)
    )
    return chart.properties(title=sign(source)) if source else chart


def sign(source: Sequence[str]) -> alt.Title:
    """Return lines of small print beneath a chart."""
    return alt.Title(
        list(source),
        orient="bottom",
        offset=10,
        anchor="start",
        fontSize=11,
        fontWeight="normal",
        color=MUTED,
    )
