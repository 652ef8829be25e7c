"""The command line: the only place that knows all the rooms. It parses, calls, and prints."""

# Everything heavy is imported inside the commands: `awaaz --help` must answer at once.
# ruff: noqa: PLC0415, FBT002

import logging
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classifier.errors import ClassifierError, ModelError
from collector.errors import ArchiveError, CollectorError, StoreError
from config.errors import ConfigError
from dashboard.errors import DashboardError

if TYPE_CHECKING:
    from datetime import date

    from classifier.promotion import Grounds
    from classifier.stance_classifier import StanceClassifier
    from collector.store import Store
    from config.settings import Settings

__version__ = "0.1.0"
INTERRUPTED = 130
OURS = (ConfigError, CollectorError, ClassifierError, DashboardError)
"""Errors whose message is a sentence of ours, fit for a terminal and for a log."""

log = logging.getLogger("awaaz")


class FileFormat(StrEnum):
    """Formats of an export."""

    csv = "csv"
    parquet = "parquet"
    jsonl = "jsonl"


app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Listens to public #MeToo posts from Pakistan and India and shows how their stance moves.",
    epilog="A label speaks of a post, never of its author. Begin with: awaaz demo",
)
chosen_config: Path | None = None


@app.callback()
def configure(
    config: Annotated[
        Path | None, typer.Option(help="A TOML of your own over config/awaaz.toml.")
    ] = None,
) -> None:
    """Remember the options that every command shares."""
    global chosen_config  # noqa: PLW0603  # typer hands it to a callback; commands read it once
    chosen_config = config


def settings_now() -> "Settings":
    """Return the settings of this call."""
    from config.settings import load_settings

    return load_settings(chosen_config)


def open_writable(settings: "Settings") -> "Store":
    """Open the store with the key that writing posts needs."""
    from classifier.wiring import open_store
    from collector.key_choice import choose_key
    from config.secrets import load_secrets

    secret = load_secrets().forget_key
    given = secret.get_secret_value() if secret else None
    key = choose_key(given, settings.forget_key_path, settings.store_url)
    return open_store(settings.store_url, key=key, busy_timeout_s=settings.store.busy_timeout_s)


def open_readable(settings: "Settings") -> "Store":
    """Open the store without the key."""
    from classifier.wiring import open_store

    return open_store(settings.store_url, busy_timeout_s=settings.store.busy_timeout_s)


def open_existing(settings: "Settings") -> "Store | None":
    """Open the store without the key, or return None where there is none yet."""
    from sqlalchemy import make_url

    address = make_url(settings.store_url)
    file = address.database
    if address.get_backend_name() == "sqlite" and not (file and Path(file).is_file()):
        return None
    return open_readable(settings)


def find_model_folder(settings: "Settings", model: str | None = None) -> Path:
    """Return the folder of the live model, or of the one named."""
    from classifier.model_choice import choose_folder

    store = open_existing(settings)
    if store is None:
        return choose_folder(None, model, settings.model.live)
    with store.reading() as connection:
        folder = choose_folder(connection, model, settings.model.live)
    store.close()
    return folder


def open_classifier(settings: "Settings", model: str | None = None) -> "StanceClassifier":
    """Load the live model, or the one named."""
    from classifier.stance_classifier import StanceClassifier

    folder = find_model_folder(settings, model)
    return StanceClassifier.load(folder, threads=settings.model.threads or None)


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


def label_all(
    store: "Store", settings: "Settings", model: str | None = None, since: "date | None" = None
) -> None:
    """Label what waits, with progress; a model named makes a series of its own."""
    from classifier.labelling import label_posts
    from dashboard.terminal import show_labelled, show_progress

    folder = find_model_folder(settings, model) if model else None
    classifier = open_classifier(settings, model)
    with show_progress("Labelling", unit="posts") as on_progress:
        labelled = label_posts(store, classifier, on_progress, since=since, candidate=folder)
    show_labelled(store, labelled)


def serve(settings: "Settings", port: int | None) -> int:
    """Serve the dashboard until it is ended."""
    from dashboard.launch import launch

    environment = {"AWAAZ_CONFIG": str(chosen_config.resolve())} if chosen_config else {}
    return launch(port or settings.dashboard.port, environment)


@app.command()
def demo(
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1.")] = None,
    build_only: Annotated[
        bool, typer.Option("--build-only", help="Import and label the sample, then end.")
    ] = False,
) -> None:
    """Load 600 invented posts, label them with the shipped model and open the dashboard."""
    os.environ |= {
        # A store of its own: invented posts must never stand among real ones.
        "AWAAZ_STORE__URL": f"sqlite:///{{data}}/demo-{__version__}.db",
        "AWAAZ_PRIVACY__FORGET_KEY_FILE": "{data}/demo.key",
        "AWAAZ_DASHBOARD__INVENTED": "true",
        "AWAAZ_MODEL__LIVE": "shipped",
    }
    settings = settings_now()
    store = open_writable(settings)
    with as_file(files("config").joinpath("sample/posts.jsonl")) as sample:
        failed = import_paths(store, settings, [sample])
    label_all(store, settings)
    store.close()
    raise typer.Exit(failed if build_only or failed else serve(settings, port))


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
    from dashboard.terminal import show_collected, show_count, show_off

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
def label(
    model: Annotated[
        str | None, typer.Option(help="A version or folder; its labels go beside the live ones.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Posts of this day and later.")
    ] = None,
) -> None:
    """Label every post that has no label from the model; can be stopped and run again."""
    settings = settings_now()
    label_all(open_readable(settings), settings, model, since.date() if since else None)


@app.command()
def predict(
    texts: Annotated[list[str] | None, typer.Argument(help="Texts to judge.")] = None,
    file: Annotated[Path | None, typer.Option(help="A table with a column `text`.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the table with labels goes.")] = None,
    model: Annotated[
        str | None, typer.Option(help='A version, a folder or "shipped"; none: the live one.')
    ] = None,
) -> None:
    """Say which stance texts take, without touching the store."""
    from dashboard.terminal import show_predicted_table, show_predictions, show_progress

    if bool(texts) == bool(file) or bool(file) != bool(out):
        raise typer.BadParameter("Give texts, or --file IN with --out OUT.")
    classifier = open_classifier(settings_now(), model)
    if file is None or out is None:
        show_predictions(texts or [], classifier.predict(texts or []), classifier.version)
        return
    from classifier.table_prediction import predict_table

    with show_progress("Predicting", unit="posts") as on_progress:
        predicted = predict_table(classifier, file, out, on_progress)
    show_predicted_table(predicted, out, classifier.version)


@app.command()
def export(
    out: Annotated[
        Path | None, typer.Option(help="The file to write; its manifest goes beside it.")
    ] = None,
    file_format: Annotated[
        FileFormat, typer.Option("--format", help="csv, parquet or jsonl.")
    ] = FileFormat.csv,
    country: Annotated[list[str] | None, typer.Option(help="PK, IN, other, unknown.")] = None,
    platform: Annotated[list[str] | None, typer.Option(help="As in x, reddit.")] = None,
    form: Annotated[list[str] | None, typer.Option(help="en, hi, ur, roman, other.")] = None,
    stance: Annotated[list[str] | None, typer.Option(help="As in hostile.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="This day included.")
    ] = None,
    with_text: Annotated[bool, typer.Option("--with-text", help="Add the text.")] = False,
    recheck: Annotated[
        Path | None,
        typer.Option(help="An earlier export, or a folder of some: say which posts must go now."),
    ] = None,
) -> None:
    """Write posts with their labels; the columns can be given to training as they are."""
    from dashboard.export import Filters, check_filters, export_posts
    from dashboard.terminal import show_exported, show_progress

    if recheck is not None:
        raise typer.Exit(recheck_exports(recheck))
    if out is None:
        raise typer.BadParameter("Give --out FILE, or --recheck with an earlier export.")
    filters = Filters(
        countries=country or (),
        platforms=platform or (),
        forms=form or (),
        stances=stance or (),
        since=since.date() if since else None,
        until=until.date() if until else None,
    )
    check_filters(filters)
    store = open_readable(settings_now())
    with show_progress("Exporting", unit="posts") as on_progress:
        exported = export_posts(
            store, out, file_format.value, filters, with_text=with_text, on_progress=on_progress
        )
    show_exported(exported, with_text=with_text)


@app.command()
def status(
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether `awaaz run` is well; 1 if not.")
    ] = False,
) -> None:
    """Show what the store holds, the last runs, how `awaaz run` is doing, and what is waiting."""
    from dashboard.terminal import show_status
    from dashboard.terminal_privacy import show_check_states
    from dashboard.terminal_watch import show_check, show_watch

    settings = settings_now()
    if check:
        raise typer.Exit(0 if show_check(settings) else 1)
    store = open_readable(settings)
    show_status(store)
    show_check_states(store, settings)
    show_watch(store, settings)


@app.command()
def doctor(
    fix: Annotated[
        bool, typer.Option("--fix", help="Make what can be made: data folder, store and key.")
    ] = False,
) -> None:
    """Say in plain words what is set up, what is missing, and what to do about it."""
    from classifier.diagnosis import diagnose_model
    from collector.diagnosis import (
        diagnose_archive,
        diagnose_privacy,
        diagnose_sources,
        diagnose_store,
        diagnose_watch,
        make_key,
    )
    from config.findings import Finding
    from config.secrets import load_secrets
    from dashboard.terminal import show_findings

    settings, secrets = settings_now(), load_secrets()
    source = chosen_config or os.environ.get("AWAAZ_CONFIG") or "the shipped config/awaaz.toml"
    findings = [Finding("settings", "good", f"Read from {source} and the environment.")]
    try:
        if fix:
            make_key(settings, secrets)
            open_writable(settings).close()
    except CollectorError as error:
        findings.append(Finding("fix", "fault", str(error)))
    try:
        findings.append(diagnose_store(open_readable(settings)))
    except CollectorError as error:
        findings.append(Finding("store", "fault", str(error)))
    try:
        findings.append(diagnose_model(find_model_folder(settings)))
    except (CollectorError, ClassifierError) as error:
        findings.append(Finding("model", "fault", str(error)))
    findings += [*diagnose_sources(settings, secrets), diagnose_archive(settings)]
    findings += [*diagnose_privacy(settings, secrets), diagnose_watch(settings, secrets)]
    show_findings(findings)
    raise typer.Exit(1 if any(f.state == "fault" for f in findings) else 0)


@app.command()
def dashboard(
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1.")] = None,
) -> None:
    """Open the dashboard on this machine."""
    raise typer.Exit(serve(settings_now(), port))


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help='A version, a folder, "shipped" or "live".')],
    data: Annotated[list[Path], typer.Option(help="Labelled posts: csv, tsv, jsonl, parquet.")],
    against: Annotated[str | None, typer.Option(help="A second model to compare with.")] = None,
    trained_on: Annotated[
        list[Path] | None, typer.Option(help="What it was trained on, to find shared posts.")
    ] = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="Figures, no texts.")] = None,
    html_out: Annotated[Path | None, typer.Option("--html", help="One page with plots.")] = None,
) -> None:
    """Say how well a model does on labelled posts, with intervals, and compare two models."""
    from classifier.labelled_data import read_labelled
    from classifier.model_evaluation import evaluate_model, with_overlap
    from dashboard.evaluation_page import write_page
    from dashboard.terminal import show_progress
    from dashboard.terminal_evaluation import show_evaluation, show_written, write_json

    settings = settings_now()
    labelled = read_labelled(data)
    if trained_on:
        labelled = with_overlap(labelled, read_labelled(trained_on))
    first = open_classifier(settings, model)
    second = open_classifier(settings, against) if against else None
    with show_progress("Evaluating", unit="posts") as on_progress:
        evaluation = evaluate_model(first, labelled, second, on_progress)
    show_evaluation(evaluation)
    if json_out:
        write_json(evaluation, json_out)
    if html_out:
        write_page(evaluation, html_out)
    show_written(json_out, html_out)


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

    settings, now = settings_now(), datetime.now(UTC)
    budgets = describe_budgets(settings)
    with open_readable(settings).reading() as connection:
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
    show_spending(budgets, spent)
    show_holds(held)


@app.command()
def backfill(
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="This day (UTC) included.")],
    source: Annotated[str, typer.Option(help="x; a platform with an archive.")] = "x",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before money is spent.")] = False,
) -> None:
    """Fetch a span of the past from a platform's full archive; called again, it goes on."""
    from collector.backfilling import backfill as fill
    from collector.backfilling import estimate_backfill
    from collector.budget import read_spent
    from collector.catalogue import describe_archive
    from collector.sources.protocol import Window
    from config.secrets import load_secrets
    from dashboard.terminal import show_collected, show_count
    from dashboard.terminal_backfill import show_estimate

    entry = describe_archive(settings_now(), load_secrets(), source)
    within = Window(since.replace(tzinfo=UTC), until.replace(tzinfo=UTC) + timedelta(days=1))
    store, archive = open_writable(settings_now()), entry.open()
    estimates = estimate_backfill(store, archive, entry.plan, within)
    with store.reading() as connection:
        spent = read_spent(connection, source, datetime.now(UTC))
    show_estimate(estimates, entry.plan.budget, spent)
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


@app.command("backfill-reddit")
def backfill_reddit(
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day, UTC.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day, UTC.")],
) -> None:
    """Fetch Reddit's past from the Arctic Shift archive; can be stopped and run again."""
    from collector.backfill_reddit import fill_from_archive
    from dashboard.terminal import show_collected, show_count

    settings = settings_now()
    store = open_writable(settings)
    with show_count("Collecting from Reddit's archive") as on_page:
        collected = fill_from_archive(store, settings, since.date(), until.date(), on_page)
    show_collected(collected)
    raise typer.Exit(1 if collected.stops else 0)


# Privacy: re-checking, forgetting, opting out.
opt_out = typer.Typer(
    no_args_is_help=True, help="Leave out authors who ask; only keyed hashes of names are kept."
)
app.add_typer(opt_out, name="opt-out")


def finish_forgetting(store: "Store") -> None:
    """Take what was forgotten out of the bytes of the files, where something was."""
    from collector.scrubbing import scrub_if_due
    from dashboard.terminal import show_error

    if not scrub_if_due(store):
        show_error(
            "what was forgotten is gone from every read, but a reader keeps old bytes of the file"
            " in use. `awaaz run` tries again; or close the dashboard and call `awaaz scrub`."
        )


def recheck_exports(path: Path) -> int:
    """Say which posts of earlier exports must go; return 1 if there are any."""
    from dashboard.export_recheck import find_exports, find_forgotten
    from dashboard.terminal_privacy import show_recheck

    store = open_writable(settings_now())
    found = {file: find_forgotten(store, file) for file in find_exports(path)}
    show_recheck(found)
    return 1 if any(found.values()) else 0


@app.command()
def comply(
    limit: Annotated[
        int | None, typer.Option(min=1, help="Posts per platform at most; none: as configured.")
    ] = None,
) -> None:
    """Ask the platforms whether stored posts are still there; forget what is gone."""
    from collector.checkers import list_checkers
    from collector.compliance import recheck
    from config.secrets import load_secrets
    from dashboard.terminal import show_off
    from dashboard.terminal_privacy import show_checked, show_checking

    settings = settings_now()
    store = open_writable(settings)
    stopped = False
    for entry in list_checkers(settings, load_secrets(), limit):
        if entry.off:
            show_off(entry.platform, entry.off)
            continue
        with show_checking(entry.platform) as on_batch:
            checked = recheck(store, entry.open(), entry.plan, on_batch)
        show_checked(checked)
        stopped = stopped or bool(checked.stop)
    finish_forgetting(store)
    raise typer.Exit(1 if stopped else 0)


@app.command()
def forget(
    posts: Annotated[
        list[str] | None, typer.Argument(help="Posts, as in x:1052 or reddit:t3_abc, or links.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="A file with one post or link per line.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove posts with their labels at once and for good; they cannot be imported again."""
    from collector.forgetting import forget_posts
    from collector.post_links import parse_id, parse_ids
    from collector.scrubbing import scrub

    if not (posts or file):
        raise typer.BadParameter("Give posts, or --file with one per line.")
    ids = [parse_id(post) for post in posts or []]
    ids += parse_ids(read_lines(file)) if file else []
    store = open_writable(settings_now())
    if not yes:
        typer.confirm(f"Forget {len(ids)} posts for good?", abort=True)
    done = forget_posts(store, ids, "asked", datetime.now(UTC))
    typer.echo(f"{done.removed} removed; {done.barred} barred from ever being stored.")
    if not scrub(store):
        raise StoreError(
            "The posts are gone from every read, but a reader keeps old bytes of the file in use."
            " `awaaz run` tries again; or close the dashboard and call `awaaz scrub`."
        )


@app.command()
def scrub() -> None:
    """Take what was forgotten out of the bytes of the database's files (`awaaz run` does it)."""
    from collector.scrubbing import scrub as scrub_files

    if not scrub_files(open_writable(settings_now())):
        raise StoreError("A reader keeps old bytes of the file in use. Close it and call again.")
    typer.echo("Nothing forgotten is left in the database's files.")


@opt_out.command("add")
def add_opt_out(
    authors: Annotated[
        list[str] | None, typer.Argument(help="As in x:@name, reddit:u/name, x:id:12.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="A file with one author per line.")] = None,
) -> None:
    """Never store posts of these authors again; what of theirs is seen again goes."""
    from collector.opt_outs import add_opt_outs

    parsed = parse_authors(authors, file)
    added = add_opt_outs(open_writable(settings_now()), parsed, datetime.now(UTC))
    typer.echo(
        f"{added} authors added. Who wrote the stored posts is not known here: give the links of"
        " older ones to `awaaz forget`."
    )


@opt_out.command("list")
def list_opt_outs() -> None:
    """Say how many authors are left out; who they are cannot be told."""
    from collector.opt_outs import count_opt_outs

    with open_readable(settings_now()).reading() as connection:
        counts = count_opt_outs(connection)
    for platform, count in counts.items():
        typer.echo(f"{platform}: {count}")
    if not counts:
        typer.echo("Nobody has asked to be left out.")


@opt_out.command("remove")
def remove_opt_out(
    authors: Annotated[list[str] | None, typer.Argument(help="As in x:@name.")] = None,
    file: Annotated[Path | None, typer.Option(help="A file with one author per line.")] = None,
) -> None:
    """Let posts of these authors be stored again from now on."""
    from collector.opt_outs import remove_opt_outs

    removed = remove_opt_outs(open_writable(settings_now()), parse_authors(authors, file))
    typer.echo(f"{removed} authors removed.")


def parse_authors(authors: list[str] | None, file: Path | None) -> list[tuple[str, str]]:
    """Read authors from arguments and from a file."""
    from collector.opt_outs import parse_author

    given = [*(authors or []), *(read_lines(file) if file else [])]
    if not given:
        raise typer.BadParameter("Give authors, or --file with one per line.")
    return [parse_author(line) for line in given if line.strip() and not line.startswith("#")]


def read_lines(file: Path) -> list[str]:
    """Return the lines of an operator's file."""
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"The file {file} cannot be read ({type(error).__name__}).") from None


@app.command()
def train(
    data: Annotated[list[Path], typer.Option(help="Labelled posts: csv, tsv, jsonl, parquet.")],
    base: Annotated[str, typer.Option(help="An encoder: a folder, or an id on the Hub.")],
    out: Annotated[Path, typer.Option(help="The folder to write; a stopped run goes on there.")],
    name: Annotated[str, typer.Option(help="The model's name; none: that of the folder.")] = "",
    epochs: Annotated[int | None, typer.Option(min=1, help="At most.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed, the same run.")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="Any field of the recipe in classifier/train.py: rate=5e-5."),
    ] = None,
) -> None:
    """Train a model of your own on labelled posts (needs the extra `train`)."""
    from classifier.training import train_model
    from dashboard.terminal_evaluation import show_note
    from dashboard.terminal_models import show_trained

    options = dict(pair.split("=", 1) for pair in setting or [] if "=" in pair)
    if len(options) < len(setting or []):
        raise typer.BadParameter("Write --set NAME=VALUE, as in --set rate=5e-5.")
    options |= {k: str(v) for k, v in {"epochs": epochs, "seed": seed}.items() if v is not None}
    trained = train_model(data, base, out, name=name, options=options, on_note=show_note)
    show_trained(trained, out)


models_app = typer.Typer(
    no_args_is_help=True, help="The models that this store knows; exactly one is live."
)
app.add_typer(models_app, name="models")


@models_app.command("list")
def list_models_() -> None:
    """List the models with their state, and how many labels each has given."""
    from classifier.registry import count_by_model, list_models
    from dashboard.terminal_models import show_models

    with open_readable(settings_now()).reading() as connection:
        show_models(list_models(connection), count_by_model(connection))


@models_app.command("show")
def show_model_(version: Annotated[str, typer.Argument(help="As in `awaaz models list`.")]) -> None:
    """Show where a model comes from, its figures, and how it was promoted."""
    from classifier.errors import RegistryError
    from classifier.registry import find_model, list_promotions
    from dashboard.terminal_models import show_model

    with open_readable(settings_now()).reading() as connection:
        model = find_model(connection, version)
        if model is None:
            raise RegistryError(f"There is no model {version}; `awaaz models list` names them.")
        show_model(model, list_promotions(connection, version))


@models_app.command()
def promote(
    model: Annotated[str, typer.Argument(help='A version, a folder, or "shipped".')],
    data: Annotated[
        list[Path] | None, typer.Option(help="Labelled posts that neither was trained on.")
    ] = None,
    anyway: Annotated[
        str | None, typer.Option(help="Why it shall be live though it is worse; recorded.")
    ] = None,
) -> None:
    """Make a model the live one, unless it is worse on any form with enough posts."""
    from classifier.labels import count_unlabelled
    from classifier.model_folder import read_settings
    from classifier.promotion import promote as promote_model
    from classifier.stance_classifier import StanceClassifier
    from dashboard.terminal_models import show_grounds, show_promoted

    if anyway is not None and not anyway.strip():
        raise typer.BadParameter("Say why: --anyway REASON.")
    settings = settings_now()
    folder = find_model_folder(settings, model)
    StanceClassifier.load(folder)  # a folder that does not load must not be live
    candidate = read_settings(folder)
    store = open_readable(settings)
    grounds = find_grounds(settings, store, folder, data)
    show_grounds(grounds, candidate.version)
    shipped = None if folder == find_model_folder(settings, "shipped") else folder
    done = promote_model(store, candidate, shipped, grounds, datetime.now(UTC), anyway or "")
    with store.reading() as connection:
        waiting = count_unlabelled(connection, candidate.version)["waiting"]
    show_promoted(done, waiting)


def find_grounds(
    settings: "Settings", store: "Store", folder: Path, data: list[Path] | None
) -> "Grounds":
    """Compare a model with the live one, on labelled posts or by the figures that both bear."""
    from classifier.labelled_data import read_labelled
    from classifier.model_folder import read_settings
    from classifier.promotion import Grounds, compare_on, compare_stored
    from classifier.registry import live_model
    from classifier.stance_classifier import StanceClassifier

    with store.reading() as connection:
        live = live_model(connection)
    if live in (None, read_settings(folder).version):
        return Grounds("nothing to compare with", [])
    try:
        if data:
            labelled, old = read_labelled(data), open_classifier(settings, live)
            return compare_on(labelled, old, StanceClassifier.load(folder))
        old_folder = find_model_folder(settings, live)
        return compare_stored(read_settings(old_folder), read_settings(folder))
    except ModelError as error:
        return Grounds("nothing", [], f"the live model cannot be compared with ({error})")


@models_app.command()
def retire(version: Annotated[str, typer.Argument(help="As in `awaaz models list`.")]) -> None:
    """Set a model aside; its labels stay. The live one cannot be retired."""
    from classifier.registry import retire_model

    with open_readable(settings_now()).writing() as connection:
        retire_model(connection, version, datetime.now(UTC))
    typer.echo(f"{version} is retired; its labels stay.")


def main() -> None:
    """Run the command line; a known error is a sentence on stderr, never a traceback."""
    try:
        app()
    except OURS as error:
        sys.exit(f"awaaz: {error}")
    except SystemExit as end:
        if end.code == INTERRUPTED:  # typer's own word for Ctrl-C
            sys.stderr.write("Stopped. What was done is kept; the same command goes on there.\n")
        raise


if __name__ == "__main__":
    main()
