"""Which column of a foreign table holds what."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from collector.errors import ArchiveError

__all__ = [
    "STANDARD",
    "Columns",
    "check_wanted",
    "find_columns",
    "flatten",
    "guess_platform",
    "require_columns",
]

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "public_id", "tweet_id", "status_id", "post_id", "comment_id", "native_id",
           "id_str", "tweetid", "name"),
    "platform": ("platform", "network"),
    "text": ("text", "full_text", "body", "tweet", "content", "post", "comment", "message",
             "tweet_text", "clean_text"),
    "created_at": ("created_at", "date", "timestamp", "created_utc", "datetime", "time",
                   "created", "posted_at", "published_at", "tweet_created_at", "postdate"),
    "kind": ("kind", "tweet_type", "post_type", "type"),
    "language": ("language", "lang", "tweet_lang"),
    "country": ("country",),
    "about": ("about",),
    "location": ("location", "user_location", "author_location", "author.location",
                 "user.location"),
    "place_country": ("place_country", "country_code", "geo.country_code", "place.country_code"),
    "community": ("community", "subreddit"),
    "revision": ("revision",),
    "edited_at": ("edited_at", "edited", "updated_at"),
    "current_id": ("current_id",),
    "retweet": ("is_retweet", "retweet", "retweeted_status", "retweeted_status.id",
                "referenced_tweets.retweeted.id", "retweeted_id"),
    "reply": ("is_reply", "in_reply_to_status_id", "referenced_tweets.replied_to.id", "parent_id"),
    "quote": ("is_quote_status", "referenced_tweets.quoted.id", "quoted_status_id"),
}  # fmt: skip
"""Standard name to the names it goes by, the likeliest first."""

STANDARD: Final = tuple(ALIASES)
X_MARKS: Final = frozenset({"tweet_id", "tweetid", "id_str", "conversation_id", "tweet_type",
                            "edit_history_tweet_ids", "in_reply_to_status_id"})  # fmt: skip
"""Columns that only tables of tweets have."""

SAFE_NAME = re.compile(r"[A-Za-z_][\w.]{0,39}")

Columns = Mapping[str, str]
"""Standard name to the file's own name of the column."""


def find_columns(names: Sequence[str], wanted: Columns) -> Columns:
    """Return the column of each standard name that the file has; `wanted` goes before aliases."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(_normalise(name), name)
    found = {
        standard: next((known[alias] for alias in aliases if alias in known), None)
        for standard, aliases in ALIASES.items()
    }
    found |= {standard: name if name in names else None for standard, name in wanted.items()}
    taken = {name for standard, name in found.items() if standard in wanted}
    return {
        standard: name
        for standard, name in found.items()
        if name is not None and (standard in wanted or name not in taken)
    }


def guess_platform(names: Iterable[str]) -> str | None:
    """Return `x` where the names of the columns are those of tweets."""
    return "x" if X_MARKS & {_normalise(name) for name in names} else None


def check_wanted(wanted: Columns) -> Columns:
    """Return the mapping with `lang` read as `language`; raises `ArchiveError` for other names."""
    wanted = {("language" if key == "lang" else key): name for key, name in wanted.items()}
    if unknown := sorted(set(wanted) - set(STANDARD)):
        raise ArchiveError(
            f"There is no standard column {unknown[0]!r}. Choose among {', '.join(STANDARD)}."
        )
    return wanted


def require_columns(path: Path, names: Sequence[str], wanted: Columns) -> None:
    """Raise `ArchiveError`, saying what to map, unless there are a text and a date."""
    for standard, name in wanted.items():
        if name not in names:
            raise ArchiveError(
                f"{path} has no column {name!r} to read {standard} from. It has {_list(names)}."
            )
    for standard, hint in (("text", TEXT_HINT), ("created_at", "")):
        if standard not in find_columns(names, wanted):
            raise ArchiveError(
                f"{path} has no column that is known to hold {standard}. It has {_list(names)}. "
                f"Name one, as in --column {standard}=NAME.{hint}"
            )


TEXT_HINT: Final = " An export of awaaz holds texts only if it was made with --with-text."


def flatten(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the row with the members of its objects beside it, as in `author.location`."""
    nested = [(name, value) for name, value in row.items() if isinstance(value, Mapping)]
    if not nested:
        return row
    inner = {f"{name}.{key}": member for name, value in nested for key, member in value.items()}
    return {**inner, **row}


def _normalise(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip().lower())


def _list(names: Sequence[str]) -> str:
    """List what looks like names; without a header the first line is someone's post."""
    safe = [name for name in names[:30] if SAFE_NAME.fullmatch(name)]
    rest = len(names) - len(safe)
    return " and ".join([", ".join(safe)] * bool(safe) + [f"{rest} others"] * bool(rest)) or "none"
