"""What the command line prints of re-checking and forgetting."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.progress import SpinnerColumn, TextColumn

from collector.batch_jobs import find_job
from collector.checks import CHECKED_PLATFORMS, CheckState, read_states
from collector.store import Store
from config.settings import Settings
from dashboard.terminal import err, open_progress, out

if TYPE_CHECKING:  # `status` shows states only, and re-checking reads texts
    from collector.compliance import Checked

__all__ = ["show_check_states", "show_checked", "show_checking", "show_recheck"]


@contextmanager
def show_checking(platform: str) -> Iterator[Callable[["Checked"], None]]:
    """Yield a function that shows how far a turn of re-checking has come."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with open_progress(*columns) as bar:
        task = bar.add_task(f"Asking {platform}", total=None)
        yield lambda checked: bar.update(task, description=f"Asking {platform}: {checked}")


def show_checked(checked: "Checked") -> None:
    """Print what a turn of re-checking found and what stopped it."""
    waits = "; the job is under way, and the next turn reads its answer" if checked.waiting else ""
    out.print(f"[bold]{checked.source}[/]: {checked}{waits}")
    if checked.stop:
        err.print(f"  [yellow]stopped:[/] {escape(checked.stop)}")


def show_check_states(store: Store, settings: Settings) -> None:
    """Print the oldest check of each platform's posts, and how many are overdue."""
    days = settings.compliance.max_unchecked_days
    overdue_before = datetime.now(UTC) - timedelta(days=days)
    with store.reading() as connection:
        states = read_states(connection, CHECKED_PLATFORMS, overdue_before)
        jobs = {platform: find_job(connection, platform) for platform in CHECKED_PLATFORMS}
    for state in states:
        job = jobs[state.platform]
        since = f"; a batch job is under way since {job.asked_at:%Y-%m-%d %H:%M UTC}" if job else ""
        out.print(describe_state(state, days) + since)


def describe_state(state: CheckState, days: float) -> str:
    """Say in a line how far the re-checking of a platform has come."""
    oldest = state.oldest.strftime("%Y-%m-%d %H:%M UTC") if state.oldest else "none yet"
    says = f"Oldest check on {state.platform}: {oldest}"
    if state.unchecked:
        says += f"; never seen alive since they were stored: {state.unchecked:,} of {state.posts:,}"
    if state.overdue:
        says += f"; checked more than {days:g} days ago: {state.overdue:,}"
    return says


def show_recheck(found: Mapping[Path, Sequence[str]]) -> None:
    """Print by export the posts that must go from it, one per line."""
    for path, ids in found.items():
        says = f"{len(ids):,} posts must go" if ids else "nothing must go"
        err.print(f"{escape(str(path))}: {says}")
        for public_id in ids:
            out.print(escape(public_id), soft_wrap=True)
