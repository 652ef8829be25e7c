"""Submissions and comments as the Pushshift and Arctic Shift dumps hold them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from collector.archives.records import Record, Row
from collector.archives.refusal import Item, RefusalError, check_sighting
from collector.sources.protocol import Skip
from collector.sources.reddit_thing import sighting_from_thing

__all__ = ["is_thing", "read_reddit"]


def is_thing(row: Row) -> bool:
    """Tell whether the object is a submission or comment, bare or in its API envelope."""
    bare = _bare(row)
    return "created_utc" in bare and not {"body", "selftext", "title"}.isdisjoint(bare)


def read_reddit(records: Iterator[Record], now: datetime) -> Iterator[Item]:
    """Yield a post for each record, or why there is none."""
    for where, row in records:
        yield row if isinstance(row, Skip) else _read_thing(row, where, now)


def _read_thing(row: Row, where: str, now: datetime) -> Item:
    thing = sighting_from_thing(_bare(row))
    if isinstance(thing, Skip):
        return replace(thing, where=where)
    try:
        return check_sighting(thing, now)
    except RefusalError as error:
        return Skip(str(error), where)


def _bare(row: Row) -> Row:
    data = row.get("data")
    return data if row.get("kind") in ("t1", "t3") and isinstance(data, Mapping) else row
