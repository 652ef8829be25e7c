"""A clock that is wrong while the archive is read: nothing is called covered before it can be."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from collector.collecting import Collected, Plan, collect_source
from collector.schema import runs
from collector.sources.arctic_shift import LAG, ArcticShiftSource
from collector.sources.protocol import Window
from collector.store import Store
from tests.servers.arctic_server import ArcticServer
from tests.servers.reddit_posts import Thing
from tests.stores import open_test_store, stored

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPAN = Window(START - 3 * DAY, START + 40 * DAY)
HELD = timedelta(hours=36)
"""What is younger the archive does not have yet."""


class SlowArchive(ArcticServer):
    """An archive on true time, from which the clock here is `astray`."""

    def __init__(self) -> None:
        super().__init__(clock=lambda: self.true)
        self.true, self.astray = START, timedelta()

    def here(self) -> datetime:
        return self.true + self.astray

    def _find(self, *asked: object) -> list[Thing]:
        found = super()._find(*asked)  # type: ignore[arg-type]  # passed on as they came
        return [t for t in found if t["created_utc"] < (self.true - HELD).timestamp()]


@pytest.fixture
def archive() -> Iterator[SlowArchive]:
    with SlowArchive() as running:
        yield running


def fill(store: Store, archive: SlowArchive) -> Collected:
    source = ArcticShiftSource(
        subreddits=["pakistan"],
        terms=["metoo"],
        span=SPAN,
        clock=archive.here,
        endpoint=archive.url,
        pace_s=0.0,
        wait=lambda _: None,
    )
    try:
        return collect_source(store, source, Plan(7 * DAY, 1_000, clock=archive.here))
    finally:
        source.close()


def check_ledger(store: Store, archive: SlowArchive) -> None:
    """Nothing may be called covered that the archive does not hold yet."""
    with store.reading() as connection:
        rows = connection.execute(select(runs)).all()
    for row in rows:
        assert row.stop != "running"
        assert row.covered_until is None or row.covered_until <= archive.true - HELD


@pytest.mark.parametrize("hours", [2, 30, 24 * 9, 24 * 900])
def test_a_clock_ahead_is_named_and_covers_nothing_early(
    store: Store, archive: SlowArchive, hours: int
) -> None:
    settled = archive.comment("pakistan", "#MeToo", START - 60 * HOUR)
    young = archive.comment("pakistan", "#MeToo, younger", START - 40 * HOUR)
    archive.astray = hours * HOUR
    collected = fill(store, archive)
    assert f"{archive.here():%Y-%m-%d %H:%M:%S} UTC" in collected.stops[0]
    assert f"Arctic Shift {START:%Y-%m-%d %H:%M:%S}. Set the clock right" in collected.stops[0]
    with store.reading() as connection:
        assert set(connection.scalars(select(runs.c.stop))) == {"clock_astray"}
    check_ledger(store, archive)
    # Put right only once what it might have called covered is past.
    archive.true, archive.astray = START + LAG + 10 * DAY, timedelta()
    assert fill(store, archive).stops == []
    assert stored(store) == {settled, young}
    check_ledger(store, archive)


def test_a_clock_that_is_a_little_off_is_no_fault(store: Store, archive: SlowArchive) -> None:
    truth = archive.comment("pakistan", "#MeToo", START - 60 * HOUR)
    archive.astray = timedelta(minutes=5)
    assert fill(store, archive).stops == []
    assert stored(store) == {truth}


def test_a_clock_that_jumps_while_pages_are_read_is_found_out(
    store: Store, archive: SlowArchive
) -> None:
    archive.astray = 30 * HOUR

    def put_right() -> datetime:
        archive.astray = timedelta()
        return archive.true

    archive.clock = put_right
    assert "Set the clock right" in fill(store, archive).stops[0], "planned on the wrong clock"
    check_ledger(store, archive)
    assert fill(store, archive).stops == []


def test_an_archive_that_bears_no_date_is_believed_until_the_ledger_shows_it(
    store: Store, archive: SlowArchive
) -> None:
    archive.clock, archive.astray = None, 4 * DAY
    assert fill(store, archive).stops == []
    later = archive.comment("pakistan", "#MeToo", START + HOUR)
    archive.astray = timedelta()
    fill(store, archive)
    with store.reading() as connection:
        covered = connection.scalars(select(runs.c.covered_until)).all()
    assert all(until is None or until <= START for until in covered), "taken back"
    archive.true = START + 4 * DAY
    assert fill(store, archive).stops == []
    assert stored(store) == {later}


def test_a_clock_far_behind_asks_for_nothing(store: Store, archive: SlowArchive) -> None:
    archive.comment("pakistan", "#MeToo", START - 60 * HOUR)
    fill(store, archive)
    asked = len(archive.asked)
    archive.astray = -400 * DAY
    assert "Set the clock right" in fill(store, archive).stops[0]
    assert len(archive.asked) == asked


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(jumps=st.lists(st.sampled_from([0, 0, -1, 1, -26, 30, 60, -90, 160, 9_000]), max_size=6))
def test_everything_is_there_once_the_clock_is_right(
    archive: SlowArchive, tmp_path_factory: pytest.TempPathFactory, jumps: list[int]
) -> None:
    store = open_test_store(f"sqlite:///{tmp_path_factory.mktemp('clock')}/store.db")
    archive.things.clear()
    archive.true = START
    truth = set()
    for hours in [*jumps, 0]:
        truth.add(archive.comment("pakistan", "#MeToo", archive.true - HOUR))
        archive.astray = hours * HOUR
        fill(store, archive)
        check_ledger(store, archive)
        archive.true += 20 * HOUR
    archive.true += LAG
    assert fill(store, archive).stops == []
    assert stored(store) == truth
    check_ledger(store, archive)
    store.close()
