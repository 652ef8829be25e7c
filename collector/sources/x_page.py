"""One answer of X's search, read as a page of sightings and skips."""

from collections.abc import Mapping
from typing import Any

from collector.errors import SourceUnavailable
from collector.post import Sighting
from collector.sources.protocol import Page, Skip
from collector.sources.x_tweet import SightingError, sighting_from_tweet

__all__ = ["read_page"]


def read_page(answer: Mapping[str, Any]) -> Page:
    """Read one answer; what cannot be read as a post becomes a skip."""
    tweets = answer.get("data") or []
    if not isinstance(tweets, list):
        raise SourceUnavailable("X answered in a format not its own; try later")
    includes = answer.get("includes")
    users, places = _by_id(includes, "users"), _by_id(includes, "places")
    read = [_read_tweet(tweet, users, places) for tweet in tweets]
    return Page(
        sightings=[each for each in read if isinstance(each, Sighting)],
        skips=[each for each in read if isinstance(each, Skip)] + _withheld(answer.get("errors")),
        reads=len(tweets),
        users=len(users),
    )


def _read_tweet(
    tweet: object, users: Mapping[str, Mapping[str, Any]], places: Mapping[str, Mapping[str, Any]]
) -> Sighting | Skip:
    if not isinstance(tweet, Mapping):
        return Skip("not an object where a post is due")
    try:
        sighting = sighting_from_tweet(tweet, users, places)
    except SightingError as error:
        return Skip(str(error))
    if sighting.kind == "repost":
        return Skip("a retweet, though none were asked for", where=f"x:{sighting.native_id}")
    return sighting


def _withheld(errors: object) -> list[Skip]:
    """Count the posts that X names among the errors of an answer it gives nevertheless.

    Errors about users and places take only hints away; the posts are there.
    """
    return [
        Skip("X names the post and withholds it")
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, Mapping) and error.get("resource_type") == "tweet"
    ]


def _by_id(includes: object, kind: str) -> dict[str, Mapping[str, Any]]:
    each_of_kind = includes.get(kind) if isinstance(includes, Mapping) else None
    return {
        each["id"]: each
        for each in (each_of_kind if isinstance(each_of_kind, list) else [])
        if isinstance(each, Mapping) and isinstance(each.get("id"), str)
    }
