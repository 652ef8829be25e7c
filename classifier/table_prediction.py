"""Predictions for a table: every row and column of the input, with stance and probabilities."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from classifier.errors import TableError
from classifier.stance_classifier import StanceClassifier
from classifier.tables import read_sound_rows
from collector.sources.protocol import Skip
from config.codebook import STANCES

__all__ = ["Predicted", "predict_table"]

BATCH = 2048
ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
ADDED = ("stance", "frame", *(f"p_{stance}" for stance in STANCES))


@dataclass(frozen=True, slots=True)
class Predicted:
    """What was written: rows in all, rows without a text, and input columns that were renamed.

    `skips` are lines of the input that could not be read and are not in the output.
    """

    rows: int
    empty: int
    renamed: tuple[str, ...]
    skips: tuple[Skip, ...]


def predict_table(
    classifier: StanceClassifier,
    source: Path,
    target: Path,
    on_progress: Callable[[int, int], None] | None = None,
) -> Predicted:
    """Read `source` (csv, tsv, jsonl, parquet), label its `text` column and write `target`.

    A row without a text is kept with empty predictions. An input column that bears the name of one
    that is added is kept as `<name>_given`. Raises TableError for what cannot be read or written.
    """
    require_ending(target)
    table, skips = read_sound_rows(source)
    require_text(table, source)
    renamed = tuple(name for name in table.columns if name in ADDED)
    table = table.rename({name: f"{name}_given" for name in renamed})
    texts = table["text"].cast(pl.String).to_list()
    predicted = predict_column(classifier, texts, on_progress)
    write_table(pl.concat([table, predicted], how="horizontal"), target)
    empty = sum(1 for text in texts if not has_text(text))
    return Predicted(table.height, empty, renamed, tuple(skips))


def predict_column(
    classifier: StanceClassifier,
    texts: list[str | None],
    on_progress: Callable[[int, int], None] | None,
) -> pl.DataFrame:
    """Return the added columns for a column of texts, null where there is no text."""
    schema: dict[str, type[pl.DataType]] = {"stance": pl.String, "frame": pl.String}
    schema |= {f"p_{stance}": pl.Float64 for stance in STANCES}
    rows: list[tuple[object, ...]] = []
    for start in range(0, len(texts), BATCH):
        rows += predict_rows(classifier, texts[start : start + BATCH])
        if on_progress is not None:
            on_progress(len(rows), len(texts))
    return pl.DataFrame(rows, schema=schema, orient="row")


def predict_rows(classifier: StanceClassifier, texts: list[str | None]) -> list[tuple[object, ...]]:
    """Return stance, frame and the four probabilities of each text; Nones where there is none."""
    predictions = classifier.predict([text or "" for text in texts])
    stances, frames = predictions.stances, predictions.frames
    return [
        (stances[i], frames[i], *(round(float(p), 6) for p in predictions.stance[i]))
        if has_text(text)
        else (None,) * len(ADDED)
        for i, text in enumerate(texts)
    ]


def has_text(text: str | None) -> bool:
    """Say whether there is anything to read."""
    return bool(text and text.strip())


def require_text(table: pl.DataFrame, path: Path) -> None:
    """Raise TableError where a table has no column of texts."""
    if "text" not in table.columns:
        columns = ", ".join(table.columns[:12])
        raise TableError(f"The table {path} has no column `text`; it has: {columns}. Rename one.")


def require_ending(path: Path) -> None:
    """Raise TableError for a name that tells no format, before hours of work are lost to it."""
    if path.suffix.lower() not in ENDINGS:
        raise TableError(f"{path} should end in .csv, .tsv, .jsonl or .parquet.")


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a table by the ending of its name, whole or not at all."""
    draft = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        match path.suffix.lower():
            case ".parquet":
                table.write_parquet(draft)
            case ".jsonl" | ".ndjson":
                table.write_ndjson(draft)
            case ".tsv":
                table.write_csv(draft, separator="\t")
            case _:
                table.write_csv(draft)
        draft.replace(path)
    except (OSError, PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise TableError(f"The table {path} cannot be written: {reason}.") from None
    finally:
        draft.unlink(missing_ok=True)
