"""Tables of posts: whole where they are sound, else every sound line and a word on each other."""

from pathlib import Path

import pytest

from classifier.errors import TableError
from classifier.tables import read_sound_rows


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
