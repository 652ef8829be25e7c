"""The trend: periods, denominators, and what is worth a sentence."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.codebook import STANCES
from dashboard.trend import (
    TAKING,
    Period,
    choose_period,
    count_periods,
    describe_coverage,
    find_extent,
    is_weighted,
    summarise,
)
from tests.dashboard.frames import daily_of

MONDAY = date(2018, 10, 8)
WEEK = timedelta(weeks=1)


def test_share_is_of_posts_that_take_a_stance() -> None:
    daily = daily_of([(MONDAY, "supportive", 6), (MONDAY, "hostile", 2), (MONDAY, "none", 92)])
    points = count_periods(daily, "day", since=MONDAY, until=MONDAY)
    assert points["stance"].to_list() == list(TAKING)
    assert points["n"].to_list() == [6, 0, 2]
    assert points["of"].to_list() == [8, 8, 8]
    assert points["share"].to_list() == [0.75, 0.0, 0.25]


def test_switch_takes_all_labelled_posts() -> None:
    daily = daily_of([(MONDAY, "supportive", 6), (MONDAY, "hostile", 2), (MONDAY, "none", 92)])
    points = count_periods(daily, "day", since=MONDAY, until=MONDAY, with_none=True)
    assert points["stance"].to_list() == list(STANCES)
    assert points["share"].to_list() == [0.06, 0.0, 0.02, 0.92]


def test_empty_period_has_zeros_and_no_share() -> None:
    daily = daily_of([(MONDAY, "supportive", 3), (MONDAY + 2 * WEEK, "hostile", 5)])
    points = count_periods(daily, "week", since=MONDAY, until=MONDAY + 3 * WEEK)
    empty = points.filter(pl.col("start") == MONDAY + WEEK)
    assert empty["n"].to_list() == [0, 0, 0]
    assert empty["share"].to_list() == [None, None, None]
    assert points["start"].n_unique() == 4


def test_weeks_are_iso_weeks_and_partial_ones_are_known() -> None:
    sunday, wednesday = date(2018, 12, 30), date(2019, 1, 2)
    daily = daily_of([(sunday, "supportive", 1), (wednesday, "supportive", 1)])
    points = count_periods(daily, "week", since=sunday, until=wednesday).filter(
        pl.col("stance") == "supportive"
    )
    assert points["start"].to_list() == [date(2018, 12, 24), date(2018, 12, 31)]
    assert points["end"].to_list() == [sunday, date(2019, 1, 6)]
    assert points["full"].to_list() == [False, False]


def test_months_end_with_their_last_day() -> None:
    daily = daily_of([(date(2020, 2, 29), "skeptical", 1)])
    points = count_periods(daily, "month", since=date(2020, 2, 1), until=date(2020, 3, 30))
    assert points["end"].unique(maintain_order=True).to_list() == [
        date(2020, 2, 29),
        date(2020, 3, 31),
    ]
    assert points["full"].unique(maintain_order=True).to_list() == [True, False]


def test_weights_move_shares_but_not_counts() -> None:
    daily = pl.concat(
        [
            daily_of([(MONDAY, "supportive", 10)], w=30.0),
            daily_of([(MONDAY, "hostile", 10)], w=10.0),
        ]
    )
    points = count_periods(daily, "day", since=MONDAY, until=MONDAY)
    assert points["n"].to_list() == [10, 0, 10]
    assert points["share"].to_list() == [0.75, 0.0, 0.25]


def test_shares_that_are_weighted_are_known_to_be() -> None:
    whole = daily_of([(MONDAY, "supportive", 10), (MONDAY, "hostile", 20)])
    sampled = pl.concat([whole, daily_of([(MONDAY, "skeptical", 10)], w=30.0)])
    for daily, expected in ((whole, False), (sampled, True)):
        points = count_periods(daily, "week", since=MONDAY, until=MONDAY + WEEK)
        assert is_weighted(points) is expected


@given(
    counts=st.lists(
        st.tuples(
            st.integers(0, 400).map(lambda days: MONDAY + timedelta(days=days)),
            st.sampled_from(STANCES),
            st.integers(1, 50),
        ),
        min_size=1,
        max_size=40,
    ),
    period=st.sampled_from(["day", "week", "month"]),
    with_none=st.booleans(),
)
def test_no_post_is_lost_or_doubled(
    counts: list[tuple[date, str, int]], period: Period, *, with_none: bool
) -> None:
    daily = daily_of(counts)
    extent = find_extent(daily)
    assert extent is not None
    points = count_periods(daily, period, since=extent[0], until=extent[1], with_none=with_none)
    expected = sum(n for _, stance, n in counts if with_none or stance != "none")
    assert points["n"].sum() == expected
    sums = points.filter(pl.col("of") > 0).group_by("start").agg(pl.col("share").sum())
    assert sums["share"].to_list() == pytest.approx([1.0] * sums.height)
    assert points.filter(pl.col("of") == 0)["share"].null_count() == (points["of"] == 0).sum()


def test_nothing_has_no_extent() -> None:
    assert find_extent(daily_of([])) is None


def test_summary_skips_the_week_that_is_not_over() -> None:
    counts = [(MONDAY + i * WEEK, "supportive", 30) for i in range(3)]
    until = MONDAY + 2 * WEEK + timedelta(days=3)
    summary = summarise(count_periods(daily_of(counts), "week", since=MONDAY, until=until))
    assert summary.latest is not None
    assert summary.latest.start == MONDAY + WEEK
    assert summary.before is not None
    assert summary.before.start == MONDAY


def test_summary_passes_over_periods_with_too_few_posts() -> None:
    counts = [(MONDAY, "supportive", 40), (MONDAY + WEEK, "hostile", 19)]
    until = MONDAY + 2 * WEEK - timedelta(days=1)
    summary = summarise(count_periods(daily_of(counts), "week", since=MONDAY, until=until))
    assert summary.latest is not None
    assert (summary.latest.start, summary.latest.of) == (MONDAY, 40)
    assert summary.before is None


def test_summary_of_too_little_is_silent() -> None:
    points = count_periods(
        daily_of([(MONDAY, "supportive", 19)]), "day", since=MONDAY, until=MONDAY
    )
    assert summarise(points).latest is None


def test_period_is_as_fine_as_the_posts_bear() -> None:
    dense = daily_of([(MONDAY + i * WEEK, "supportive", 20) for i in range(10)])
    thin = daily_of([(MONDAY + i * WEEK, "supportive", 19) for i in range(10)])
    until = MONDAY + 10 * WEEK
    assert choose_period(dense, MONDAY, until) == "week"
    assert choose_period(thin, MONDAY, until) == "month"


def test_coverage_counts_unknown_over_all_countries() -> None:
    daily = pl.concat(
        [
            daily_of([(MONDAY, "supportive", 30), (MONDAY, "none", 10)], country="PK"),
            daily_of([(MONDAY, "hostile", 60)], country="unknown"),
            daily_of([(MONDAY + WEEK, "hostile", 500)], country="PK"),
        ]
    )
    coverage = describe_coverage(daily, ("PK",), MONDAY, MONDAY)
    assert (coverage.labelled, coverage.taking, coverage.none) == (40, 30, 10)
    assert (coverage.everywhere, coverage.unknown_country) == (100, 60)
