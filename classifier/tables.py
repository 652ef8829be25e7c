"""Reading tables of posts, whatever their form, with every value as it is written."""

import json
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from classifier.errors import TableError
from collector.archives.detect import find_delimiter
from collector.archives.open_table import open_table
from collector.errors import ArchiveError
from collector.sources.protocol import Skip

__all__ = ["read_sound_rows", "read_table"]


def read_table(path: Path) -> pl.DataFrame:
    """Read a CSV, TSV, JSONL or Parquet table by the ending of its name.

    CSV values stay text as they are written: ids are not numbers. Raises TableError.
    """
    try:
        return read_by_suffix(path)
    except (OSError, PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise TableError(f"The table {path} cannot be read: {reason}.") from None


def read_by_suffix(path: Path) -> pl.DataFrame:
    """Read a table by the ending of its name."""
    match path.suffix.lower():
        case ".parquet":
            return pl.read_parquet(path)
        case ".jsonl" | ".ndjson":
            return pl.read_ndjson(path, infer_schema_length=None)
        case ".tsv" | ".tab":
            return read_tsv(path)
        case ".csv" | ".txt":
            return pl.read_csv(path, infer_schema=False, separator=find_separator(path))
    raise TableError(f"{path} should end in .csv, .tsv, .jsonl or .parquet.")


def find_separator(path: Path) -> str:
    """Return what parts the cells: a comma, or what spreadsheets of other countries write."""
    try:
        return find_delimiter(path, {"text": "text"})
    except ArchiveError:
        return ","


def read_tsv(path: Path) -> pl.DataFrame:
    """Read tab-separated values, whose quotation marks often are just marks of the text."""
    try:
        return pl.read_csv(path, separator="\t", infer_schema=False)
    except PolarsError:
        return pl.read_csv(path, separator="\t", infer_schema=False, quote_char=None)


def read_sound_rows(path: Path) -> tuple[pl.DataFrame, list[Skip]]:
    """Read a table of posts as far as its lines can be trusted; return the others with a reason.

    Raises TableError where no line can be.
    """
    try:
        return read_table(path), []
    except TableError:
        if path.suffix.lower() == ".parquet":  # which has no lines
            raise
        rows, skips = read_lines(path)
        if not rows:
            raise
        return pl.DataFrame(rows, infer_schema_length=None), skips


def read_lines(path: Path) -> tuple[list[dict[str, str | None]], list[Skip]]:
    """Return the rows that can be trusted and why others cannot; every value is text."""
    rows: list[dict[str, str | None]] = []
    skips: list[Skip] = []
    try:
        for _, row in open_table(path, "text") or ():
            if isinstance(row, Skip):
                skips.append(row)
            else:
                rows.append({name: as_text(value) for name, value in row.items()})
    except ArchiveError as error:
        raise TableError(str(error)) from None
    return rows, skips


def as_text(value: Any) -> str | None:
    """Return a JSON value as it is written, with a question mark for half a character."""
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode(errors="replace").decode()
