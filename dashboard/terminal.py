"""What the command line prints: progress, reports and tables."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from classifier.labelling import Labelled
from classifier.labels import count_labels, count_unlabelled
from classifier.registry import live_model
from classifier.stance_classifier import Predictions
from classifier.table_prediction import Predicted
from collector.collecting import Collected
from collector.form import detect_forms
from collector.importing import ImportReport
from collector.runs import recent_runs
from collector.store import Store
from config.codebook import STANCES, load_codebook
from config.findings import Finding
from dashboard.export import Exported

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

UNSURE = 0.5
"""Below this the likeliest stance is wrong about as often as it is right."""

MARKS = {"good": "[green]good[/]", "off": "[yellow]off[/]", "fault": "[red]fault[/]"}


@contextmanager
def show_progress(
    title: str, unit: Literal["bytes", "posts"]
) -> Iterator[Callable[[int, int], None]]:
    """Yield a function (done, total) that moves a bar with the time left."""
    count: ProgressColumn = DownloadColumn() if unit == "bytes" else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), count)
    with Progress(*columns, TimeRemainingColumn(), console=err, transient=True) as bar:
        task = bar.add_task(escape(title), total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance


@contextmanager
def show_count(title: str) -> Iterator[Callable[[Collected], None]]:
    """Yield a function that shows what a collection has brought so far."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(escape(title), total=None)

        def advance(collected: Collected) -> None:
            text = f"{title}: {collected.fetched} read, {collected.tally.new} new"
            bar.update(task, description=escape(text))

        yield advance


def show_error(message: str) -> None:
    """Print what went wrong with one thing while others go on."""
    err.print(f"[red]awaaz:[/] {escape(message)}")


def show_off(name: str, reason: str) -> None:
    """Print that a source is left out, and why."""
    err.print(f"{name} is left out: {escape(reason)}. `awaaz doctor` says how to set it up.")


def show_import(report: ImportReport) -> None:
    """Print what became of every line of an archive."""
    tally, skipped = report.tally, sum(report.skipped.values())
    out.print(
        f"[bold]{escape(report.path.name)}[/] ({report.format}): {report.read:,} read, "
        f"{tally.new:,} new, {tally.updated:,} updated, {tally.unchanged:,} already there, "
        f"{tally.forgotten:,} barred, {skipped:,} skipped"
    )
    for note in report.notes:
        out.print(f"  note: {escape(note)}")
    for reason, count in report.skipped.most_common():
        places = ", ".join(report.places.get(reason, []))
        out.print(f"  skipped {count:,}: {escape(reason)}" + (f" ({places} ...)" if places else ""))


def show_collected(collected: Collected) -> None:
    """Print what a turn of a source brought and what stopped it."""
    tally = collected.tally
    out.print(
        f"[bold]{collected.source}[/]: {collected.runs} windows, {collected.fetched:,} read, "
        f"{tally.new:,} new, {tally.updated:,} updated, {tally.unchanged:,} already there, "
        f"cost ${collected.cost:,.2f}"
    )
    for stop in dict.fromkeys(collected.stops):
        err.print(f"  [yellow]stopped:[/] {escape(stop)}")


def show_labelled(store: Store, labelled: Labelled) -> None:
    """Print what was labelled and what was not, with the reason."""
    with store.reading() as connection:
        left = count_unlabelled(connection, labelled.model)
    out.print(
        f"{labelled.labelled:,} posts labelled by {labelled.model}; {left['waiting']:,} wait; "
        f"{left['other_form']:,} are in a language that the model does not read."
    )


def show_predictions(texts: Sequence[str], predictions: Predictions, version: str) -> None:
    """Print stance, frame and probabilities of each text."""
    table = Table(caption=f"{version}: a machine's reading of a post, never of its author")
    for name in ("text", "stance", "frame", *STANCES):
        table.add_column(name, overflow="fold", justify="right" if name in STANCES else "left")
    rows = zip(texts, predictions.stances, predictions.frames, predictions.stance, strict=True)
    for text, stance, frame, row in rows:
        sure = "" if row.max() >= UNSURE else " (unsure)"
        table.add_row(escape(text), stance + sure, frame, *(f"{p:.2f}" for p in row))
    out.print(table)
    unread = sum(form == "other" for form in detect_forms(list(texts)))
    if unread:
        out.print(f"{unread} of these seem to be in a language that the model does not read.")
    for frame in dict.fromkeys(predictions.frames):
        out.print(f"{frame}: {load_codebook().meanings[frame]}")


def show_predicted_table(predicted: Predicted, path: Path, version: str) -> None:
    """Print what was written of a table of predictions."""
    out.print(f"{predicted.rows:,} rows labelled by {version} written to {escape(str(path))}.")
    if predicted.empty:
        out.print(f"{predicted.empty:,} rows have no text and no stance.")
    for name in predicted.renamed:
        out.print(f"The input's column {name} is kept as {name}_given.")


def show_exported(exported: Exported, *, with_text: bool) -> None:
    """Print what was exported, and what the platforms say about passing texts on."""
    out.print(
        f"{exported.rows:,} posts written to {escape(str(exported.path))}, {exported.labelled:,} of"
        f" them labelled; {escape(str(exported.manifest))} explains the columns."
    )
    if with_text:
        err.print(
            "[yellow]The file holds texts.[/] X lets you pass on ids freely within its limits, but"
            " texts only to few and never publicly; what is deleted on a platform must be deleted"
            " here. Read the platforms' developer terms before you share it."
        )


def show_status(store: Store) -> None:
    """Print what the store holds, what waits, and the last runs."""
    with store.reading() as connection:
        model = live_model(connection)
        labelled = count_labels(connection, model) if model else 0
        left = count_unlabelled(connection, model)
        rows = recent_runs(connection, 15)
    out.print(f"Store: {escape(store.engine.url.render_as_string())}")
    out.print(
        f"Labelled by {model or 'no model yet'}: {labelled:,}; waiting: {left['waiting']:,}; "
        f"in a language that the model does not read: {left['other_form']:,}"
    )
    table = Table(title="Last runs", title_justify="left")
    for name in ("started (UTC)", "source", "query", "read", "new", "skipped", "end"):
        table.add_column(name, overflow="fold")
    for row in rows:
        counts = (f"{row.fetched:,}", f"{row.new:,}", f"{row.skipped:,}")
        end = row.stop + (f": {row.detail}" if row.detail else "")
        started = row.started_at.strftime("%Y-%m-%d %H:%M")
        table.add_row(started, row.source, escape(row.query), *counts, escape(end))
    out.print(table if rows else "No runs yet. Begin with: awaaz import FILE, or awaaz collect")


def show_findings(findings: Sequence[Finding]) -> None:
    """Print what the doctor found, with what to do."""
    for finding in findings:
        out.print(f"{MARKS[finding.state]}  [bold]{finding.what}[/]: {escape(finding.says)}")
        if finding.advice:
            out.print(f"      {escape(finding.advice)}")
