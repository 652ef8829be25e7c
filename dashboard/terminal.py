"""What the command line prints: progress, reports and tables."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

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

from config.findings import Finding

if TYPE_CHECKING:  # every command shows something, and few need what these import
    from collector.collecting import Collected
    from collector.importing import ImportReport
    from collector.sources.protocol import Skip
    from dashboard.export import Exported

PLACES = 10
"""Lines named for each reason of a skip."""

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

MARKS = {"good": "[green]good[/]", "off": "[yellow]off[/]", "fault": "[red]fault[/]"}


def open_progress(*columns: ProgressColumn) -> Progress:
    """Return a bar for a terminal; elsewhere it prints nothing, or cron would mail its newlines."""
    return Progress(*columns, console=err, transient=True, disable=not err.is_interactive)


@contextmanager
def show_progress(
    title: str, unit: Literal["bytes", "posts"]
) -> Iterator[Callable[[int, int], None]]:
    """Yield a function (done, total) that moves a bar with the time left."""
    count: ProgressColumn = DownloadColumn() if unit == "bytes" else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), count)
    with open_progress(*columns, TimeRemainingColumn()) as bar:
        task = bar.add_task(escape(title), total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance


@contextmanager
def show_count(title: str) -> Iterator[Callable[["Collected"], None]]:
    """Yield a function that shows what a collection has brought so far."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with open_progress(*columns) as bar:
        task = bar.add_task(escape(title), total=None)

        def advance(collected: "Collected") -> None:
            text = f"{title}: {collected.fetched} read, {collected.tally.new} new"
            bar.update(task, description=escape(text))

        yield advance


def show_error(message: str) -> None:
    """Print what went wrong with one thing while others go on."""
    err.print(f"[red]awaaz:[/] {escape(message)}")


def show_off(name: str, reason: str) -> None:
    """Print that a source is left out, and why."""
    err.print(f"{name} is left out: {escape(reason)}. `awaaz doctor` says how to set it up.")


def show_import(report: "ImportReport") -> None:
    """Print what became of every line of an archive."""
    tally, skipped = report.tally, sum(report.skipped.values())
    out.print(
        f"[bold]{escape(report.name)}[/] ({report.format}): {report.read:,} read, "
        f"{tally.new:,} new, {tally.updated:,} updated, {tally.unchanged:,} already there, "
        f"{tally.forgotten:,} barred, {skipped:,} skipped"
    )
    for note in report.notes:
        out.print(f"  note: {escape(note)}")
    for reason, count in report.skipped.most_common():
        show_skip(reason, count, report.places.get(reason, []))


def show_skips(skips: "Sequence[Skip]") -> None:
    """Print why lines of a table were skipped, and which."""
    places: dict[str, list[str]] = {}
    for skip in skips:
        places.setdefault(skip.reason, []).append(skip.where)
    for reason, where in places.items():
        show_skip(reason, len(where), where[:PLACES])


def show_skip(reason: str, count: int, places: "Sequence[str]") -> None:
    """Print how often something was skipped for a reason, and the first places where."""
    some = ", ".join(places) + (" ..." if count > len(places) else "")
    out.print(f"  skipped {count:,}: {escape(reason)}" + (f" ({some})" if places else ""))


def show_collected(collected: "Collected") -> None:
    """Print what a turn of a source brought and what stopped it."""
    tally = collected.tally
    out.print(
        f"[bold]{collected.source}[/]: {collected.runs} windows, {collected.fetched:,} read, "
        f"{tally.new:,} new, {tally.updated:,} updated, {tally.unchanged:,} already there, "
        f"cost ${collected.cost:,.2f}"
    )
    for stop in dict.fromkeys(collected.stops):
        err.print(f"  [yellow]stopped:[/] {escape(stop)}")


def show_exported(exported: "Exported", *, with_text: bool) -> None:
    """Print what was exported, and what the platforms say about passing texts on."""
    out.print(
        f"{exported.rows:,} posts written to {escape(str(exported.path))}, {exported.labelled:,} of"
        f" them labelled; {escape(str(exported.manifest))} explains the columns."
    )
    if with_text:
        warn_of_texts()


def warn_of_texts() -> None:
    """Print what the platforms say about passing texts on."""
    err.print(
        "[yellow]The file holds texts.[/] X lets you pass on ids freely within its limits, but"
        " texts only to few and never publicly; what is deleted on a platform must be deleted"
        " here. Read the platforms' developer terms before you share it. In a spreadsheet import"
        " columns as text: it would run a text that begins with = + - or @ as a formula."
    )


def show_findings(findings: Sequence[Finding]) -> None:
    """Print what the doctor found, with what to do."""
    for finding in findings:
        out.print(f"{MARKS[finding.state]}  [bold]{finding.what}[/]: {escape(finding.says)}")
        if finding.advice:
            out.print(f"      {escape(finding.advice)}")
