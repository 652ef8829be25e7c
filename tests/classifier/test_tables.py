"""Tables of posts: whole where they are sound, else every sound line and a word on each other."""

from pathlib import Path

import pytest

from classifier.errors import TableError
from classifier.tables import read_sound_rows, read_table


@pytest.mark.parametrize(
    ("name", "content", "texts", "skipped"),
    [
        ("a.csv", b"id,text\n1,one\n2,two\n", ["one", "two"], []),
        ("a.csv", b"id;text\n1;one, two\n", ["one, two"], []),
        ("a.csv", b"id,text\n1,caf\xe9\n2,two\n", ["two"], [("not UTF-8", "line 2")]),
        (
            "a.csv",
            b"\xef\xbb\xbfid,text\n1,one\n2,two,more\n",
            ["one"],
            [("more cells than the header", "line 3")],
        ),
        (
            "a.csv",
            b'id,text\n1,"open\n2,two\n',
            ["two"],
            [("quotation mark that never closes", "line 2")],
        ),
        ("a.tsv", b'id\ttext\n1\t"open\n2\ttwo\n', ['"open', "two"], []),
        (
            "a.jsonl",
            b'{"text": "one \\ud83d"}\n{bad\n{"text": 5}\n{"id": 1}\n',
            ["one ?", "5", None],
            [("not JSON", "line 2")],
        ),
    ],
)
def test_sound_lines_are_read_and_others_named(
    tmp_path: Path, name: str, content: bytes, texts: list[str], skipped: list[tuple[str, str]]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    table, skips = read_sound_rows(path)
    assert table["text"].to_list() == texts
    assert [(skip.reason, skip.where) for skip in skips] == skipped


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"\n\n"),
        ("a.csv", b"id,text\n1,\xff\n"),
        ("a.jsonl", b"{bad\n[1]\n"),
        ("a.parquet", b"PAR1 is not enough"),
        ("a.xlsx", b"PK"),
        ("nowhere.csv", None),
        ("nowhere.jsonl", None),
    ],
)
def test_what_holds_no_sound_line_is_told(tmp_path: Path, name: str, content: bytes | None) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TableError, match=name):
        read_sound_rows(path)


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.tsv"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id\ttext\r\n1\tone\r\n".encode("utf-16"), "UTF-16. Save it as CSV UTF-8"),
        (b"id,text\r1,one\r2,two\r", "old Macs"),
    ],
    ids=["utf-16", "old mac"],
)
def test_what_spreadsheets_save_by_default_is_told_by_its_name(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    """Neither is to be taken for a table of strange columns, or for one without rows."""
    path = tmp_path / name
    path.write_bytes(content)
    for read in (read_table, read_sound_rows):
        with pytest.raises(TableError, match=said):
            read(path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"id,text\n1,caf\xe9\n2,two\n", r"line 2 \(not UTF-8\), and mend"),
        ("a.csv", b"id,text\n1,one\n2,two,more\n", r"line 3 \(more cells than the header\)"),
        ("a.jsonl", b'{"text": "one"}\n' + b"{bad\n" * 5, r"line 4 \(not JSON\) and 2 more"),
        ("a.csv", b"", "Save it again as CSV UTF-8"),
        ("nowhere.csv", None, "no such file. Look at the path"),
    ],
)
def test_a_table_that_must_be_whole_is_told_with_what_to_mend(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TableError, match=said):
        read_table(path)


def test_a_quotation_mark_that_closes_in_another_row_swallows_none(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text('id,text\n1,"we believe\n2,no\n3,"yes" she said\n4,"so\nbe it"\n')
    table, skips = read_sound_rows(path)
    assert table["id"].to_list() == ["2", "3", "4"]
    assert table["text"].to_list()[-1] == "so\nbe it"
    assert [(skip.where, skip.reason) for skip in skips] == [
        ("line 2", "quotation mark that never closes")
    ]
