"""A Reddit on this machine: its OAuth wire format, its limits, and its faults on request."""

import base64
import html
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from io import BufferedIOBase
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers.loopback import Handler, Loopback
from tests.servers.reddit_posts import RedditPosts, Thing

CLIENT_ID, CLIENT_SECRET = "invented-client", "invented-secret-7f3a"


@dataclass
class Answer:
    """What the server says instead of what it would; used `times` times for paths with `on`."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    on: str = "/r/"
    times: int = 1
    cut: bool = False
    """Close the connection in the middle of the body."""
    drip_s: float = 0.0
    """Seconds between the bytes of the body."""
    drip_head: bool = False
    """The head drips instead, and the body never comes."""


def json_answer(value: object, status: int = 200, **options: Any) -> Answer:
    """Return an answer with a JSON body."""
    return Answer(status, json.dumps(value).encode(), **options)


@dataclass(frozen=True)
class Seen:
    """A request as it came in."""

    method: str
    path: str
    params: Mapping[str, str]
    user_agent: str


class RedditServer(RedditPosts, Loopback):
    """Gives invented submissions and comments as Reddit's API does.

    `allowance` is what `x-ratelimit-remaining` counts down from, `clock` what its answers are
    dated by; without one they bear no date. Subreddits named in `private` and
    `banned` are refused as Reddit refuses them, unknown ones lead to its search page.
    """

    def __init__(
        self,
        *,
        allowance: int = 1_000,
        reset_s: int = 600,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__()
        self.clock = clock
        self.private: set[str] = set()
        self.banned: set[str] = set()
        self.seen: list[Seen] = []
        self.tokens: set[str] = set()
        self.script: list[Answer] = []
        self.used, self.allowance, self.reset_s = 0, allowance, reset_s
        self.listen(_Handler, reddit=self)

    def settings(self) -> dict[str, Any]:
        """Return the arguments with which a `RedditSource` reads from here."""
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "user_agent": "awaaz tests",
            "endpoint": self.url,
            "timeout_s": 5.0,
            "pace_s": 0.0,
        }

    def answer(self, *answers: Answer) -> None:
        """Put answers in line that replace the server's own."""
        self.script.extend(answers)

    def next_scripted(self, path: str) -> Answer | None:
        """Take the first scripted answer for `path`, if there is one."""
        for answer in self.script:
            if answer.on in path:
                answer.times -= 1
                if answer.times < 1:
                    self.script.remove(answer)
                return answer
        return None

    def asked(self, part: str) -> list[Seen]:
        """Return the requests so far whose path holds `part`."""
        return [seen for seen in self.seen if part in seen.path]

    def count(self) -> dict[str, str]:
        """Count a request and return the headers that tell of it."""
        self.used += 1
        left = max(0, self.allowance - self.used)
        figures = {"remaining": f"{left}.0", "used": self.used, "reset": self.reset_s}
        return {f"x-ratelimit-{name}": str(figure) for name, figure in figures.items()}


class _Handler(Handler):
    reddit: RedditServer

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("content-length", 0))).decode())

    def do_GET(self) -> None:
        self._serve(urlsplit(self.path).query)

    def _serve(self, query: str) -> None:
        parts = urlsplit(self.path)
        params = {key: values[0] for key, values in parse_qs(query).items()}
        reddit = self.reddit
        agent = self.headers.get("user-agent", "")
        reddit.seen.append(Seen(self.command, parts.path, params, agent))
        scripted = reddit.next_scripted(parts.path)
        if scripted is not None and scripted.drip_head:
            drip_head(self.wfile, scripted.drip_s, reddit.stopped)
            self.close_connection = True
        elif scripted is not None:
            self._send(scripted)
        elif parts.path == "/api/v1/access_token":
            self._send(self._grant())
        else:
            self._send(self._give(parts.path.strip("/").split("/"), params))

    def _grant(self) -> Answer:
        given = self.headers.get("authorization", "").removeprefix("Basic ")
        if base64.b64decode(given).decode() != f"{CLIENT_ID}:{CLIENT_SECRET}":
            return json_answer({"message": "Unauthorized", "error": 401}, 401)
        token = secrets.token_hex(8)
        self.reddit.tokens.add(token)
        grant = {"access_token": token, "token_type": "bearer", "expires_in": 86_400, "scope": "*"}
        return json_answer(grant)

    def _give(self, path: Sequence[str], params: Mapping[str, str]) -> Answer:
        reddit = self.reddit
        if self.headers.get("authorization", "").removeprefix("bearer ") not in reddit.tokens:
            challenge = {"www-authenticate": 'Bearer realm="reddit", error="invalid_token"'}
            return json_answer({"message": "Unauthorized", "error": 401}, 401, headers=challenge)
        match path:
            case ["r", subreddit, ("new" | "comments" | "search") as kind]:
                return self._give_subreddit(subreddit, kind, params)
            case ["api", "info"]:
                return self._count(reddit.give_info(params.get("id", "")), params)
            case _:
                return json_answer({"message": "Not Found", "error": 404}, 404)

    def _give_subreddit(self, subreddit: str, kind: str, params: Mapping[str, str]) -> Answer:
        reddit = self.reddit
        name = subreddit.lower()
        if name in reddit.private:
            refusal = {"reason": "private", "message": "Forbidden", "error": 403}
            return json_answer(refusal, 403)
        if name in reddit.banned:
            return json_answer({"reason": "banned", "message": "Not Found", "error": 404}, 404)
        if name not in reddit.subreddits:
            return Answer(302, headers={"location": f"{reddit.url}/subreddits/search?q={name}"})
        return self._count(reddit.give_listing(subreddit, kind, params), params)

    def _count(self, listing: Thing, params: Mapping[str, str]) -> Answer:
        if params.get("raw_json") != "1":
            listing = _escape(listing)
        return json_answer(listing, headers=self.reddit.count())

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        headers = {"content-type": "application/json; charset=UTF-8", **answer.headers}
        if (clock := self.reddit.clock) is not None:
            headers = {"date": format_datetime(clock(), usegmt=True), **headers}
        for name, value in (headers | {"content-length": str(len(answer.body))}).items():
            self.send_header(name, value)
        self.end_headers()
        for piece in _pieces(answer):
            self.wfile.write(piece)
            if answer.drip_s and self.reddit.stopped.wait(answer.drip_s):
                break
        self.close_connection = answer.cut or bool(answer.drip_s) or self.close_connection


def drip_head(wire: BufferedIOBase, pause_s: float, stopped: threading.Event) -> None:
    """Write the head of an answer byte by byte until the other end goes, or `stopped`."""
    for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"slow " * 2_000:
        wire.write(bytes([byte]))
        if stopped.wait(pause_s):
            return


def _pieces(answer: Answer) -> Iterator[bytes]:
    body = answer.body[: len(answer.body) // 2] if answer.cut else answer.body
    if not answer.drip_s:
        yield body
    else:
        yield from (bytes([byte]) for byte in body)


def _escape(value: Any) -> Any:
    if isinstance(value, str):
        return html.escape(value, quote=False)
    if isinstance(value, list):
        return [_escape(each) for each in value]
    if isinstance(value, dict):
        return {key: _escape(each) for key, each in value.items()}
    return value
