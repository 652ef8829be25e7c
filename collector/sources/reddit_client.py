"""Reddit through PRAW, made never to wait for minutes and to say at once what went wrong."""

import time
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from configparser import ConfigParser
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from importlib.resources import files
from typing import Any

import praw
import prawcore
import requests
from praw.config import Config
from praw.exceptions import PRAWException

from collector.errors import CredentialRefused, RateLimited, SourceUnavailable
from collector.sources.reddit_refusal import (
    ALLOWANCE,
    REFUSED,
    explain_refusal,
    is_token_request,
    read_allowance,
)
from collector.sources.said_date import read_date
from collector.sources.transport import mount_timeouts

__all__ = ["Listing", "RedditClient"]

OAUTH_URL = "https://oauth.reddit.com"
REDDIT_URL = "https://www.reddit.com"

PACE_S = 0.6
"""Reddit allows 100 requests a minute."""

LONGEST_WAIT = timedelta(minutes=15)
"""Reddit counts over ten minutes; an allowance that ends later than this is a clock astray."""

MALFORMED = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""What prawcore lets through when an answer, a token's above all, is JSON of another shape."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of things as Reddit gives them, and where the next one begins."""

    things: Sequence[Mapping[str, Any]]
    after: str | None


class RedditClient:
    """Asks Reddit as an application without an account, which can only read.

    PRAW does the authorising, its objects are left alone: they fetch what they lack, and one
    field that is null breaks a whole page. `endpoint` replaces Reddit's addresses in tests.
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        user_agent: str,
        endpoint: str | None,
        timeout_s: float,
        clock: Callable[[], datetime],
        pace_s: float = PACE_S,
    ) -> None:
        ignore_ini_files()
        self.said_at: datetime | None = None
        """When Reddit's latest answer was given, by Reddit's own clock; None where it is undated"""
        self._session = requests.Session()
        elsewhere = dict.fromkeys((OAUTH_URL, REDDIT_URL), endpoint) if endpoint else {}
        mount_timeouts(self._session, timeout_s=timeout_s, rewrite=elsewhere)
        self._reddit = praw.Reddit(
            "DEFAULT",
            requestor_class=CheckedRequestor,
            requestor_kwargs={
                "session": self._session,
                "clock": clock,
                "pace_s": pace_s,
                "on_answer": self._note_date,
            },
            client_id=client_id,
            client_secret=client_secret,
            user_agent=user_agent,
            oauth_url=OAUTH_URL,
            reddit_url=REDDIT_URL,
            check_for_updates=False,
            check_for_async=False,
            # stated, lest PRAW take them from variables like praw_username
            username=None,
            password=None,
            refresh_token=None,
            redirect_uri=None,
        )

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def list_things(self, path: str, params: Mapping[str, str | int]) -> Listing:
        """Return one page of the listing at `path`; raises `SourceError`."""
        answer = self._ask(path, params)
        data = _mapping_at(answer, "data")
        children = data.get("children")
        if not isinstance(children, list):
            raise SourceUnavailable("Reddit answered with something else than a listing.")
        after = data.get("after")
        things = [_mapping_at(child, "data") for child in children]
        return Listing(things, after if isinstance(after, str) and after else None)

    def _note_date(self, headers: Mapping[str, str]) -> None:
        self.said_at = read_date(headers)

    def _ask(self, path: str, params: Mapping[str, str | int]) -> Any:
        try:
            return self._reddit.request(method="GET", path=path, params=dict(params))
        except prawcore.OAuthException:
            raise CredentialRefused(REFUSED) from None
        except (prawcore.PrawcoreException, PRAWException, *MALFORMED) as error:
            kind = type(error).__name__
        raise SourceUnavailable(f"Reddit did not answer in its own format ({kind}); try later.")


def _mapping_at(holder: object, key: str) -> Mapping[str, Any]:
    """Return the object under `key`; empty where there is none."""
    value = holder.get(key) if isinstance(holder, Mapping) else None
    return value if isinstance(value, Mapping) else {}


class CheckedRequestor(prawcore.Requestor):
    """Sends PRAW's requests and turns every answer that is none into an error of ours.

    Left to itself, prawcore 4 sleeps up to ten minutes when the allowance is spent, repeats a
    request thrice on a fault, holds to 16 s of timeout whatever PRAW is told, and fails in many
    ways on an answer that it does not know. Here waiting and repeating are left to the scheduler,
    which can do something else meanwhile.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        pace_s: float,
        on_answer: Callable[[Mapping[str, str]], None],
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._clock = clock
        self._on_answer = on_answer
        self._pace_s = pace_s
        self._next_at = 0.0
        self._spent_until: datetime | None = None
        self._token_doubted = False

    def request(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> requests.Response:
        """Send one request; raises `SourceError` unless Reddit takes it.

        A first 401 goes back to prawcore, which asks for a new token in place of a stale one.
        """
        del timeout  # prawcore's own, a constant
        method, url = args
        self._wait_for_turn()
        response = self._send(method, url, kwargs)
        self._on_answer(response.headers)
        refusal = explain_refusal(response, url, self._clock())
        self._note_allowance(response.headers)
        if is_token_request(url):
            stale = False
        else:
            stale = response.status_code == HTTPStatus.UNAUTHORIZED and not self._token_doubted
            self._token_doubted = stale
        if refusal is not None and not stale:
            raise refusal
        return response

    def _wait_for_turn(self) -> None:
        now = self._clock()
        if self._spent_until is not None and now < self._spent_until <= now + LONGEST_WAIT:
            raise RateLimited("Reddit's allowance is spent for now.", self._spent_until)
        time.sleep(max(0.0, self._next_at - time.monotonic()))
        self._next_at = time.monotonic() + self._pace_s

    def _send(self, method: str, url: str, options: dict[str, Any]) -> requests.Response:
        try:
            return self._http.request(method, url, **options)
        except (requests.RequestException, OSError) as error:
            kind = type(error).__name__
        raise SourceUnavailable(f"Reddit could not be reached ({kind}); try later.")

    def _note_allowance(self, headers: MutableMapping[str, str]) -> None:
        """Keep what Reddit says of the allowance to ourselves: prawcore would sleep on it."""
        allowance = read_allowance(headers)
        for name in ALLOWANCE:
            headers.pop(name, None)
        if allowance is not None:
            ends_at = self._clock() + timedelta(seconds=allowance.reset_s)
            self._spent_until = ends_at if allowance.remaining < 1 else None


def ignore_ini_files() -> None:
    """Keep PRAW from any praw.ini but its own: one in the current directory could send the
    credential to another host."""
    defaults = ConfigParser(interpolation=None)
    defaults.read_string(files("praw").joinpath("praw.ini").read_text())
    Config.CONFIG = defaults
