"""Controls: the filters in the sidebar, kept in step with the URL."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from collector.post import COUNTRIES
from config.codebook import STANCES
from dashboard import wording
from dashboard.examples import frames_of
from dashboard.filters import READ_FORMS, Filters, format_filters, parse_filters
from dashboard.phrases import name_frame, name_platform, name_stance
from dashboard.trend import PERIODS, Period

__all__ = ["ask_example", "ask_origin", "ask_period", "ask_view", "keep_in_url", "read_filters"]

HELD, WRITTEN, PAGE = "filters", "filters_written", "filters_page"
EXTENT = "filters_extent"
KEYS = (
    "countries",
    "platforms",
    "forms",
    "since",
    "until",
    "period",
    "with_none",
    "as_counts",
    "stance",
    "frame",
)


def read_filters(page: str) -> Filters:
    """Return the filters of this view: the URL's where it was opened or changed by hand."""
    state, params = st.session_state, dict(st.query_params)
    opened = HELD not in state or (bool(params) and params != state.get(WRITTEN))
    if opened:
        state[HELD] = parse_filters(params)
        state[WRITTEN] = params
    if opened or state.get(PAGE) != page:
        # A widget of another page with the same key would keep its key and lose its value.
        state[PAGE] = page
        for key in KEYS:
            state.pop(key, None)
    held: Filters = state[HELD]
    return held


def keep_in_url(filters: Filters) -> None:
    """Remember the filters and write them into the URL."""
    params = format_filters(filters)
    st.session_state[HELD] = filters
    st.session_state[WRITTEN] = params
    if params != dict(st.query_params):
        st.query_params.from_dict(params)


def ask_origin(filters: Filters) -> Filters:
    """Ask in the sidebar where posts are from and how they are written."""
    with st.sidebar:
        st.header(wording.FILTERS)
        countries = ask_many(
            wording.COUNTRY_LABEL, "countries", filters.countries, COUNTRIES, wording.COUNTRY.get
        )
        forms = ask_many(wording.FORM_LABEL, "forms", filters.forms, READ_FORMS, wording.FORM.get)
    return replace(filters, countries=countries, forms=forms)


def ask_view(filters: Filters, platforms: Sequence[str], extent: tuple[date, date]) -> Filters:
    """Ask in the sidebar for country, form, platform and dates."""
    filters = ask_origin(filters)
    names = sorted({*platforms, *filters.platforms})
    with st.sidebar:
        chosen = ask_many(
            wording.PLATFORM_LABEL, "platforms", filters.platforms, names, name_platform
        )
        since, until = ask_dates(filters, extent)
    return replace(filters, platforms=chosen, since=since, until=until)


def ask_many(
    label: str,
    key: str,
    value: Sequence[str],
    options: Sequence[str],
    name: Callable[[str], Any],
) -> tuple[str, ...]:
    """Ask for any number of options; none chosen means all of them."""
    st.session_state.setdefault(key, list(value))
    chosen = st.multiselect(label, options, key=key, format_func=name, placeholder=wording.ANY)
    return tuple(option for option in options if option in chosen)


def ask_dates(filters: Filters, extent: tuple[date, date]) -> tuple[date | None, date | None]:
    """Ask for the first and the last day; None where it is that of the data."""
    first, last = extent
    since, until = filters.bound_days(first, last)
    follow_extent(extent)
    start = ask_day(wording.SINCE_LABEL, "since", since, extent)
    end = ask_day(wording.UNTIL_LABEL, "until", until, extent)
    if start and end and start > end:
        # Not put right by swapping: whoever moves both days to later ones passes through this.
        st.warning(wording.DATES_CROSSED)
        return None, None
    return (None if start in (None, first) else start), (None if end in (None, last) else end)


def follow_extent(extent: tuple[date, date]) -> None:
    """Move a day that stands at the end of the data along when days come in or go."""
    state = st.session_state
    before: tuple[date, date] = state.get(EXTENT, extent)
    for key, was, now in zip(("since", "until"), before, extent, strict=True):
        if was != now and state.get(key) == was:
            state[key] = now
    state[EXTENT] = extent


def ask_day(label: str, key: str, value: date, extent: tuple[date, date]) -> date | None:
    """Ask for one day inside the extent."""
    first, last = extent
    held = st.session_state.get(key)
    if not isinstance(held, date) or not first <= held <= last:
        st.session_state[key] = value
    day = st.date_input(label, key=key, min_value=first, max_value=last, format="DD/MM/YYYY")
    return day if isinstance(day, date) else None


def ask_period(filters: Filters, default: Period) -> Filters:
    """Ask in the sidebar for the period and for what the lines show."""
    state = st.session_state
    state.setdefault("period", filters.period or default)
    state.setdefault("with_none", filters.with_none)
    state.setdefault("as_counts", filters.as_counts)
    with st.sidebar:
        period = st.segmented_control(
            wording.PERIOD_LABEL,
            PERIODS,
            key="period",
            format_func=lambda period: wording.PERIOD[period],
            required=True,
        )
        with_none = st.toggle(wording.OF_ALL_LABEL, key="with_none", help=wording.OF_ALL_HELP)
        as_counts = st.toggle(wording.COUNTS_LABEL, key="as_counts")
        # Not a caption: Streamlit's is too pale on the sidebar (4.2 : 1, WCAG AA asks for 4.5).
        st.html(f'<p class="aw-note">{wording.FILTERS_HELP}</p>')
    return replace(filters, period=period or default, with_none=with_none, as_counts=as_counts)


def ask_example(filters: Filters) -> Filters:
    """Ask on the page for the stance and the frame of the example posts."""
    left, right = st.columns(2)
    with left:
        stance = ask_one(wording.STANCE_LABEL, "stance", filters.stance, STANCES, name_stance)
    frames = frames_of(stance)
    with right:
        frame = ask_one(wording.FRAME_LABEL, "frame", filters.frame, frames, name_frame)
    return replace(filters, stance=stance, frame=frame)


def ask_one(
    label: str,
    key: str,
    value: str | None,
    options: Sequence[str],
    name: Callable[[str], str],
) -> str | None:
    """Ask for one option or none."""
    if st.session_state.setdefault(key, value) not in options:
        st.session_state[key] = None
    return st.selectbox(
        label, options, index=None, key=key, format_func=name, placeholder=wording.ANY
    )
