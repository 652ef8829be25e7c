"""Errors of the collector package.

CollectorError
├── StoreError            the store cannot be opened, or is not one of ours
│   ├── NoStoreError      there is none yet
│   ├── ForgetKeyError    the key of the tombstones is missing or another one
│   └── StoreBusy         another process collects into this store
├── NoticeError           a notification could not be sent
├── HealthError           the health file cannot be written or read (`collector.health`)
├── TurnFailed            a turn of an upper room failed (`collector.jobs`)
├── StopRequested         the process was asked to end; not a fault
├── ArchiveError          a file cannot be read as an archive of posts
└── SourceError           a platform did not give what was asked
    ├── CredentialRefused     401, 403: the credential is wrong or lacks a right
    ├── RateLimited           429 with a time at which it ends
    ├── BudgetSpent           the month's budget pays for no further request
    │   └── NoRoom            no more posts could be kept checked
    ├── CapSpent              402, or 429 without a time: nothing more this period
    ├── QueryRefused          400: the platform does not take the query as written
    ├── ClockAstray           this machine's clock and the platform's do not agree
    └── SourceUnavailable     timeouts, 5xx, answers that are not what was promised
        └── JobLost           a batch job that will never answer
"""

from datetime import datetime


class CollectorError(Exception):
    """Base of every error that the collector package raises."""


class StoreError(CollectorError):
    """The store cannot be used; the message says what to do about it."""


class NoStoreError(StoreError):
    """There is no store yet where the settings say."""


class ForgetKeyError(StoreError):
    """The key that tombstones are written with is missing or not the one used so far."""


class StoreBusy(StoreError):
    """Another process holds this store for collecting."""


class NoticeError(CollectorError):
    """A notification could not be sent; the message holds no secret."""


class StopRequested(CollectorError):
    """The process was asked to end; work stops after the page or batch at hand."""


class ArchiveError(CollectorError):
    """A file cannot be read as an archive of posts."""


class SourceError(CollectorError):
    """A platform did not give what was asked.

    `billed` says that it may have charged for posts that never arrived.
    """

    billed = False


class CredentialRefused(SourceError):
    """The platform refuses the credential; the message says which one to look at."""


class RateLimited(SourceError):
    """The platform asks to wait until `until` (aware, UTC)."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class BudgetSpent(SourceError):
    """What the operator allows a source to spend in a month is spent."""


class NoRoom(BudgetSpent):
    """No more posts are stored than can be asked about again in time."""


class CapSpent(SourceError):
    """The platform gives nothing more in this billing period."""


class QueryRefused(SourceError):
    """The platform does not take the query as it is written."""


class ClockAstray(SourceError):
    """The clock of this machine is wrong, so that a platform refuses or cannot have what is due."""


class SourceUnavailable(SourceError):
    """The platform answered too late, with a fault, or not in its own format."""

    def __init__(self, message: str, *, billed: bool = True) -> None:
        super().__init__(message)
        self.billed = billed


class JobLost(SourceUnavailable):
    """A batch job of the platform will never answer; another must be begun."""

    def __init__(self, message: str) -> None:
        super().__init__(message, billed=False)
