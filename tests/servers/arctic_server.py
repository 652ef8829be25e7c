"""An Arctic Shift on this machine: its API by time, its limits, and its faults on request."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers.loopback import Handler, Loopback
from tests.servers.reddit_posts import RedditPosts, Thing
from tests.servers.reddit_server import Answer, drip_head, json_answer

SLOW = {"data": None, "error": "Timeout. Maybe slow down a bit"}
WORD = re.compile(r"[^\W_]+")
PREFIX = {"posts": "t3_", "comments": "t1_"}


@dataclass(frozen=True)
class Question:
    """A request as it came in."""

    kind: str
    params: Mapping[str, str]


class ArcticServer(RedditPosts, Loopback):
    """Gives invented things as the archive does: `after` and `before` excluded, by the second.

    `allowance` counts down in its headers where it is set; a question over more than `most_s`
    seconds or `most` things takes it too long, as it does the real one. Its answers are dated by
    `clock`, and without one bear no date.
    """

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__()
        self.clock = clock
        self.asked: list[Question] = []
        self.script: list[Answer] = []
        self.allowance: int | None = None
        self.reset_s = 30
        self.most_s, self.most = 10**12, 100
        self.repeats = 0
        """Things of the page before that come again on every page."""
        self.listen(_Handler, arctic=self)

    def mark_deleted(self, fullname: str) -> None:
        """Mark a thing as the archive marks what went later: its text stays."""
        self.things[fullname]["_meta"] = {"was_deleted_later": True}

    def answer(self, *answers: Answer) -> None:
        """Put answers in line that replace the server's own."""
        self.script.extend(answers)

    def give(self, question: Question) -> Answer:
        """Answer a question as the archive would."""
        params = question.params
        headers = self._count()
        if headers.get("x-ratelimit-remaining") == "-1":
            return json_answer({"data": None, "error": "Too many"}, 429, headers=headers)
        after, before = int(params["after"]), int(params["before"])
        limit = int(params.get("limit", 25))
        if before - after > self.most_s or limit > self.most:
            return json_answer(SLOW, 422, headers=headers)
        found = self._find(question, after - self.repeats, before)
        return json_answer({"data": found[:limit]}, headers=headers)

    def _find(self, question: Question, after: int, before: int) -> list[Thing]:
        params = question.params
        words = params.get("query" if question.kind == "posts" else "body", "")
        found = [
            self.shape(thing)
            for name, thing in self.things.items()
            if name.startswith(PREFIX[question.kind])
            and thing["subreddit"].lower() == params["subreddit"].lower()
            and after < int(thing["created_utc"]) < before
            and matches(thing, words)
        ]
        found.sort(key=lambda t: (t["created_utc"], t["id"]), reverse=params["sort"] == "desc")
        return found

    def shape(self, thing: Thing) -> Thing:
        """Return a thing as the archive gives it: whole seconds, and the bare id only."""
        bare = {key: value for key, value in thing.items() if key != "name"}
        return bare | {"created_utc": int(thing["created_utc"]), "retrieved_on": 1_700_000_000}

    def _count(self) -> dict[str, str]:
        if self.allowance is None:
            return {}
        self.allowance -= 1
        return {
            "x-ratelimit-remaining": str(max(-1, self.allowance)),
            "x-ratelimit-reset": str(self.reset_s),
        }


def matches(thing: Thing, words: str) -> bool:
    """Search for any of the quoted terms as the archive's text search does: by whole words."""
    if not words:
        return True
    text = " ".join(str(thing.get(key) or "") for key in ("title", "selftext", "body"))
    plain = f" {' '.join(WORD.findall(text.casefold()))} "
    return any(f" {term.strip(chr(34)).casefold()} " in plain for term in words.split(" OR "))


class _Handler(Handler):
    arctic: ArcticServer

    def do_GET(self) -> None:
        arctic = self.arctic
        parts = urlsplit(self.path)
        params = {key: values[0] for key, values in parse_qs(parts.query).items()}
        found = re.fullmatch(r"/api/(posts|comments)/search", parts.path)
        if found is None:
            self._send(json_answer({"error": "Not found"}, 404))
            return
        question = Question(found[1], params)
        arctic.asked.append(question)
        self._send(arctic.script.pop(0) if arctic.script else arctic.give(question))

    def _send(self, answer: Answer) -> None:
        if answer.drip_head:
            drip_head(self.wfile, answer.drip_s, self.arctic.stopped)
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        headers: dict[str, Any] = {"content-type": "application/json", **answer.headers}
        if (clock := self.arctic.clock) is not None:
            headers["date"] = format_datetime(clock(), usegmt=True)
        for name, value in (headers | {"content-length": str(len(answer.body))}).items():
            self.send_header(name, value)
        self.end_headers()
        if answer.drip_s:
            for byte in answer.body:
                self.wfile.write(bytes([byte]))
                if self.arctic.stopped.wait(answer.drip_s):
                    break
        else:
            self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
        self.close_connection = answer.cut or bool(answer.drip_s) or self.close_connection


def page_of(things: list[Any]) -> Answer:
    """Return a scripted page."""
    return Answer(body=json.dumps({"data": things}).encode())
