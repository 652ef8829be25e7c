"""The coverage ledger: every hour of every day is accounted for, with the right reason."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from sqlalchemy import delete

from collector.coverage import read_coverage
from collector.posts import Tally
from collector.runs import PageCount, Stop, count_page, finish_run, start_run
from collector.schema import runs
from collector.sources.protocol import Query, Window
from collector.store import Store
from dashboard import terminal_coverage

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOW = START + timedelta(days=4, hours=6)
QUERY = Query("x", "latin", ("#MeToo",))


def window(since: int, until: int) -> Window:
    return Window(START + since * HOUR, START + until * HOUR)


def put_run(
    store: Store, planned: Window, stop: Stop, covered: Window | None = None, query: Query = QUERY
) -> None:
    with store.writing() as connection:
        run_id = start_run(connection, query, planned, NOW)
        count_page(connection, run_id, PageCount(1, Tally(), covered=covered))
        finish_run(connection, run_id, stop, "", NOW)


def read(store: Store, **options: object) -> pl.DataFrame:
    with store.reading() as connection:
        return read_coverage(connection, **{"now": NOW, **options})  # type: ignore[arg-type]  # tests name some


def days(frame: pl.DataFrame) -> list[tuple[int, str, float, str]]:
    return [
        (row["day"].day, row["state"], round(row["share"], 4), row["reason"])
        for row in frame.iter_rows(named=True)
    ]


def test_every_day_has_its_state_share_and_reason(store: Store) -> None:
    put_run(store, window(0, 24), "complete", window(0, 24))
    put_run(store, window(24, 48), "unavailable")
    put_run(store, window(24, 36), "complete", window(24, 36))
    put_run(store, window(48, 72), "error")
    put_run(store, window(48, 72), "cap_spent")
    assert days(read(store)) == [
        (1, "covered", 1.0, ""),
        (2, "partly", 0.5, "unavailable"),
        (3, "uncovered", 0.0, "cap_spent"),
        (4, "uncovered", 0.0, "not_tried"),
        (5, "uncovered", 0.0, "not_over"),
    ]
    assert days(read(store, since=date(2026, 3, 2), until=date(2026, 3, 3)))[0][0] == 2
    assert read(store, source="reddit").is_empty()


def test_a_later_repair_counts_and_what_the_platform_no_longer_gave_is_named(store: Store) -> None:
    put_run(store, window(0, 24), "rate_limited")
    put_run(store, window(0, 24), "complete", window(6, 24))
    assert days(read(store))[0] == (1, "partly", 0.75, "out_of_reach")
    put_run(store, window(0, 24), "complete", window(0, 6))
    assert days(read(store))[0] == (1, "covered", 1.0, "")


def test_other_terms_begin_a_new_series(store: Store) -> None:
    put_run(store, window(0, 24), "complete", window(0, 24))
    other = Query("x", "latin", ("#MeToo", "#TimesUp"))
    put_run(store, window(24, 48), "complete", window(24, 48), other)
    frame = read(store)
    assert frame["series"].n_unique() == 2
    old, new = frame.partition_by("series", maintain_order=True)
    assert days(old) == [(1, "covered", 1.0, "")], "the old terms ask for nothing any more"
    assert [row[0] for row in days(new)] == [2, 3, 4, 5]


def test_imports_and_failed_turns_are_no_coverage(store: Store) -> None:
    with store.writing() as connection:
        run_id = start_run(connection, Query("import-twarc", "file", ()), None, NOW)
        finish_run(connection, run_id, "complete", "", NOW)
    assert read(store).is_empty()


spans = st.tuples(st.integers(0, 90), st.integers(1, 30)).map(lambda s: window(s[0], s[0] + s[1]))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(spans, st.booleans()), min_size=1, max_size=10))
def test_shares_sum_to_the_hours_that_some_run_covered(
    sqlite_store: Store, tries: list[tuple[Window, bool]]
) -> None:
    with sqlite_store.writing() as connection:
        connection.execute(delete(runs))
    hours: set[int] = set()
    for planned, complete in tries:
        put_run(
            sqlite_store,
            planned,
            "complete" if complete else "error",
            planned if complete else None,
        )
        if complete:
            hours |= set(range((planned.since - START) // HOUR, (planned.until - START) // HOUR))
    frame = read(sqlite_store)
    for row in frame.iter_rows(named=True):
        first = (row["day"] - START.date()).days * 24
        covered = len(hours & set(range(first, first + 24)))
        assert row["share"] * 24 == pytest.approx(covered)
        assert (row["reason"] == "") == (covered == 24)
        assert row["state"] == (
            "covered" if covered == 24 else "partly" if covered else "uncovered"
        )


@pytest.fixture
def sqlite_store(sqlite_address: str) -> Store:
    from tests.stores import open_test_store

    return open_test_store(sqlite_address)


def test_the_calendar_shows_days_reasons_and_leaves_searches_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = Console(width=80, highlight=False, record=True, force_terminal=False)
    monkeypatch.setattr(terminal_coverage, "out", console)
    put_run(store, window(0, 30), "complete", window(0, 30))
    put_run(store, window(30, 72), "unavailable")
    put_run(store, window(0, 72), "ceiling", None, Query("reddit", "pakistan/search", ("a",)))
    terminal_coverage.show_coverage(read(store))
    text = console.export_text()
    assert "█▒···" in text
    assert "2 platform unavailable" in text
    assert "1 searches" in text
    assert "pakistan" not in text
    terminal_coverage.show_coverage(read(store, source="nothing"))
    assert "ledger is empty" in console.export_text()
