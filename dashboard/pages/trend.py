"""The trend page: a sentence, a chart, and what its figures stand on."""

from collections.abc import Sequence
from datetime import date
from html import escape

import polars as pl
import streamlit as st

from config.events import Event, load_events
from config.settings import Settings
from dashboard import wording
from dashboard.charts import (
    count_starts,
    describe_points,
    draw_bars,
    draw_trend,
    events_between,
    is_overfull,
)
from dashboard.controls import ask_period, ask_view, keep_in_url, read_filters
from dashboard.filters import Filters, select_daily
from dashboard.frame import open_page, show_empty, show_page
from dashboard.phrases import (
    say_bars,
    say_base,
    say_before,
    say_chart,
    say_coverage,
    say_day,
    say_faint,
    say_meanings,
    say_nothing,
    say_overfull,
    say_source,
    say_summary,
    say_unlabelled,
    say_view,
)
from dashboard.reading import Snapshot
from dashboard.trend import (
    Period,
    choose_period,
    count_periods,
    describe_coverage,
    find_extent,
    is_weighted,
    summarise,
)


def show(settings: Settings) -> None:
    """Show the trend of the view that the URL names."""
    snapshot = open_page(settings)
    extent = find_extent(snapshot.daily)
    if extent is None:
        show_empty(settings, snapshot)
        return
    platforms = snapshot.daily["platform"].unique().to_list()
    filters = ask_view(read_filters(wording.PAGE_TREND), platforms, extent)
    since, until = filters.bound_days(*extent)
    everywhere = select_daily(snapshot.daily, filters, any_country=True)
    chosen = select_daily(snapshot.daily, filters, any_country=False)
    period = filters.period or choose_period(chosen, since, until)
    filters = ask_period(filters, period)
    keep_in_url(filters)
    points = count_periods(
        chosen, filters.period or period, since=since, until=until, with_none=filters.with_none
    )
    coverage = describe_coverage(everywhere, filters.countries, since, until)
    show_view(filters, (since, until))
    if not points["n"].sum():
        st.html(f'<p class="aw-lead">{say_nothing(coverage.labelled)}</p>')
        return
    show_summary(points, filters, period)
    source = say_source(filters, since, until, invented=settings.dashboard.invented)
    show_charts(points, filters, period, (since, until), source)
    faint = [] if filters.as_counts else [say_faint(with_none=filters.with_none)]
    weighted = [wording.WEIGHTED] if is_weighted(points) else []
    said = [*say_coverage(coverage, filters.countries), *weighted]
    show_notes([*said, *say_left(snapshot), *faint])
    show_events(events_between(load_events(), filters.countries, since, until))
    show_table(points, filters, settings, source)


def show_view(filters: Filters, days: tuple[date, date]) -> None:
    """Show what all figures are about, and which posts the filters leave of it."""
    subject = f"<b>{wording.TITLE}</b> · {wording.SUBJECT}"
    view = escape(say_view(filters, *days))
    only = f'<br><span class="aw-only">{view}</span>' if view else ""
    st.html(f'<h1 class="aw-subject">{subject}{only}</h1>')


def show_summary(points: pl.DataFrame, filters: Filters, period: Period) -> None:
    """Show the last full period in a sentence, and the one before it in a smaller one."""
    summary, chosen = summarise(points), filters.period or period
    lead = say_summary(summary, chosen, with_none=filters.with_none)
    before = say_before(summary, chosen, with_none=filters.with_none)
    st.html(f'<p class="aw-lead">{lead}</p><p class="aw-note">{before}</p>')


def show_charts(
    points: pl.DataFrame,
    filters: Filters,
    period: Period,
    days: tuple[date, date],
    source: Sequence[str],
) -> None:
    """Show the lines over time and, on the same time axis, the numbers of posts beneath."""
    chosen = filters.period or period
    title, note = say_chart(chosen, with_none=filters.with_none, as_counts=filters.as_counts)
    rows = describe_points(points, chosen, with_none=filters.with_none)
    events = events_between(load_events(), filters.countries, *days)
    lines = draw_trend(rows, events, as_counts=filters.as_counts, source=source)
    st.html(f'<h2 class="aw-head">{title}<span>{note}</span></h2>')
    if is_overfull(rows):
        full = say_overfull(
            count_starts(rows), chosen, with_none=filters.with_none, as_counts=filters.as_counts
        )
        show_notes([full])
    st.altair_chart(lines, theme=None, width="stretch", alt=title)
    show_notes(say_meanings(with_none=filters.with_none))
    beneath = say_bars(with_none=filters.with_none)
    st.html(f'<h3 class="aw-head">{beneath}</h3>')
    st.altair_chart(draw_bars(rows), theme=None, width="stretch", alt=beneath)


def show_notes(lines: Sequence[str]) -> None:
    """Show small print, a line each."""
    st.html("".join(f'<p class="aw-note">{line}</p>' for line in lines))


def say_left(snapshot: Snapshot) -> list[str]:
    """Return the line on posts that no figure counts, if there are any."""
    line = say_unlabelled(snapshot.other_form, snapshot.waiting)
    return [line] if line else []


def show_events(events: Sequence[Event]) -> None:
    """Show the list that the numbers on the chart refer to."""
    items = "".join(render_event(number, event) for number, event in enumerate(events, start=1))
    note = wording.EVENTS_NOTE if events else wording.NO_EVENTS
    st.html(
        f'<h2 class="aw-title">{wording.EVENTS_TITLE}</h2><p class="aw-note">{note}</p>'
        f'<div class="aw-events" role="list">{items}</div>'
    )


def render_event(number: int, event: Event) -> str:
    """Return an event as a list item."""
    place = wording.EVENT_COUNTRY[event.country]
    address, title = escape(event.link), escape(event.title)
    link = f'<a href="{address}" rel="noreferrer" target="_blank">{title}</a>'
    when = f"<small>{say_day(event.day)}, {place}</small>"
    return f'<div role="listitem"><b>{number}</b><div>{link}{when}</div></div>'


def show_table(
    points: pl.DataFrame, filters: Filters, settings: Settings, source: Sequence[str]
) -> None:
    """Show the figures behind the chart, on demand, with a file to take away."""
    base = pl.lit(say_base(with_none=filters.with_none)).alias("base")
    table = points.with_columns(pl.col("share").round(4), base)
    name = "awaaz-invented.csv" if settings.dashboard.invented else "awaaz-trend.csv"
    with st.expander(wording.TABLE_LABEL):
        st.dataframe(
            table, hide_index=True, width="stretch", column_config=dict(wording.TABLE_COLUMNS)
        )
        taken = table.with_columns(pl.lit(" ".join(source)).alias("source")).write_csv()
        st.download_button(wording.DOWNLOAD, taken, name, "text/csv", on_click="ignore")


if __name__ == "__main__":
    show_page(show)
