"""What the command line prints of an evaluation."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from classifier.model_evaluation import Evaluation
from classifier.scores import Part
from config.codebook import STANCES
from dashboard.errors import ExportError
from dashboard.evaluation_page import say_range
from dashboard.mask import mask_text
from dashboard.terminal import err, out

__all__ = [
    "make_table",
    "say_short",
    "show_comparison",
    "show_evaluation",
    "show_note",
    "show_written",
    "write_json",
]

NAMES = {"native form": "{}, no rewrites"}
LONGEST = 220  # characters of a post in a table
VERDICTS = {"better": "[green]better[/]", "worse": "[red]worse[/]", "cannot tell": "cannot tell"}


def show_evaluation(evaluation: Evaluation) -> None:
    """Print the scores of a model, its comparison, and its worst mistakes with masked texts."""
    whole = evaluation.parts[0]
    out.print(
        f"[bold]{escape(evaluation.model)}[/] on {whole.n:,} posts ({whole.groups:,} groups that"
        f" are no copies of one another), codebook {evaluation.codebook}"
    )
    for note in evaluation.notes:
        show_note(note)
    show_classes(whole)
    show_parts(evaluation.parts)
    show_confusion(whole)
    show_curve(evaluation)
    if evaluation.comparison:
        show_comparison(evaluation.comparison, evaluation.model, evaluation.against)
    show_mistakes(evaluation.mistakes)


def show_note(note: str) -> None:
    """Print what is odd about labelled data."""
    err.print(f"  [yellow]note:[/] {escape(note)}")


def make_table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    """Print a title; return an empty table with columns of words and columns of numbers."""
    out.print(f"\n[bold]{escape(title)}[/]")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in left:
        table.add_column(name, overflow="fold", min_width=8)
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def say_short(values: Sequence[float]) -> str:
    """`0.71 .68-.74`, for narrow tables."""
    low, high = (f"{v:.2f}".removeprefix("0") for v in values[1:])
    return f"{values[0]:.2f} [dim]{low}-{high}[/]"


def show_classes(whole: Part) -> None:
    """Print F1, precision and recall of each stance."""
    table = make_table(
        "By stance, with 95 % intervals", ["stance"], ["n", "F1", "precision", "recall"]
    )
    for s in STANCES:
        scores = (say_short(values[s]) for values in (whole.f1, whole.precision, whole.recall))
        table.add_row(s, f"{whole.counts[s]:,}", *scores, style="dim" if s in whole.short else "")
    out.print(table)


def show_parts(parts: Sequence[Part]) -> None:
    """Print macro-F1 and the F1 of each stance by part of the posts."""
    names = [s[:4] for s in STANCES]
    table = make_table("By part", ["posts"], ["n", "macro-F1", *names, "calib."])
    kind = "all"
    for part in parts:
        if part.kind != kind:
            table.add_section()
        kind = part.kind
        score = say_short(part.macro_f1) if part.enough else "too few"
        each = (show_score(part, stance) for stance in STANCES)
        error = part.calibration_error
        calibration = f"{error[0]:.3f}" if error else "-"
        style = "" if part.enough else "dim"
        table.add_row(
            escape(NAMES.get(part.kind, "{}").format(part.name)),
            f"{part.n:,}",
            score,
            *each,
            calibration,
            style=style,
        )
    out.print(table)
    out.print("Under each stance its F1, dim under ten posts; too few: under ten of some stance.")


def show_score(part: Part, stance: str) -> str:
    """Return the F1 of a stance, dim where it rests on few posts."""
    if not part.counts[stance]:
        return "-"
    score = f"{part.f1[stance][0]:.2f}"
    return f"[dim]{score}[/]" if stance in part.short else score


def show_confusion(whole: Part) -> None:
    """Print true stances in rows against predicted ones in columns."""
    table = make_table("What is taken for what", ["annotated"], [f"as {s}" for s in STANCES])
    for stance, counts in zip(STANCES, whole.confusion, strict=True):
        table.add_row(stance, *(f"{n:,}" for n in counts))
    out.print(table)


def show_curve(evaluation: Evaluation) -> None:
    """Print the calibration curve, and how far stance and frame agree."""
    error = evaluation.parts[0].calibration_error
    found = f"; calibration error {say_range(error, 3)}" if error else ""
    table = make_table(f"Probabilities, ten bins of equal mass{found}", [], ["said", "right", "n"])
    for b in evaluation.curve:
        table.add_row(f"{b['probability']:.2f}", f"{b['right']:.2f}", f"{b['n']:,}")
    out.print(table)
    frames = evaluation.frames
    right = frames["frame_accuracy"]
    said = f"The likeliest frame belongs to the likeliest stance in {frames['agreement'][0]:.1%}"
    if right is not None:
        said += f"; where the stance is right and takes a side the frame is right in {right:.0%}"
        said += f" of {frames['frame_n']:,}"
    out.print(f"{said}.")


def show_comparison(rows: Sequence[dict[str, Any]], model: str, against: str) -> None:
    """Print the difference of two models by part, with verdicts on the first one named."""
    table = make_table(f"{model} less {against}", ["posts"], ["n", "macro-F1", "95 %", "verdict"])
    for row in rows:
        verdict = VERDICTS[row["verdict"]] if row["enough"] else "too few"
        interval = f"{row['low']:+.3f} to {row['high']:+.3f}"
        table.add_row(
            escape(row["name"]), f"{row['n']:,}", f"{row['difference']:+.3f}", interval, verdict
        )
    out.print(table)


def show_mistakes(mistakes: Sequence[dict[str, Any]]) -> None:
    """Print the worst mistakes, their texts masked."""
    table = make_table("Worst mistakes", ["id", "text", "annotated", "read as"], ["at"])
    for m in mistakes:
        table.add_row(
            escape(m["id"]),
            escape(shorten(mask_text(m["text"]))),
            f"{m['stance']} {m['frame'] if m['frame'] != 'none' else ''}".strip(),
            f"{m['predicted']} {m['predicted_frame'] if m['predicted'] != 'none' else ''}".strip(),
            f"{m['probability']:.2f}",
        )
    out.print(table)


def shorten(text: str) -> str:
    """Return the first characters of a text; the page has all of it."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def write_json(evaluation: Evaluation, path: Path) -> None:
    """Write the figures for programs; raises ExportError where the place cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(evaluation.to_dict(), indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ExportError(f"{path} cannot be written ({error.strerror}). Choose another.") from None


def show_written(*paths: Path | None) -> None:
    """Print which files were written."""
    for path in paths:
        if path is not None:
            out.print(f"Written: {escape(str(path))}")
