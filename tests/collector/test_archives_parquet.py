"""Parquet with all its types, read in batches."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from collector.archives import open_archive
from collector.archives.parquet_rows import BATCH, TICKS
from collector.post import Sighting
from collector.sources.protocol import Skip

MOMENT = datetime(2018, 10, 10, 20, 19, 24, tzinfo=UTC)


def test_parquet_is_read_in_batches_with_its_own_types(tmp_path: Path) -> None:
    path, count = tmp_path / "posts.parquet", BATCH + 5
    frame = pl.DataFrame({"tweet_id": pl.int_range(1, count + 1, eager=True)}).with_columns(
        pl.lit("invented").alias("text"),
        pl.lit(MOMENT.replace(tzinfo=None)).alias("date"),
        pl.struct(location=pl.lit("Lahore")).alias("user"),
    )
    frame.write_parquet(path)
    archive = open_archive(path)
    items = list(archive.items())
    assert len({item.native_id for item in items if isinstance(item, Sighting)}) == count
    assert items[0] == Sighting(
        platform="x", native_id="1", text="invented", created_at=MOMENT, location="Lahore"
    )
    assert archive.position == archive.size
    assert archive.notes == (f"{count} posts state a time without its zone; it was taken as UTC.",)


def test_parquet_rows_that_fail_name_their_row(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    pl.DataFrame(
        {"id": [1.05e18, 2.0], "text": ["invented", None], "date": ["2018-10-10"] * 2}
    ).write_parquet(path)
    rounded, empty = open_archive(path).items()
    assert isinstance(rounded, Skip)
    assert (rounded.where, rounded.reason[:10]) == ("row 1", "id rounded")
    assert empty == Skip("no text", "row 2")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Karachi"])
def test_parquet_times_of_every_unit_and_zone(tmp_path: Path, unit: str, zone: str | None) -> None:
    path = tmp_path / "posts.parquet"
    seconds = int(MOMENT.timestamp())
    counts = [seconds * TICKS[unit], None] + ([2**52] if unit != "ns" else [])
    times = pa.array(counts, pa.timestamp(unit, zone))
    table = pa.table({"date": times, "text": ["invented"] * len(counts)})
    pq.write_table(table, path, version="2.6")
    first, *rest = open_archive(path).items()
    assert isinstance(first, Sighting)
    assert first.created_at == MOMENT
    reasons = [item.reason for item in rest if isinstance(item, Skip)]
    assert reasons == ["no date", "implausible date"][: len(rest)]


def test_parquet_days_decimals_and_broken_text(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    table = pa.table(
        {
            "date": pa.array([date(2018, 10, 10), date(2018, 10, 10)]),
            "tweet_id": pa.array([Decimal(1052148345698271234), Decimal(7)]),
            "text": pa.array([b"invented", b"caf\xe9"]).view(pa.string()),
        }
    )
    pq.write_table(table, path)
    taken, broken = open_archive(path).items()
    assert isinstance(taken, Sighting)
    assert (taken.platform, taken.native_id) == ("x", "1052148345698271234")
    assert taken.created_at == datetime(2018, 10, 10, tzinfo=UTC)
    assert broken == Skip("not UTF-8", "row 2")
