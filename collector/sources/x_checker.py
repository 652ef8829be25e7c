"""X asked whether posts are still there, by lookup of their ids."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from collector.errors import SourceError
from collector.post import Sighting
from collector.sources.checker import Answer
from collector.sources.x_client import XClient
from collector.sources.x_tweet import SightingError, newest_id, sighting_from_tweet

__all__ = ["XChecker"]

FIELDS: Mapping[str, list[str]] = {
    "tweet_fields": [
        *("created_at", "lang", "edit_history_tweet_ids", "note_tweet", "referenced_tweets"),
        "withheld",
    ]
}
"""No author and no place: X charges for authors, and the country of the post is known already."""

GONE = {
    "resource-not-found": "not_found",  # deleted, or its author's account is
    "not-authorized-for-resource": "not_authorized",  # protected or suspended
}
"""The problems, by the end of their type, by which X says that a post may not be held."""


def _now() -> datetime:
    return datetime.now(UTC)


class XChecker:
    """Looks up to 100 posts up at a time; each one that is there is charged as a read.

    What X names among the errors of its answer as not found or not authorised is gone, and so is
    what it withholds anywhere. What it does not mention is not.
    """

    name = "x-check"
    platform = "x"
    batch = 100
    silence_means_gone = False

    def __init__(
        self,
        *,
        bearer_token: str,
        endpoint: str | None = None,
        timeout_s: float = 30.0,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._client = XClient(bearer_token, endpoint=endpoint, timeout_s=timeout_s, clock=clock)

    def check(self, ids: Sequence[str]) -> Answer:
        """Return what X says of these posts, in their newest versions; raises `SourceError`."""
        answer = self._client.look_up(ids, **FIELDS)
        tweets = _tweets_of(answer)
        later = {newest: asked for asked, t in tweets.items() if (newest := newest_id(t)) != asked}
        reads = len(tweets)
        if later:
            newer = self._look_up_newer(list(later))
            tweets |= {later[newest]: tweet for newest, tweet in newer.items() if newest in later}
            reads += len(newer)
        gone = dict(_problems_of(answer, set(ids) - tweets.keys()))
        gone |= {asked: "withheld" for asked, tweet in tweets.items() if tweet.get("withheld")}
        alive = {asked: _read(t) for asked, t in tweets.items() if asked not in gone}
        return Answer(alive, gone, reads)

    def _look_up_newer(self, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        try:
            return _tweets_of(self._client.look_up(ids, **FIELDS))
        except SourceError as error:
            error.billed = True  # the first answer is paid for, whatever became of this one
            raise


def _tweets_of(answer: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    listed = answer.get("data")
    return {
        each["id"]: each
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, Mapping) and isinstance(each.get("id"), str)
    }


def _problems_of(answer: Mapping[str, Any], asked: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the posts that X says are gone, and its word for why."""
    listed = answer.get("errors")
    for problem in listed if isinstance(listed, list) else []:
        if not isinstance(problem, Mapping) or problem.get("resource_type") != "tweet":
            continue
        reason = GONE.get(str(problem.get("type")).rpartition("/")[2])
        named = problem.get("resource_id") or problem.get("value")
        if reason is not None and isinstance(named, str) and named in asked:
            yield named, reason


def _read(tweet: Mapping[str, Any]) -> Sighting | None:
    try:
        return sighting_from_tweet(tweet, {}, {})
    except SightingError:
        return None
