"""tweepy's client for X's API v2, with timeouts, and with our errors in place of its own."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import requests
import tweepy  # type: ignore[import-untyped]
import urllib3

from collector.errors import (
    CapSpent,
    CredentialRefused,
    QueryRefused,
    RateLimited,
    SourceError,
    SourceUnavailable,
)
from collector.sources.said_date import read_date
from collector.sources.transport import mount_timeouts

__all__ = ["XClient"]

API = "https://api.twitter.com"
"""The address built into tweepy, which has no option for it."""

FAILURES = (
    tweepy.TweepyException,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    # tweepy reads faults without looking at their shape: a list for an object, null for a
    # text, a reset time in words; a deeply nested answer ends the parser.
    AttributeError,
    TypeError,
    ValueError,
    RecursionError,
)
SECRET = "AWAAZ_X_BEARER_TOKEN"  # noqa: S105 - the name of the variable, not its value
LONGEST_MESSAGE = 300


class XClient:
    """Asks X one question at a time; raises `SourceError`, which never holds the token."""

    def __init__(
        self,
        bearer_token: str,
        *,
        endpoint: str | None,
        timeout_s: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._token = _check_token(bearer_token)
        self._clock = clock
        self.refused_at: datetime | None = None
        """When X last refused a question, by X's own clock; None where that answer is undated."""
        # With wait_on_rate_limit tweepy calls itself again at once, and for ever, on a 429
        # without a reset time, which is what a spent cap looks like.
        self._client = tweepy.Client(self._token, return_type=dict, wait_on_rate_limit=False)
        mount_timeouts(
            self._client.session,
            timeout_s=timeout_s,
            rewrite={API: endpoint} if endpoint else None,
        )
        # At DEBUG it writes the token and all posts to the log.
        logging.getLogger("tweepy.client").setLevel(logging.INFO)

    def search(self, *, archive: bool, **params: object) -> Mapping[str, Any]:
        """Return one page of search results as X's JSON object; `meta` is in it."""
        client = self._client
        search = client.search_all_tweets if archive else client.search_recent_tweets
        return self._call_for_meta(search, **params)

    def count(self, *, archive: bool, **params: object) -> Mapping[str, Any]:
        """Return one page of counts as X's JSON object; `meta` is in it."""
        if archive:
            return self._call_for_meta(self._client.get_all_tweets_count, **params)
        del params["next_token"]  # seven days are one page, and tweepy knows of no next one
        return self._call_for_meta(self._client.get_recent_tweets_count, **params)

    def _call_for_meta(self, function: Callable[..., Any], **params: object) -> Mapping[str, Any]:
        answer = self._call(function, **params)
        if not isinstance(answer, Mapping) or not isinstance(answer.get("meta"), Mapping):
            raise SourceUnavailable(
                "X answered without results, in a format not its own; try later"
            )
        return answer

    def look_up(self, ids: Sequence[str], **params: object) -> Mapping[str, Any]:
        """Return the posts with these ids, and of those that are not there the problem."""
        try:
            answer = self._call(self._client.get_tweets, list(ids), **params)
        except QueryRefused:  # what X says of it repeats ids, which must reach no log
            raise QueryRefused("X does not take a lookup of stored ids; try later") from None
        if not isinstance(answer, Mapping) or not ({"data", "errors"} & answer.keys()):
            raise SourceUnavailable("X answered a lookup in a format not its own; try later")
        return answer

    def open_job(self) -> Mapping[str, Any]:
        """Open a compliance job for posts and return it as X's JSON object."""
        try:
            return self._call_for_job(self._client.create_compliance_job, "tweets")
        except QueryRefused as error:
            raise QueryRefused(
                "X opens no batch job; one may be under way, and one that got no ids ends after 15"
                f" minutes: {error}"
            ) from error

    def find_job(self, job: str) -> Mapping[str, Any]:
        """Return a compliance job as X's JSON object."""
        return self._call_for_job(self._client.get_compliance_job, job)

    def _call_for_job(self, function: Callable[..., Any], argument: str) -> Mapping[str, Any]:
        answer = self._call(function, argument)
        job = answer.get("data") if isinstance(answer, Mapping) else None
        if not isinstance(job, Mapping) or not isinstance(job.get("id"), str):
            raise SourceUnavailable(
                "X answered without a job, in a format not its own; try later", billed=False
            )
        return job

    def probe(self) -> None:
        """Ask for the account's usage, which is free; raises where X refuses the credential."""
        self._call(self._client.request, "GET", "/2/usage/tweets")

    def _call(self, function: Callable[..., Any], *args: object, **params: object) -> Any:
        try:
            return function(*args, **params)
        except FAILURES as error:
            raise self._translate(error) from error

    def _translate(self, error: Exception) -> SourceError:
        if isinstance(error, tweepy.TooManyRequests):
            return self._translate_too_many(error)
        if isinstance(error, tweepy.HTTPException):
            return self._translate_refusal(error)
        asked = not never_sent(error)
        if isinstance(error, requests.Timeout):
            return SourceUnavailable("X did not answer in time; try later", billed=asked)
        if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
            says = f"the connection to X failed ({type(error).__name__}); check the network"
            return SourceUnavailable(says, billed=asked)
        return SourceUnavailable("X answered in a format not its own; try later")

    def _translate_refusal(self, error: tweepy.HTTPException) -> SourceError:
        said = self._message_of(error)
        self.refused_at = read_date(error.response.headers)
        match error.response.status_code:
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                return CredentialRefused(f"X refuses the credential in {SECRET}: {said}")
            case HTTPStatus.BAD_REQUEST:
                return QueryRefused(f"X does not take the query: {said}")
            case HTTPStatus.PAYMENT_REQUIRED:  # to tweepy, an HTTPException like any other
                return CapSpent(f"the credits for X are spent, buy more at console.x.com: {said}")
            case _:
                return SourceUnavailable(f"X is not available, try later: {said}", billed=False)

    def _translate_too_many(self, error: tweepy.TooManyRequests) -> SourceError:
        """Tell a limit that passes from a cap that is spent, which may carry a reset time too."""
        said = self._message_of(error)
        if error.reset_time is None or "cap exceeded" in said.lower():
            return CapSpent(f"X gives no more posts in this billing period: {said}")
        try:
            until = datetime.fromtimestamp(error.reset_time, UTC)
        except (ValueError, OverflowError, OSError):
            says = "X limits the rate until a time that is none; try later"
            return SourceUnavailable(says, billed=False)
        until = max(until, self._clock().astimezone(UTC) + timedelta(seconds=1))
        return RateLimited(f"X asks to wait until {until:%Y-%m-%d %H:%M:%S} UTC", until)

    def _message_of(self, error: Exception) -> str:
        """Return in one line what was said, without the token should it have been repeated."""
        said = " ".join(str(error).split()).replace(self._token, "...")
        return said if len(said) <= LONGEST_MESSAGE else said[:LONGEST_MESSAGE] + "..."


def never_sent(error: Exception) -> bool:
    """Say whether no connection came about, so that X cannot have charged for anything."""
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(error, requests.ConnectTimeout) or isinstance(
        cause, urllib3.exceptions.NewConnectionError
    )


def _check_token(token: str) -> str:
    """Refuse what no header can carry, since the refusal of the library would print it."""
    token = token.strip()
    if not token:
        raise CredentialRefused(f"{SECRET} is empty; set it in the environment or in .env")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise CredentialRefused(f"{SECRET} holds characters that no token has; copy it again")
    return token
