"""CSV and TSV as records, robust to stray quotes, ragged rows and foreign bytes."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from collector.archives.moments import parse_moment
from collector.archives.records import Record
from collector.archives.refusal import RefusalError
from collector.archives.stream import LineStream
from collector.errors import ArchiveError
from collector.sources.protocol import Skip

__all__ = ["CsvRows"]

MAX_LINES: Final = 1000
"""Lines of one record; a quote still open after so many was never meant to open."""

UNDECODED = re.compile("[\udc80-\udcff]")
"""How Python marks bytes that are not UTF-8."""

FEWEST_CELLS: Final = 3
"""A line of a text may look like a row of two cells by chance."""
SHORTEST_DATE, LONGEST_DATE = 8, 40
OPEN_QUOTE: Final = "quotation mark that never closes"


class Feed:
    """Hands lines to the csv reader and remembers those of the record in hand."""

    def __init__(self, lines: LineStream) -> None:
        self._fresh = iter(lines)
        self._waiting: deque[tuple[int, str]] = deque()
        self.taken: list[tuple[int, str]] = []
        self.too_long: list[int] = []
        self.cut = False
        """True where the record in hand was ended by force, a quotation mark being open."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = None if len(self.taken) >= MAX_LINES else self._pull()
        if line is None:
            self.cut = bool(self.taken)
            raise StopIteration
        self.taken.append(line)
        return line[1]

    def begin(self) -> None:
        """Forget the record in hand; the next line begins a new one."""
        self.taken, self.too_long, self.cut = [], [], False

    def put_back(self) -> None:
        """Return all lines but the first, to be read as records of their own."""
        self._waiting.extendleft(reversed(self.taken[1:]))

    def _pull(self) -> tuple[int, str] | None:
        if self._waiting:
            return self._waiting.popleft()
        for number, line in self._fresh:
            if line is not None:
                return number, line.decode("utf-8", "surrogateescape")
            self.too_long.append(number)
        return None


class CsvRows:
    """A file of rows under a header; a row that cannot be trusted is refused as a whole."""

    def __init__(self, path: Path, delimiter: str) -> None:
        self._path = path
        self._delimiter = delimiter
        self._lines = LineStream(path)

    @property
    def position(self) -> int:
        return self._lines.position

    def read_header(self) -> tuple[str, ...]:
        """Return the names in the first row; raises `ArchiveError` where there are none."""
        names, _ = self._begin(LineStream(self._path))
        return names

    def __iter__(self) -> Iterator[Record]:
        names, feed = self._begin(self._lines)
        while True:
            feed.begin()
            cells = self._next(feed, len(names))
            for number in feed.too_long:
                yield _refuse(number, "line too long")
            if cells is None:
                return
            number = feed.taken[0][0]
            if isinstance(cells, str):
                yield _refuse(number, cells)
            elif any(cells):
                yield f"line {number}", dict(zip(names, cells, strict=False))

    def _begin(self, lines: LineStream) -> tuple[tuple[str, ...], Feed]:
        feed = Feed(lines)
        while (cells := self._next(feed, 0)) is not None:
            if isinstance(cells, str):
                break
            if any(cell.strip() for cell in cells):
                return tuple(cells), feed
            feed.begin()
        raise ArchiveError(
            f"{self._path} has no header that can be read. "
            "Let its first line name the columns, and save it as UTF-8."
        )

    def _next(self, feed: Feed, width: int) -> list[str] | str | None:
        """Return the next record's cells, or why its first line is refused; None at the end."""
        # Many tools write tab-separated values without any quoting: leave odd quotes to _salvage
        strict = self._delimiter == "\t"
        try:
            cells = next(csv.reader(feed, delimiter=self._delimiter, strict=strict), None)
        except csv.Error:
            return self._salvage(feed, width, "not CSV")
        if cells is None:
            return None
        if feed.cut or (len(feed.taken) > 1 and self._swallows(feed, cells, width)):
            return self._salvage(feed, width, OPEN_QUOTE)
        return _find_fault(cells, width) or cells

    def _salvage(self, feed: Feed, width: int, reason: str) -> list[str] | str:
        """Give up on the first line alone, or read it with its quotation marks as they stand."""
        feed.put_back()
        cells = feed.taken[0][1].rstrip("\r\n").split(self._delimiter)
        if self._delimiter == "\t" and len(cells) == width:
            return _find_fault(cells, width) or cells
        return reason

    def _swallows(self, feed: Feed, cells: list[str], width: int) -> bool:
        """Tell whether a stray quotation mark made one record of several."""
        if len(cells) != width and width:
            return True
        lines = [line for _, line in feed.taken]
        return any(self._is_row(line, width) for line in lines[1:]) or self._closes_oddly(lines)

    def _closes_oddly(self, lines: list[str]) -> bool:
        """Tell whether a cell goes on behind its last quotation mark: that was another row's."""
        try:
            next(csv.reader(lines, delimiter=self._delimiter, strict=True))
        except csv.Error:
            return True
        return False

    def _is_row(self, line: str, width: int) -> bool:
        """Tell whether a line is a whole row: it has the right number of cells, one a date."""
        if width < FEWEST_CELLS or line.count(self._delimiter) < width - 1:
            return False
        try:
            cells = next(csv.reader([line], delimiter=self._delimiter), [])
        except csv.Error:
            return False
        return len(cells) == width and any(_is_date(cell) for cell in cells)


def _find_fault(cells: list[str], width: int) -> str | None:
    if any(UNDECODED.search(cell) for cell in cells):
        return "not UTF-8"
    if any("\0" in cell for cell in cells):
        return "NUL byte"
    if width and any(cells) and (len(cells) < width or any(cells[width:])):
        return "fewer cells than the header" if len(cells) < width else "more cells than the header"
    return None


def _is_date(cell: str) -> bool:
    if not SHORTEST_DATE <= len(cell) <= LONGEST_DATE:
        return False
    try:
        parse_moment(cell)
    except RefusalError:
        return False
    return True


def _refuse(number: int, reason: str) -> tuple[str, Skip]:
    return f"line {number}", Skip(reason, f"line {number}")
