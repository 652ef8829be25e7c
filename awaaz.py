"""The command line: the only place that knows all the rooms. It parses, calls, and prints."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands import annotations, collection, models, pages, privacy
from dashboard.commands.context import OURS, choose_config

INTERRUPTED = 130

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Listens to public #MeToo posts from Pakistan and India and shows how their stance moves.",
    epilog="A label speaks of a post, never of its author. Begin with: awaaz demo",
)
for part in (pages, collection, models, annotations, privacy):
    app.add_typer(part.app)


@app.callback()
def configure(
    config: Annotated[
        Path | None, typer.Option(help="A TOML of your own over config/awaaz.toml.")
    ] = None,
) -> None:
    """Remember the options that every command shares."""
    choose_config(config)


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
