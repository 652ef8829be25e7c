"""A table of rows, told by the ending of its name, for whoever reads it line by line."""

from pathlib import Path

from collector.archives.csv_rows import CsvRows
from collector.archives.detect import find_delimiter
from collector.archives.parquet_rows import ParquetRows
from collector.archives.records import JsonLines

__all__ = ["open_table"]


def open_table(path: Path, column: str) -> CsvRows | JsonLines | ParquetRows | None:
    """Return the rows of a table that has `column`; None where its name ends like no table's.

    These readers tell the line of a bad row and go on; Polars refuses the whole file.
    Raises ArchiveError where the file cannot be read.
    """
    match path.suffix.lower():
        case ".csv" | ".txt":
            return CsvRows(path, find_delimiter(path, {column: column}))
        case ".tsv" | ".tab":
            return CsvRows(path, "\t")
        case ".parquet":
            return ParquetRows(path)
        case ".jsonl" | ".ndjson":
            return JsonLines(path)
    return None
