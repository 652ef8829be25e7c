"""Tweets in the JSON of X's API v2, read as sightings."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from collector.errors import CollectorError
from collector.post import Kind, Sighting

__all__ = ["SightingError", "newest_id", "read_native_id", "sighting_from_tweet", "snowflake_time"]

KINDS_OF_REFERENCE: Mapping[str, Kind] = {
    "retweeted": "repost",  # a retweet of a reply is a retweet first
    "replied_to": "reply",
    "quoted": "quote",
}
ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
"""All that X escapes; `&amp;` last, so that `&amp;lt;` reads `&lt;`, as its author wrote it."""

NO_LANGUAGE = frozenset({"und", "zxx", "art", "qam", "qct", "qht", "qme", "qst"})
"""X's codes for text that is no language: undetermined, hashtags only, media links, too short."""

SNOWFLAKE_EPOCH = datetime(2010, 11, 4, 1, 42, 54, tzinfo=UTC)
SNOWFLAKE_EPOCH_MS = 657
FIRST_SNOWFLAKE = 29_700_859_247
"""Lower ids were counted one by one, up to 4 November 2010, and tell no time."""

FIRST_YEAR, LAST_YEAR = 2006, 2100
"""X began in 2006; a date beyond these is a mistake, and some overflow when shown locally."""

ID = re.compile(r"[1-9][0-9]{0,18}")
LARGEST_ID = 2**63 - 1
COUNTRY = re.compile(r"[A-Za-z]{2}")


class SightingError(CollectorError):
    """A platform's object cannot be read as a post; the message holds none of its content."""


def sighting_from_tweet(
    tweet: Mapping[str, Any],
    users: Mapping[str, Mapping[str, Any]],
    places: Mapping[str, Mapping[str, Any]],
) -> Sighting:
    """Read one tweet, with the users and places (by id) that came beside it.

    The native id is the first of the edit history, the revision the id of this version: two
    versions of a post differ in it, and the newer is greater. `created_at` is when the first
    version was posted, to the second as X states it. Where X leaves it out, or states that of
    a later version, it comes from the id, which holds it exactly since 4 November 2010.

    Raises `SightingError` with the reason where id, text or time is missing or impossible.
    """
    tweet_id = _id_of(tweet)
    native_id = min(_history_of(tweet, tweet_id), key=int)
    user = _mapping_at(users, _text_at(tweet, "author_id"))
    return Sighting(
        platform="x",
        native_id=native_id,
        text=_text_of(tweet),
        created_at=_created_at(tweet, tweet_id, native_id),
        kind=_kind_of(tweet),
        language=_language_of(tweet),
        current_id=tweet_id,
        revision=int(tweet_id),
        place_country=_country_of(tweet, places),
        location=_text_at(user, "location"),
        authors=_authors_of(tweet, user),
    )


def read_native_id(tweet: Mapping[str, Any]) -> str:
    """Return the id of the first version of a tweet, by which the post is known."""
    return min(_history_of(tweet, _id_of(tweet)), key=int)


def newest_id(tweet: Mapping[str, Any]) -> str:
    """Return the id of the latest version of a tweet; its own where the history is not told."""
    return max(_history_of(tweet, _id_of(tweet)), key=int)


def snowflake_time(tweet_id: str) -> datetime | None:
    """Return when a tweet was posted, to the second, or None where its id does not tell.

    The upper bits of an id count milliseconds since Snowflake's epoch, 1288834974657 ms.
    """
    number = int(tweet_id)
    if number < FIRST_SNOWFLAKE:
        return None
    elapsed = timedelta(milliseconds=(number >> 22) + SNOWFLAKE_EPOCH_MS)
    return (SNOWFLAKE_EPOCH + elapsed).replace(microsecond=0)


def _history_of(tweet: Mapping[str, Any], tweet_id: str) -> list[str]:
    history = tweet.get("edit_history_tweet_ids")
    ids = [_as_id(each) for each in history] if isinstance(history, list) else []
    # A history that does not hold the tweet itself is not its own.
    return [each for each in ids if each] if tweet_id in ids else [tweet_id]


def _id_of(tweet: Mapping[str, Any]) -> str:
    tweet_id = _as_id(tweet.get("id"))
    if tweet_id is None:
        raise SightingError("the post has no id, or none that X gives")
    return tweet_id


def _as_id(value: object) -> str | None:
    """Take decimal ids that a store can hold as numbers, and nothing else."""
    if not isinstance(value, str) or not ID.fullmatch(value) or int(value) > LARGEST_ID:
        return None
    return value


def _text_of(tweet: Mapping[str, Any]) -> str:
    """Return the whole text; `text` alone ends after 280 characters in a long post."""
    text = _text_at(_mapping_at(tweet, "note_tweet"), "text") or _text_at(tweet, "text")
    if text is None:
        raise SightingError("the post has no text")
    if "&" in text:
        for escaped, plain in ESCAPES:
            text = text.replace(escaped, plain)
    return text


def _created_at(tweet: Mapping[str, Any], tweet_id: str, native_id: str) -> datetime:
    stated = tweet.get("created_at")
    if stated is None or native_id != tweet_id:
        derived = snowflake_time(native_id)
        if derived is not None:
            return derived
    return _parse_time(stated)


def _parse_time(stated: object) -> datetime:
    if not isinstance(stated, str):
        raise SightingError("the post says no time, and its id does not tell it")
    try:
        moment = datetime.fromisoformat(stated)
    except ValueError as error:
        raise SightingError("the post's time is not written as ISO 8601") from error
    if moment.tzinfo is None:
        raise SightingError("the post's time names no time zone")
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise SightingError(f"the post's time is not in the years {FIRST_YEAR} to {LAST_YEAR}")
    return moment.astimezone(UTC)


def _kind_of(tweet: Mapping[str, Any]) -> Kind:
    references = tweet.get("referenced_tweets")
    if not isinstance(references, list):
        return "post"
    types = {_text_at(each, "type") for each in references if isinstance(each, Mapping)}
    return next((kind for name, kind in KINDS_OF_REFERENCE.items() if name in types), "post")


def _language_of(tweet: Mapping[str, Any]) -> str | None:
    language = _text_at(tweet, "lang")
    return None if language in NO_LANGUAGE else language


def _country_of(tweet: Mapping[str, Any], places: Mapping[str, Mapping[str, Any]]) -> str | None:
    place = _mapping_at(places, _text_at(_mapping_at(tweet, "geo"), "place_id"))
    code = _text_at(place, "country_code")
    return code.upper() if code and COUNTRY.fullmatch(code) else None


def _authors_of(tweet: Mapping[str, Any], user: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what opt-outs may know the author by."""
    account = _as_id(user.get("id")) or _as_id(tweet.get("author_id"))
    name = _text_at(user, "username")
    return tuple(filter(None, (name, account and f"id:{account}")))


def _mapping_at(holder: Mapping[str, Any], key: str | None) -> Mapping[str, Any]:
    """Return the object under `key`; empty where it is missing, null or something else."""
    value = holder.get(key) if key is not None else None
    return value if isinstance(value, (dict, Mapping)) else {}  # dict first: it is told at once


def _text_at(holder: Mapping[str, Any], key: str) -> str | None:
    """Return the text under `key`; None where it is missing, null, empty or something else."""
    value = holder.get(key)
    return value if isinstance(value, str) and value else None
