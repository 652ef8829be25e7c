"""Why a record is not taken, and the checks that every archive's posts pass."""

from datetime import UTC, datetime, timedelta
from typing import Final

from collector.post import Sighting
from collector.sources.protocol import Skip

__all__ = ["REPOST", "Item", "RefusalError", "check_sighting", "check_text"]

Item = Sighting | Skip

REPOST: Final = "repost"
EARLIEST: Final = datetime(2006, 1, 1, tzinfo=UTC)
CLOCK_ERROR: Final = timedelta(days=1)
LONGEST_TEXT: Final = 100_000
"""Characters; X ends at 25,000 and Reddit at 40,000, so more is not one post."""
LONGEST_NAME: Final = 200
"""Characters of ids, platforms and languages."""
LARGEST_REVISION: Final = 2**63 - 1


class RefusalError(Exception):
    """A record cannot be taken; the message is the reason, in a few words without its content.

    Never leaves the package: readers turn it into a `Skip`.
    """


def check_sighting(sighting: Sighting, now: datetime) -> Sighting:
    """Return the sighting if a store can keep it and its date can be; raises `RefusalError`."""
    if sighting.kind == "repost":
        raise RefusalError(REPOST)
    check_text(sighting.text)
    check_date(sighting.created_at, now)
    for name in (sighting.platform, sighting.native_id, sighting.current_id, sighting.language):
        if name is not None and (len(name) > LONGEST_NAME or not is_storable(name)):
            raise RefusalError("broken id, platform or language")
    if not 0 <= sighting.revision <= LARGEST_REVISION:
        raise RefusalError("implausible revision")
    return sighting


def check_text(text: str) -> None:
    """Raise `RefusalError` unless the text is that of a post and can be stored."""
    if not text or text.isspace():
        raise RefusalError("no text")
    if len(text) > LONGEST_TEXT:
        raise RefusalError("text too long for a post")
    if not is_storable(text):
        raise RefusalError("text with broken characters")


def check_date(moment: datetime, now: datetime) -> None:
    """Raise `RefusalError` for a date before X began, or after `now` by more than a day."""
    if not EARLIEST <= moment <= now + CLOCK_ERROR:
        raise RefusalError("implausible date")


def is_storable(text: str) -> bool:
    """Tell whether the text is Unicode that UTF-8 and PostgreSQL can hold."""
    if text.isascii() or "\0" in text:
        return "\0" not in text
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
