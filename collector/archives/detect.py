"""What a file holds, told by its first lines and never by its name."""

import csv
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from collector.archives.columns import Columns, find_columns
from collector.archives.records import JsonLines, Row
from collector.archives.reddit_dump import is_thing
from collector.archives.stream import LineStream, read_magic
from collector.archives.twarc import is_compliance, is_page, is_tweet
from collector.errors import ArchiveError

__all__ = ["FORMATS", "detect_format", "find_delimiter", "sample_rows"]

FORMATS: Final = ("twarc", "reddit", "table", "csv", "tsv", "jsonl", "parquet")
"""What `--format` takes; `table` is any of the four that follow it."""

SAMPLE: Final = 20
"""Lines that are looked at."""
HEADER_NAMES: Final = 2
"""Names of columns that no first line of prose or data holds between delimiters."""
PARQUET_MAGIC: Final = b"PAR1"
LIST = re.compile(r"\s*\[\s*(\{.*)?")
FOREIGN: Final[Mapping[bytes, str]] = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook. Unpack it, or save the sheet as CSV UTF-8",
    b"SQLite format 3\0": "an SQLite database. Export its table of posts as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook. Save the sheet as CSV UTF-8",
    b"\xff\xfe": "text in UTF-16. Save it as UTF-8",
    b"\xfe\xff": "text in UTF-16. Save it as UTF-8",
    b"BZh": "packed with bzip2. Unpack it with bunzip2",
    b"\xfd7zXZ": "packed with xz. Unpack it with unxz",
}


def detect_format(path: Path, wanted: Columns, *, only_tables: bool = False) -> str:
    """Return the format of a file, `table` being told apart into its four.

    Raises `ArchiveError` where the file cannot be read, is empty, or is none that is known.
    """
    check_readable(path)
    if read_magic(path).startswith(PARQUET_MAGIC):
        return "parquet"
    first = _first_line(path)
    for name, delimiters in (("tsv", "\t"), ("csv", ",;")):
        if any(_is_header(first, delimiter, wanted) for delimiter in delimiters):
            return name
    if rows := sample_rows(path):
        return "jsonl" if only_tables else _detect_json(rows)
    raise ArchiveError(_explain_unknown(path, first))


def check_readable(path: Path) -> None:
    """Raise `ArchiveError` for what no `--format` can make readable."""
    magic = read_magic(path)
    if not magic:
        raise ArchiveError(f"{path} is empty. Fetch or export it again.")
    for start, what in FOREIGN.items():
        if magic.startswith(start):
            raise ArchiveError(f"{path} is {what}, then import that.")


def sample_rows(path: Path) -> list[Row]:
    """Return the JSON objects among the first lines."""
    return [row for _, row in islice(JsonLines(path), SAMPLE) if isinstance(row, Mapping)]


def find_delimiter(path: Path, wanted: Columns) -> str:
    """Return what parts the cells of a CSV file: a comma, or the semicolon or tab of some tools."""
    first = _first_line(path)
    known = (each for each in ",;\t" if _is_header(first, each, wanted))
    return next(known, ",")


def _first_line(path: Path) -> str:
    for _, line in LineStream(path):
        if line is None or not line.isspace():
            return (line or b"").decode("utf-8", "surrogateescape").strip("\r\n")
    raise ArchiveError(f"{path} holds nothing but blank lines. Fetch or export it again.")


def _is_header(line: str, delimiter: str, wanted: Columns) -> bool:
    try:
        names = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return False
    known = find_columns(names, {})
    asked = any(name in names for name in wanted.values())
    return asked or "text" in known or len(known) >= HEADER_NAMES


def _detect_json(rows: Sequence[Row]) -> str:
    for row in rows:
        if is_page(row) or is_tweet(row) or is_compliance(row):
            return "twarc"
        if is_thing(row):
            return "reddit"
    return "jsonl"


def _explain_unknown(path: Path, first: str) -> str:
    if LIST.fullmatch(first):
        return (
            f"{path} is one JSON list. Write one object per line, as `jq -c '.[]' {path.name} "
            "> posts.jsonl` does, and import that."
        )
    if first.lstrip().startswith("{"):
        return (
            f"{path}: none of the first {SAMPLE} lines is a JSON object. Write one object per "
            f"line, as `jq -c . {path.name} > posts.jsonl` does, and import that."
        )
    return (
        f"{path} is none of the formats that awaaz reads: tweets as twarc2 saves them, Reddit "
        "dumps, CSV, TSV, JSON lines, Parquet. If it is a table, its first line must name the "
        "columns; say which one holds the text with --column text=NAME."
    )
