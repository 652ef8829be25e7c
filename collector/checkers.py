"""Which platforms can be asked whether their posts are still there, and with what plan."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from collector.catalogue import list_sources
from collector.compliance import CheckPlan
from collector.sources.checker import Checker
from config.secrets import Secrets
from config.settings import Settings

__all__ = ["CHECKED_PLATFORMS", "CheckerEntry", "list_checkers"]

CHECKED_PLATFORMS = ("x", "reddit")


@dataclass(frozen=True)
class CheckerEntry:
    """A platform whose posts are re-checked: how it is asked, or why it cannot be."""

    platform: str
    plan: CheckPlan
    off: str
    """Why it cannot be asked, in plain words; empty where it can."""
    open: Callable[[], Checker]


def list_checkers(
    settings: Settings, secrets: Secrets, limit: int | None = None
) -> list[CheckerEntry]:
    """Return every platform that can be asked, `limit` posts a turn in place of the settings'."""
    sources = list_sources(settings, secrets)
    compliance = settings.compliance
    again_after = timedelta(hours=compliance.check_hours)
    x_plan = CheckPlan(
        compliance.x_posts_per_turn if limit is None else limit,
        again_after,
        settings.x.price_per_post,
    )
    reddit_plan = CheckPlan(
        compliance.reddit_posts_per_turn if limit is None else limit,
        again_after,
        communities=settings.reddit.subreddits,
    )
    # A source that is only switched off has posts here all the same: they are still re-checked.
    off = {n: "" if has_credentials(n, secrets) else e.off for n, e in sources.items()}
    return [
        CheckerEntry("x", x_plan, off["x"], lambda: open_x(settings, secrets)),
        CheckerEntry("reddit", reddit_plan, off["reddit"], lambda: open_reddit(settings, secrets)),
    ]


def has_credentials(platform: str, secrets: Secrets) -> bool:
    """Say whether the credentials of a platform are there."""
    if platform == "x":
        return secrets.x_bearer_token is not None
    return secrets.reddit_client_id is not None and secrets.reddit_client_secret is not None


def open_x(settings: Settings, secrets: Secrets) -> Checker:
    """Open X for lookups."""
    from collector.sources.x_checker import XChecker  # noqa: PLC0415  # tweepy only where X is asked

    return XChecker(
        bearer_token=reveal(secrets.x_bearer_token),
        endpoint=settings.x.endpoint or None,
        timeout_s=settings.x.timeout_s,
    )


def open_reddit(settings: Settings, secrets: Secrets) -> Checker:
    """Open Reddit for lookups."""
    from collector.sources.reddit_checker import RedditChecker  # noqa: PLC0415  # praw likewise

    return RedditChecker(
        client_id=reveal(secrets.reddit_client_id),
        client_secret=reveal(secrets.reddit_client_secret),
        user_agent=secrets.reddit_user_agent,
        endpoint=settings.reddit.endpoint or None,
        timeout_s=settings.reddit.timeout_s,
    )


def reveal(secret: SecretStr | None) -> str:
    """Return a secret's value; empty where it is not set."""
    return secret.get_secret_value() if secret else ""
