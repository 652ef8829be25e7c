"""Findings of `awaaz doctor`: one plain sentence each, with what to do about it."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is well, and what to do if it is not.

    `fault` means that something configured does not work; `off` that something is not set up.
    """

    what: str
    state: Literal["good", "off", "fault"]
    says: str
    advice: str = ""
