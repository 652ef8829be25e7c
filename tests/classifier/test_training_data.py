"""The tables of the shipped model: relabelled, labelled by hash, split once and for all."""

from pathlib import Path

import polars as pl
import pytest

from classifier import training_data
from classifier.errors import DatasetError
from classifier.labelled_data import read_labelled
from classifier.training_data import build_tables, hash_text, relabel
from config.codebook import FRAMES
from tests.conftest import ROOT

CORPUS = ROOT / "classifier" / "corpus"
POSTS = {
    "id": [str(n) for n in range(60)],
    "source": ["edos", "metooma", "other"] * 20,
    "form": ["en"] * 60,
    "label": ["none", "hostile", "supportive"] * 20,
    "frame": ["none", "smear", "solidarity"] * 20,
    "unsure": ["false"] * 60,
    "text": [f'an invented post, the {n}th, about "thing" {n * 7}' for n in range(60)],
}


@pytest.fixture
def research(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Research data in small, and our labels for it."""
    pl.DataFrame(POSTS).write_csv(tmp_path / "stance_posts.tsv", separator="\t")
    rewrites = pl.DataFrame(POSTS).select("id", "form", "label", "frame", text="text")
    rewrites.with_columns(text="again, " + pl.col("text")).write_csv(
        tmp_path / "stance_rewrites.tsv", separator="\t"
    )
    texts = ["one that nobody labelled", "one that we labelled", str(POSTS["text"][2])]
    pl.DataFrame({"src": ["macd", "macd", "ruhsold"], "text": texts}).write_parquet(
        tmp_path / "unlabelled_posts.parquet"
    )
    ours = {
        "relabelled.tsv": pl.DataFrame({"id": ["1"], "frame": ["misogyny?"], "rule": ["12"]}),
        "labels.tsv": pl.DataFrame({"hash": [hash_text(texts[1])], "frame": ["ridicule?"]}),
    }
    monkeypatch.setattr(training_data, "_ours", ours.__getitem__)
    return tmp_path


def test_the_tables_hold_what_training_needs(research: Path, tmp_path: Path) -> None:
    tables = build_tables(research)
    assert len(tables.posts) == len(tables.rewrites) == 60
    assert tables.posts.row(1, named=True)["frame"] == "misogyny"
    assert tables.posts.row(1, named=True)["unsure"] == "true"
    assert tables.rewrites.row(1, named=True)["frame"] == "misogyny"
    assert tables.posts["part"].to_list() == tables.rewrites["part"].to_list()
    assert set(tables.posts["part"]) == {"train", "validation", "test"}
    assert tables.pool.select("label", "frame", "unsure", "part").rows() == [
        ("hostile", "ridicule", "true", "train")
    ]
    held = tables.posts.filter(pl.col("part") == "test")["id"].to_list()
    assert sorted(tables.test["id"]) == sorted([*held, *held])
    free = {str(n) for n in range(60) if n % 3 == 0 or n == 2} - set(held)
    assert set(tables.clean["id"]) == free
    tables.write(tmp_path / "out")
    read = read_labelled([tmp_path / "out" / "posts.tsv", tmp_path / "out" / "pool.tsv"])
    assert [e.chosen for e in read.examples] == [False] * 60 + [True]
    assert '"thing"' in read.examples[0].text


def test_missing_research_data_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"lacks stance_posts.tsv, stance_rewrites.tsv"):
        build_tables(tmp_path)


def test_relabelling_leaves_other_rows_alone() -> None:
    table = pl.DataFrame(POSTS)
    assert relabel(table, {}).equals(table)


@pytest.mark.parametrize("name", ["labels.tsv", "relabelled.tsv"])
def test_our_own_labels_are_whole(name: str) -> None:
    table = pl.read_csv(CORPUS / name, separator="\t", infer_schema=False)
    key = table.columns[0]
    assert table[key].is_unique().all()
    assert {frame.rstrip("?") for frame in table["frame"]} <= set(FRAMES)
    assert "text" not in table.columns
