"""Holds: a source that gives nothing until a known time is not asked before, also after a restart.

A hold is lifted by its time, or by the operator who knows better (credits were bought).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from collector.limits_schema import holds

__all__ = ["Hold", "Period", "end_of_period", "hold_source", "lift_hold", "read_holds"]

Period = Literal["day", "month"]

LONGEST = timedelta(days=32)
"""No period is longer: a hold that ends later was set by a clock astray and does not count."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A source is left alone until `until` (aware, UTC)."""

    source: str
    until: datetime
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.source} is left alone until {self.until:%Y-%m-%d %H:%M} UTC: {self.reason} "
            f"(`awaaz resume {self.source}` lifts this.)"
        )


def hold_source(connection: Connection, hold: Hold, now: datetime) -> None:
    """Write down that a source is left alone; a hold that it had is replaced."""
    lift_hold(connection, hold.source)
    row = {"source": hold.source, "until": hold.until, "reason": hold.reason, "set_at": now}
    connection.execute(insert(holds).values(row))


def lift_hold(connection: Connection, source: str) -> bool:
    """Let a source be asked again and say whether it was held."""
    return connection.execute(delete(holds).where(holds.c.source == source)).rowcount > 0


def read_holds(connection: Connection, now: datetime) -> Sequence[Hold]:
    """Return the holds that are in force at `now`."""
    query = (
        select(holds.c.source, holds.c.until, holds.c.reason)
        .where(holds.c.until > now, holds.c.until <= now + LONGEST)
        .order_by(holds.c.source)
    )
    return [Hold(*row) for row in connection.execute(query)]


def end_of_period(now: datetime, period: Period) -> datetime:
    """Return when the platform counts anew: the next UTC midnight, or that of the next month."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return midnight + timedelta(days=1)
    return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
