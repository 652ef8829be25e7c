"""Submissions and comments in Reddit's JSON, from its API or from a dump, read as sightings."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from collector.post import Sighting
from collector.sources.protocol import Skip

__all__ = ["posted_at", "sighting_from_thing"]

FULLNAME = re.compile(r"(t[13])_[0-9a-z]{1,13}")
BARE_ID = re.compile(r"[0-9a-z]{1,13}")
"""Base 36; thirteen digits hold 64 bits."""

GONE = re.compile(r"\[\s*(?:deleted|removed)(?:\s+by\s+[a-z][a-z ]*)?\s*\]", re.IGNORECASE)
"""`[deleted]` (by its author), `[removed]` (by moderators), and their wordier later forms."""

ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("&#x200B;", ""), ("&nbsp;", " "))
"""What the API escapes, `&amp;` last of it; then what Reddit's editor writes for empty lines."""

EARLIEST, LATEST = 1_119_484_800, 4_102_444_800
"""Reddit opened on 23 June 2005; times beyond 2100 are a mistake, and some overflow locally."""


def sighting_from_thing(data: Mapping[str, Any]) -> Sighting | Skip:
    """Read a submission (t3) or comment (t1) from the bare JSON object of an API or dump.

    What is deleted, removed, or marked as deleted later comes back as a skip with `deleted_id`,
    and so does what outlived its author's account, for the author wished to be gone. A submission
    counts as deleted when its text is, though its title may still be there. Nothing of the author
    is kept. Never raises for the sake of missing or impossible fields: they are skips.
    """
    fullname = _fullname_of(data)
    if fullname is None:
        return Skip("neither a submission nor a comment with an id")
    if _is_deleted(data):
        return Skip("deleted on Reddit", fullname, ("reddit", fullname))
    created_at = posted_at(data)
    if created_at is None:
        return Skip("no time of posting, or an impossible one", fullname)
    text = _text_of(data)
    if not text:
        return Skip("no text", fullname)
    return Sighting(
        platform="reddit",
        native_id=fullname,
        text=text,
        created_at=created_at,
        kind="comment" if fullname.startswith("t1_") else "post",
        revision=_revision_of(data),
        community=_community_of(data),
        authors=_authors_of(data),
    )


def posted_at(data: Mapping[str, Any]) -> datetime | None:
    """Return when a thing was posted; None where it does not say or the time is impossible.

    Only `created_utc` tells it: `created`, where it is there, is shifted by hours in old dumps.
    """
    seconds = _seconds(data.get("created_utc"))
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and EARLIEST <= seconds < LATEST else None


def _fullname_of(data: Mapping[str, Any]) -> str | None:
    """Return `t3_...` or `t1_...`; dumps may have the bare id only."""
    bare = data.get("id")
    for stated in (data.get("name"), bare):
        if isinstance(stated, str) and "_" in stated:
            return stated if FULLNAME.fullmatch(stated) else None
    if not isinstance(bare, str) or not BARE_ID.fullmatch(bare):
        return None
    if "title" in data:
        return f"t3_{bare}"
    return f"t1_{bare}" if "body" in data else None


def _is_deleted(data: Mapping[str, Any]) -> bool:
    meta = data.get("_meta")
    if isinstance(meta, Mapping) and meta.get("was_deleted_later"):
        return True
    if data.get("removed_by_category"):
        return True
    if "body" in data and data["body"] is None:
        return True
    if "author" in data and data["author"] is None:
        return True
    return any(_is_gone(data.get(key)) for key in ("body", "selftext", "title", "author"))


def _is_gone(value: object) -> bool:
    return isinstance(value, str) and GONE.fullmatch(value.strip()) is not None


def _text_of(data: Mapping[str, Any]) -> str:
    keys = ("title", "selftext") if "title" in data else ("body",)
    parts = (_clean(data.get(key)) for key in keys)
    return "\n\n".join(part for part in parts if part)


def _clean(value: object) -> str:
    """Unescape, and leave out what no database takes: NUL, halves of surrogate pairs."""
    if not isinstance(value, str):
        return ""
    for escaped, plain in ESCAPES:
        value = value.replace(escaped, plain)
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "").strip()


def _revision_of(data: Mapping[str, Any]) -> int:
    """Return the time of the last edit; 1 where Reddit, as it once did, tells none."""
    edited = data.get("edited")
    if edited is True:
        return 1
    seconds = _seconds(edited)
    return 0 if seconds is None else int(seconds)


def _authors_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what opt-outs may know the author by."""
    name, account = data.get("author"), data.get("author_fullname")
    names = (name, f"id:{account}" if isinstance(account, str) else None)
    return tuple(each for each in names if isinstance(each, str) and each)


def _community_of(data: Mapping[str, Any]) -> str | None:
    """Return the subreddit, unless it is an author's own page, whose name is the author's."""
    name = data.get("subreddit")
    if not isinstance(name, str) or not name or name.lower().startswith("u_"):
        return None
    return name
