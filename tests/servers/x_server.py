"""A loopback server that speaks the wire format of X's API v2 about a corpus of invented tweets.

It refuses what X refuses (a missing token, a query too long, times out of reach) and follows a
script of faults, one per request; see `tests.servers.x_faults`.
"""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from time import sleep
from urllib.parse import parse_qsl, urlsplit

from tests.servers.loopback import Handler, Loopback
from tests.servers.x_api import PROBLEMS, Answer, RefusalError, XApi
from tests.servers.x_corpus import Corpus
from tests.servers.x_jobs import Jobs

TOKEN = "invented-bearer"


@dataclass
class Asked:
    """One request as the server saw it."""

    path: str
    params: dict[str, str]
    token: str | None
    method: str = "GET"
    body: bytes = b""


@dataclass
class Reply:
    """What goes over the wire; the pauses are seconds before each byte."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    body_pause_s: float = 0.0
    head_pause_s: float = 0.0
    cut: bool = False
    """Close the connection in the middle of the body."""


Turn = Callable[["XServer", Asked, Answer], Reply]
"""Makes a reply of the request and of the answer that would be true."""


def reply(body: object, status: int = 200, **headers: str) -> Reply:
    """Return a reply in JSON."""
    kind = {"content-type": "application/json; charset=utf-8"}
    encoded = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Reply(status, encoded, kind | {k.replace("_", "-"): v for k, v in headers.items()})


class XServer(Loopback):
    """Serves its corpus while entered; `turns` are used up first, then `always`, then truth."""

    def __init__(self, *, token: str, clock: Callable[[], datetime]) -> None:
        self.corpus = Corpus()
        self.token = token
        self.api = XApi(self.corpus, clock)
        self.jobs = Jobs(self.corpus, clock)
        self.turns: deque[Turn] = deque()
        self.always: Turn | None = None
        self.deliveries: deque[Callable[[Reply], Reply]] = deque()
        """Faults of the next downloads of a job's answer."""
        self.dated = True
        """Whether answers bear the date, which X's do."""
        self.asked: list[Asked] = []
        self.served: list[Answer] = []
        self.listen(_Handler, x=self)

    def script(self, *turns: Turn) -> None:
        """Answer the next requests with these, in their order."""
        self.turns.extend(turns)

    def handle(self, asked: Asked) -> Reply:
        """Return the reply to one request, faults included."""
        self.asked.append(asked)
        if asked.path.startswith("/storage/"):
            return self._store(asked)
        if asked.token != self.token:
            return reply({"title": "Unauthorized", "status": 401, "detail": "Unauthorized"}, 401)
        try:
            answer = self._answer(asked)
        except RefusalError as refusal:
            errors = [{"message": str(refusal)}]
            problem = {"title": "Invalid Request", "type": f"{PROBLEMS}/invalid-request"}
            return reply({"errors": errors, **problem}, 400)
        turn = self.turns.popleft() if self.turns else self.always
        self.served.append(answer)
        return turn(self, asked, answer) if turn else reply(answer)

    def _answer(self, asked: Asked) -> Answer:
        if not asked.path.startswith("/2/compliance/jobs"):
            return self.api.answer(asked.path, asked.params)
        if asked.method == "POST":
            opened = self.jobs.open(self.url)
            if opened is None:
                raise RefusalError("You already have a compliance job of this type under way")
            return {"data": opened}
        job = self.jobs.all.get(asked.path.rpartition("/")[2])
        if job is None:
            raise RefusalError("no such job")
        return {"data": self.jobs.show(job, self.url)}

    def _store(self, asked: Asked) -> Reply:
        """Take or give the file of a job; whoever knows the address may."""
        if asked.token is not None:
            return reply({"error": "the token of X has no business here"}, 400)
        number = asked.path.rpartition("/")[2]
        if asked.method == "PUT":
            self.jobs.take_in(number, asked.body)
            return reply({})
        if self.jobs.all[number].ids is None:
            return reply({"error": "NoSuchKey"}, 404)
        whole = Reply(200, self.jobs.deliver(number), {"content-type": "application/json"})
        return self.deliveries.popleft()(whole) if self.deliveries else whole


class _Handler(Handler):
    x: XServer

    def do_GET(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def do_PUT(self) -> None:
        self._do()

    def _do(self) -> None:
        url = urlsplit(self.path)
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        asked = Asked(url.path, dict(parse_qsl(url.query)), bearer or None, self.command, body)
        self._send(self.x.handle(asked))

    def _send(self, answer: Reply) -> None:
        headers = answer.headers | {"content-length": str(len(answer.body))}
        if self.x.dated:
            headers["date"] = format_datetime(self.x.api.clock().astimezone(UTC), usegmt=True)
        lines = [f"HTTP/1.1 {answer.status} {self.responses[answer.status][0]}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode("ascii")
        body = answer.body[: len(answer.body) // 2] if answer.cut else answer.body
        self.close_connection = answer.cut
        if not answer.head_pause_s + answer.body_pause_s:
            self.wfile.write(head + body)  # in one, since two small ones wait for each other
            return
        self._drip(head, answer.head_pause_s)
        self._drip(body, answer.body_pause_s)

    def _drip(self, data: bytes, pause_s: float) -> None:
        for byte in data:
            sleep(pause_s)
            self.wfile.write(bytes([byte]))
