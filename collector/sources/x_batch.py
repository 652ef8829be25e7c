"""X asked for a whole list of posts which of them must go, by its batch compliance jobs.

https://docs.x.com/x-api/compliance/batch-compliance/introduction: a job is opened, the ids go as
plain text to an address that X names, and once it is done another address has a line of JSON for
every id that something happened to. It costs nothing; one job can be under way at a time.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests

from collector.errors import SourceUnavailable
from collector.sources.checker import PLACE_WITHDRAWN, JobState
from collector.sources.transport import mount_timeouts
from collector.sources.x_client import XClient

__all__ = ["XBatch"]

STATES: Mapping[str, JobState] = {
    "created": "working",
    "in_progress": "working",
    "complete": "done",
    "failed": "lost",
    "expired": "lost",
}
UPLOAD_SHARE = 10.0
"""An upload or a download may take so many times as long as a request."""

HERE = frozenset({"127.0.0.1", "::1", "localhost"})


def _now() -> datetime:
    return datetime.now(UTC)


class XBatch:
    """Hands ids to a compliance job of X and reads what it says of them."""

    name = "x-batch"
    platform = "x"
    most = 100_000

    def __init__(
        self,
        *,
        bearer_token: str,
        endpoint: str | None = None,
        timeout_s: float = 30.0,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._client = XClient(bearer_token, endpoint=endpoint, timeout_s=timeout_s, clock=clock)
        self._clock = clock
        # Of its own: the addresses are signed, and the bearer token is none of their business.
        self._files = requests.Session()
        self._files.trust_env = False  # nor is what a .netrc may hold
        mount_timeouts(self._files, timeout_s=UPLOAD_SHARE * timeout_s)
        self._opened: dict[str, Mapping[str, Any]] = {}

    def begin(self) -> str:
        """Open a job and return its id; raises `SourceError`."""
        job = self._client.open_job()
        self._opened[str(job["id"])] = job
        return str(job["id"])

    def hand_in(self, job: str, ids: Sequence[str]) -> None:
        """Upload the ids, one per line, for a job that was just opened; raises `SourceError`."""
        address = _address_of(self._opened.pop(job, {}), "upload_url")
        body = "\n".join(ids).encode("ascii")
        self._transfer("PUT", address, data=body, headers={"Content-Type": "text/plain"})

    def look(self, job: str) -> JobState:
        """Say how a job stands; lost also where nothing was uploaded in time."""
        found = self._client.find_job(job)
        word = str(found.get("status") or "")
        state = STATES.get(word, "working")
        if word == "created" and self._is_over(found.get("upload_expires_at")):
            return "lost"
        return "lost" if self._is_over(found.get("download_expires_at")) else state

    def fetch(self, job: str) -> Mapping[str, str]:
        """Return X's reason by id for every post that something happened to."""
        address = _address_of(self._client.find_job(job), "download_url")
        answer = self._transfer("GET", address)
        reasons: dict[str, str] = {}
        for named, reason in _read_lines(answer.content.decode("utf-8", "replace")):
            if reason != PLACE_WITHDRAWN or named not in reasons:  # who is listed twice is gone
                reasons[named] = reason
        return reasons

    def _transfer(self, method: str, address: str, **options: Any) -> requests.Response:
        try:
            answer = self._files.request(method, address, allow_redirects=False, **options)
        except (requests.RequestException, ValueError) as error:
            raise SourceUnavailable(
                f"the file of a compliance job could not be moved ({type(error).__name__});"
                " check the network",
                billed=False,
            ) from None  # the address is signed: whoever reads it could read the file
        if answer.status_code not in range(HTTPStatus.OK, HTTPStatus.MULTIPLE_CHOICES):
            raise SourceUnavailable(
                f"X's storage refuses the file of a compliance job ({answer.status_code});"
                " try later",
                billed=False,
            )
        return answer

    def _is_over(self, moment: object) -> bool:
        try:
            return datetime.fromisoformat(str(moment)) <= self._clock()
        except (TypeError, ValueError):  # none given, or no time zone
            return False


def _address_of(job: Mapping[str, Any], name: str) -> str:
    address = job.get(name)
    try:
        parts = urlsplit(address) if isinstance(address, str) else None
    except ValueError:
        parts = None
    if parts is None or (parts.scheme != "https" and parts.hostname not in HERE):
        raise SourceUnavailable(
            "X named no safe address for a compliance job's file; try later", billed=False
        )
    return parts.geturl()


def _read_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield id and reason; a line that cannot be read makes the whole answer useless.

    What is not in the answer counts as still there, so that none of it may be lost.
    """
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            row = json.loads(line)
            named, reason = row["id"], row.get("reason") or row["action"]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise SourceUnavailable(
                "a compliance job's answer cannot be read; try later", billed=False
            ) from None
        yield str(named), str(reason)
