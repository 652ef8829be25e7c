"""JSON lines as records, each with the place it stands at."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from collector.archives.stream import LineStream
from collector.sources.protocol import Skip

__all__ = ["JsonLines", "Record", "Records", "Row"]

Row = Mapping[str, Any]
Record = tuple[str, Row | Skip]
"""(where, as in `line 17`; an object or row, or why it cannot be read)"""


class Records(Protocol):
    """A file taken apart into records, read from its start at each iteration."""

    @property
    def position(self) -> int:
        """Bytes of the file consumed so far."""
        ...

    def __iter__(self) -> Iterator[Record]: ...


# pandas writes missing values as NaN, which is not JSON: read it as missing
DECODER = json.JSONDecoder(parse_constant=lambda _: None)


class JsonLines:
    """A file of one JSON object per line; every line that is not blank gives one record."""

    def __init__(self, path: Path) -> None:
        self._lines = LineStream(path)

    @property
    def position(self) -> int:
        return self._lines.position

    def __iter__(self) -> Iterator[Record]:
        for number, line in self._lines:
            if line is None or not line.isspace():
                where = f"line {number}"
                row = parse_line(line)
                yield where, Skip(row, where) if isinstance(row, str) else row


def parse_line(line: bytes | None) -> dict[str, Any] | str:
    """Return the object that the line holds, or in a few words why there is none."""
    if line is None:
        return "line too long"
    try:
        value = DECODER.decode(line.decode())
    except UnicodeDecodeError:
        return "not UTF-8"
    except RecursionError:
        return "JSON nested too deeply"
    except ValueError:  # also a number of more than 4,300 digits
        return "not JSON"
    return value if isinstance(value, dict) else "not a JSON object"
