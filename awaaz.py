"""The command line: the only place that knows all the rooms. It parses, calls, and prints."""

# What takes time to load is imported inside `main`: Ctrl-C meanwhile must end in a sentence too.
# ruff: noqa: PLC0415

import sys
from collections.abc import Callable

INTERRUPTED = 130


def main() -> None:
    """Run the command line; a known error is a sentence on stderr, never a traceback."""
    try:
        run_command()
    except KeyboardInterrupt:  # before typer takes over, whose own word for it is SystemExit
        tell_interrupted()
        sys.exit(INTERRUPTED)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            tell_interrupted()
        raise


def run_command() -> None:
    """Run the command that the arguments name, and always raise SystemExit."""
    from dashboard.commands.context import OURS

    try:
        load_app()()
    except OURS as error:
        sys.exit(f"awaaz: {error}")


def load_app() -> Callable[[], object]:
    """Return the command line with all commands, and no more than `awaaz --help` needs."""
    from pathlib import Path
    from typing import Annotated

    import typer

    from dashboard.commands import annotations, collection, models, pages, privacy
    from dashboard.commands.context import choose_config

    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Listens to public #MeToo posts from Pakistan and India and shows how their stance"
        " moves.",
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

    return app


def tell_interrupted() -> None:
    """Say what Ctrl-C leaves behind."""
    sys.stderr.write("Stopped. What was done is kept; the same command goes on there.\n")


if __name__ == "__main__":
    main()
