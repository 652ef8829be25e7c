"""The tables that the shipped model is trained on, made from the research data and our own labels.

    python -m classifier.training_data --research FOLDER --out FOLDER

`FOLDER` holds stance_posts.tsv, stance_rewrites.tsv and unlabelled_posts.parquet, which are not
ours to pass on. What we add to them lies in `classifier/corpus/`: labels.tsv, frames of unlabelled
posts by the hash of their text, and relabelled.tsv, rows that later rules of the codebook touch.
"""

import argparse
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import polars as pl

from classifier.dataset import PARTS, split_examples, to_example
from classifier.errors import DatasetError
from classifier.tables import read_table
from collector.form import detect_forms
from config.codebook import stance_of_frame

__all__ = ["Tables", "build_tables", "hash_text"]

CLEAN_SOURCE = "edos"  # CC0
CLEAN_TEXTS = "ruhsold"  # MIT
UNSURE = "?"


@dataclass(frozen=True)
class Tables:
    """Tables that `awaaz train` and `awaaz evaluate` read; their column `part` fixes the split."""

    posts: pl.DataFrame
    rewrites: pl.DataFrame
    pool: pl.DataFrame
    """Posts that we labelled; only for training."""
    test: pl.DataFrame
    """The test part of posts and rewrites."""
    clean: pl.DataFrame
    """What of the training and validation parts is under CC0 or MIT."""

    def write(self, folder: Path) -> None:
        """Write each table as NAME.tsv."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in vars(self).items():
            table.write_csv(folder / f"{name}.tsv", separator="\t", quote_style="never")


def build_tables(research: Path) -> Tables:
    """Build all tables; DatasetError where a file of the research data is missing."""
    names = ("stance_posts.tsv", "stance_rewrites.tsv", "unlabelled_posts.parquet")
    if missing := [name for name in names if not (research / name).is_file()]:
        raise DatasetError(f"{research} lacks {', '.join(missing)}; see classifier/README.md.")
    posts, rewrites, unlabelled = (read_table(research / name).cast(pl.String) for name in names)
    # dealt by the labels as they came, so that relabelling moves no post between the parts
    posts, rewrites = deal(posts, rewrites)
    frames = dict(_ours("relabelled.tsv").select("id", "frame").iter_rows())
    posts, rewrites = relabel(posts, frames), relabel(rewrites, frames)
    both = pl.concat([posts, rewrites.with_columns(source=pl.lit("rewrites"))], how="diagonal")
    free = unlabelled.filter(pl.col("src") == CLEAN_TEXTS)["text"].to_list()
    clean = (pl.col("source") == CLEAN_SOURCE) | pl.col("text").is_in(free)
    held = pl.col("part") == PARTS[-1]
    return Tables(
        posts, rewrites, label_pool(unlabelled), both.filter(held), both.filter(clean & ~held)
    )


def deal(posts: pl.DataFrame, rewrites: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add the column `part` to both, by the split that training would make."""
    tables = {"posts": posts, "rewrites": rewrites}
    examples = {
        name: [to_example(row, "label", name, name) for row in table.iter_rows(named=True)]
        for name, table in tables.items()
    }
    parts = split_examples([e for members in examples.values() for e in members])
    part_of = {id(e): part for part, members in parts.items() for e in members}
    dealt = [
        table.with_columns(pl.Series("part", [part_of[id(e)] for e in examples[name]]))
        for name, table in tables.items()
    ]
    return dealt[0], dealt[1]


def hash_text(text: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a text with single spaces."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


def relabel(table: pl.DataFrame, changed: Mapping[str, str]) -> pl.DataFrame:
    """Give rows of these ids, rewrites among them, their new frame and its stance.

    A question mark behind a frame makes the row one of which the annotator was unsure.
    """
    ids = [str(value) for value in table["id"]]
    marks = [changed.get(key, frame) for key, frame in zip(ids, table["frame"], strict=True)]
    frames = [mark.rstrip(UNSURE) for mark in marks]
    table = table.with_columns(
        pl.Series("frame", frames), pl.Series("label", [stance_of_frame(f) for f in frames])
    )
    if "unsure" not in table.columns:
        return table
    unsure = [
        "true" if mark.endswith(UNSURE) else before
        for mark, before in zip(marks, table["unsure"], strict=True)
    ]
    return table.with_columns(pl.Series("unsure", unsure))


def label_pool(unlabelled: pl.DataFrame) -> pl.DataFrame:
    """Find the unlabelled posts that we labelled, each text once."""
    frames = dict(_ours("labels.tsv").select("hash", "frame").iter_rows())
    found = {key: text for text in unlabelled["text"] if (key := hash_text(text)) in frames}
    texts = [" ".join(text.split()) for text in found.values()]
    marks = [frames[key] for key in found]
    return pl.DataFrame(
        {
            "id": [f"pool-{key}" for key in found],
            "source": "pool",
            "form": detect_forms(texts),
            "label": [stance_of_frame(mark.rstrip(UNSURE)) for mark in marks],
            "frame": [mark.rstrip(UNSURE) for mark in marks],
            "unsure": [str(mark.endswith(UNSURE)).lower() for mark in marks],
            "chosen": "true",
            "part": "train",
            "text": texts,
        }
    )


def _ours(name: str) -> pl.DataFrame:
    with files("classifier").joinpath("corpus", name).open("rb") as file:
        return pl.read_csv(file.read(), separator="\t", infer_schema=False)


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--research", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    tables = build_tables(given.research)
    tables.write(given.out)
    for name, table in vars(tables).items():
        print(f"{name:<10} {len(table):>7,} rows")


if __name__ == "__main__":
    main()
