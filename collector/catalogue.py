"""Which sources there are, which of them can be used, and what the others still need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from collector.asking import Patience
from collector.budget import Budget
from collector.errors import CollectorError
from collector.plans import Plan
from collector.sources.protocol import Source
from collector.upkeep import Upkeep
from config.secrets import Secrets
from config.settings import Settings

__all__ = [
    "SOURCE_NAMES",
    "SourceEntry",
    "describe_archive",
    "describe_budgets",
    "describe_patience",
    "list_sources",
]

SOURCE_NAMES = ("x", "reddit")
DAYS_OF_MONTH = 30.4
NO_ROOM = "No more posts are collected than can be asked about again in time: "


@dataclass(frozen=True)
class SourceEntry:
    """A source of the configuration: how it is opened, or why it is off."""

    name: str
    minutes: float
    plan: Plan
    off: str
    """Why it cannot be used, in plain words; empty where it can."""
    open: Callable[[], Source]


def list_sources(settings: Settings, secrets: Secrets) -> Mapping[str, SourceEntry]:
    """Return every source by name; one without credentials is off with a reason, not an error."""
    return {"x": describe_x(settings, secrets), "reddit": describe_reddit(settings, secrets)}


def describe_x(settings: Settings, secrets: Secrets) -> SourceEntry:
    """Describe X as it is configured."""
    x = settings.x

    def open_x() -> Source:
        from collector.sources.x import XSource  # noqa: PLC0415  # tweepy only where X is asked

        token = secrets.x_bearer_token
        return XSource(
            bearer_token=token.get_secret_value() if token else "",
            queries=x.queries,
            archive=x.archive,
            endpoint=x.endpoint or None,
            timeout_s=x.timeout_s,
            page_size=x.page_size,
        )

    off = "switched off (x.enabled)" if not x.enabled else ""
    if not off and secrets.x_bearer_token is None:
        off = "AWAAZ_X_BEARER_TOKEN is not set"
    window = timedelta(hours=x.window_hours)
    plan = Plan(
        window,
        x.windows_per_turn,
        x.price_per_post,
        x.price_per_user,
        price_per_count=x.price_per_count,
        budget=describe_budgets(settings)["x"],
        slice=timedelta(minutes=x.slice_minutes),
        patience=describe_patience(settings),
        upkeep=describe_upkeep(settings, "x"),
    )
    return SourceEntry("x", settings.schedule.x_minutes, plan, off, open_x)


def describe_reddit(settings: Settings, secrets: Secrets) -> SourceEntry:
    """Describe Reddit as it is configured."""
    reddit = settings.reddit
    client_id, client_secret = secrets.reddit_client_id, secrets.reddit_client_secret

    def open_reddit() -> Source:
        from collector.sources.reddit import RedditSource  # noqa: PLC0415  # praw only where asked

        return RedditSource(
            client_id=client_id.get_secret_value() if client_id else "",
            client_secret=client_secret.get_secret_value() if client_secret else "",
            user_agent=secrets.reddit_user_agent,
            subreddits=list(reddit.subreddits),
            terms=reddit.terms,
            endpoint=reddit.endpoint or None,
            timeout_s=reddit.timeout_s,
        )

    off = "switched off (reddit.enabled)" if not reddit.enabled else ""
    if not off and (client_id is None or client_secret is None):
        off = "AWAAZ_REDDIT_CLIENT_ID and AWAAZ_REDDIT_CLIENT_SECRET are not both set"
    plan = Plan(
        window=None,
        communities=reddit.subreddits,
        patience=describe_patience(settings),
        period="day",
        budget=describe_budgets(settings)["reddit"],
        upkeep=describe_upkeep(settings, "reddit"),
    )
    return SourceEntry("reddit", settings.schedule.reddit_minutes, plan, off, open_reddit)


def describe_archive(settings: Settings, secrets: Secrets, name: str) -> SourceEntry:
    """Describe a platform whose past can be searched; raises CollectorError where it cannot."""
    if name != "x":
        raise CollectorError(
            f"There is no archive of {name!r} to fetch from; there are x and reddit-archive."
        )
    past = settings.model_copy(update={"x": settings.x.model_copy(update={"archive": True})})
    entry = describe_x(past, secrets)
    if entry.off:
        raise CollectorError(f"x cannot be asked: {entry.off}. `awaaz doctor` says what to do.")
    return entry


def describe_budgets(settings: Settings) -> Mapping[str, Budget]:
    """Return what every source and re-checking may spend in a month, as configured."""
    x = Budget(settings.x.budget_posts, settings.x.budget_dollars)
    checking = Budget(dollars=settings.compliance.x_budget_dollars)
    return {"x": x, "x-check": checking, "reddit": Budget(settings.reddit.budget_posts)}


def describe_upkeep(settings: Settings, platform: str) -> Upkeep:
    """Return how many posts of a platform can be re-checked in time, as configured."""
    compliance, x = settings.compliance, settings.x
    days = compliance.max_unchecked_days
    turns = days * 24 / compliance.check_hours
    if platform != "x":
        return Upkeep(
            int(compliance.reddit_posts_per_turn * turns),
            advice=NO_ROOM + "raise compliance.reddit_posts_per_turn.",
        )
    posts = compliance.x_posts_per_turn * turns
    if x.price_per_post and compliance.x_budget_dollars:
        posts = min(posts, compliance.x_budget_dollars / x.price_per_post * days / DAYS_OF_MONTH)
    more = "raise compliance.x_posts_per_turn and compliance.x_budget_dollars"
    if not compliance.x_batch:
        return Upkeep(int(posts), advice=f"{NO_ROOM}{more}, or switch compliance.x_batch on.")
    jobs = f"`awaaz comply` says why batch jobs are not answered; or {more}."
    return Upkeep(int(posts), f"{platform}-batch", NO_ROOM + jobs)


def describe_patience(settings: Settings) -> Patience:
    """Return how long a request is worth waiting for, as configured."""
    patience = settings.patience
    return Patience(
        patience.attempts,
        patience.first_wait_s,
        patience.longest_wait_s,
        timedelta(minutes=patience.longest_limit_minutes),
    )
