"""Parquet as records, a few thousand rows at a time.

Read with Arrow: Polars aborts the whole process on some damaged files.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from collector.archives.records import Record
from collector.errors import ArchiveError
from collector.sources.protocol import Skip

__all__ = ["ParquetRows"]

BATCH: Final = 5_000
"""Rows in memory at once, beside the pages that Arrow unpacks."""

TICKS: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
BROKEN: Final = object()
"""Stands for text that is not UTF-8."""


class ParquetRows:
    """A Parquet file of rows under the names of its columns, of which `keep` are read."""

    def __init__(self, path: Path, keep: Sequence[str] | None = None) -> None:
        self.path = path
        self.position = 0
        self._keep = keep

    def read_header(self) -> tuple[str, ...]:
        """Return the names of the columns, members of structs as in `author.location`."""
        with self._open() as file:
            return tuple(name for field in file.schema_arrow for name in _names(field))

    def __iter__(self) -> Iterator[Record]:
        size, done = self.path.stat().st_size, 0
        with self._open() as file:
            total = file.metadata.num_rows
            for batch in file.iter_batches(BATCH, columns=self._keep, use_threads=False):
                rows = _rows(batch)
                self.position = size * min(done + len(rows), total) // max(total, 1)
                for number, row in enumerate(rows, done + 1):
                    where = f"row {number}"
                    broken = any(value is BROKEN for value in row.values())
                    yield where, Skip("not UTF-8", where) if broken else row
                done += len(rows)

    @contextmanager
    def _open(self) -> Iterator[Any]:
        """Open the file; what Arrow finds damaged in it becomes an `ArchiveError`."""
        import pyarrow as pa  # noqa: PLC0415  # only this format needs it
        import pyarrow.parquet as pq  # noqa: PLC0415

        try:
            with pq.ParquetFile(self.path) as file:
                yield file
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise ArchiveError(
                f"{self.path} is no Parquet file that can be read, or damaged. Write or fetch it "
                "again and import it again; posts that are in already are not doubled."
            ) from error


def _names(field: Any) -> Iterator[str]:
    import pyarrow as pa  # noqa: PLC0415

    yield field.name
    if pa.types.is_struct(field.type):
        yield from (f"{field.name}.{member.name}" for member in field.type)


def _rows(batch: Any) -> list[dict[str, Any]]:
    names = batch.schema.names
    cells = [_values(column) for column in batch.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]


def _values(column: Any) -> list[Any]:
    """Return a column's cells; times by hand, since Arrow's reach further than Python's."""
    import pyarrow as pa  # noqa: PLC0415

    kind = column.type
    if pa.types.is_timestamp(kind):
        read = partial(_moment, ticks=TICKS[kind.unit], has_zone=kind.tz is not None)
        return _apply(read, column.cast(pa.int64()).to_pylist())
    if pa.types.is_date32(kind):
        return _apply(_day, column.cast(pa.int32()).to_pylist())
    if pa.types.is_decimal(kind):
        return _apply(str, column.to_pylist())
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        return [_cell(value) for value in column]


def _apply(read: Callable[[Any], Any], values: list[Any]) -> list[Any]:
    return [None if value is None else read(value) for value in values]


def _moment(count: int, ticks: int, *, has_zone: bool) -> datetime:
    seconds, rest = divmod(count, ticks)
    try:
        moment = EPOCH + timedelta(seconds=seconds, microseconds=rest * 1_000_000 // ticks)
    except OverflowError:
        moment = datetime.max.replace(tzinfo=UTC)  # as implausible as what it stands for
    return moment if has_zone else moment.replace(tzinfo=None)


def _day(days: int) -> datetime:
    return _moment(days * 86_400, 1, has_zone=False)


def _cell(value: Any) -> Any:
    try:
        return value.as_py()
    except UnicodeDecodeError:
        return BROKEN
