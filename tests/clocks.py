"""A clock for tests: time passes when they say so, or while somebody waits."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


class Clock:
    """A clock that the test turns."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Wait, in place of `time.sleep`."""
        self.now += timedelta(seconds=seconds)
