"""What `awaaz doctor` says of configuration, credentials and store."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import func, select

from collector.catalogue import SourceEntry, describe_upkeep, list_sources
from collector.errors import CollectorError, NoStoreError, NoticeError, StoreError
from collector.key_choice import choose_key, is_keyed
from collector.notify import open_channels
from collector.schema import posts
from collector.store import Store
from config.findings import Finding
from config.secrets import Secrets
from config.settings import Settings

__all__ = ["diagnose_collecting", "diagnose_store", "make_key"]

HOW_TO = {
    "x": (
        "Make an app in the X developer console (console.x.com) and buy credits (X is pay per use:"
        " about $0.005 per post and $0.010 per author read; see x.price_per_post), copy its bearer"
        " token into AWAAZ_X_BEARER_TOKEN in the environment or in .env."
    ),
    "reddit": (
        "Ask Reddit for API access (since November 2025 each application is approved by hand, which"
        " takes days to weeks; it is free for non-commercial use), then put the app's id and secret"
        " into AWAAZ_REDDIT_CLIENT_ID and AWAAZ_REDDIT_CLIENT_SECRET. Until then import archives"
        " with `awaaz import`."
    ),
}


def diagnose_collecting(settings: Settings, secrets: Secrets) -> Iterator[Finding]:
    """Yield all that is known without a store; asks no platform anything."""
    yield from diagnose_sources(settings, secrets)
    yield diagnose_archive(settings)
    yield diagnose_upkeep(settings)
    yield from diagnose_privacy(settings, secrets)
    yield diagnose_watch(settings, secrets)


def diagnose_sources(settings: Settings, secrets: Secrets) -> Iterator[Finding]:
    """Yield what is configured of each source and what it lacks; asks no platform anything."""
    for name, entry in list_sources(settings, secrets).items():
        if entry.off:
            yield Finding(name, "off", f"Not collected: {entry.off}.", HOW_TO[name])
            continue
        try:
            queries = entry.open().queries()
        except CollectorError as error:
            yield Finding(name, "fault", str(error), "Mend it in the configuration.")
            continue
        says = f"{len(queries)} queries every {entry.minutes:g} minutes; credential present."
        yield Finding(name, "good", says, advise_budget(entry))


def advise_budget(entry: SourceEntry) -> str:
    """Say what a source may spend in a month; warn where it charges and nothing bounds it."""
    budget = entry.plan.budget
    if not budget:
        charges = entry.plan.price_per_read or entry.plan.price_per_user
        warning = "It may spend without limit: set {0}.budget_dollars or {0}.budget_posts."
        return warning.format(entry.name) if charges else ""
    dollars = f"${budget.dollars:,.2f}" if budget.dollars else ""
    posts = f"{budget.posts:,} posts" if budget.posts else ""
    return f"It may spend {' and '.join(filter(None, (dollars, posts)))} a month."


def diagnose_upkeep(settings: Settings) -> Finding:
    """Say how many posts of X can be kept checked, and at what price."""
    compliance, upkeep = settings.compliance, describe_upkeep(settings, "x")
    most = compliance.x_budget_dollars
    price = f"may cost ${most:,.2f} a month" if most else "may cost what they will"
    days = f"{compliance.max_unchecked_days:g} days"
    says = f"Lookups on X {price} and keep {upkeep.posts:,} posts checked within {days}."
    if upkeep.batch:
        says += " Batch jobs come first: they are free and set no limit as long as X takes them."
    else:
        says += " No more are collected (compliance.x_batch is off)."
    return Finding("re-checking", "good", says)


def diagnose_archive(settings: Settings) -> Finding:
    """Say whether Reddit's past may be fetched without a credential."""
    if settings.arctic_shift.enabled:
        says = "`awaaz backfill --source reddit-archive` may ask the Arctic Shift archive."
        return Finding("reddit archive", "good", says)
    advice = (
        "For Reddit's past without a credential read the paragraph above arctic_shift.enabled in"
        " config/awaaz.toml, set it to true, then call `awaaz backfill --source reddit-archive"
        " --since --until`."
    )
    return Finding("reddit archive", "off", "Not asked: it is switched off.", advice)


def diagnose_store(open_present: Callable[[], Store]) -> Finding:
    """Say whether the store is there and opens, what it holds and whether it can be written."""
    try:
        return describe_store(open_present())
    except NoStoreError as error:
        return Finding("store", "off", str(error))
    except CollectorError as error:
        return Finding("store", "fault", str(error))


def describe_store(store: Store) -> Finding:
    """Say what an open store holds and whether it can be written."""
    address = store.engine.url.render_as_string()
    with store.reading() as connection:
        count = connection.scalar(select(func.count()).select_from(posts)) or 0
    file = store.engine.url.database
    if store.engine.dialect.name == "sqlite" and file and not os.access(file, os.W_OK):
        advice = "Give this user the right to write the file."
        return Finding("store", "fault", f"{address} is read-only.", advice)
    return Finding("store", "good", f"{address} holds {count:,} posts.")


def diagnose_privacy(settings: Settings, secrets: Secrets) -> Iterator[Finding]:
    """Yield how long text is kept, what is shown, and where the key for forgotten posts is."""
    days = settings.privacy.retention_days
    yield Finding("retention", "good", f"Text is deleted {days} days after it was collected.")
    if settings.privacy.show_real_posts:
        says = "The dashboard shows real posts, masked."
        advice = "Masked text can be searched back to its author: keep the page among yourselves."
        yield Finding("real posts", "good", says, advice)
    else:
        yield Finding("real posts", "good", "The dashboard shows invented posts only.")
    yield diagnose_key(
        settings.forget_key_path, settings.store_url, given=secrets.forget_key is not None
    )


def make_key(settings: Settings, secrets: Secrets) -> None:
    """Make the key's file where a store needs a new key; raises ForgetKeyError if it lost one."""
    secret = secrets.forget_key.get_secret_value() if secrets.forget_key else None
    choose_key(secret, settings.forget_key_path, settings.store_url)


def diagnose_key(path: Path, address: str, *, given: bool) -> Finding:
    """Say where the key for forgotten posts comes from."""
    if given:
        return Finding("forget key", "good", "AWAAZ_FORGET_KEY is set.", "Keep a copy of it.")
    if path.exists():
        advice = "Back it up apart from the store: without it forgotten posts could come back."
        return Finding("forget key", "good", f"It lies in {path}.", advice)
    try:
        lost = is_keyed(address)
    except StoreError as error:
        return Finding("forget key", "off", f"There is no {path}. {error}")
    if lost:
        says = f"It is lost: this store was written with one, and {path} is not there."
        advice = (
            "Restore the file or AWAAZ_FORGET_KEY from a backup; nothing is written until then."
        )
        return Finding("forget key", "fault", says, advice)
    says = "There is none yet; `awaaz doctor --fix` or the first import or collection makes one."
    return Finding("forget key", "off", says, f"It will lie in {path}; back it up.")


def diagnose_watch(settings: Settings, secrets: Secrets) -> Finding:
    """Say by which ways the operator is told when collection fails."""
    try:
        names = [channel.name for channel in open_channels(settings.watch, secrets)]
    except NoticeError as error:
        return Finding("notifications", "fault", str(error))
    if names:
        return Finding("notifications", "good", f"Trouble is told by {' and '.join(names)}.")
    advice = (
        "Set watch.smtp_host, watch.mail_from and watch.mail_to (password: AWAAZ_SMTP_PASSWORD), or"
        " AWAAZ_WEBHOOK_URL."
    )
    return Finding(
        "notifications", "off", "Trouble is only in the log and in `awaaz status`.", advice
    )
