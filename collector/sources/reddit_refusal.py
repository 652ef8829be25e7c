"""What Reddit means by an answer that holds no posts."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

import requests

from collector.errors import (
    CapSpent,
    CredentialRefused,
    QueryRefused,
    RateLimited,
    SourceError,
    SourceUnavailable,
)

__all__ = [
    "ALLOWANCE",
    "REFUSED",
    "Allowance",
    "explain_refusal",
    "is_token_request",
    "read_allowance",
]

REFUSED = (
    "Reddit refuses the credential: check AWAAZ_REDDIT_CLIENT_ID and AWAAZ_REDDIT_CLIENT_SECRET "
    "against the application's entry at https://www.reddit.com/prefs/apps."
)
BLOCKED = (
    "Reddit turns this program away before looking at its question: check its user agent, and "
    "whether the application of AWAAZ_REDDIT_CLIENT_ID is still approved."
)
TROUBLE = (HTTPStatus.NO_CONTENT, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY)
ALLOWANCE = ("x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-used")
LONGEST_WAIT_S = 86_400.0
SUBREDDIT = re.compile(r"/r/(\w+)")


class Allowance(NamedTuple):
    """Requests that are left, and seconds until the count begins anew."""

    remaining: float
    reset_s: float


def explain_refusal(response: requests.Response, url: str, now: datetime) -> SourceError | None:
    """Return the error that an answer stands for; None where Reddit gave what was asked."""
    status = response.status_code
    if response.ok and status != HTTPStatus.NO_CONTENT and not response.is_redirect:
        return None
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _explain_limit(response, now)
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return CapSpent("Reddit asks for payment (402): nothing more in this period.")
    if status in TROUBLE or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return SourceUnavailable(f"Reddit has trouble of its own ({status}); try later.")
    if status == HTTPStatus.UNAUTHORIZED or is_token_request(url) or _lacks_scope(response):
        return CredentialRefused(REFUSED)
    return _explain_question(response, url)


def is_token_request(url: str) -> bool:
    """Say whether a request asks for a token rather than for posts."""
    return urlsplit(url).path.endswith("/api/v1/access_token")


def read_allowance(headers: Mapping[str, str]) -> Allowance | None:
    """Return what Reddit says of the allowance; None where it does not say all of it."""
    remaining, reset_s = (_number(headers, name) for name in ALLOWANCE[:2])
    if remaining is None or reset_s is None:
        return None
    return Allowance(remaining, min(max(reset_s, 0.0), LONGEST_WAIT_S))


def _explain_limit(response: requests.Response, now: datetime) -> SourceError:
    wait_s = _retry_after(response.headers, now)
    if wait_s is None:
        wait_s = _number(response.headers, "x-ratelimit-reset")
    if wait_s is None:
        return CapSpent("Reddit gives nothing more (429) and does not say until when.")
    until = now + timedelta(seconds=min(max(wait_s, 1.0), LONGEST_WAIT_S))
    return RateLimited("Reddit asks to wait (429).", until)


def _explain_question(response: requests.Response, url: str) -> SourceError:
    """Explain a refusal of one question: a subreddit that is private, banned, misspelt."""
    reason = _reason_of(response)
    if response.status_code == HTTPStatus.FORBIDDEN and reason is None:
        return CredentialRefused(BLOCKED)
    found = SUBREDDIT.search(urlsplit(url).path)
    what = f"r/{found[1]}" if found else "this question"
    why = f"{response.status_code}, {reason}" if reason else str(response.status_code)
    return QueryRefused(
        f"Reddit does not give {what} ({why}): look whether it exists and is public, or take it "
        "out of the configuration."
    )


def _reason_of(response: requests.Response) -> str | None:
    """Return Reddit's word for why; None where the answer is not from its API at all."""
    try:
        answer = response.json()
    except ValueError:
        return None
    if not isinstance(answer, dict):
        return None
    reason = answer.get("reason") or answer.get("message")
    return reason if isinstance(reason, str) and re.fullmatch(r"[\w ]{1,40}", reason) else "refused"


def _lacks_scope(response: requests.Response) -> bool:
    return "insufficient_scope" in response.headers.get("www-authenticate", "")


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return seconds to wait; the header may hold them or a date."""
    seconds = _number(headers, "retry-after")
    if seconds is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(headers.get("retry-after", ""))
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        number = float(headers[name])
    except (KeyError, ValueError):
        return None
    return number if math.isfinite(number) else None
