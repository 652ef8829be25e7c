"""What a platform's own clock said as it answered, and the words for one of ours that is astray."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from collector.errors import ClockAstray

__all__ = ["blame_clock", "read_date"]


def read_date(headers: Mapping[str, str]) -> datetime | None:
    """Return the time that an answer bears; None where it bears none that can be read."""
    try:
        said = parsedate_to_datetime(headers.get("date", ""))
        return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def blame_clock(platform: str, here: datetime, there: datetime) -> ClockAstray:
    """Return the error that names both clocks and says what to do."""
    return ClockAstray(
        f"The clock of this machine says {here:%Y-%m-%d %H:%M:%S} UTC, that of {platform}"
        f" {there:%Y-%m-%d %H:%M:%S}. Set the clock right; what is missing is asked for again then."
    )
