"""What the command line prints of a model's answers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from classifier.stance_classifier import Predictions
from collector.form import detect_forms
from config.codebook import STANCES, load_codebook
from dashboard.terminal import out, show_skips

if TYPE_CHECKING:  # tables need polars, a text on the command line does not
    from classifier.table_prediction import Predicted

__all__ = ["show_predicted_table", "show_predictions"]

UNSURE = 0.5
"""Below this the likeliest stance is wrong about as often as it is right."""


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


def show_predicted_table(predicted: "Predicted", path: Path, version: str) -> None:
    """Print what was written of a table of predictions."""
    out.print(f"{predicted.rows:,} rows labelled by {version} written to {escape(str(path))}.")
    if predicted.empty:
        out.print(f"{predicted.empty:,} rows have no text and no stance.")
    show_skips(predicted.skips)
    for name, new in predicted.renamed.items():
        out.print(f"The input's column {name} is kept as {new}.")
