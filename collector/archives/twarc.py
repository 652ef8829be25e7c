"""Tweets as twarc2 writes them: pages of the API, or one tweet per line with all beside it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from collector.archives.records import Record, Row
from collector.archives.refusal import Item, RefusalError, check_sighting
from collector.sources.protocol import Skip
from collector.sources.x_tweet import SightingError, read_native_id, sighting_from_tweet

__all__ = ["is_compliance", "is_page", "is_tweet", "read_twarc"]

Index = Mapping[str, Mapping[str, Any]]

TWEET_FIELDS: Final = frozenset({
    "author", "author_id", "conversation_id", "edit_history_tweet_ids", "entities", "geo", "lang",
    "note_tweet", "public_metrics", "referenced_tweets", "reply_settings", "withheld",
})  # fmt: skip
"""Fields that are not those of any table, except `lang`, which the barest tweets have alone."""

EMBEDDED: Final = "embedded"
"""Key under which author and place of a flattened tweet are handed on; some have no id."""


def is_page(row: Row) -> bool:
    """Tell whether the object is one answer of the API, with or without tweets in it."""
    data = row.get("data")
    if isinstance(data, list):
        return all(isinstance(each, Mapping) for each in data)
    if isinstance(data, Mapping):
        return "text" in data
    return (
        "id" not in row
        and not {"data", "text"} & row.keys()
        and bool({"meta", "errors", "includes"} & row.keys())
    )


def is_tweet(row: Row) -> bool:
    """Tell whether the object is a tweet as API v2 gives it, or the little of one that we need."""
    tweet_id = row.get("id")
    return (
        isinstance(tweet_id, str)
        and tweet_id.isdigit()
        and {"text", "created_at"} <= row.keys()
        and not TWEET_FIELDS.isdisjoint(row)
        and not {"platform", "stance"} & row.keys()
    )


def is_compliance(row: Row) -> bool:
    """Tell whether the object is a line of a compliance result: a tweet that must go, and why."""
    return "action" in row and "reason" in row and "id" in row and "text" not in row


def read_twarc(records: Iterator[Record], now: datetime) -> Iterator[Item]:
    """Yield the tweets of each record; tweets that others refer to are not what was asked for."""
    for where, row in records:
        if isinstance(row, Skip):
            yield row
        elif is_compliance(row):
            yield _read_compliance(row, where)
        elif is_page(row):
            yield from _read_page(row, where, now)
        else:
            users, places = {EMBEDDED: _object(row, "author")}, {EMBEDDED: _object(row, "geo")}
            yield _read_tweet(_point_at_embedded(row), users, places, where, now)


def _read_page(page: Row, where: str, now: datetime) -> Iterator[Item]:
    data = page.get("data", [])
    tweets = data if isinstance(data, list) else [data]
    if not tweets:
        yield Skip("page without posts", where)
    users, places = _index(page, "users"), _index(page, "places")
    for tweet in tweets:
        yield _read_tweet(tweet, users, places, where, now)


def _read_tweet(tweet: Row, users: Index, places: Index, where: str, now: datetime) -> Item:
    try:
        if tweet.get("withheld"):
            return Skip("withheld by X", where, ("x", read_native_id(tweet)))
        return check_sighting(sighting_from_tweet(tweet, users, places), now)
    except (SightingError, RefusalError) as error:
        return Skip(str(error), where)


def _read_compliance(row: Row, where: str) -> Skip:
    """Read one line of a compliance result, so that what must go from X goes here too."""
    if row["action"] != "delete":
        return Skip("compliance result without a deletion", where)
    try:
        return Skip("deleted on X", where, ("x", read_native_id(row)))
    except SightingError as error:
        return Skip(str(error), where)


def _index(page: Row, kind: str) -> Index:
    includes = page.get("includes")
    listed = includes.get(kind) if isinstance(includes, Mapping) else None
    return {
        each["id"]: each
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, Mapping) and isinstance(each.get("id"), str)
    }


def _point_at_embedded(tweet: Row) -> Row:
    """Make author and place of a flattened tweet findable where those of a page would be."""
    return {**tweet, "author_id": EMBEDDED, "geo": {"place_id": EMBEDDED}}


def _object(holder: Row, key: str) -> Mapping[str, Any]:
    value = holder.get(key)
    return value if isinstance(value, Mapping) else {}
