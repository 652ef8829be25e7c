"""What X's API v2 answers, refusals of requests included, about a corpus of invented tweets."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.servers.x_corpus import Corpus, write_time

PROBLEMS = "https://api.twitter.com/2/problems"
DEFAULT_FIELDS = {"id", "text", "edit_history_tweet_ids"}
STEPS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
FIRST_DAY = datetime(2006, 3, 26, tzinfo=UTC)

Answer = dict[str, Any]


class RefusalError(Exception):
    """What X answers with 400."""


class XApi:
    """Answers about `corpus` as of `clock`."""

    def __init__(self, corpus: Corpus, clock: Callable[[], datetime]) -> None:
        self.corpus = corpus
        self.clock = clock
        self.numbers = count(1)
        self.foreign_tokens = False
        """Whether page tokens of another server, from recorded answers, are taken too."""

    def make_token(self, before: int) -> str:
        """Return a page token, never the same, that stands for the tweets older than an id."""
        return f"b26v89c19zqg8o3f{before:x}x{next(self.numbers):x}"

    def answer(self, path: str, params: Mapping[str, str]) -> Answer:
        """Return the true answer to a request; raises `RefusalError`."""
        match path.removeprefix("/2/").split("/"):
            case ["tweets", "search", "recent" | "all" as reach]:
                return self._search(params, archive=reach == "all")
            case ["tweets", "counts", "recent" | "all" as reach]:
                return self._count(params, archive=reach == "all")
            case ["tweets"]:
                return self._look_up(params)
            case ["usage", "tweets"]:
                return {"data": {"project_id": "1", "project_usage": "0", "project_cap": "2000000"}}
        raise RefusalError(f"no such path: {path}")

    def _search(self, params: Mapping[str, str], *, archive: bool) -> Answer:
        size = int(params.get("max_results", "10"))
        if not 10 <= size <= (500 if archive else 100):
            raise RefusalError(f"The `max_results` query parameter value [{size}] is not valid")
        before = 0 if self.foreign_tokens else position_of(params.get("next_token"))
        found = [each for each in self._find(params, archive) if int(each["id"]) < before]
        page, rest = found[:size], found[size:]
        meta: Answer = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if rest:
            meta["next_token"] = self.make_token(int(page[-1]["id"]))
        return self._with_includes(page, params) | {"meta": meta}

    def _find(self, params: Mapping[str, str], archive: bool) -> list[dict[str, Any]]:  # noqa: FBT001
        query, now = params.get("query", ""), self.clock()
        limit = 1024 if archive else 512
        if not 0 < len(query) <= limit:
            raise RefusalError(f"Invalid 'query': length must be between 1 and {limit}")
        oldest = FIRST_DAY if archive else now - timedelta(days=7)
        since = time_of(params, "start_time", oldest)
        until = time_of(params, "end_time", now - timedelta(seconds=30))
        if since < oldest:
            raise RefusalError(f"Invalid 'start_time': must be on or after {write_time(oldest)}")
        if until > now - timedelta(seconds=10):
            raise RefusalError(
                "Invalid 'end_time': must be a minimum of 10 seconds prior to the request"
            )
        if since >= until:
            raise RefusalError("Invalid 'start_time': must be before 'end_time'")
        least, most = int(params.get("since_id", 0)), int(params.get("until_id", 2**63))
        return [
            each for each in self.corpus.find(query, since, until) if least < int(each["id"]) < most
        ]

    def _count(self, params: Mapping[str, str], *, archive: bool) -> Answer:
        step = STEPS[params.get("granularity", "hour")]
        counts: dict[datetime, int] = {}
        for tweet in self._find(params, archive):
            at = datetime.fromisoformat(tweet["created_at"])
            start = FIRST_DAY + (at - FIRST_DAY) // step * step
            counts[start] = counts.get(start, 0) + 1
        data = [
            {"start": write_time(start), "end": write_time(start + step), "tweet_count": number}
            for start, number in sorted(counts.items())
        ]
        return {"data": data, "meta": {"total_tweet_count": sum(counts.values())}}

    def _look_up(self, params: Mapping[str, str]) -> Answer:
        ids = params["ids"].split(",")
        if len(ids) > 100:
            raise RefusalError(
                "The number of values in the `ids` query parameter list is not valid"
            )
        ids = [each for each in ids if each not in self.corpus.unmentioned]
        hidden = self.corpus.protected
        open_to_all = self.corpus.tweets.keys() - hidden
        there = [self.corpus.tweets[each] for each in ids if each in open_to_all]
        errors = [
            unauthorized(each) if each in hidden else missing(each)
            for each in ids
            if each not in open_to_all
        ]
        return self._with_includes(there, params) | ({"errors": errors} if errors else {})

    def _with_includes(self, tweets: list[dict[str, Any]], params: Mapping[str, str]) -> Answer:
        """Return the fields asked for; as from X, an empty answer has no `data` at all."""
        wanted = DEFAULT_FIELDS | set(params.get("tweet.fields", "").split(","))
        expansions = params.get("expansions", "").split(",")
        answer: Answer = {}
        if tweets:
            answer["data"] = [{k: v for k, v in each.items() if k in wanted} for each in tweets]
        includes = {}
        if "author_id" in expansions:
            ids = {each["author_id"] for each in tweets}
            includes["users"] = [self.corpus.users[each] for each in sorted(ids)]
        if "geo.place_id" in expansions:
            ids = {each["geo"]["place_id"] for each in tweets if "place_id" in each.get("geo", {})}
            includes["places"] = [self.corpus.places[each] for each in sorted(ids)]
        kept = {kind: objects for kind, objects in includes.items() if objects}
        return answer | ({"includes": kept} if kept else {})


def position_of(token: str | None) -> int:
    """Return the id that a page token stands for."""
    if token is None:
        return 2**63
    try:
        return int(token.removeprefix("b26v89c19zqg8o3f").partition("x")[0], 16)
    except ValueError:
        raise RefusalError("Invalid 'next_token'") from None


def time_of(params: Mapping[str, str], name: str, default: datetime) -> datetime:
    """Read a time of the request."""
    return datetime.fromisoformat(params[name]) if name in params else default


def missing(tweet_id: str) -> dict[str, str]:
    """Return what X says of a tweet that is not there."""
    return {
        "value": tweet_id,
        "detail": f"Could not find tweet with ids: [{tweet_id}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "ids",
        "resource_id": tweet_id,
        "type": f"{PROBLEMS}/resource-not-found",
    }


def unauthorized(tweet_id: str) -> dict[str, str]:
    """Return what X says of a tweet whose author is protected or suspended."""
    return missing(tweet_id) | {
        "detail": f"Sorry, you are not authorized to see the Tweet with ids: [{tweet_id}].",
        "title": "Authorization Error",
        "type": f"{PROBLEMS}/not-authorized-for-resource",
    }
