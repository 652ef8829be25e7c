"""Platform and native id of a row, from whatever its table writes of them."""

import hashlib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from collector.archives.refusal import RefusalError
from collector.post import Kind

__all__ = [
    "TABLE",
    "Identity",
    "derive_identity",
    "find_rounding",
    "read_identity",
    "read_platform",
    "refuse_rounded",
]

TABLE: Final = "table"
"""Platform of posts whose table names none."""
PLATFORMS: Final = frozenset({"x", "reddit", TABLE})
PLATFORM_NAMES: Final = {"twitter": "x", "x.com": "x", "twitter.com": "x", "reddit.com": "reddit"}

PLATFORM = re.compile(r"[a-z][a-z0-9_.-]{0,31}")
PUBLIC_ID = re.compile(r"([a-z][a-z0-9_.-]{0,31}):(\S+)")
ROUNDED = re.compile(r"[+-]?\d+([.,]\d+)?[eE]\+?\d+")
WHOLE_FLOAT = re.compile(r"\d+\.0+")
X_ID = re.compile(r"[1-9][0-9]{0,18}")
REDDIT_ID = re.compile(r"[0-9a-z]{1,13}")
REDDIT_NAME = re.compile(r"t[13]_[0-9a-z]{1,13}")
STATUS_LINK = re.compile(r"https?://\S+/status(?:es)?/(\d+)\b\S*")
EXACT: Final = 2**53
"""Whole numbers from here on are rounded where they pass through a float."""
LARGEST_X_ID: Final = 2**63 - 1
LONGEST_NUMBER: Final = 40

LONG_ID = re.compile(r"(?:x:)?[0-9]{17}([0-9]{1,2})")
CHANCE_DIGITS: Final = 8
"""Zeros that end ids by chance only once in 10**8."""

ROUNDED_ID: Final = "id rounded by a spreadsheet (like 1.05E+18): export the ids as text"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a post is known by."""

    platform: str
    native_id: str


def read_platform(value: object) -> str | None:
    """Return the platform that a cell or an option names, None if it is empty.

    Raises `RefusalError` for what cannot be the name of one.
    """
    if value is None or value == "":
        return None
    name = value.strip().lower() if isinstance(value, str) else ""
    name = PLATFORM_NAMES.get(name, name)
    if not PLATFORM.fullmatch(name):
        raise RefusalError("no platform has such a name")
    return name


def read_identity(
    value: object, stated: str | None, assumed: str | None, kind: Kind | None
) -> Identity:
    """Read an id cell; `stated` is the row's platform, `assumed` that of tables naming none.

    Takes native ids and public ones, as in `x:105`; for Reddit also ids without their `t1_` or
    `t3_`, where `kind` tells which it is. Raises `RefusalError`.
    """
    text = _id_text(value)
    if link := STATUS_LINK.fullmatch(text):
        text, assumed = link[1], "x"
    if "://" in text:
        raise RefusalError("id is a link, which may name its author")
    platform = stated or assumed
    if public := PUBLIC_ID.fullmatch(text):
        prefix = PLATFORM_NAMES.get(public[1], public[1])
        if prefix in PLATFORMS or prefix == platform or platform is None:
            if stated not in {None, prefix}:
                raise RefusalError("id and platform disagree")
            platform, text = prefix, public[2]
    return _check(Identity(platform or TABLE, text), kind)


def find_rounding(ids: Iterable[object]) -> bool:
    """Tell whether these ids all end in the zeros that a float leaves of a long number.

    Spreadsheets keep 15 digits of an id's 19 and JavaScript 17; what is written then looks like
    an id, and is that of another post or of none.
    """
    found = (LONG_ID.fullmatch(str(each)) for each in ids)
    tails = "".join(each[1] for each in found if each)
    return len(tails) >= CHANCE_DIGITS and not tails.strip("0")


def refuse_rounded(value: object) -> None:
    """Raise `RefusalError` for an id of a table in which `find_rounding` found some."""
    if (found := LONG_ID.fullmatch(str(value))) and not found[1].strip("0"):
        raise RefusalError(ROUNDED_ID)


def derive_identity(created_at: datetime, text: str) -> Identity:
    """Give a post without id one that it will have again at the next import."""
    seed = "\n".join((created_at.isoformat(), text))
    return Identity(TABLE, hashlib.blake2b(seed.encode(), digest_size=12).hexdigest())


def _id_text(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = _number_text(value)
    text = value.strip().lstrip("'") if isinstance(value, str) else ""
    if WHOLE_FLOAT.fullmatch(text):
        text = _number_text(float(text)) if len(text) < LONGEST_NUMBER else ""
    if not text or text.lower() in {"nan", "null", "none"}:
        raise RefusalError("no id")
    if ROUNDED.fullmatch(text):
        raise RefusalError(ROUNDED_ID)
    return text


def _number_text(number: float) -> str:
    """Write a number as an id; a float beyond 2**53 stands for several ids, so it is none."""
    if isinstance(number, int):
        return str(number) if abs(number) <= LARGEST_X_ID else ""
    if math.isnan(number):
        return ""
    if not number.is_integer() or abs(number) >= EXACT:
        raise RefusalError(ROUNDED_ID)
    return str(int(number))


def _check(identity: Identity, kind: Kind | None) -> Identity:
    native_id = identity.native_id
    match identity.platform:
        case "x":
            if not X_ID.fullmatch(native_id) or int(native_id) > LARGEST_X_ID:
                raise RefusalError("not an id that X gives")
        case "reddit":
            if REDDIT_ID.fullmatch(native_id) and kind is not None:
                prefix = "t3" if kind == "post" else "t1"
                return Identity("reddit", f"{prefix}_{native_id}")
            if not REDDIT_NAME.fullmatch(native_id):
                raise RefusalError("Reddit id without its t1_ or t3_, and no kind to tell which")
        case _:
            if not native_id.isprintable() or " " in native_id:
                raise RefusalError("not an id")
    return identity
