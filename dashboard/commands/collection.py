"""Commands that bring posts in, and that say what was covered."""

# Everything heavy is imported inside the commands: `awaaz --help` must answer at once.
# ruff: noqa: PLC0415, FBT002

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classifier.errors import ClassifierError
from collector.errors import ArchiveError
from dashboard.commands.context import (
    OURS,
    open_classifier,
    open_present,
    open_readable,
    open_writable,
    settings_now,
)
from dashboard.commands.privacy import finish_forgetting

if TYPE_CHECKING:
    from collector.store import Store
    from config.settings import Settings


log = logging.getLogger("awaaz")

app = typer.Typer()


def import_paths(
    store: "Store",
    settings: "Settings",
    paths: list[Path],
    file_format: str | None = None,
    columns: dict[str, str] | None = None,
    platform: str | None = None,
) -> int:
    """Import files one after the other; return how many could not be read."""
    from collector.importing import import_archive
    from dashboard.terminal import show_error, show_import, show_progress

    failed = 0
    for path in paths:
        try:
            with show_progress(f"Importing {path.name}", unit="bytes") as on_progress:
                report = import_archive(
                    store,
                    path,
                    file_format=file_format,
                    columns=columns,
                    platform=platform,
                    communities=settings.reddit.subreddits,
                    on_progress=on_progress,
                )
            show_import(report)
        except ArchiveError as error:
            failed += 1
            show_error(str(error))
    return failed


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files: twarc, Reddit dumps, tables.")],
    file_format: Annotated[
        str | None, typer.Option("--format", help="Override the format that was detected.")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="A table's column, as in --column text=body.")
    ] = None,
    platform: Annotated[
        str | None, typer.Option(help="Platform of a table that does not say it, as in x.")
    ] = None,
) -> None:
    """Import archives; a bad line is reported and skipped, and importing twice changes nothing."""
    settings = settings_now()
    store = open_writable(settings)
    columns = dict(pair.split("=", 1) for pair in column or [] if "=" in pair)
    if len(columns) < len(column or []):
        raise typer.BadParameter("Write --column NAME=COLUMN, as in --column text=body.")
    failed = import_paths(store, settings, paths, file_format, columns or None, platform)
    finish_forgetting(store)
    raise typer.Exit(1 if failed else 0)


@app.command()
def collect(
    sources: Annotated[
        list[str] | None, typer.Argument(help="x, reddit; none: all that have credentials.")
    ] = None,
) -> None:
    """Take one turn at the sources: fill the windows of time that are not covered yet."""
    from collector.catalogue import list_sources
    from collector.collecting import collect_source
    from config.secrets import load_secrets
    from dashboard.terminal import show_collected, show_count, show_error, show_off

    settings = settings_now()
    entries = list_sources(settings, load_secrets())
    if unknown := set(sources or ()) - set(entries):
        raise typer.BadParameter(f"No source {', '.join(unknown)}; there are {', '.join(entries)}.")
    store = open_writable(settings)
    stopped = False
    for name in sources or entries:
        if entries[name].off:
            show_off(name, entries[name].off)
            stopped = stopped or bool(sources)
            continue
        with show_count(f"Collecting from {name}") as on_page:
            collected = collect_source(store, entries[name].open(), entries[name].plan, on_page)
        show_collected(collected)
        stopped = stopped or bool(collected.stops)
    finish_forgetting(store)
    if all(entries[name].off for name in sources or entries):  # cron must not think it well
        show_error("nothing was collected: no source can be asked. `awaaz import` needs none.")
        stopped = True
    raise typer.Exit(1 if stopped else 0)


@app.command()
def run() -> None:
    """Collect and label by the schedule until stopped (SIGTERM or Ctrl-C)."""
    from classifier.labelling import label_posts
    from collector.catalogue import list_sources
    from collector.checkers import list_checkers
    from collector.jobs import Job, TurnFailed, run_jobs
    from collector.lock import hold_store
    from collector.notify import open_channels
    from collector.turns import collector_jobs, privacy_jobs
    from collector.watch import Watch
    from config.logs import start_logging
    from config.secrets import load_secrets

    settings, secrets = settings_now(), load_secrets()
    start_logging(secrets.values(), OURS)
    channels = open_channels(settings.watch, secrets)
    store = open_writable(settings)
    entries = list_sources(settings, secrets).values()
    checking = privacy_jobs(store, settings, list_checkers(settings, secrets))
    for entry in entries:
        if entry.off:
            log.info("%s is left out: %s", entry.name, entry.off)

    def label_turn(check: Callable[[], None]) -> str:
        try:
            labelled = label_posts(store, open_classifier(settings), lambda *_: check())
        except ClassifierError as error:
            raise TurnFailed(str(error)) from error
        return f"{labelled.labelled} posts labelled"

    labelling = Job("label", settings.schedule.label_minutes, label_turn)
    jobs = [*collector_jobs(store, settings, entries), *checking, labelling]
    with hold_store(store):
        watch = Watch(store, settings, jobs, [e.name for e in entries if not e.off], channels)
        run_jobs(store, [*jobs, watch.job], watcher=watch)
        watch.end()


@app.command()
def coverage(
    source: Annotated[str | None, typer.Option(help="As in x, reddit; none: all.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="This day (UTC) included.")
    ] = None,
) -> None:
    """Show which days every query covers, and why others are missing or only in part there."""
    from collector.budget import read_spent
    from collector.catalogue import describe_budgets
    from collector.coverage import read_coverage
    from collector.holds import read_holds
    from dashboard.terminal_coverage import show_coverage, show_holds, show_spending
    from dashboard.terminal_privacy import show_check_states

    settings, now = settings_now(), datetime.now(UTC)
    budgets = describe_budgets(settings)
    store = open_present(settings)
    with store.reading() as connection:
        held = read_holds(connection, now)
        spent = {name: read_spent(connection, name, now) for name in budgets}
        frame = read_coverage(
            connection,
            now=now,
            since=since.date() if since else None,
            until=until.date() if until else None,
            source=source,
        )
    show_coverage(frame)
    show_check_states(store, settings)
    show_spending(budgets, spent)
    show_holds(held)


@app.command()
def backfill(
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="This day (UTC) included.")],
    source: Annotated[str, typer.Option(help="x, or reddit-archive (free, no key).")] = "x",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before money is spent.")] = False,
) -> None:
    """Fetch a span of the past from a platform's full archive; called again, it goes on."""
    from collector.sources.protocol import REDDIT_ARCHIVE, Window

    if source == REDDIT_ARCHIVE:
        raise typer.Exit(fill_from_reddit_archive(since, until))
    from collector.backfilling import backfill as fill
    from collector.backfilling import estimate_backfill
    from collector.budget import read_spent
    from collector.catalogue import describe_archive
    from collector.plans import find_room
    from config.secrets import load_secrets
    from dashboard.terminal import show_collected, show_count
    from dashboard.terminal_backfill import show_estimate

    entry = describe_archive(settings_now(), load_secrets(), source)
    within = Window(since.replace(tzinfo=UTC), until.replace(tzinfo=UTC) + timedelta(days=1))
    store, archive = open_writable(settings_now()), entry.open()
    estimates = estimate_backfill(store, archive, entry.plan, within)
    with store.reading() as connection:
        spent = read_spent(connection, source, datetime.now(UTC))
    show_estimate(estimates, entry.plan.budget, spent, find_room(store, archive, entry.plan))
    if not any(estimate.missing for estimate in estimates):
        typer.echo("Nothing is missing.")
        return
    if not yes:
        typer.confirm("Fetch them?", abort=True)
    with show_count(f"Fetching from {source}") as on_page:
        collected = fill(store, archive, entry.plan, within, on_page)
    show_collected(collected)
    raise typer.Exit(1 if collected.stops else 0)


@app.command()
def resume(source: Annotated[str, typer.Argument(help="As in x, reddit.")]) -> None:
    """Let a source be asked again at once that is left alone for a limit or a spent cap."""
    from collector.holds import lift_hold

    with open_readable(settings_now()).writing() as connection:
        lifted = lift_hold(connection, source)
    typer.echo(f"{source} is asked again." if lifted else f"{source} was not left alone.")


def fill_from_reddit_archive(since: datetime, until: datetime) -> int:
    """Fetch Reddit's past from the Arctic Shift archive; return the exit code."""
    from collector.backfill_reddit import fill_from_archive
    from dashboard.terminal import show_collected, show_count

    settings = settings_now()
    store = open_writable(settings)
    with show_count("Fetching from Reddit's archive") as on_page:
        collected = fill_from_archive(store, settings, since.date(), until.date(), on_page)
    show_collected(collected)
    return 1 if collected.stops else 0
