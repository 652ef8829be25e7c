"""Invented tweets, kept as X keeps them and found by the part of its query language we write."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

SNOWFLAKE_EPOCH_MS = 1288834974657
TOKENS = re.compile(r'-?"[^"]*"|-?\(|\)|[^\s()]+')


@dataclass
class Corpus:
    """All that the server holds; tweets by the id of each version, as X's own objects."""

    tweets: dict[str, dict[str, Any]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    sequence: Iterator[int] = field(default_factory=count)
    protected: set[str] = field(default_factory=set)
    """Ids of tweets of which X says in a lookup that they are not for us."""
    unmentioned: set[str] = field(default_factory=set)
    """Ids of tweets about which a lookup says nothing at all."""

    def post(
        self, text: str, at: datetime, *, location: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Add a tweet of a new invented author; `fields` are those of X's object."""
        tweet_id, author = self._make_id(at), f"{9000 + next(self.sequence)}"
        self.users[author] = {"id": author, "name": "Invented", "username": f"invented_{author}"}
        if location is not None:
            self.users[author]["location"] = location
        self.tweets[tweet_id] = {
            "id": tweet_id,
            "text": text,
            "edit_history_tweet_ids": [tweet_id],
            "created_at": write_time(at),
            "author_id": author,
            "lang": "en",
            **fields,
        }
        return self.tweets[tweet_id]

    def edit(self, tweet: dict[str, Any], text: str, at: datetime) -> dict[str, Any]:
        """Add a version with an id of its own; every version then lists all of them."""
        tweet_id = self._make_id(at)
        history = [*tweet["edit_history_tweet_ids"], tweet_id]
        new = {**tweet, "id": tweet_id, "text": text, "created_at": write_time(at)}
        self.tweets[tweet_id] = new
        for each in history:
            self.tweets[each]["edit_history_tweet_ids"] = history
        return new

    def delete(self, tweet: dict[str, Any]) -> None:
        """Remove a tweet with all its versions."""
        for each in tweet["edit_history_tweet_ids"]:
            del self.tweets[each]

    def find(self, query: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Return the newest version of each tweet that matches, newest first."""
        found = [
            tweet
            for tweet in self.tweets.values()
            if tweet["id"] == tweet["edit_history_tweet_ids"][-1]
            and since <= datetime.fromisoformat(tweet["created_at"]) < until
            and matches(query, tweet)
        ]
        return sorted(found, key=lambda tweet: int(tweet["id"]), reverse=True)

    def _make_id(self, at: datetime) -> str:
        elapsed = int(at.timestamp() * 1000) - SNOWFLAKE_EPOCH_MS
        return str((elapsed << 22) + next(self.sequence))


def write_time(moment: datetime) -> str:
    """Write a time as X does, to the second, with zeros for the rest."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def matches(query: str, tweet: dict[str, Any]) -> bool:
    """Whether a tweet matches: words, phrases, hashtags, is:retweet, OR, brackets, minus."""
    return _Reader(TOKENS.findall(query), tweet).any_of()


@dataclass
class _Reader:
    tokens: list[str]
    tweet: dict[str, Any]

    def any_of(self) -> bool:
        found = self.all_of()
        while self.tokens and self.tokens[0] == "OR":
            self.tokens.pop(0)
            found = self.all_of() or found
        return found

    def all_of(self) -> bool:
        found = True
        while self.tokens and self.tokens[0] not in {"OR", ")"}:
            found = self.one() and found
        return found

    def one(self) -> bool:
        part = self.tokens.pop(0)
        negative, part = part.startswith("-"), part.removeprefix("-")
        if part == "(":
            found = self.any_of()
            self.tokens.pop(0)
        elif part == "is:retweet":
            kinds = self.tweet.get("referenced_tweets") or []
            found = any(each["type"] == "retweeted" for each in kinds)
        else:
            found = self.holds(words_of(part))
        return found != negative

    def holds(self, phrase: list[str]) -> bool:
        words = words_of((self.tweet.get("note_tweet") or self.tweet)["text"])
        spans = range(len(words) - len(phrase) + 1)
        return any(words[start : start + len(phrase)] == phrase for start in spans)


def words_of(text: str) -> list[str]:
    """Split into words and hashtags without regard to case, in any script."""
    kept = (
        char if unicodedata.category(char)[0] in "LMN" or char in "_#" else " " for char in text
    )
    return "".join(kept).casefold().split()
