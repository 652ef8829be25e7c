"""Ship a trained folder: copy what serving needs and write its model card from its figures.

    python -m classifier.model_card --model TRAINED_FOLDER --to classifier/models/NAME

The words of the card are in `card/*.md`; the figures come from settings.json.
"""

import argparse
import shutil
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from classifier.companion import COMPANION_FILE
from classifier.model_folder import (
    MODEL_FILE,
    SETTINGS_FILE,
    TOKENIZER_FILE,
    ModelSettings,
    read_settings,
)
from config.codebook import STANCES

__all__ = ["ship", "write_card"]


def main() -> None:
    """Copy a trained model to where it ships from."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    arguments = parser.parse_args()
    ship(arguments.model, arguments.to)


def ship(source: Path, target: Path) -> None:
    """Write the serving files, the card, the licence and the table of data into `target`."""
    settings = read_settings(source)
    target.mkdir(parents=True, exist_ok=True)
    companion = (COMPANION_FILE,) if settings.companion_weight else ()
    for name in (MODEL_FILE, TOKENIZER_FILE, SETTINGS_FILE, *companion):
        shutil.copyfile(source / name, target / name)
    for name, text in write_card(settings).items():
        (target / name).write_text(text, encoding="utf-8")


def write_card(settings: ModelSettings) -> dict[str, str]:
    """README.md, DATA.md and LICENSE of a model, by file name."""
    size = settings.metrics.get("test", {}).get("all", {}).get("n", 0)
    words = {
        "name": settings.name,
        "version": settings.version,
        "date": settings.date,
        "codebook": settings.codebook,
        "data_hash": settings.data_hash,
        "max_tokens": str(settings.max_tokens),
        "test_size": f"{size:,}",
        "table": metrics_table(settings.metrics.get("test", {})),
    }
    card = files("classifier").joinpath("card")
    return {
        name: Template(card.joinpath(name).read_text(encoding="utf-8")).substitute(words)
        for name in ("README.md", "DATA.md", "LICENSE")
    }


def metrics_table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """A Markdown table: a row per part of the held-out posts, with its size."""
    lines = [
        f"| posts | n | macro-F1 | {' | '.join(STANCES)} | calibration error |",
        f"|---|---|---|{'---|' * len(STANCES)}---|",
    ]
    for name, values in figures.items():
        each = " | ".join(_score(values, stance) for stance in STANCES)
        overall = _overall(values)
        lines.append(f"| {name} | {values['n']:,} | {overall} | {each} | {values['ece']:.3f} |")
    return "\n".join(lines)


def _score(values: Mapping[str, Any], stance: str) -> str:
    count = values["counts"][stance]
    return f"{values['f1'][stance]:.2f} ({count})" if count else "-"


def _overall(values: Mapping[str, Any]) -> str:
    """No macro-F1 where some stance has fewer than ten posts: it would be noise."""
    return f"{values['macro_f1']:.3f}" if min(values["counts"].values()) >= FEWEST else "too few"


FEWEST = 10


if __name__ == "__main__":
    main()
