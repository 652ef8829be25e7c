"""What a platform must give so that stored posts can be re-checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from collector.post import Sighting

__all__ = ["Answer", "Checker"]


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
