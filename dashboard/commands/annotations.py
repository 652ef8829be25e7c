"""Commands that take annotations in and hand them out."""

# Everything heavy is imported inside the commands: `awaaz --help` must answer at once.
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.context import open_present, settings_now

app = typer.Typer()

annotations_app = typer.Typer(
    no_args_is_help=True, help="What people, not models, say of stored posts."
)
app.add_typer(annotations_app, name="annotations")

FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".parquet": "parquet"}


@annotations_app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV, TSV, JSONL or Parquet with id (x:123), coder, stance, frame, codebook,"
            " drawn_because, probability; where it has a text, that must be the stored one."
        ),
    ],
) -> None:
    """Take in a coder's table; a bad row is skipped and told, importing twice changes nothing."""
    from classifier.annotation_table import import_annotations
    from dashboard.terminal_annotations import show_imported_annotations

    show_imported_annotations(import_annotations(open_present(settings_now()), file))


@annotations_app.command("export")
def export(
    out: Annotated[Path, typer.Option(help="The file to write: .csv, .jsonl or .parquet.")],
    with_text: Annotated[  # noqa: FBT002  # typer's shape of a flag
        bool, typer.Option("--with-text", help="Add the texts, for `awaaz train --data`.")
    ] = False,
) -> None:
    """Write all annotations, saying of each whether it is of the text that the post has now."""
    from dashboard.annotation_export import export_annotations
    from dashboard.terminal_annotations import show_exported_annotations

    file_format = FORMATS.get(out.suffix.lower())
    if file_format is None:
        raise typer.BadParameter(f"Let the name of --out end in {', '.join(FORMATS)}.")
    rows = export_annotations(open_present(settings_now()), out, file_format, with_text=with_text)
    show_exported_annotations(rows, out, with_text=with_text)
