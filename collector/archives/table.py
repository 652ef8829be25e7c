"""Rows of foreign tables, and of our own exports, read as sightings."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain, islice
from typing import Final

from collector.archives.columns import Columns, find_columns, flatten
from collector.archives.identity import (
    derive_identity,
    find_rounding,
    read_identity,
    read_platform,
    refuse_rounded,
)
from collector.archives.moments import parse_moment
from collector.archives.records import Record, Row
from collector.archives.refusal import REPOST, Item, RefusalError, check_sighting, check_text
from collector.post import Country, Kind, Sighting
from collector.sources.protocol import Skip

__all__ = ["TableReader"]

KINDS: Final[Mapping[str, Kind]] = {
    "reply": "reply", "replied_to": "reply", "quote": "quote", "quoted": "quote",
    "repost": "repost", "retweet": "repost", "retweeted": "repost", "comment": "comment",
}  # fmt: skip
COUNTRIES: Final[Mapping[str, Country]] = {
    "pk": "PK", "pakistan": "PK", "in": "IN", "india": "IN", "other": "other",
    "unknown": "unknown",
}  # fmt: skip
EMPTY: Final = frozenset({"", "nan", "null", "none", "<na>"})
FALSE: Final = frozenset({"false", "no", "0", "0.0"})
OLD_RETWEET = re.compile(r"RT @\w+:")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_]\w{2,8})*")
COUNTRY_CODE = re.compile(r"[A-Za-z]{2}")
DIGITS = re.compile(r"[0-9]{1,19}")
GONE: Final = frozenset({"[deleted]", "[removed]"})
SAMPLE: Final = 50
"""Rows that show whether a spreadsheet has rounded the ids."""
KNOWN_SHAPES: Final = 1000
"""Sets of column names whose reading is remembered; lines of JSON may each have their own."""


class TableReader:
    """Reads rows by the names of their columns, `wanted` before the names that are known.

    `assumed` is the platform of rows that name none.
    """

    def __init__(self, wanted: Columns, assumed: str | None, now: datetime) -> None:
        self._wanted = wanted
        self._assumed = assumed
        self._now = now
        self._shapes: dict[tuple[str, ...], Columns] = {}
        self._rounded = False
        self.zoneless = 0
        """Posts so far whose time named no zone and was taken as UTC."""

    def read(self, records: Iterator[Record]) -> Iterator[Item]:
        """Yield a post for each record, or why there is none."""
        head = list(islice(records, SAMPLE))
        rows = [self._sort(row) for _, row in head if not isinstance(row, Skip)]
        self._rounded = find_rounding(cells.get("id") for cells in rows)
        for where, row in chain(head, records):
            yield row if isinstance(row, Skip) else self._read_row(row, where)

    def _read_row(self, row: Row, where: str) -> Item:
        try:
            sighting = self._take(self._sort(row))
            if sighting.platform == "reddit" and sighting.text.strip() in GONE:
                return Skip("deleted on Reddit", where, ("reddit", sighting.native_id))
            return check_sighting(sighting, self._now)
        except RefusalError as error:
            return Skip(str(error), where)

    def _sort(self, row: Row) -> Row:
        """Return the cells that are known under their standard names."""
        flat = flatten(row)
        return {standard: flat[name] for standard, name in self._columns(flat).items()}

    def _columns(self, row: Row) -> Columns:
        names = tuple(row)
        if names not in self._shapes:
            if len(self._shapes) >= KNOWN_SHAPES:
                self._shapes.clear()
            self._shapes[names] = find_columns(names, self._wanted)
        return self._shapes[names]

    def _take(self, cells: Row) -> Sighting:
        text = _read_text(cells.get("text"))
        created_at, has_zone = parse_moment(cells.get("created_at"))
        platform = read_platform(_clean(cells.get("platform")))
        kind = _read_kind(cells)
        if "id" in cells:
            if self._rounded:
                refuse_rounded(cells["id"])
            identity = read_identity(cells["id"], platform, self._assumed, kind)
        else:
            identity = derive_identity(created_at, text)
        if kind is None and identity.platform == "x" and OLD_RETWEET.match(text):
            raise RefusalError(REPOST)
        self.zoneless += not has_zone
        return Sighting(
            platform=identity.platform,
            native_id=identity.native_id,
            text=text,
            created_at=created_at,
            kind=kind or "post",
            language=_match(LANGUAGE, cells.get("language")),
            current_id=_match(DIGITS, cells.get("current_id")),
            revision=_read_revision(cells),
            place_country=(_match(COUNTRY_CODE, cells.get("place_country")) or "").upper() or None,
            location=_clean(cells.get("location")),
            community=_read_community(cells.get("community")),
            country=_read_country(cells.get("country")),
            about=_read_country(cells.get("about")),
        )


def _read_text(value: object) -> str:
    text = value if isinstance(value, str) else ""
    check_text(text)
    return text


def _read_kind(cells: Row) -> Kind | None:
    """Return the kind that the row states or that its references tell, None if neither."""
    if stated := _clean(cells.get("kind")):
        return KINDS.get(stated.lower(), "post")
    if _is_set(cells.get("retweet")):
        return "repost"
    if _is_set(cells.get("reply")):
        return "reply"
    return "quote" if _is_set(cells.get("quote")) else None


def _read_revision(cells: Row) -> int:
    """Return what orders the versions of a post: a number as stated, or the time of the edit."""
    for name in ("revision", "current_id"):
        stated = cells.get(name)
        if isinstance(stated, int) and not isinstance(stated, bool):
            return stated
        if isinstance(stated, str) and DIGITS.fullmatch(stated):
            return int(stated)
    edited_at = cells.get("edited_at")
    if isinstance(edited_at, bool) or not _is_set(edited_at):
        return 0
    return int(parse_moment(edited_at)[0].timestamp())


def _read_community(value: object) -> str | None:
    """Return the community, unless it is an author's own page, whose name is the author's."""
    name = (_clean(value) or "").removeprefix("/").removeprefix("r/")
    return None if not name or name.lower().startswith(("u_", "u/")) else name


def _read_country(value: object) -> Country | None:
    """Return one of our countries; other ISO codes are `other`, other words say nothing."""
    name = (_clean(value) or "").lower()
    return COUNTRIES.get(name, "other" if COUNTRY_CODE.fullmatch(name) else None)


def _match(pattern: re.Pattern[str], value: object) -> str | None:
    text = _clean(value)
    return text if text and pattern.fullmatch(text) else None


def _clean(value: object) -> str | None:
    """Return a cell's text, None where it is empty or says in words that it is."""
    text = value.strip() if isinstance(value, str) else ""
    return None if text.lower() in EMPTY else text


def _is_set(value: object) -> bool:
    """Tell whether a flag is up, or a cell that refers to something refers to anything."""
    if isinstance(value, str):
        return (_clean(value) or "false").lower() not in FALSE
    return bool(value) and value == value  # noqa: PLR0124  NaN is empty
