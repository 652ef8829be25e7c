"""X's batch compliance jobs and the storage they use, about a corpus of invented tweets."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.servers.x_corpus import Corpus, write_time


@dataclass
class Job:
    """One job as X keeps it."""

    number: str
    opened_at: datetime
    ids: list[str] | None = None
    handed_in_at: datetime | None = None


@dataclass
class Jobs:
    """Takes one job at a time and finishes it `takes` after its ids came in."""

    corpus: Corpus
    clock: Callable[[], datetime]
    takes: timedelta = timedelta()
    fails: bool = False
    scrubbed: set[str] = field(default_factory=set)
    """Tweets whose place was withdrawn."""
    all: dict[str, Job] = field(default_factory=dict)

    def open(self, base: str) -> dict[str, Any] | None:
        """Open a job; None while another is under way."""
        if any(self.state(job) in {"created", "in_progress"} for job in self.all.values()):
            return None
        job = Job(str(1_500_000_000_000_000_000 + len(self.all)), self.clock())
        self.all[job.number] = job
        return self.show(job, base)

    def state(self, job: Job) -> str:
        """Return X's word for how a job stands."""
        now = self.clock()
        if job.handed_in_at is None:
            return "created" if now < job.opened_at + timedelta(minutes=15) else "expired"
        if now < job.handed_in_at + self.takes:
            return "in_progress"
        return "failed" if self.fails else "complete"

    def show(self, job: Job, base: str) -> dict[str, Any]:
        """Return a job as X's JSON object."""
        return {
            "id": job.number,
            "type": "tweets",
            "status": self.state(job),
            "resumable": False,
            "created_at": write_time(job.opened_at),
            "upload_url": f"{base}/storage/submission/{job.number}?X-Goog-Signature=invented",
            "upload_expires_at": write_time(job.opened_at + timedelta(minutes=15)),
            "download_url": f"{base}/storage/delivery/{job.number}?X-Goog-Signature=invented",
            "download_expires_at": write_time(job.opened_at + timedelta(days=7)),
        }

    def take_in(self, number: str, body: bytes) -> None:
        """Take the ids of a job."""
        job = self.all[number]
        job.ids, job.handed_in_at = body.decode("ascii").split(), self.clock()

    def deliver(self, number: str) -> bytes:
        """Return a line for every id that something happened to."""
        lines = [json.dumps(self._say(each)) for each in self.all[number].ids or []]
        return "".join(f"{line}\n" for line in lines if line != "null").encode()

    def _say(self, tweet: str) -> dict[str, str] | None:
        if tweet in self.corpus.protected:
            return {"id": tweet, "action": "delete", "reason": "protected"}
        if tweet not in self.corpus.tweets:
            return {"id": tweet, "action": "delete", "reason": "deleted"}
        if tweet in self.scrubbed:
            return {"id": tweet, "action": "delete", "reason": "scrub_geo"}
        return None
