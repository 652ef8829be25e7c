"""How the jobs of `awaaz run` are doing, kept in a small file that a supervisor can read."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from collector.errors import CollectorError

__all__ = ["Health", "HealthError", "HealthFile", "JobHealth", "find_troubles", "read_health"]

SILENT = timedelta(minutes=5)
"""The watch gives a sign of life every minute; after this long without one the process is gone."""

LATE = timedelta(minutes=30)
"""A turn may begin this much late, or three times the job's interval where that is more."""


class HealthError(CollectorError):
    """The health file cannot be written or read; the message says what to do."""


@dataclass(frozen=True)
class JobHealth:
    """One job: how its turns ended. All moments are aware and UTC."""

    minutes: float
    last_success: datetime | None = None
    last_failure: datetime | None = None
    failures: int = 0
    """Turns in a row that failed, up to now."""
    says: str = ""
    next_turn: datetime | None = None
    turn_since: datetime | None = None
    """When the turn at hand began; None between turns."""


@dataclass(frozen=True)
class Health:
    """A whole health file."""

    process: int
    started_at: datetime
    alive_at: datetime
    ended_at: datetime | None = None
    jobs: Mapping[str, JobHealth] = field(default_factory=dict)


class HealthFile:
    """Keeps the state of the jobs; writes it to `path`, whole or not at all, where one is given.

    Failures in a row are carried on from an earlier process's file, so that a crash does not hide
    them.
    """

    def __init__(self, path: Path | None, minutes: Mapping[str, float], now: datetime) -> None:
        self._path = path
        self._lock = Lock()
        before = read_before(path)
        jobs = {
            name: replace(before.get(name, JobHealth(every)), minutes=every, turn_since=None)
            for name, every in minutes.items()
        }
        self._health = Health(os.getpid(), now, now, jobs=jobs)
        self._write()

    @property
    def health(self) -> Health:
        """The state now."""
        with self._lock:
            return self._health

    def begin_turn(self, job: str, now: datetime) -> None:
        """Note that a turn begins."""
        self._change(job, now, turn_since=now)

    def end_turn(self, job: str, says: str, now: datetime, *, failed: bool) -> None:
        """Note how a turn ended, and when the next one is due."""
        known = self.health.jobs[job]
        began = known.turn_since or now
        due = max(now, began + timedelta(minutes=known.minutes))
        ended = {"last_failure": now} if failed else {"last_success": now}
        failures = known.failures + 1 if failed else 0
        changes: dict[str, Any] = {"turn_since": None, "next_turn": due, "says": says[:300]}
        self._change(job, now, failures=failures, **changes, **ended)

    def beat(self, now: datetime) -> None:
        """Give a sign of life."""
        with self._lock:
            self._health = replace(self._health, alive_at=now)
            self._write()

    def end(self, now: datetime) -> None:
        """Note that the process ends of its own will."""
        with self._lock:
            self._health = replace(self._health, alive_at=now, ended_at=now)
            self._write()

    def _change(self, job: str, now: datetime, **changes: Any) -> None:
        with self._lock:
            jobs = {**self._health.jobs, job: replace(self._health.jobs[job], **changes)}
            self._health = replace(self._health, alive_at=now, jobs=jobs)
            self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(asdict(self._health), default=write_moment, indent=1))
            draft.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise HealthError(
                f"The health file {self._path} cannot be written ({error.strerror})."
                " Check watch.health_file and its folder."
            ) from None


def write_moment(value: object) -> str:
    """Write a moment as JSON has it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    raise TypeError(type(value).__name__)


def read_before(path: Path | None) -> Mapping[str, JobHealth]:
    """Return the jobs of an earlier process's file; none where there is none that can be read."""
    try:
        found = read_health(path) if path is not None else None
    except HealthError:
        return {}
    return found.jobs if found else {}


def read_health(path: Path) -> Health | None:
    """Return what a health file says, None where there is none; raises HealthError for another."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        jobs = {str(k): JobHealth(**read_moments(JobHealth, v)) for k, v in found["jobs"].items()}
        return Health(**{**read_moments(Health, found), "jobs": jobs})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise HealthError(
            f"The health file {path} cannot be read ({type(error).__name__})."
            " `awaaz run` writes it anew."
        ) from None


def read_moments(kind: type[Health | JobHealth], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `kind` with their moments parsed; raises ValueError for a naive one."""
    moments = {f.name for f in fields(kind) if "datetime" in str(f.type)}
    read = dict(row)
    for name in moments & set(row):
        if row[name] is None:
            continue
        read[name] = datetime.fromisoformat(row[name])
        if read[name].tzinfo is None:
            raise ValueError(name)
    return read


def find_troubles(
    health: Health | None, now: datetime, *, stuck: timedelta, most: int
) -> list[str]:
    """Return what is wrong, a sentence each; nothing where `awaaz run` is well.

    A turn may last `stuck`; a job may fail fewer than `most` turns in a row. A clock set back
    makes nothing late.
    """
    if health is None:
        return ["`awaaz run` has left no health file: it is not running, or writes another one."]
    if health.ended_at is not None:
        return [f"`awaaz run` was ended at {health.ended_at:%Y-%m-%d %H:%M} UTC."]
    if now - health.alive_at > SILENT:
        last = f"{health.alive_at:%Y-%m-%d %H:%M} UTC"
        return [f"`awaaz run` has given no sign of life since {last}."]
    return [
        f"{name}: {trouble}."
        for name, job in health.jobs.items()
        for trouble in job_troubles(job, now, stuck, most)
    ]


def job_troubles(job: JobHealth, now: datetime, stuck: timedelta, most: int) -> list[str]:
    """Return what is wrong with one job."""
    troubles = []
    if job.failures >= most:
        troubles.append(f"failed {job.failures} turns in a row ({job.says})")
    if job.turn_since is not None:
        if now - job.turn_since > stuck:
            troubles.append(f"a turn has not ended since {job.turn_since:%Y-%m-%d %H:%M} UTC")
    elif job.next_turn is not None and now - job.next_turn > may_be_late(job):
        troubles.append(f"a turn was due at {job.next_turn:%Y-%m-%d %H:%M} UTC")
    return troubles


def may_be_late(job: JobHealth) -> timedelta:
    """Return how much later than due a job's turn may begin."""
    return max(LATE, timedelta(minutes=3 * job.minutes))
