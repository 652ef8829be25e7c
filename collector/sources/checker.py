"""What a platform must give so that stored posts can be re-checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from collector.post import Sighting

__all__ = ["PLACE_WITHDRAWN", "Answer", "BatchChecker", "Checker", "JobState"]

PLACE_WITHDRAWN = "scrub_geo"
"""The reason by which not the post is withdrawn but the place that it was sent from."""

JobState = Literal["working", "done", "lost"]
"""How a batch job stands; one that is lost will never answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a platform says of the posts that it was asked about, by the ids asked for."""

    alive: Mapping[str, Sighting | None]
    """The newest version of each post that is there; None where it is there but unreadable."""
    gone: Mapping[str, str]
    """Why each post that must go must go, in a word."""
    reads: int = 0
    """Posts that the platform charges for in this answer."""


class Checker(Protocol):
    """A platform that is asked whether posts are still there."""

    name: str
    """The source under which runs are recorded, as in `x-check`."""
    platform: str
    batch: int
    """Ids per question at most."""
    silence_means_gone: bool
    """Whether a post that two answers in a row do not mention is gone."""

    def check(self, ids: Sequence[str]) -> Answer:
        """Ask about up to `batch` posts; raises `SourceError` when the platform does not give."""
        ...


class BatchChecker(Protocol):
    """A platform that takes a whole list of ids and says later which of them must go."""

    name: str
    """The source under which runs are recorded, as in `x-batch`."""
    platform: str
    most: int
    """Ids per job at most."""

    def begin(self) -> str:
        """Open a job and return its id; raises `SourceError`."""
        ...

    def hand_in(self, job: str, ids: Sequence[str]) -> None:
        """Give the ids to a job that was just opened; raises `SourceError`."""
        ...

    def look(self, job: str) -> JobState:
        """Say how a job stands; raises `SourceError`."""
        ...

    def fetch(self, job: str) -> Mapping[str, str]:
        """Return why each id that must be acted on must be; what is not in it is still there.

        Raises `SourceError`.
        """
        ...
