"""Coders' tables: what is good in them is taken, what is not is told by its line."""

from pathlib import Path

import polars as pl
import pytest

from classifier.annotation_table import REQUIRED, import_annotations
from classifier.annotations import read_annotations
from classifier.errors import AnnotationError
from collector.store import Store
from tests.stores import make_post, put_posts

ROW: dict[str, object] = {
    "id": "x:1001",
    "coder": "c1",
    "stance": "hostile",
    "codebook": "1.3",
    "drawn_because": "random",
    "probability": 0.25,
    "frame": "smear",
}


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    table = pl.DataFrame(rows)
    match path.suffix:
        case ".jsonl":
            table.write_ndjson(path)
        case ".parquet":
            table.write_parquet(path)
        case suffix:
            table.write_csv(path, separator="\t" if suffix == ".tsv" else ",")
    return path


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet"])
def test_every_kind_of_table_is_read_and_twice_is_once(
    store: Store, tmp_path: Path, suffix: str
) -> None:
    put_posts(store, make_post(1, 'two lines,\nand a "mark"'), make_post(2))
    rows = [
        ROW | {"text": 'two lines,\nand a "mark"'},
        ROW | {"id": "x:1002", "coder": "7", "probability": None, "frame": None, "text": None},
    ]
    path = write(tmp_path / f"codes.{suffix}", rows)
    first, again = import_annotations(store, path), import_annotations(store, path)
    assert (first.read, first.recorded.new, first.skips) == (2, 2, [])
    assert (again.recorded.new, again.recorded.unchanged) == (0, 2)
    with store.reading() as connection:
        found = [each.annotation for each in read_annotations(connection)]
    assert [(a.coder, a.frame, a.probability) for a in found] == [
        ("c1", "smear", 0.25),
        ("7", "", None),
    ]


def test_each_bad_row_is_told_by_its_line(store: Store, tmp_path: Path) -> None:
    put_posts(store, make_post(1), make_post(2))
    path = tmp_path / "codes.csv"
    lines = [
        "id;coder;stance;codebook;drawn_because;probability;text;text_is_current",
        "x:1001;c1;none;1.3;random;0.5;;",
        "1001;c1;none;1.3;random;0.5;;",
        "x:1002;a name;none;1.3;random;0.5;;",
        "x:1002;c1;none;1.3;random;often;;",
        "x:1002;c1;none",
        "x:1002;c1;none;1.3;random;0.5;other words;",
        "x:1002;c1;none;1.3;random;0.5;;false",
        "x:1009;c1;none;1.3;random;0.5;;",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = import_annotations(store, path)
    assert (done.read, done.recorded.new) == (8, 1)
    assert [(skip.where, skip.reason.split(".")[0]) for skip in done.skips] == [
        ("line 3", "This is not a post"),
        ("line 4", "The coder needs a code of 1 to 32 Latin letters and digits"),
        ("line 5", "The probability of the draw is not above 0 and at most 1"),
        ("line 6", "fewer cells than the header"),
        ("line 8", "The annotation is of an earlier text"),
        ("line 7", "The text that was read is not the one stored now"),
        ("line 9", "The post is not stored here"),
    ]


@pytest.mark.parametrize("name", ["codes.csv", "codes.parquet"])
def test_a_table_without_its_columns_is_refused(store: Store, tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, [{"id": "x:1001", "stance": "none"}])
    with pytest.raises(AnnotationError, match="coder, codebook, drawn_because, probability"):
        import_annotations(store, path)
    with pytest.raises(AnnotationError, match=r"should end in \.csv"):
        import_annotations(store, tmp_path / "codes.xlsx")
    assert "frame" not in REQUIRED
