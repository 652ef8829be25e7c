"""Commands that show and hand on: dashboard, demo, export, status, doctor."""

# Everything heavy is imported inside the commands: `awaaz --help` must answer at once.
# ruff: noqa: PLC0415, FBT002

import os
from datetime import datetime
from enum import StrEnum
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.errors import CollectorError
from config import __version__
from dashboard.commands import context
from dashboard.commands.collection import import_paths
from dashboard.commands.context import find_model_folder, open_present, open_writable, settings_now
from dashboard.commands.models import label_all

if TYPE_CHECKING:
    from config.settings import Settings


app = typer.Typer()


class FileFormat(StrEnum):
    """Formats of an export."""

    csv = "csv"
    parquet = "parquet"
    jsonl = "jsonl"


def serve(settings: "Settings", port: int | None) -> int:
    """Serve the dashboard until it is ended."""
    from dashboard.launch import launch

    environment = (
        {"AWAAZ_CONFIG": str(context.chosen_config.resolve())} if context.chosen_config else {}
    )
    return launch(port or settings.dashboard.port, environment)


@app.command()
def demo(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = None,
    build_only: Annotated[
        bool, typer.Option("--build-only", help="Import and label the sample, then end.")
    ] = False,
) -> None:
    """Load 646 invented posts, label them with the shipped model and open the dashboard."""
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


@app.command()
def dashboard(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = None,
) -> None:
    """Open the dashboard on this machine."""
    raise typer.Exit(serve(settings_now(), port))


@app.command()
def export(
    out: Annotated[
        Path | None, typer.Option(help="The file to write; its manifest goes beside it.")
    ] = None,
    file_format: Annotated[
        FileFormat | None, typer.Option("--format", help="None: by the ending of --out, or csv.")
    ] = None,
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
    from collector.archives.archive import check_platform
    from dashboard.export import Filters, check_filters, export_posts
    from dashboard.terminal import show_exported, show_progress

    if recheck is not None:
        raise typer.Exit(recheck_exports(recheck))
    if out is None:
        raise typer.BadParameter("Give --out FILE, or --recheck with an earlier export.")
    filters = Filters(
        countries=country or (),
        platforms=[check_platform(name) or name for name in platform or ()],
        forms=form or (),
        stances=stance or (),
        since=since.date() if since else None,
        until=until.date() if until else None,
    )
    check_filters(filters)
    chosen = choose_format(out, file_format)
    store = open_present(settings_now())
    with show_progress("Exporting", unit="posts") as on_progress:
        exported = export_posts(
            store, out, chosen.value, filters, with_text=with_text, on_progress=on_progress
        )
    show_exported(exported, with_text=with_text)


def choose_format(out: Path, file_format: FileFormat | None) -> FileFormat:
    """Return the format asked for, or that of the name's ending; they may not be two."""
    ending = out.suffix.removeprefix(".").lower()
    named = FileFormat(ending) if ending in set(FileFormat) else None
    if file_format and named and file_format != named:
        raise typer.BadParameter(
            f"--out ends in .{ending}, but --format is {file_format}: whoever opens the file would"
            " read it as what its name says. Change one of them."
        )
    return file_format or named or FileFormat.csv


def recheck_exports(path: Path) -> int:
    """Say which posts of earlier exports must go; return 1 if there are any."""
    from dashboard.export_recheck import find_exports, find_forgotten
    from dashboard.terminal_privacy import show_recheck

    store = open_writable(settings_now())
    found = {file: find_forgotten(store, file) for file in find_exports(path)}
    show_recheck(found)
    return 1 if any(found.values()) else 0


@app.command()
def status(
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether `awaaz run` is well; 1 if not.")
    ] = False,
) -> None:
    """Show what the store holds, the last runs, how `awaaz run` is doing, and what is waiting."""
    from dashboard.terminal_privacy import show_check_states
    from dashboard.terminal_status import show_status
    from dashboard.terminal_watch import show_check, show_watch

    settings = settings_now()
    if check:
        raise typer.Exit(0 if show_check(settings) else 1)
    store = open_present(settings)
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
    from collector.diagnosis import diagnose_collecting, diagnose_store, make_key
    from config.diagnosis import diagnose_settings
    from config.findings import Finding
    from config.secrets import load_secrets
    from dashboard.terminal import show_findings

    settings, secrets = settings_now(), load_secrets()
    source = context.chosen_config or os.environ.get("AWAAZ_CONFIG")
    findings = [*diagnose_settings(str(source or "the shipped config/awaaz.toml"))]
    try:
        if fix:
            make_key(settings, secrets)
            open_writable(settings).close()
    except CollectorError as error:
        findings.append(Finding("fix", "fault", str(error)))
    findings.append(diagnose_store(lambda: open_present(settings)))
    findings.append(diagnose_model(lambda: find_model_folder(settings)))
    findings += diagnose_collecting(settings, secrets)
    show_findings(findings)
    raise typer.Exit(1 if any(f.state == "fault" for f in findings) else 0)
