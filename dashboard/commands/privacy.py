"""Commands that re-check, forget and leave out."""

# Everything heavy is imported inside the commands: `awaaz --help` must answer at once.
# ruff: noqa: PLC0415, FBT002

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.errors import StoreError
from dashboard.commands.context import open_readable, open_writable, settings_now

if TYPE_CHECKING:
    from collector.store import Store


app = typer.Typer()


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


@app.command()
def comply(
    limit: Annotated[
        int | None, typer.Option(min=1, help="Posts per platform at most; none: as configured.")
    ] = None,
) -> None:
    """Ask the platforms whether stored posts are still there; forget what is gone."""
    from collector.checkers import list_checkers, recheck_platform
    from config.secrets import load_secrets
    from dashboard.terminal import show_error, show_off
    from dashboard.terminal_privacy import show_checked, show_checking

    settings = settings_now()
    store = open_writable(settings)
    stopped = False
    entries = list_checkers(settings, load_secrets(), limit)
    for entry in entries:
        if entry.off:
            show_off(entry.platform, entry.off)
            continue
        with show_checking(entry.platform) as on_batch:
            turns = recheck_platform(store, entry, on_batch)
        for checked in turns:
            show_checked(checked)
        stopped = stopped or bool(turns[-1].stop)
    finish_forgetting(store)
    if all(entry.off for entry in entries):  # a cron job must not take it for well
        show_error("nothing was checked: no platform can be asked whether posts are still there.")
        stopped = True
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
    """Remove posts, their labels and annotations for good; they cannot be imported again."""
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
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise StoreError(
            f"The file {file} cannot be read ({reason}). Give a text file in UTF-8."
        ) from None
