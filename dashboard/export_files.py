"""Writers of exported tables that take a table piece by piece."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

__all__ = ["open_writer"]

Write = Callable[[pl.DataFrame], None]


@contextmanager
def open_writer(path: Path, file_format: str) -> Iterator[Write]:
    """Yield a function that appends frames of one schema to a csv, jsonl or parquet file."""
    if file_format == "parquet":
        with open_parquet(path) as write:
            yield write
        return
    with path.open("wb") as file:
        first = True

        def write(frame: pl.DataFrame) -> None:
            nonlocal first
            if file_format == "jsonl":
                frame.write_ndjson(file)
            else:
                frame.write_csv(file, include_header=first)
            first = False

        yield write


@contextmanager
def open_parquet(path: Path) -> Iterator[Write]:
    """Yield a function that appends frames as row groups."""
    import pyarrow.parquet as pq  # noqa: PLC0415  # 0.2 s that only this format needs

    writer: pq.ParquetWriter | None = None

    def write(frame: pl.DataFrame) -> None:
        nonlocal writer
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()
