"""Asking a platform: each request is repeated when it fails for a while, and waits when told to."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random, SystemRandom
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from collector.budget import Purse
from collector.errors import RateLimited, SourceError, SourceUnavailable

__all__ = ["Asker", "Patience", "go_on"]

log = logging.getLogger(__name__)
T = TypeVar("T")
STEP_S = 1.0
"""Waiting is done in steps, so that a request to stop is heard within one."""


def go_on() -> None:
    """Ask nobody whether to stop."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request is worth waiting for."""

    attempts: int = 5
    first_wait_s: float = 2.0
    """Bound of the first wait after a fault; it doubles with each, and chance picks within it."""
    longest_wait_s: float = 60.0
    longest_limit: timedelta = timedelta(minutes=15)
    """A rate limit that lasts longer ends the turn instead of being waited for."""
    sleep: Callable[[float], None] = time.sleep
    chance: Random = SystemRandom()
    """Picks the waits; a seeded one makes them the same each time."""


class Asker:
    """Puts requests for one turn of a source; between attempts it asks `check` whether to stop.

    Repeated are faults of the platform or the way to it (5xx, timeouts, answers that cannot be
    read) and short rate limits; the page token at hand stays good, so that a window goes on where
    it was. The last fault is raised as it came, with the number of attempts.
    """

    def __init__(
        self,
        patience: Patience,
        clock: Callable[[], datetime],
        check: Callable[[], None] = go_on,
        purse: Purse | None = None,
    ) -> None:
        self._patience = patience
        self._clock = clock
        self._check = check
        self._purse = purse

    def __call__(self, request: Callable[[], T], /) -> T:
        """Return what `request` gives; raises `SourceError` or what `check` raises."""
        retrying = Retrying(
            stop=stop_after_attempt(self._patience.attempts),
            wait=self._choose_wait,
            retry=retry_if_exception(self._is_passing),
            sleep=self.pause,
            before_sleep=log_fault,
            reraise=True,
        )
        try:
            answer: T = retrying(self._put, request)
        except SourceUnavailable as error:
            if (attempts := retrying.statistics["attempt_number"]) > 1:
                error.add_note(f"Asked {attempts} times.")
            raise
        return answer

    def _put(self, request: Callable[[], T]) -> T:
        """Put a request once, with its greatest cost set aside until `Purse.settle`."""
        if self._purse is None:
            return request()
        self._purse.reserve()
        try:
            return request()
        except SourceError as error:
            if not error.billed:
                self._purse.release()
            raise

    def _is_passing(self, error: BaseException) -> bool:
        if isinstance(error, RateLimited):
            return error.until - self._clock() <= self._patience.longest_limit
        return isinstance(error, SourceUnavailable)

    def _choose_wait(self, state: RetryCallState) -> float:
        """Return seconds: until the limit ends, or by chance up to a bound that doubles."""
        error, chance = state.outcome and state.outcome.exception(), self._patience.chance
        if isinstance(error, RateLimited):
            return max(0.0, (error.until - self._clock()).total_seconds()) + chance.random()
        bound = self._patience.first_wait_s * 2.0 ** (state.attempt_number - 1)
        return chance.uniform(0.0, min(bound, self._patience.longest_wait_s))

    def pause(self, seconds: float) -> None:
        """Wait, and hear within a second that the process is to end."""
        while seconds > 0:
            self._check()
            self._patience.sleep(min(STEP_S, seconds))
            seconds -= STEP_S
        self._check()


def log_fault(state: RetryCallState) -> None:
    """Note a fault that is waited out; our errors hold no secret and no post."""
    error = state.outcome.exception() if state.outcome else None
    wait_s = state.upcoming_sleep
    log.warning("attempt %d failed, next in %.0f s: %s", state.attempt_number, wait_s, error)
