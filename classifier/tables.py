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

LINES = (".csv", ".txt", ".tsv", ".tab", ".jsonl", ".ndjson")
LOOKED_AT = 65_536  # bytes
SHOWN = 3  # lines named in a complaint


def read_table(path: Path) -> pl.DataFrame:
    """Read a CSV, TSV, JSONL or Parquet table by the ending of its name.

    CSV values stay text as they are written: ids are not numbers. Raises TableError.
    """
    try:
        return read_by_suffix(path)
    except FileNotFoundError:
        raise TableError(
            f"{path} cannot be read: there is no such file. Look at the path."
        ) from None
    except (OSError, PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise TableError(f"The table {path} cannot be read: {reason}. {say_remedy(path)}") from None


def say_remedy(path: Path) -> str:
    """Say which lines of an unreadable table are to be mended, as far as that is known."""
    again = "Save it again as CSV UTF-8."
    try:
        skips = [] if path.suffix.lower() == ".parquet" else read_lines(path)[1]
    except TableError:
        return again
    bad = ", ".join(f"{skip.where} ({skip.reason})" for skip in skips[:SHOWN])
    more = f" and {len(skips) - SHOWN:,} more" if len(skips) > SHOWN else ""
    return f"Look at {bad}{more}, and mend or delete them." if skips else again


def read_by_suffix(path: Path) -> pl.DataFrame:
    """Read a table by the ending of its name."""
    refuse_foreign(path)
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


def refuse_foreign(path: Path) -> None:
    """Raise TableError for what a reader of lines would take for a table without rows."""
    if path.suffix.lower() not in LINES or not path.is_file():
        return
    with path.open("rb") as file:
        start = file.read(LOOKED_AT)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableError(f"The table {path} is text in UTF-16. Save it as CSV UTF-8.")
    if b"\r" in start and b"\n" not in start:
        raise TableError(
            f"The lines of the table {path} end as on old Macs, so it seems to be one line. Save it"
            " as CSV UTF-8, without (Macintosh) in the name of the format."
        )


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
        return read_by_suffix(path), []
    except (OSError, PolarsError):
        # Parquet has no lines
        rows, skips = ([], []) if path.suffix.lower() == ".parquet" else read_lines(path)
        if not rows:
            return read_table(path), skips  # which tells what is wrong
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
