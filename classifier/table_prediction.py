"""Predictions for a table: every row and column of the input, with stance and probabilities."""

from collections.abc import Callable, Mapping, Sequence
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
WRITTEN = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
ADDED = ("stance", "frame", *(f"p_{stance}" for stance in STANCES))


@dataclass(frozen=True, slots=True)
class Predicted:
    """What was written: rows in all, rows without a text, and input columns by their new names.

    `skips` are lines of the input that could not be read and are not in the output.
    """

    rows: int
    empty: int
    renamed: Mapping[str, str]
    skips: tuple[Skip, ...]


def predict_table(
    classifier: StanceClassifier,
    source: Path,
    target: Path,
    on_progress: Callable[[int, int], None] | None = None,
) -> Predicted:
    """Read `source` (csv, tsv, jsonl, parquet), label its `text` column and write `target`.

    A row without a text is kept with empty predictions. An input column that bears the name of one
    that is added is kept as `<name>_given`. Raises TableError for what cannot be read or written,
    as far as that can be known before the work is done.
    """
    require_place(target)
    table, skips = read_sound_rows(source)
    require_text(table, source)
    require_flat(table, target)
    renamed = find_names(table.columns)
    table = table.rename(renamed)
    texts = table["text"].cast(pl.String).to_list()
    predicted = predict_column(classifier, texts, on_progress)
    write_table(pl.concat([table, predicted], how="horizontal"), target)
    empty = sum(1 for text in texts if not has_text(text))
    return Predicted(table.height, empty, renamed, tuple(skips))


def find_names(columns: Sequence[str]) -> dict[str, str]:
    """Return new names for the columns that bear the name of one that is added.

    A table that was labelled before has `<name>_given` already.
    """
    renamed: dict[str, str] = {}
    for name in (name for name in columns if name in ADDED):
        free = (f"{name}_given{number}" for number in ("", *range(2, len(columns) + 2)))
        renamed[name] = next(new for new in free if new not in columns)
    return renamed


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
    if table["text"].dtype.is_nested():
        raise TableError(
            f"The column `text` of {path} holds lists or objects. Write the words alone into it."
        )


def require_flat(table: pl.DataFrame, target: Path) -> None:
    """Raise TableError where the kind of table to be written has no room for lists or objects."""
    nested = [name for name, kind in table.schema.items() if kind.is_nested()]
    if nested and target.suffix.lower() in (".csv", ".tsv"):
        raise TableError(
            f"The columns {', '.join(nested)} hold lists or objects, for which {target} has no"
            " room. Let the name of --out end in .jsonl or .parquet."
        )


def require_place(path: Path) -> None:
    """Raise TableError where no table can be written to a path, before hours of work."""
    if path.suffix.lower() not in WRITTEN:
        raise TableError(f"{path} should end in {', '.join(WRITTEN)}.")
    if path.is_dir():
        raise TableError(f"{path} is a folder. Name a file in it.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TableError(
            f"The folder {path.parent} cannot be made ({error.strerror}). Choose another place."
        ) from None


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a table by the ending of its name, whole or not at all."""
    draft = path.with_name(path.name + ".part")
    try:
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
        raise TableError(
            f"The table {path} cannot be written: {reason}. Choose another place."
        ) from None
    finally:
        draft.unlink(missing_ok=True)
