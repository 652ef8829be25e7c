"""Faults that X, Reddit and its archive all survive, through the real libraries."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from collector.coverage import read_islands
from collector.errors import StoreError
from collector.schema import posts, runs
from collector.store import Store
from tests.collector.platforms import HOUR, Platform, serve
from tests.collector.test_store_faults import Limit
from tests.stores import ends, stored

YEAR_1, YEAR_9999 = -62_135_596_800, 253_402_300_799
"""Seconds since 1970."""


@pytest.fixture(params=["x", "reddit", "archive"])
def platform(request: pytest.FixtureRequest) -> Iterator[Platform]:
    with serve(request.param) as served:
        yield served


def fill(platform: Platform, number: int, text: str = "I believe her. #MeToo") -> set[str]:
    return {platform.post(f"{text} {n}", n * timedelta(minutes=1)) for n in range(number)}


@pytest.mark.parametrize("spare", [0, 3])
def test_a_full_disk_is_told_and_what_it_kept_out_comes_later(
    impatient: Store, platform: Platform, spare: int
) -> None:
    truth = fill(platform, 60, "I believe her. #MeToo " + "and I say so again " * 20)
    disk = Limit(impatient)
    disk.fill(impatient, spare)
    with pytest.raises(StoreError, match="disk of the store is full"):
        platform.collect(impatient)
    assert len(stored(impatient)) < 60
    disk.free()
    assert platform.collect(impatient).stops == []
    assert stored(impatient) == truth
    assert "running" not in ends(impatient)


def test_a_slow_reader_holds_up_no_source(
    impatient: Store, store_path: Path, platform: Platform
) -> None:
    truth = fill(platform, 35)
    reader = sqlite3.connect(store_path, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM posts").fetchone() == (0,)
    assert platform.collect(impatient).stops == []
    assert stored(impatient) == truth
    assert reader.execute("SELECT count(*) FROM posts").fetchone() == (0,), "its own moment"
    reader.close()


def test_a_locked_store_is_told_and_nothing_is_lost(
    impatient: Store, store_path: Path, platform: Platform
) -> None:
    truth = fill(platform, 35)
    other = sqlite3.connect(store_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="busy_timeout_s"):
        platform.collect(impatient)
    other.execute("ROLLBACK")
    other.close()
    assert platform.collect(impatient).stops == []
    assert stored(impatient) == truth


def test_odd_posts_are_kept_or_counted_and_cost_no_other(store: Store, platform: Platform) -> None:
    truth = fill(platform, 5)
    kept = [
        platform.make_odd(1, text="#MeToo " + "x" * 1_000_000),
        platform.make_odd(2, text="#MeToo broken \ud83d and a \x00"),
    ]
    numbered = not isinstance(kept[0].get("created_at"), str)
    times = (YEAR_1, YEAR_9999) if numbered else ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
    skipped = [
        platform.make_odd(3, time=times[0]),
        platform.make_odd(4, time=times[1]),
        platform.make_odd(5, text={}),
        platform.make_odd(6, id=None, name=None),
        {},
    ]
    platform.give_also([*kept, *skipped, None])
    assert platform.collect(store).stops == []
    assert stored(store) == truth | {thing.get("name") or thing["id"] for thing in kept}
    with store.reading() as connection:
        assert connection.scalar(select(func.max(func.length(posts.c.text)))) == 1_000_007
        (broken,) = connection.scalars(select(posts.c.text).where(posts.c.text.like("%broken%")))
        assert (connection.scalar(select(func.sum(runs.c.skipped))) or 0) >= len(skipped)
    assert "\x00" not in broken
    broken.encode()


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine's clock shows a zone whose hours change."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    assert time.daylight
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    "change", [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
)
def test_the_night_on_which_clocks_change_has_all_its_hours(
    impatient: Store, platform: Platform, change: datetime
) -> None:
    truth = set()
    platform.now = change - 2 * HOUR
    platform.collect(impatient)
    for _ in range(6):
        platform.now += timedelta(minutes=40)
        truth |= {platform.post("#MeToo", n * timedelta(minutes=13)) for n in range(3)}
        assert platform.collect(impatient).stops == []
    assert stored(impatient) == truth
    with impatient.reading() as connection:
        islands = Counter(hash_ for _, hash_, _ in read_islands(connection))
    assert set(islands.values()) == {1}, "no hour is missing between two turns"
