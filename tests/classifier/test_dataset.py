"""Labelled posts from tables and their split by id."""

from pathlib import Path

import pytest

from classifier.dataset import Example, near_duplicates, read_examples, split_examples
from classifier.errors import DatasetError
from config.codebook import STANCES


def invent(count: int) -> list[Example]:
    return [
        Example(
            key=str(i),
            text=f"post number {i} speaks of thing {i * 7} and thing {i * 11} in its own words",
            stance=STANCES[i % 4],
            form=("en", "roman")[i % 2],
            source="here",
        )
        for i in range(count)
    ]


def test_every_post_lands_in_exactly_one_part() -> None:
    examples = invent(400)
    parts = split_examples(examples)
    keys = [e.key for part in parts.values() for e in part]
    assert sorted(keys) == sorted(e.key for e in examples)
    assert 30 <= len(parts["test"]) <= 50
    assert 30 <= len(parts["validation"]) <= 50


def test_the_split_does_not_hang_on_the_order() -> None:
    examples = invent(100)
    forwards, backwards = split_examples(examples), split_examples(examples[::-1])
    for part, members in forwards.items():
        assert {e.key for e in members} == {e.key for e in backwards[part]}


def test_a_rewrite_goes_with_its_original() -> None:
    examples = invent(200)
    rewrites = [
        Example(key=e.key, text=f"say it anew {e.key}", stance=e.stance, rewritten=True)
        for e in examples
    ]
    for members in split_examples([*examples, *rewrites]).values():
        keys = [e.key for e in members]
        assert all(keys.count(key) == 2 for key in keys)


def test_near_duplicates_go_together() -> None:
    examples = invent(200)
    twins = [
        Example(key=f"twin {e.key}", text=f"@someone {e.text} #MeToo [url]", stance=e.stance)
        for e in examples
    ]
    for members in split_examples([*examples, *twins]).values():
        keys = {e.key.removeprefix("twin ") for e in members}
        assert len(members) == 2 * len(keys)


def test_texts_with_nothing_in_common_stay_apart() -> None:
    groups = near_duplicates(
        ["one two three four five", "six seven eight nine ten", "#MeToo [url]"]
    )
    assert len(set(groups)) == 3


def test_every_stance_is_held_out() -> None:
    parts = split_examples(invent(400))
    assert {e.stance for e in parts["test"]} == set(STANCES)


def test_invented_posts_only_train(tmp_path: Path) -> None:
    path = tmp_path / "invented-1.tsv"
    path.write_text("text\tstance\n" + "".join(f"text {i}\tnone\n" for i in range(50)))
    assert len(split_examples(read_examples(path))["train"]) == 50


def test_a_table_can_bring_its_own_split(tmp_path: Path) -> None:
    path = tmp_path / "posts.tsv"
    rows = [
        f"this is post number {i}\tnone\t{p}"
        for i, p in enumerate(["test", "train", "", "validation"])
    ]
    path.write_text("\n".join(["text\tstance\tpart", *rows]))
    parts = split_examples(read_examples(path), validation=0, test=0)
    assert {p: [e.text[-1] for e in members] for p, members in parts.items()} == {
        "train": ["2", "1"],
        "validation": ["3"],
        "test": ["0"],
    }


def test_a_wrong_part_is_told_and_loses_no_post(tmp_path: Path) -> None:
    path = tmp_path / "posts.tsv"
    path.write_text("text\tstance\tpart\na post\tnone\ttrian")
    with pytest.raises(DatasetError, match="row 1: unknown part 'trian'; use one of train"):
        read_examples(path)


def test_training_posts_near_a_held_out_one_are_dropped() -> None:
    held = Example(key="a", text="five words that are held out", stance="none", part="test")
    twin = Example(
        key="b", text="@x five words that are held out [url]", stance="none", part="train"
    )
    other = Example(
        key="c", text="quite another thing that somebody said", stance="none", part="train"
    )
    parts = split_examples([held, twin, other])
    assert [e.key for e in parts["train"]] == ["c"]
    assert [e.key for e in parts["test"]] == ["a"]


def test_quoted_cells_are_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "posts.tsv"
    path.write_text('id\ttext\tlabel\tframe\n1\t"she said ""no"" and\tleft"\tnone\tnone\n')
    (example,) = read_examples(path)
    assert example.text == 'she said "no" and\tleft'


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,hello,sceptical,", "unknown stance 'sceptical'; did you mean skeptical"),
        ("1,hello,42,", "unknown stance '42'; use one of"),
        ("1,,none,", "empty"),
        ("1,hello,none,ridicule", "no frame of none"),
    ],
)
def test_a_bad_row_is_told_with_its_number(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "posts.csv"
    path.write_text(f"id,text,stance,frame\n0,fine,none,none\n{row}\n")
    with pytest.raises(DatasetError, match=message) as caught:
        read_examples(path)
    assert "row 2" in str(caught.value)


def test_an_unreadable_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="should end in"):
        read_examples(tmp_path / "posts.docx")
    with pytest.raises(DatasetError, match="cannot be read"):
        read_examples(tmp_path / "nowhere.csv")


def test_a_tsv_with_marks_that_are_no_quotes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "posts.tsv"
    path.write_text('id\ttext\tstance\n1\t"so brave of her\tnone\n2\tplain\tnone\n')
    assert [e.text for e in read_examples(path)] == ['"so brave of her', "plain"]
