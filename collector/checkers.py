"""Which platforms can be asked whether their posts are still there, and with what plan."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import SecretStr

from collector.asking import go_on
from collector.batch_check import recheck_in_batch
from collector.batch_jobs import close_job
from collector.catalogue import describe_budgets, describe_patience, list_sources
from collector.compliance import Checked, CheckPlan, recheck
from collector.errors import StoreBusy
from collector.lock import hold_store
from collector.sources.checker import BatchChecker, Checker
from collector.store import Store
from config.secrets import Secrets
from config.settings import Settings

__all__ = ["CheckerEntry", "list_checkers", "recheck_platform"]


@dataclass(frozen=True)
class CheckerEntry:
    """A platform whose posts are re-checked: how it is asked, or why it cannot be."""

    platform: str
    plan: CheckPlan
    off: str
    """Why it cannot be asked, in plain words; empty where it can."""
    open: Callable[[], Checker]
    open_batch: Callable[[], BatchChecker] | None = None
    """How a whole list is asked about at once and at no price, where the platform takes one."""


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
        budget=describe_budgets(settings)["x-check"],
        batch_most=limit,
        patience=describe_patience(settings),
    )
    reddit_plan = CheckPlan(
        compliance.reddit_posts_per_turn if limit is None else limit,
        again_after,
        communities=settings.reddit.subreddits,
        patience=describe_patience(settings),
    )
    # A source that is only switched off has posts here all the same: they are still re-checked.
    off = {n: "" if has_credentials(n, secrets) else e.off for n, e in sources.items()}
    return [
        CheckerEntry(
            "x",
            x_plan,
            off["x"],
            lambda: open_x(settings, secrets),
            (lambda: open_x_batch(settings, secrets)) if compliance.x_batch else None,
        ),
        CheckerEntry("reddit", reddit_plan, off["reddit"], lambda: open_reddit(settings, secrets)),
    ]


def recheck_platform(
    store: Store,
    entry: CheckerEntry,
    on_batch: Callable[[Checked], None] | None = None,
    check: Callable[[], None] = go_on,
) -> list[Checked]:
    """Take one turn at re-checking a platform: the free batch job first, then paid lookups.

    Lookups wait while a job is under way, and take its place where the platform refuses it.
    """
    try:
        with hold_store(store, f"{entry.platform}-check"):
            return take_turns(store, entry, on_batch, check)
    except StoreBusy as error:
        return [Checked(f"{entry.platform}-check", stop=str(error))]


def take_turns(
    store: Store,
    entry: CheckerEntry,
    on_batch: Callable[[Checked], None] | None,
    check: Callable[[], None],
) -> list[Checked]:
    """Take the turns of `recheck_platform`, which nobody else takes meanwhile."""
    turns: list[Checked] = []
    if entry.open_batch is not None:
        turns.append(recheck_in_batch(store, entry.open_batch(), entry.plan, on_batch, check))
    else:
        with store.writing() as connection:  # jobs were switched off while one was under way
            close_job(connection, entry.platform)
    if not any(turn.waiting for turn in turns):
        answered = bool(turns) and not turns[0].stop
        plan = replace(entry.plan, only_edited=answered)
        turns.append(recheck(store, entry.open(), plan, on_batch, check))
    return turns


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


def open_x_batch(settings: Settings, secrets: Secrets) -> BatchChecker:
    """Open X for batch compliance jobs."""
    from collector.sources.x_batch import XBatch  # noqa: PLC0415  # tweepy only where X is asked

    return XBatch(
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
