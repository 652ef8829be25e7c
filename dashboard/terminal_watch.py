"""What the command line prints of `awaaz run`: its jobs, what is wrong, and whether it is well."""

from datetime import UTC, datetime, timedelta

from rich.markup import escape
from rich.table import Table

from collector.checks import count_unchecked
from collector.health import Health, HealthError, find_troubles, read_health
from collector.store import Store
from collector.watch import standing_conditions
from config.secrets import load_secrets
from config.settings import Settings
from dashboard.terminal import err, out

__all__ = ["show_check", "show_watch"]


def show_check(settings: Settings) -> bool:
    """Print whether `awaaz run` is well, by its health file alone; True where it is."""
    troubles = troubles_now(settings)
    for trouble in troubles:
        err.print(escape(trouble))
    if not troubles:
        out.print("`awaaz run` is well.")
    return not troubles


def show_watch(store: Store, settings: Settings) -> None:
    """Print the jobs of `awaaz run`, and what it has found to be wrong."""
    show_unchecked(store)
    path = settings.health_path
    try:
        health = read_health(path) if path else None
    except HealthError as error:
        err.print(escape(str(error)))
        return
    if health is not None:
        show_jobs(health)
        for trouble in troubles_now(settings):
            err.print(f"[yellow]{escape(trouble)}[/]")
    with store.reading() as connection:
        for began, says in standing_conditions(connection):
            err.print(f"[red]Since {began:%Y-%m-%d %H:%M} UTC:[/] {escape(says)}")


def show_unchecked(store: Store) -> None:
    """Print how many posts nobody has asked Reddit about, while nobody can."""
    with store.reading() as connection:
        unchecked = count_unchecked(connection, load_secrets())
    if unchecked:
        out.print(
            f"{unchecked:,} posts from Reddit's archive are unchecked: whether they were deleted on"
            " Reddit is known once AWAAZ_REDDIT_CLIENT_ID and AWAAZ_REDDIT_CLIENT_SECRET are set."
        )


def show_jobs(health: Health) -> None:
    """Print a row for each job."""
    title = f"awaaz run (process {health.process}, since {say_moment(health.started_at)} UTC)"
    table = Table(title=title, title_justify="left")
    for name in ("job", "last success (UTC)", "last failure", "next turn", "in a row", "says"):
        table.add_column(name, overflow="fold")
    for name, job in health.jobs.items():
        due = "at work" if job.turn_since else say_moment(job.next_turn)
        due = "ended" if health.ended_at else due
        times = (say_moment(job.last_success), say_moment(job.last_failure), due)
        failed = f"{job.failures} failed" if job.failures else ""
        table.add_row(name, *times, failed, escape(job.says))
    out.print(table)


def say_moment(moment: datetime | None) -> str:
    """Return a moment to the minute, a dash for none."""
    return moment.strftime("%Y-%m-%d %H:%M") if moment else "-"


def troubles_now(settings: Settings) -> list[str]:
    """Return what is wrong by the health file; a file that cannot be read is wrong too."""
    path = settings.health_path
    if path is None:
        return ["There is no health file: watch.health_file is empty."]
    stuck = timedelta(hours=settings.watch.stuck_hours)
    try:
        health = read_health(path)
    except HealthError as error:
        return [str(error)]
    return find_troubles(health, datetime.now(UTC), stuck=stuck, most=settings.watch.failures)
