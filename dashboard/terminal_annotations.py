"""What the command line prints of annotations."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from dashboard.terminal import out, show_skips, warn_of_texts

if TYPE_CHECKING:  # the table's readers are needed by the import alone
    from classifier.annotation_table import ImportedAnnotations

__all__ = ["show_exported_annotations", "show_imported_annotations"]


def show_imported_annotations(done: "ImportedAnnotations") -> None:
    """Print what became of every row of a table."""
    recorded = done.recorded
    out.print(
        f"[bold]{escape(done.path.name)}[/]: {done.read:,} read, {recorded.new:,} new, "
        f"{recorded.replaced:,} replaced, {recorded.unchanged:,} already there, "
        f"{len(done.skips):,} skipped"
    )
    show_skips(done.skips)


def show_exported_annotations(rows: int, path: Path, *, with_text: bool) -> None:
    """Print what was exported, and what the platforms say about passing texts on."""
    out.print(f"{rows:,} annotations written to {escape(str(path))}.")
    if with_text:
        warn_of_texts()
