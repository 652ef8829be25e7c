"""Arctic Shift's API over httpx: paced, patient for a while, and plain about what went wrong."""

import json
import math
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import Any, Literal

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from collector.errors import CapSpent, QueryRefused, RateLimited, SourceError, SourceUnavailable
from collector.sources.said_date import read_date
from collector.sources.transport import cut_after

__all__ = ["ArcticClient", "Kind", "TooMuch"]

Kind = Literal["posts", "comments"]
ENDPOINT = "https://arctic-shift.photon-reddit.com"
USER_AGENT = "python:awaaz:v0.1 (stance monitor; no author data kept)"

ATTEMPTS = 5
"""Times that a request is made before its fault is recorded."""

LONGEST_WAIT_S = 900.0
"""A limit that ends later than this ends the backfill, which goes on when it is called again."""

EPOCH_S = 1_000_000_000.0
"""A reset beyond this is a moment in seconds since 1970; below, seconds from now."""

MOST_BYTES = 64 * 2**20
HERE = frozenset({"127.0.0.1", "::1", "localhost"})


class TooMuch(SourceError):
    """The archive took too long over one question: a smaller one may do."""


class ArcticClient:
    """Asks the archive. `wait(seconds)` sleeps; it may raise to end the work."""

    def __init__(
        self,
        *,
        endpoint: str | None,
        timeout_s: float,
        pace_s: float,
        clock: Callable[[], datetime],
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        address = httpx.URL(endpoint or ENDPOINT)
        if address.scheme != "https" and address.host not in HERE:
            raise QueryRefused("The address arctic_shift.endpoint must begin with https://.")
        self._http = httpx.Client(
            base_url=address,
            timeout=timeout_s,
            headers={"user-agent": USER_AGENT},
            verify=read_authorities(),
        )
        self._timeout_s, self._pace_s, self._clock, self._wait = timeout_s, pace_s, clock, wait
        self._pause_s = 0.0
        self._connection: Any = None
        self.said_at: datetime | None = None
        """When the latest answer was given, by the archive's clock; None where it is undated."""

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def search(self, kind: Kind, params: Mapping[str, str | int]) -> Sequence[Mapping[str, Any]]:
        """Return what the archive gives for one question; raises `SourceError`."""
        attempts = Retrying(
            retry=retry_if_exception(self._may_pass),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=2, max=60),
            sleep=self._note_pause,
            reraise=True,
        )
        return attempts(self._ask, kind, params)

    def _may_pass(self, error: BaseException) -> bool:
        if isinstance(error, RateLimited):
            return error.until - self._clock() <= timedelta(seconds=LONGEST_WAIT_S)
        return isinstance(error, SourceUnavailable)

    def _note_pause(self, seconds: float) -> None:
        """Keep the pause that the repetition asks for; `_ask` takes it before it asks."""
        self._pause_s = max(self._pause_s, seconds)

    def _ask(self, kind: Kind, params: Mapping[str, str | int]) -> Sequence[Mapping[str, Any]]:
        if self._pause_s > 0:
            self._wait(self._pause_s)
        self._pause_s = self._pace_s
        status, headers, body = self._fetch(f"/api/{kind}/search", params)
        self._heed(status, headers)
        answer = read_json(body)
        refuse(status, answer)
        things = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(things, list):
            raise SourceUnavailable("Arctic Shift answered with something else than posts.")
        return [thing for thing in things if isinstance(thing, dict)]

    def _fetch(
        self, path: str, params: Mapping[str, str | int]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body; the whole answer has `timeout_s`, however it drips."""
        options: dict[str, Any] = {"params": dict(params), "extensions": {"trace": self._trace}}
        body = bytearray()
        try:
            with (
                cut_after(self._timeout_s, self._cut),
                self._http.stream("GET", path, **options) as answer,
            ):
                self.said_at = read_date(answer.headers)
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise SourceUnavailable("Arctic Shift's answer was too long; try later.")
                return answer.status_code, answer.headers, bytes(body)
        except TimeoutError:
            raise SourceUnavailable("Arctic Shift's answer was too slow; try later.") from None
        except httpx.HTTPError as error:
            raise SourceUnavailable(
                f"Arctic Shift could not be reached ({type(error).__name__}); try later."
            ) from None

    def _trace(self, _event: str, info: Mapping[str, Any]) -> None:
        """Keep the connection that an answer comes by: httpx's timeouts begin anew at each byte."""
        opened = info.get("return_value")
        if hasattr(opened, "get_extra_info"):
            self._connection = opened

    def _cut(self) -> None:
        """End the connection, from another thread; a read that waits on it ends with it."""
        if self._connection is not None:
            self._connection.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def _heed(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the pause that the answer asks for; raises where it is too long or not stated."""
        reset_s = self._reset_s(headers)
        if status != HTTPStatus.TOO_MANY_REQUESTS:
            if reset_s is not None and (read_number(headers, "x-ratelimit-remaining") or 1) < 1:
                self._pause_s = max(self._pause_s, min(reset_s, LONGEST_WAIT_S))
            return
        if reset_s is None:
            raise CapSpent("Arctic Shift gives nothing more (429) and does not say until when.")
        until = self._clock() + timedelta(seconds=reset_s)
        self._note_pause(min(reset_s, LONGEST_WAIT_S))
        raise RateLimited(f"Arctic Shift asks to wait until {until:%Y-%m-%d %H:%M} UTC.", until)

    def _reset_s(self, headers: Mapping[str, str]) -> float | None:
        for name in ("retry-after", "x-ratelimit-reset"):
            number = read_number(headers, name)
            if number is not None:
                now = self._clock().timestamp() if number > EPOCH_S else 0.0
                return min(max(number - now, 1.0), 86_400.0)
        return None


@cache
def read_authorities() -> ssl.SSLContext:
    """Read whom this machine trusts, once: it takes 40 ms, and a process asks the archive often."""
    return httpx.create_ssl_context()


def read_json(body: bytes) -> Any:
    """Return parsed JSON, None for anything else."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def refuse(status: int, answer: Any) -> None:
    """Raise for an answer that holds no posts."""
    error = answer.get("error") if isinstance(answer, dict) else None
    says = error.casefold() if isinstance(error, str) else ""
    if "timeout" in says or "timed out" in says or "slow down" in says:
        raise TooMuch("Arctic Shift took too long over one question; try later.")
    if status == HTTPStatus.PAYMENT_REQUIRED:
        raise CapSpent("Arctic Shift asks for payment (402).")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        raise SourceUnavailable(f"Arctic Shift has trouble of its own ({status}); try later.")
    if status >= HTTPStatus.BAD_REQUEST and answer is not None:
        raise QueryRefused(
            f"Arctic Shift does not take this question ({status}): check the subreddit's name, or"
            " set arctic_shift.keyword_search to false."
        )
    if status != HTTPStatus.OK:
        raise SourceUnavailable(f"Arctic Shift answered in another way than agreed ({status}).")


def read_number(headers: Mapping[str, str], name: str) -> float | None:
    """Return a header's number, None where there is none."""
    try:
        number = float(headers[name])
    except (KeyError, ValueError):
        return None
    return number if math.isfinite(number) else None
