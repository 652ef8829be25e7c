"""What goes wrong with X: turns for the script of `XServer`."""

from typing import Any

from tests.servers.x_api import PROBLEMS, Answer, position_of
from tests.servers.x_server import Asked, Reply, Turn, XServer, reply


def refuse(status: int, detail: str, title: str = "") -> Turn:
    """Answer with a status and X's problem object."""
    body = {"title": title or "Problem", "detail": detail, "type": "about:blank", "status": status}
    return lambda _server, _asked, _answer: reply(body, status)


def limit_rate(reset: int | str) -> Turn:
    """429 with the time at which it ends."""
    body = {"title": "Too Many Requests", "detail": "Too Many Requests", "status": 429}
    headers = {"x_rate_limit_limit": "60", "x_rate_limit_remaining": "0"}
    return lambda _s, _a, _t: reply(body, 429, x_rate_limit_reset=str(reset), **headers)


def spend_cap(**headers: str) -> Turn:
    """429 of a spent cap: no reset time unless `headers` add one, as X is known to."""
    body = {
        "title": "UsageCapExceeded",
        "period": "Monthly",
        "scope": "Product",
        "detail": "Usage cap exceeded: Monthly product cap",
        "type": f"{PROBLEMS}/usage-capped",
    }
    return lambda _server, _asked, _answer: reply(body, 429, **headers)


def say(body: bytes, status: int = 200, content_type: str = "text/html") -> Turn:
    """Answer with bytes as they are."""
    return lambda _server, _asked, _answer: Reply(status, body, {"content-type": content_type})


def change(**parts: Any) -> Turn:
    """Answer truly but for these parts at the top of the answer; None takes one out."""

    def turn(_server: XServer, _asked: Asked, answer: Answer) -> Reply:
        changed = {name: part for name, part in (answer | parts).items() if part is not None}
        return reply(changed)

    return turn


def give_no_posts(server: XServer, asked: Asked, _answer: Answer) -> Reply:
    """An empty page whose new token leads to where this page should have begun."""
    token = server.api.make_token(position_of(asked.params.get("next_token")))
    return reply({"meta": {"result_count": 0, "next_token": token}})


def repeat_page(server: XServer, asked: Asked, _answer: Answer) -> Reply:
    """The page before once more, with a new token to where this page should have begun."""
    before = server.served[-2]
    token = server.api.make_token(position_of(asked.params.get("next_token")))
    return reply(before | {"meta": before["meta"] | {"next_token": token}})


def repeat_token(server: XServer, _asked: Asked, answer: Answer) -> Reply:
    """The first page's token each time, so that the second page comes again and again."""
    first = server.served[0]["meta"]["next_token"]
    return reply(answer | {"meta": answer["meta"] | {"next_token": first}})


def shuffle_page(_server: XServer, _asked: Asked, answer: Answer) -> Reply:
    """A page whose posts are out of order."""
    return reply(answer | {"data": answer["data"][::-1]})


def drip(*, body_s: float = 0.0, head_s: float = 0.0) -> Turn:
    """Answer truly, a byte each so many seconds."""

    def turn(_server: XServer, _asked: Asked, answer: Answer) -> Reply:
        true = reply(answer)
        true.body_pause_s, true.head_pause_s = body_s, head_s
        return true

    return turn


def die(_server: XServer, _asked: Asked, answer: Answer) -> Reply:
    """Close the connection in the middle of the answer."""
    true = reply(answer)
    true.cut = True
    return true
