"""How requests leave the house: always with a timeout, never retried behind our back."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

__all__ = ["TimedAdapter", "cut_after", "mount_timeouts"]


def mount_timeouts(
    session: requests.Session, *, timeout_s: float, rewrite: Mapping[str, str] | None = None
) -> None:
    """Give every request of `session` a timeout; send those to a base in `rewrite` elsewhere.

    `rewrite` maps a base URL as a library has it built in to another; tests use it to reach a
    loopback server. A base on another machine must be `https`, since the credential goes along.
    """
    for scheme in ("http://", "https://"):
        session.mount(scheme, TimedAdapter(timeout_s))
    for built_in, endpoint in (rewrite or {}).items():
        session.mount(built_in, TimedAdapter(timeout_s, endpoint))


class TimedAdapter(HTTPAdapter):
    """Waits at most `timeout_s` each for connection, head of an answer, and its body.

    The timeouts of `requests` start anew with every byte, so that a server which sends one now
    and then is waited for without end; here the connection is cut when the time is over.
    """

    def __init__(self, timeout_s: float, endpoint: str | None = None) -> None:
        if endpoint is not None and not _keeps_secrets(endpoint):
            raise ValueError(f"the address {endpoint} must begin with https://")
        self._timeout_s = timeout_s
        self._endpoint = endpoint
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools, whose connections watch the head of an answer."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> ProxyManager:
        """Return the pools for a proxy, watched as those without one."""
        manager: ProxyManager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = POOLS
        return manager

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        """Send a request and return its answer with the body read; raises as `requests` does."""
        if self._endpoint is not None:
            request.url = _move(request.url or "", self._endpoint)
            options["proxies"] = None
        if options.get("timeout") is None:
            options["timeout"] = self._timeout_s
        response = super().send(request, *args, **options | {"stream": True})
        try:
            with cut_after(self._timeout_s, response.raw.shutdown):
                response.content  # noqa: B018 - reads the body, which `response` then keeps
        except TimeoutError as error:
            raise requests.ReadTimeout(error, request=request) from error
        return response


class _Connection(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # so it is in urllib3
        with cut_after(_seconds_of(self.timeout), self.sock.shutdown, socket.SHUT_RDWR):
            return super().getresponse()


class _SecureConnection(HTTPSConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # so it is in urllib3
        with cut_after(_seconds_of(self.timeout), self.sock.shutdown, socket.SHUT_RDWR):
            return super().getresponse()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS = {"http": _Pool, "https": _SecurePool}


@contextmanager
def cut_after(seconds: float, cut: Callable[..., object], *args: object) -> Iterator[None]:
    """Call `cut` from another thread when the block takes longer; then it raises TimeoutError.

    It raises also where the block ends well: the head of an answer that was cut reads like a
    whole one, with fewer headers.
    """
    over = threading.Event()

    def end() -> None:
        over.set()
        with suppress(OSError, ValueError, RuntimeError):  # closed in the meantime
            cut(*args)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if over.is_set():
            raise TimeoutError(f"the answer was not in after {seconds:g} seconds")


def _seconds_of(timeout: object) -> float:
    return float(timeout) if isinstance(timeout, int | float) else threading.TIMEOUT_MAX


def _keeps_secrets(endpoint: str) -> bool:
    parts = urlsplit(endpoint)
    return parts.scheme == "https" or parts.hostname in {"127.0.0.1", "::1", "localhost"}


def _move(url: str, endpoint: str) -> str:
    """Return `url` with the scheme, host and port of `endpoint`."""
    target = urlsplit(endpoint)
    return urlunsplit(urlsplit(url)._replace(scheme=target.scheme, netloc=target.netloc))
