"""Dates as archives write them: ISO 8601, seconds since 1970, X's and mail's own."""

import math
import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from collector.archives.refusal import RefusalError

__all__ = ["parse_moment"]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
UNITS: Final = ((1e11, 1), (1e14, 1_000), (1e17, 1_000_000), (1e20, 1_000_000_000))
"""(upper end, ticks per second): a count of 2001 to 5138 reads as s, ms, us or ns by its size."""

CLASSIC = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d?) (\d\d:\d\d:\d\d) ([+-]\d{4}) (\d{4})")
"""X's first format, as in `Wed Oct 10 20:19:24 +0000 2018`."""
NUMBER = re.compile(r"-?\d+(\.\d*)?")
COMPACT_DAY = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])")
HALF_DAY = re.compile(r"\d\s*[AP]\.?M\b", re.IGNORECASE)
LETTERS_OF_ZONE = re.compile(r":\d\d\s*\(?[A-Z]", re.IGNORECASE)
"""As in `20:19 IST`, which is India's time, Ireland's and Israel's; mail's own rules ignore it."""
LONGEST: Final = 64

UNREADABLE: Final = "date in no known format"
UNCLEAR: Final = "12-hour clock, or a zone in letters such as IST: write 2018-10-10T20:19+05:30"
IMPLAUSIBLE: Final = "implausible date"


def parse_moment(value: object) -> tuple[datetime, bool]:
    """Return the time in UTC, and whether it named its zone; one that did not is taken as UTC.

    Raises `RefusalError`. Dates like 10/11/2018 are not read, for they mean two days, and neither
    are clocks of twelve hours and zones in letters that several countries share.
    """
    match value:
        case None | "":
            raise RefusalError("no date")
        case bool():
            raise RefusalError(UNREADABLE)
        case int() | float():
            return _from_count(value), True
        case datetime():
            return _to_utc(value)
        case date():
            return _to_utc(datetime(value.year, value.month, value.day))  # noqa: DTZ001
        case str():
            return _from_text(value.strip())
    raise RefusalError(UNREADABLE)


def _from_count(count: float) -> datetime:
    if not math.isfinite(count):
        raise RefusalError(UNREADABLE)
    for end, ticks in UNITS:
        if 0 <= count < end:
            rest = count % ticks * 1_000_000 // ticks
            return EPOCH + timedelta(seconds=count // ticks, microseconds=rest)
    raise RefusalError(IMPLAUSIBLE)


def _from_text(text: str) -> tuple[datetime, bool]:
    if not text:
        raise RefusalError("no date")
    if len(text) > LONGEST:
        raise RefusalError(UNREADABLE)
    if COMPACT_DAY.fullmatch(text) or not NUMBER.fullmatch(text):
        return _to_utc(_from_words(text))
    return _from_count(float(text) if "." in text else int(text)), True


def _from_words(text: str) -> datetime:
    try:
        return datetime.fromisoformat(re.sub(r"\s*(UTC|GMT)$", "+00:00", text))
    except ValueError:
        pass
    if classic := CLASSIC.fullmatch(text):
        month, day, clock, zone, year = classic.groups()
        text = f"{day} {month} {year} {clock} {zone}"
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise RefusalError(UNREADABLE) from error
    if HALF_DAY.search(text) or (moment.tzinfo is None and LETTERS_OF_ZONE.search(text)):
        raise RefusalError(UNCLEAR)
    return moment


def _to_utc(moment: datetime) -> tuple[datetime, bool]:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC), False
    try:
        return moment.astimezone(UTC), True
    except (OverflowError, ValueError) as error:  # year 1 or 9999 at the edge of a zone
        raise RefusalError(IMPLAUSIBLE) from error
