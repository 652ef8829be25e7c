"""A researcher's table: what is wrong with it is told at once, and nothing is lost silently."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from classifier.dataset import Example, group_examples
from classifier.errors import DatasetError
from classifier.labelled_data import check_split, few_classes, read_labelled

ROWS = [
    {"id": "a", "text": "I believe her, all of it", "label": "supportive", "form": "en"},
    {"id": "b", "text": "let the court decide first", "label": "skeptical", "form": "en"},
    {"id": "c", "text": "ये सब झूठ बोल रही हैं", "label": "hostile", "form": ""},
    {"id": "d", "text": "train to Multan is late", "label": "none", "form": "en"},
]


def write(rows: Sequence[Mapping[str, object]], path: Path) -> Path:
    """Write invented rows in the format of the path's ending."""
    table = pl.DataFrame(rows, infer_schema_length=None)
    match path.suffix:
        case ".parquet":
            table.write_parquet(path)
        case ".jsonl":
            path.write_text("\n".join(json.dumps(row) for row in rows))
        case ".tsv":
            table.write_csv(path, separator="\t")
        case _:
            table.write_csv(path)
    return path


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet"])
def test_every_format_reads_alike(tmp_path: Path, suffix: str) -> None:
    data = read_labelled([write([dict(r) for r in ROWS], tmp_path / f"posts.{suffix}")])
    assert [e.key for e in data.examples] == ["a", "b", "c", "d"]
    assert [e.stance for e in data.examples] == ["supportive", "skeptical", "hostile", "none"]
    assert data.examples[2].form == "hi", "a missing form is guessed"
    assert data.notes == []


def test_unknown_words_are_all_told_with_the_nearest_known_one(tmp_path: Path) -> None:
    rows = [
        {"text": "one", "stance": "suportive", "frame": "", "weight": "1"},
        {"text": "two", "stance": "suportive", "frame": "himpaty", "weight": "heavy"},
        {"text": "three", "stance": "angry", "frame": "", "weight": "nan"},
        {"text": "four", "stance": "Hostile", "frame": "", "weight": "2"},
        {"text": "five", "stance": "none", "frame": "smear", "weight": "2"},
    ]
    rows = [row | {"part": "trian" if n == 0 else "test"} for n, row in enumerate(rows)]
    with pytest.raises(DatasetError) as told:
        read_labelled([write(rows, tmp_path / "posts.csv")])
    said = str(told.value)
    assert "unknown part 'trian' in 1 row (row 1): did you mean train?" in said
    assert "'suportive' in 2 rows (row 1, 2): did you mean supportive?" in said
    assert "'himpaty' in 1 row (row 2): did you mean himpathy?" in said
    assert "'angry' in 1 row (row 3): use one of supportive, skeptical" in said
    assert "did you mean hostile?" in said
    assert "smear under none" in said
    assert "weight 'heavy'" in said
    assert "weight 'nan'" in said


def test_empty_texts_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [*ROWS, {"id": "e", "text": "  ", "label": "nonsense"}, {"id": "f", "label": "none"}]
    data = read_labelled([write(rows, tmp_path / "posts.jsonl")])
    assert len(data.examples) == 4
    assert data.notes == ["posts.jsonl: 2 rows without a text left out (row 5, 6)."]


def test_missing_columns_and_nothing_at_all_are_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="text and stance"):
        read_labelled([write([{"body": "x", "stance": "none"}], tmp_path / "a.csv")])
    with pytest.raises(DatasetError, match="no row has a text"):
        read_labelled([write([{"text": None, "stance": "none"}], tmp_path / "b.jsonl")])
    with pytest.raises(DatasetError, match="cannot be read"):
        read_labelled([tmp_path / "nowhere.csv"])


def test_a_stance_column_that_is_empty_is_told_as_such(tmp_path: Path) -> None:
    rows = [{"text": "I believe her", "label": "supportive", "stance": ""}]
    with pytest.raises(DatasetError, match="1 rows without a stance left out"):
        read_labelled([write(rows, tmp_path / "posts.csv")])


def test_flags_are_read_as_tools_write_them_and_others_told(tmp_path: Path) -> None:
    words = ("1", "yes", "TRUE", "1.0", "0", "no", "", "False")
    rows = [{"text": f"post {n}", "stance": "none", "unsure": w} for n, w in enumerate(words)]
    examples = read_labelled([write(rows, tmp_path / "posts.csv")]).examples
    assert [e.unsure for e in examples] == [True] * 4 + [False] * 4
    rows[0]["unsure"] = rows[1]["chosen"] = "perhaps"
    with pytest.raises(DatasetError) as told:
        read_labelled([write([{"chosen": "", **row} for row in rows], tmp_path / "posts.csv")])
    assert "unsure 'perhaps' in 1 row (row 1): write true or false" in str(told.value)
    assert "chosen 'perhaps' in 1 row (row 2)" in str(told.value)


def test_repeated_texts_and_two_stances_for_one_are_told(tmp_path: Path) -> None:
    rows = [*ROWS, {"id": "z", "text": "I believe her, ALL of it", "label": "hostile"}]
    notes = read_labelled([write(rows, tmp_path / "posts.jsonl")]).notes
    assert "1 texts stand there more than once" in notes[0]
    assert "two different stances (ids a/z)" in notes[1]


def test_a_split_that_shares_posts_is_told() -> None:
    long = "they said that every witness should be heard before anyone loses a job in this town"
    train = [Example("1", "the first invented post", "none"), Example("2", long, "skeptical")]
    held = [Example("3", f"{long} today", "skeptical"), Example("1", "another thing", "none")]
    said = check_split({"training": train, "evaluation": held})
    assert [line.split(" stand")[0] for line in said] == ["1 ids", "1 nearly the same texts"]
    assert check_split({"training": train[:1], "evaluation": held[:1]}) == []


def test_rare_classes_are_told() -> None:
    examples = [Example(str(n), f"post {n}", "none") for n in range(12)]
    assert len(few_classes(examples, 10)) == 3
    assert few_classes(examples, 10)[0].startswith("Only 0 posts are supportive")


def test_rows_of_one_id_and_near_copies_are_one_group() -> None:
    long = "they said that every witness should be heard before anyone loses a job in this town"
    rows = [
        Example("1", "one thing", "none"),
        Example("1", "ایک اور بات", "none"),
        Example("2", long, "none"),
        Example("3", f"{long} today", "none"),
        Example("4", "something else entirely", "none"),
    ]
    groups = group_examples(rows)
    assert groups[0] == groups[1]
    assert groups[2] == groups[3]
    assert len(set(groups)) == 3


def test_rows_that_nobody_labelled_are_counted_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("id,text,stance\nx:1,I believe her,supportive\nx:2,ein Wort,\n")
    labelled = read_labelled([path])
    assert [e.key for e in labelled.examples] == ["x:1"]
    assert any("1 rows without a stance left out" in note for note in labelled.notes)
