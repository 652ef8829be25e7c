"""An archive: a file of posts whose format is known, read from start to end."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from collector.archives.columns import (
    Columns,
    check_wanted,
    find_columns,
    flatten,
    guess_platform,
    require_columns,
)
from collector.archives.csv_rows import CsvRows
from collector.archives.detect import (
    FORMATS,
    check_readable,
    detect_format,
    find_delimiter,
    sample_rows,
)
from collector.archives.identity import read_platform
from collector.archives.parquet_rows import ParquetRows
from collector.archives.records import JsonLines, Record, Records
from collector.archives.reddit_dump import read_reddit
from collector.archives.refusal import Item, RefusalError
from collector.archives.table import TableReader
from collector.archives.twarc import read_twarc
from collector.errors import ArchiveError

__all__ = ["FORMATS", "Archive", "Item", "check_platform", "open_archive"]

PLATFORM_OF: Final = {"twarc": "x", "reddit": "reddit"}


@dataclass(frozen=True)
class Archive:
    """A file of posts; made by `open_archive`."""

    path: Path
    format: str
    """`twarc`, `reddit`, `csv`, `tsv`, `jsonl` or `parquet`."""
    size: int
    """Bytes of the file as it lies on disk."""
    _records: Records = field(repr=False)
    _read: Callable[[Iterator[Record]], Iterator[Item]] = field(repr=False)
    _table: TableReader | None = field(default=None, repr=False)

    @property
    def position(self) -> int:
        """Bytes of the file consumed so far."""
        return self._records.position

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of the posts that were read so far."""
        count = self._table.zoneless if self._table else 0
        return (f"{count} posts state a time without its zone; it was taken as UTC.",) * bool(count)

    def items(self) -> Iterator[Item]:
        """Yield each post, or why a line or row gives none; every call begins at the start.

        Raises `ArchiveError` where the file turns out to be damaged.
        """
        return self._read(iter(self._records))


def open_archive(
    path: Path,
    format: str | None = None,  # noqa: A002  the option's own name
    columns: Mapping[str, str] | None = None,
    platform: str | None = None,
) -> Archive:
    """Return the archive at `path`, its format told by its first lines unless `format` names it.

    `columns` maps standard names (see `collector.archives.columns`) to those of a table, and
    `platform` is that of a table which names none; both make the file a table.
    Raises `ArchiveError`, saying what to do, where the file cannot be read as what it should be.
    """
    wanted = check_wanted(columns or {})
    assumed = check_platform(platform)
    form = _choose_format(path, format, wanted, assumed)
    size, now = path.stat().st_size, datetime.now(UTC)
    if form == "twarc":
        return Archive(path, form, size, JsonLines(path), partial(read_twarc, now=now))
    if form == "reddit":
        return Archive(path, form, size, JsonLines(path), partial(read_reddit, now=now))
    records, names = _open_table(path, form, wanted)
    table = TableReader(wanted, assumed or guess_platform(names), now)
    return Archive(path, form, size, records, table.read, table)


def check_platform(platform: str | None) -> str | None:
    """Return a platform under the name that the store has for it, `x` for `Twitter`.

    Raises `ArchiveError` for what cannot be the name of one.
    """
    try:
        return read_platform(platform)
    except RefusalError as error:
        raise ArchiveError(
            "A platform's name is a word in Latin letters, such as x, reddit or mastodon."
        ) from error


def _choose_format(path: Path, named: str | None, wanted: Columns, assumed: str | None) -> str:
    if named is not None and named not in FORMATS:
        raise ArchiveError(f"There is no format {named!r}. Choose among {', '.join(FORMATS)}.")
    if named is None or named == "table":
        found = detect_format(path, wanted, only_tables=named == "table" or bool(wanted))
        return "jsonl" if assumed not in {None, PLATFORM_OF.get(found, assumed)} else found
    check_readable(path)
    if named in {"twarc", "reddit", "jsonl"} and not sample_rows(path):
        raise ArchiveError(
            f"The first lines of {path} hold no JSON objects, so it is not {named}. "
            "Leave --format out to have the format found."
        )
    return named


def _open_table(path: Path, form: str, wanted: Columns) -> tuple[Records, tuple[str, ...]]:
    """Return the rows of a table and all its names; raises `ArchiveError` if it lacks some."""
    if form == "jsonl":
        names = tuple({name: None for row in sample_rows(path) for name in flatten(row)})
        require_columns(path, names, wanted)
        return JsonLines(path), names
    if form == "parquet":
        names = ParquetRows(path).read_header()
        require_columns(path, names, wanted)
        return ParquetRows(path, tuple(find_columns(names, wanted).values())), names
    rows = CsvRows(path, "\t" if form == "tsv" else find_delimiter(path, wanted))
    names = rows.read_header()
    require_columns(path, names, wanted)
    return rows, names
