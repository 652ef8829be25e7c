"""Predictions for tables: nothing of the input is lost, and what cannot work is told beforehand."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from classifier.errors import TableError
from classifier.stance_classifier import Predictions, StanceClassifier
from classifier.table_prediction import predict_table


class Stub(StanceClassifier):
    """Takes every post for supportive, at once; counts the posts."""

    def __init__(self) -> None:
        self.seen = 0

    def predict(self, texts: Sequence[str]) -> Predictions:
        count = len(texts)
        self.seen += count
        return Predictions(
            np.eye(4, dtype=np.float32)[[0] * count], np.eye(16, dtype=np.float32)[[0] * count]
        )


def test_a_table_that_was_labelled_before_is_labelled_again(tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{n}.csv" for n in (1, 2, 3))
    first.write_text("text,stance\nI believe her,hostile\n")
    assert predict_table(Stub(), first, second).renamed == {"stance": "stance_given"}
    renamed = predict_table(Stub(), second, third).renamed
    assert renamed["stance"] == "stance_given2"
    assert renamed["frame"] == "frame_given"
    row = pl.read_csv(third).row(0, named=True)
    assert row["stance_given"] == "hostile", "what people said stays under its name"
    assert row["stance_given2"] == row["stance"] == "supportive"


@pytest.mark.parametrize(
    ("row", "target", "said"),
    [
        ('{"text": "a"}', "out.xlsx", "should end in .csv"),
        ('{"text": "a"}', "in.jsonl/out.csv", "Choose another place"),
        ('{"text": "a"}', "", "should end in|is a folder"),
        ('{"text": ["a"]}', "out.csv", "`text` of .* holds lists"),
        ('{"text": {"full": "a"}}', "out.jsonl", "`text` of .* holds lists"),
        ('{"text": "a", "tags": ["b"]}', "out.csv", "columns tags hold lists.*in .jsonl"),
    ],
)
def test_what_cannot_be_written_is_told_before_the_work(
    tmp_path: Path, row: str, target: str, said: str
) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(row + "\n")
    classifier = Stub()
    with pytest.raises(TableError, match=said):
        predict_table(classifier, source, tmp_path / target)
    assert classifier.seen == 0
    assert list(tmp_path.iterdir()) == [source]
