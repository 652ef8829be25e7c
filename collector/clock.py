"""A clock that was astray: what the ledger says of times that are still to come is not believed."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from collector.errors import ClockAstray
from collector.schema import runs

__all__ = ["LONGEST_ASTRAY", "mend_ledger"]

LONGEST_ASTRAY = timedelta(days=7)
AGAIN = "The clock was ahead when this was collected; what it covered is asked for again."


def mend_ledger(connection: Connection, source: str, now: datetime) -> int:
    """Take back what runs of a source cover beyond `now` and return how many there were.

    Nothing can be covered before it happens: the clock was ahead then, and what was posted in the
    meantime would stay unseen. Where the two are more than a week apart it is rather the clock of
    now that is wrong, and asking again would cost a year's posts: then raises ClockAstray.
    """
    ahead = (runs.c.source == source, runs.c.covered_until > now)
    latest = connection.scalar(select(func.max(runs.c.covered_until)).where(*ahead))
    if latest is None:
        return 0
    if latest - now > LONGEST_ASTRAY:
        raise ClockAstray(
            f"The clock of this machine says {now:%Y-%m-%d %H:%M} UTC, but {source} is covered"
            f" until {latest:%Y-%m-%d %H:%M} UTC already. Set the clock right."
        )
    blank = {"covered_since": None, "covered_until": None, "detail": AGAIN}
    return connection.execute(update(runs).where(*ahead).values(blank)).rowcount
