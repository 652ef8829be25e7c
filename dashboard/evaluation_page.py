"""An evaluation as one HTML page: plots, tables and the worst mistakes, with nothing to fetch."""

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from classifier.model_evaluation import Evaluation
from classifier.scores import Part
from config.codebook import STANCES
from dashboard.errors import ExportError
from dashboard.evaluation_plots import Line, draw_calibration, draw_intervals
from dashboard.evaluation_style import PAGE, STYLE
from dashboard.mask import mask_text

__all__ = ["KINDS", "render_page", "say_range", "write_page"]

KINDS = {
    "form": "By written form",
    "native form": "By form, without rewrites",
    "origin": "By origin",
    "country": "By country",
    "source": "By source",
}
LANGUAGES = {"ur": "ur", "hi": "hi"}
DARK = 0.55  # share of a row from which white reads better
Mask = Callable[[str], str]


def write_page(evaluation: Evaluation, path: Path) -> None:
    """Write the page; raises ExportError where the place cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_page(evaluation), encoding="utf-8")
    except OSError as error:
        raise ExportError(f"{path} cannot be written ({error.strerror}). Choose another.") from None


def render_page(evaluation: Evaluation, mask: Mask = mask_text) -> str:
    """Return the page; every post's text goes through `mask` first."""
    whole = evaluation.parts[0]
    return Template(PAGE).substitute(
        style=STYLE,
        model=escape(evaluation.model),
        lead=_lead(whole),
        facts=_facts(evaluation),
        comparison=_comparison(evaluation),
        classes=_class_table(whole),
        parts_plot=_parts_plot(evaluation.parts),
        parts_table=_parts_table(evaluation.parts),
        confusion=_confusion_table(whole),
        calibration=_calibration(evaluation),
        frames=_frames(evaluation.frames),
        mistakes=_mistakes(evaluation.mistakes, mask),
        notes="".join(f"<li>{escape(note)}</li>" for note in evaluation.notes)
        or "<li>Nothing odd was found.</li>",
    )


def say_range(values: Sequence[float], digits: int = 2) -> str:
    """`0.71 (0.68 to 0.74)`."""
    value, low, high = (f"{v:.{digits}f}" for v in values)
    return f"{value} ({low} to {high})"


def _lead(whole: Part) -> str:
    best = max(STANCES, key=lambda s: whole.f1[s][0])
    worst = min(STANCES, key=lambda s: whole.f1[s][0])
    few = (
        "" if whole.enough else f" There are too few posts for that to mean much: {_short(whole)}."
    )
    return (
        f"On {whole.n:,} labelled posts its macro-F1 is <b>{say_range(whole.macro_f1)}</b>:"
        f" best at {best} posts ({whole.f1[best][0]:.2f}), worst at {worst} ones"
        f" ({whole.f1[worst][0]:.2f}).{few}"
    )


def _short(part: Part) -> str:
    return ", ".join(f"{count} {stance}" for stance, count in part.short.items())


def _facts(evaluation: Evaluation) -> str:
    whole = evaluation.parts[0]
    return (
        f"Model {escape(evaluation.model)}, trained by codebook {escape(evaluation.codebook)}."
        f" Data {escape(evaluation.data_hash[:12])}; intervals hold 95 % of 2,000 samples drawn"
        f" anew from {whole.groups:,} groups of posts (posts of one id, and near-copies, are drawn"
        " together)."
    )


# ---- tables ----


def _class_table(whole: Part) -> str:
    scores = (whole.f1, whole.precision, whole.recall)
    rows = [
        f'<tr><th scope="row"><i class="{s}"></i>{s}</th><td>{whole.counts[s]:,}</td>'
        + "".join(_cell(values[s], faint=s in whole.short) for values in scores)
        + "</tr>"
        for s in STANCES
    ]
    return _table(("stance", "posts", "F1", "precision", "recall"), rows)


def _cell(values: Sequence[float], *, faint: bool = False) -> str:
    return (
        f'<td class="{"faint" if faint else ""}">{values[0]:.2f}'
        f"<small>{values[1]:.2f}–{values[2]:.2f}</small></td>"
    )


def _parts_table(parts: Sequence[Part]) -> str:
    rows, kind = [], ""
    for part in parts:
        if part.kind != kind and part.kind in KINDS:
            rows.append(f'<tr class="kind"><th colspan="7">{KINDS[part.kind]}</th></tr>')
        kind = part.kind
        rows.append(_part_row(part))
    return _table(("posts", "n", "macro-F1", *STANCES), rows)


def _part_row(part: Part) -> str:
    score = (
        _cell(part.macro_f1)
        if part.enough
        else f'<td class="faint" title="{_short(part)}">too few</td>'
    )
    each = (
        f'<td class="{"faint" if s in part.short else ""}">'
        + (f"{part.f1[s][0]:.2f}" if part.counts[s] else "–")
        + f"<small>{part.counts[s]:,}</small></td>"
        for s in STANCES
    )
    name = f'<tr><th scope="row">{escape(part.name)}</th><td>{part.n:,}</td>'
    return f"{name}{score}{''.join(each)}</tr>"


def _confusion_table(whole: Part) -> str:
    rows = []
    for stance, counts in zip(STANCES, whole.confusion, strict=True):
        total = max(1, sum(counts))
        cells = "".join(
            f'<td style="{_shade(n / total, right=stance == other)}">'
            f"{n:,}<small>{n / total:.0%}</small></td>"
            for other, n in zip(STANCES, counts, strict=True)
        )
        rows.append(f'<tr><th scope="row">{stance}</th>{cells}</tr>')
    return _table(("annotated ↓ · predicted →", *STANCES), rows, "confusion")


def _shade(share: float, *, right: bool) -> str:
    tint = "11,92,142" if right else "168,95,0"
    ink = ";color:#fff" if share > DARK else ""
    return f"background:rgba({tint},{0.08 + 0.72 * share:.2f}){ink}"


def _table(head: Sequence[str], rows: Sequence[str], kind: str = "") -> str:
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    return (
        f'<div class="scroll"><table class="{kind}"><thead><tr>{names}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


# ---- plots and words ----


def _parts_plot(parts: Sequence[Part]) -> str:
    lines, kind = [], "all"
    for part in parts:
        if part.kind == "source" and not part.enough:
            continue  # often dozens; the table below has them
        few = "" if part.enough else ", too few"
        lines.append(
            Line(
                part.name if part.kind != "native form" else f"{part.name}, native",
                f"n {part.n:,}{few}",
                (part.macro_f1[0], part.macro_f1[1], part.macro_f1[2]),
                faint=not part.enough,
                heading=part.kind != kind,
            )
        )
        kind = part.kind
    return draw_intervals(lines, 0, 1, "Macro-F1 by part of the posts, with 95 % intervals")


def _calibration(evaluation: Evaluation) -> str:
    error = evaluation.parts[0].calibration_error
    said = f"Calibration error {say_range(error, 3)}." if error else "Too few posts for an error."
    plot = draw_calibration(evaluation.curve, "Calibration curve in ten bins of equal mass")
    return f"<p>{said} On the dashed line probabilities are what they say.</p>{plot}"


def _frames(frames: dict[str, Any]) -> str:
    right = frames["frame_accuracy"]
    second = (
        f" Where the stance is right and takes a side, the frame is right in {right:.0%} of"
        f" {frames['frame_n']:,} posts."
        if right is not None
        else " The data names no frames, so how often they are right is not known."
    )
    values = "{:.1%} ({:.1%} to {:.1%})".format(*frames["agreement"])
    return (
        f"<p>In {values} of the posts the likeliest frame belongs to the likeliest stance."
        f"{second}</p>"
    )


def _comparison(evaluation: Evaluation) -> str:
    if not evaluation.comparison:
        return ""
    rows = evaluation.comparison
    reach = max(0.02, *(max(abs(r["low"]), abs(r["high"])) for r in rows)) * 1.1
    lines = [
        Line(
            r["name"],
            r["verdict"] if r["enough"] else "too few",
            (r["difference"], r["low"], r["high"]),
            faint=not r["enough"],
            heading=i > 0 and r["kind"] != rows[i - 1]["kind"],
        )
        for i, r in enumerate(rows)
    ]
    plot = draw_intervals(lines, -reach, reach, "Difference in macro-F1 by part", signed=True)
    return (
        f"<h2>Against {escape(evaluation.against)}</h2><p>Difference in macro-F1 on the same posts:"
        " to the right of the line this model is better. Where the interval holds zero, the posts"
        f" cannot tell.</p><p class='lead'>All in all: <b>{rows[0]['verdict']}</b>.</p>{plot}"
    )


def _mistakes(mistakes: Sequence[dict[str, Any]], mask: Mask) -> str:
    items = [
        f'<li><p class="post" dir="auto" lang="{LANGUAGES.get(m["form"], "en")}">'
        f"{escape(mask(m['text']))}</p><p class='read'>annotated <b>{escape(m['stance'])}</b>"
        f"{_frame(m['frame'], m['stance'])}, read as <b>{escape(m['predicted'])}</b>"
        f"{_frame(m['predicted_frame'], m['predicted'])} at {m['probability']:.2f} · id"
        f" {escape(m['id'])}</p></li>"
        for m in mistakes
    ]
    return f"<ol>{''.join(items)}</ol>" if items else "<p>No mistakes.</p>"


def _frame(frame: str, stance: str) -> str:
    return f" ({escape(frame)})" if frame and stance != "none" else ""
