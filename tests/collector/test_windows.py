"""Windows: what is owed is exactly what the platform can give and the ledger does not have."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collector.sources.protocol import Window
from collector.windows import find_gaps, plan_windows

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def window(since: int, until: int) -> Window:
    return Window(START + since * HOUR, START + until * HOUR)


spans = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda s: window(s[0], s[0] + s[1]))


def hours(windows: list[Window]) -> set[int]:
    covered: set[int] = set()
    for w in windows:
        covered |= set(range((w.since - START) // HOUR, (w.until - START) // HOUR))
    return covered


@given(st.lists(spans, max_size=12), spans)
def test_gaps_are_the_hours_that_nothing_covers(covered: list[Window], reach: Window) -> None:
    gaps = find_gaps(covered, reach)
    assert hours(gaps) == hours([reach]) - hours(covered)
    assert all(a.until < b.since for a, b in pairwise(gaps))


@given(st.lists(spans, max_size=12), spans, st.integers(1, 9))
def test_planned_windows_fill_the_gaps_oldest_first(
    covered: list[Window], reach: Window, length: int
) -> None:
    planned = plan_windows(covered, reach, length * HOUR, 1000)
    assert hours(planned) == hours(find_gaps(covered, reach))
    assert planned == sorted(planned, key=lambda w: w.since)
    assert all(w.until - w.since <= length * HOUR for w in planned)


def test_a_turn_takes_no_more_windows_than_it_may() -> None:
    assert plan_windows([], window(0, 100), HOUR, 3) == [window(0, 1), window(1, 2), window(2, 3)]


def test_a_listing_is_asked_for_everything_since_the_latest_covered_moment() -> None:
    covered = [window(0, 4), window(6, 9)]
    assert plan_windows(covered, window(0, 12), None, 16) == [window(9, 12)]
    assert plan_windows([], window(0, 12), None, 16) == [window(0, 12)]
    assert plan_windows([window(0, 12)], window(0, 12), None, 16) == []
