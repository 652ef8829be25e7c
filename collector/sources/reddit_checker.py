"""Reddit asked whether posts and comments are still there."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from collector.post import Sighting
from collector.sources.checker import Answer
from collector.sources.reddit_client import PACE_S, RedditClient
from collector.sources.reddit_thing import sighting_from_thing

__all__ = ["RedditChecker"]


def _now() -> datetime:
    return datetime.now(UTC)


class RedditChecker:
    """Asks `/api/info` about up to 100 fullnames at a time, at no charge.

    What an author or a moderator took down comes back emptied and is gone at once. What sits in a
    community that was banned or went private, or was purged, is left out of the answer without a
    word; since a fault of Reddit's can look the same, it is gone when a second answer, a day or
    more later, leaves it out too.
    """

    name = "reddit-check"
    platform = "reddit"
    batch = 100
    silence_means_gone = True

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        user_agent: str,
        endpoint: str | None = None,
        timeout_s: float = 30.0,
        clock: Callable[[], datetime] = _now,
        pace_s: float = PACE_S,
    ) -> None:
        self._client = RedditClient(
            client_id=client_id,
            client_secret=client_secret,
            user_agent=user_agent,
            endpoint=endpoint,
            timeout_s=timeout_s,
            clock=clock,
            pace_s=pace_s,
        )

    def check(self, ids: Sequence[str]) -> Answer:
        """Return what Reddit says of these fullnames; raises `SourceError`."""
        listing = self._client.list_things("api/info/", {"id": ",".join(ids)})
        alive: dict[str, Sighting | None] = {}
        gone: dict[str, str] = {}
        for found in map(sighting_from_thing, listing.things):
            if isinstance(found, Sighting):
                alive[found.native_id] = found
            elif found.deleted_id is not None:
                gone[found.deleted_id[1]] = "deleted"
            elif found.where:
                alive[found.where] = None
        return Answer(alive, gone, len(listing.things))
