"""What the command line prints of the registry and of training."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

from rich.markup import escape

from classifier.model_folder import ModelSettings
from classifier.promotion import Grounds
from classifier.registry import Model, Promotion
from classifier.scores import FEWEST
from config.codebook import STANCES
from dashboard.terminal import out
from dashboard.terminal_evaluation import make_table, say_short, show_comparison

__all__ = [
    "show_figures",
    "show_grounds",
    "show_model",
    "show_models",
    "show_promoted",
    "show_trained",
]

STATES = {"live": "[green]live[/]", "candidate": "candidate", "retired": "[dim]retired[/]"}


def show_models(models: Sequence[Model], counts: Mapping[str, int]) -> None:
    """Print the models with state, macro-F1 on their own held-out posts, and labels given."""
    if not models:
        out.print("No model has labelled yet; the first `awaaz label` makes one live.")
        return
    table = make_table(
        "Models", ["version", "state", "base", "known since"], ["macro-F1", "labels"]
    )
    for model in models:
        whole = model.metrics.get("test", {}).get("all", {})
        score = f"{whole['macro_f1']:.3f}" if "macro_f1" in whole else "-"
        since, count = model.added_at.strftime("%Y-%m-%d"), f"{counts.get(model.version, 0):,}"
        state = STATES[model.state]
        table.add_row(escape(model.version), state, escape(model.base), since, score, count)
    out.print(table)
    out.print("Macro-F1 is each model's own, on posts of its own: `awaaz evaluate` compares.")


def show_model(model: Model, promotions: Sequence[Promotion]) -> None:
    """Print where a model comes from, its figures, and its promotions."""
    out.print(f"[bold]{escape(model.version)}[/] is {STATES[model.state]}")
    facts = {"base": model.base, "codebook": model.codebook, "data": model.data_hash[:12]}
    facts |= {"folder": model.folder or "comes with the program, or named by model.live"}
    for name, value in facts.items():
        out.print(f"  {name}: {escape(value)}")
    show_figures(model.metrics.get("test", {}))
    for promotion in promotions:
        why = f"; anyway: {promotion.anyway}" if promotion.anyway else ""
        out.print(
            f"Promoted {promotion.at:%Y-%m-%d %H:%M} UTC over {promotion.replaced or 'none'},"
            f" by {escape(promotion.basis)}{escape(why)}"
        )


def show_figures(figures: Mapping[str, Any]) -> None:
    """Print the figures that a model bears, on posts held out from its own data."""
    table = make_table("On its own held-out posts", ["posts"], ["n", "macro-F1", *STANCES])
    for name, part in figures.items():
        enough = min(part["counts"].values()) >= FEWEST
        each = (f"{part['f1'][s]:.2f}" if part["counts"][s] else "-" for s in STANCES)
        interval = part.get("interval")  # early models have none
        score = say_short((part["macro_f1"], *interval)) if interval else f"{part['macro_f1']:.2f}"
        score = score if enough else "too few"
        table.add_row(escape(name), f"{part['n']:,}", score, *each)
    out.print(table if figures else "It bears no figures.")


def show_trained(settings: ModelSettings, folder: Path) -> None:
    """Print the figures of a model just trained, and what can be done with it."""
    show_figures(settings.metrics.get("test", {}))
    out.print(
        f"[bold]{escape(settings.version)}[/] is in {escape(str(folder))}. Try it:\n"
        f"  awaaz predict --model {escape(quote(str(folder)))} TEXT\n"
        f"  awaaz models promote {escape(quote(str(folder)))} --data LABELS",
        soft_wrap=True,
    )


def show_grounds(grounds: Grounds, version: str) -> None:
    """Print the comparison that a promotion rests on."""
    if grounds.rows:
        show_comparison(grounds.rows, version, f"the live model ({grounds.basis})")


def show_promoted(done: Promotion, waiting: int) -> None:
    """Print which model is live now, and what to do so that charts show it."""
    if done.replaced == done.version:
        out.print(f"{escape(done.version)} is live already.")
        return
    out.print(f"{escape(done.version)} is live; before it: {escape(done.replaced or 'none')}.")
    if waiting:
        out.print(
            f"{waiting:,} posts wait for a label from it, and charts show it alone:"
            " call `awaaz label`."
        )
