"""Filters: a URL reproduces a view, and nonsense in it does no harm."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.post import COUNTRIES
from config.codebook import FRAMES, STANCES
from dashboard.filters import (
    READ_FORMS,
    Filters,
    format_filters,
    parse_filters,
    select_daily,
)
from dashboard.trend import PERIODS
from tests.dashboard.frames import daily_of


def some(names: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    """Draw some names in their fixed order."""
    return st.sets(st.sampled_from(names)).map(
        lambda chosen: tuple(name for name in names if name in chosen)
    )


FILTERS = st.builds(
    Filters,
    countries=some(COUNTRIES),
    platforms=some(("reddit", "x")),
    forms=some(READ_FORMS),
    since=st.none() | st.dates(),
    until=st.none() | st.dates(),
    period=st.none() | st.sampled_from(PERIODS),
    with_none=st.booleans(),
    as_counts=st.booleans(),
    stance=st.none() | st.sampled_from(STANCES),
    frame=st.none() | st.sampled_from(FRAMES),
    draw=st.integers(0, 9999),
)


@given(FILTERS)
def test_url_reproduces_the_view(filters: Filters) -> None:
    assert parse_filters(format_filters(filters)) == filters


def test_default_view_has_an_empty_url() -> None:
    assert format_filters(Filters()) == {}


@given(
    st.dictionaries(
        st.sampled_from(["country", "platform", "form", "since", "period", "of", "draw", "x"]),
        st.text(max_size=20),
    )
)
def test_any_url_is_read(params: dict[str, str]) -> None:
    assert isinstance(parse_filters(params), Filters)


@pytest.mark.parametrize(
    "params",
    [
        {"country": "DE,<script>"},
        {"platform": "../x,Ä"},
        {"form": "other"},
        {"since": "2018-02-30", "until": "tomorrow"},
        {"period": "year"},
        {"of": "1", "show": "all"},
        {"stance": "furious", "frame": "'"},
        {"draw": "-1"},
        {"draw": "99999999999999999999"},
        {"draw": "३"},
    ],
)
def test_nonsense_is_as_if_it_were_not_there(params: dict[str, str]) -> None:
    assert parse_filters(params) == Filters()


def test_days_stay_inside_the_data() -> None:
    first, last = date(2018, 10, 1), date(2018, 12, 31)
    wide = Filters(since=date(1900, 1, 1), until=date(2999, 1, 1))
    assert wide.bound_days(first, last) == (first, last)
    inner = Filters(since=date(2018, 11, 1))
    assert inner.bound_days(first, last) == (date(2018, 11, 1), last)
    backwards = Filters(since=date(2018, 12, 1), until=date(2018, 11, 1))
    assert backwards.bound_days(first, last) == (first, last)


def test_selection_keeps_other_countries_on_demand() -> None:
    day = date(2018, 10, 8)
    daily = daily_of([(day, "hostile", 1)], country="PK").vstack(
        daily_of([(day, "hostile", 2)], country="IN", form="hi")
    )
    filters = Filters(countries=("PK",))
    assert select_daily(daily, filters, any_country=False)["n"].to_list() == [1]
    assert select_daily(daily, filters, any_country=True)["n"].to_list() == [1, 2]
    assert select_daily(daily, Filters(forms=("hi",)), any_country=True)["n"].to_list() == [2]
