"""The watch: keeps the health file and tells the operator once of each condition."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from collector.conditions import Condition, find_conditions, latest_run, turn_failed
from collector.errors import NoticeError, StoreError
from collector.health import HealthError, HealthFile
from collector.jobs import Job
from collector.notify import Channel
from collector.runs import utc_now
from collector.store import Store
from collector.watch_schema import notices
from config.settings import Settings

__all__ = ["Watch", "standing_conditions"]

log = logging.getLogger(__name__)
MINUTES = 1.0
"""Minutes between two looks, each of which is a sign of life as well."""

AGAIN = timedelta(minutes=15)
"""After this long a notification that could not be sent is tried again."""


class LogChannel:
    """Writes a condition to the log: the one way that is always there."""

    name = "log"

    def send(self, condition: Condition) -> None:
        """Log a warning."""
        log.warning("%s", condition.says, extra={"condition": condition.name})


class Watch:
    """Hears of every turn, looks at the ledger every minute, and tells what is wrong."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        jobs: Sequence[Job],
        sources: Iterable[str],
        channels: Sequence[Channel] = (),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store, self._settings, self._clock = store, settings.watch, clock
        self._channels: tuple[Channel, ...] = (LogChannel(), *channels)
        minutes = {job.name: job.minutes for job in jobs}
        self._sources = {name: minutes[name] for name in sources if name in minutes}
        self._file = HealthFile(settings.health_path, minutes, clock())
        self._after: dict[str, int] = {}
        self._told_here: set[tuple[str, str]] = set()

    @property
    def job(self) -> Job:
        """The job in which the watch looks around."""
        return Job("watch", MINUTES, self._look)

    def begin_turn(self, job: str) -> None:
        """Note that a turn begins."""
        if job == "watch":
            return
        try:
            with self._store.reading() as connection:
                self._after[job] = latest_run(connection)
        except (StoreError, DBAPIError):  # then the turn itself will say so
            log.warning("%s: the ledger cannot be read", job)
        self._note(lambda: self._file.begin_turn(job, self._clock()))

    def end_turn(self, job: str, says: str, *, failed: bool) -> None:
        """Note how a turn ended; one whose runs failed has failed, though nothing was raised."""
        if job == "watch":
            return
        why = "" if failed else self._find_failure(job)
        self._note(
            lambda: self._file.end_turn(job, why or says, self._clock(), failed=failed or bool(why))
        )

    def end(self) -> None:
        """Note that the process ends of its own will."""
        self._note(lambda: self._file.end(self._clock()))

    def _find_failure(self, job: str) -> str:
        try:
            with self._store.reading() as connection:
                return turn_failed(connection, job, self._after.get(job, 0))
        except (StoreError, DBAPIError):
            return "The store could not be read."

    def _note(self, write: Callable[[], None]) -> None:
        try:
            write()
        except HealthError as error:
            log.warning("%s", error)

    def _look(self, check: Callable[[], None]) -> str:
        check()
        now = self._clock()
        self._note(lambda: self._file.beat(now))
        with self._store.reading() as connection:
            found = find_conditions(
                connection, self._file.health, self._sources, self._settings, now
            )
            known = known_notices(connection)
        for condition in found:
            for channel in self._channels:
                self._tell(condition, channel, known.get((condition.name, channel.name)), now)
        self._clear({condition.name for condition in found}, known)
        return ""

    def _tell(
        self,
        condition: Condition,
        channel: Channel,
        notice: tuple[datetime, datetime | None] | None,
        now: datetime,
    ) -> None:
        """Send a notification that is due and remember it, here even if the store cannot."""
        key = (condition.name, channel.name)
        tried, told = notice or (None, None)
        if told is not None or key in self._told_here:
            return
        if tried is not None and timedelta() <= now - tried < AGAIN:
            return
        try:
            channel.send(condition)
            told = now
            self._told_here.add(key)
        except NoticeError as error:
            log.warning("%s", error)
        try:
            with self._store.writing() as connection:
                write_notice(connection, condition, channel.name, now, told)
        except (StoreError, DBAPIError):  # a full disk is what may have to be told
            log.warning("the store does not take down what was told")

    def _clear(self, standing: set[str], known: Mapping[tuple[str, str], object]) -> None:
        self._told_here = {key for key in self._told_here if key[0] in standing}
        gone = {name for name, _ in known} - standing
        if gone:
            with self._store.writing() as connection:
                connection.execute(delete(notices).where(notices.c.condition.in_(gone)))
            log.info("cleared: %s", ", ".join(sorted(gone)))


def known_notices(
    connection: Connection,
) -> dict[tuple[str, str], tuple[datetime, datetime | None]]:
    """Return by condition and channel when it was tried last, and when it was told."""
    return {
        (row.condition, row.channel): (row.tried_at, row.told_at)
        for row in connection.execute(select(notices))
    }


def write_notice(
    connection: Connection,
    condition: Condition,
    channel: str,
    now: datetime,
    told: datetime | None,
) -> None:
    """Remember that a notification was sent, or tried."""
    here = (notices.c.condition == condition.name, notices.c.channel == channel)
    changes = {"says": condition.says, "tried_at": now, "told_at": told}
    if not connection.execute(update(notices).where(*here).values(changes)).rowcount:
        row = {"condition": condition.name, "channel": channel, "began_at": now, **changes}
        connection.execute(insert(notices).values(row))


def standing_conditions(connection: Connection) -> list[tuple[datetime, str]]:
    """Return what is wrong by the last look of `awaaz run`, with since when."""
    query = select(notices.c.began_at, notices.c.says).where(notices.c.channel == LogChannel.name)
    return [(began, says) for began, says in connection.execute(query.order_by(notices.c.began_at))]
