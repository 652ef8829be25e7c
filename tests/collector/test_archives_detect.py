"""The format of a file, told by what is in it."""

import gzip
import json
from pathlib import Path

import polars as pl
import pytest
import zstandard

from collector.archives import FORMATS, open_archive
from collector.errors import ArchiveError

PAGE = json.dumps({"data": [], "meta": {"result_count": 0}})
TWEET = json.dumps(
    {"id": "105", "text": "invented", "created_at": "2018-10-10T20:19:24.000Z", "lang": "en"}
)
COMMENT = json.dumps({"id": "abc", "body": "invented", "created_utc": 1539202764, "author": "x"})
SUBMISSION = json.dumps({"id": "abc", "title": "invented", "selftext": "", "created_utc": "1539"})
ENVELOPE = json.dumps({"kind": "t1", "data": json.loads(COMMENT)})
ROW = json.dumps({"id": "x:105", "platform": "x", "created_at": "2018-10-10", "text": "invented"})
OTHER_ROW = json.dumps({"text": "invented", "date": "2018-10-10", "id": "105"})
DELETION = json.dumps({"id": "105", "action": "delete", "reason": "deleted"})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PAGE, "twarc"),
        (TWEET, "twarc"),
        (DELETION, "twarc"),
        (f"\ufeff\r\n\r\n{TWEET}\r\n", "twarc"),
        (f"not json\n[]\n{TWEET}\n", "twarc"),
        (COMMENT, "reddit"),
        (SUBMISSION, "reddit"),
        (ENVELOPE, "reddit"),
        (ROW, "jsonl"),
        (OTHER_ROW, "jsonl"),
        ("id,text,created_at\n", "csv"),
        ('\ufeff"ID","Tweet","Date"\r\n', "csv"),
        ("id;text;date\n", "csv"),
        ("id\ttext\tdate\n", "tsv"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_first_lines_tell_the_format(
    tmp_path: Path, content: str, expected: str, pack: object
) -> None:
    assert callable(pack)
    path = tmp_path / "misleading.parquet"
    path.write_bytes(pack(content.encode()))
    archive = open_archive(path, None, None, None)
    assert archive.format == expected
    assert archive.size == path.stat().st_size
    assert archive.position == 0
    list(archive.items())
    assert archive.position == archive.size


def test_parquet_is_known_by_its_magic(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    pl.DataFrame({"text": ["invented"], "date": ["2018-10-10"]}).write_parquet(path)
    assert open_archive(path).format == "parquet"


def test_a_named_format_goes_before_what_is_found(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    path.write_text(TWEET)
    assert open_archive(path, "jsonl").format == "jsonl"
    assert open_archive(path, "table").format == "jsonl"
    assert open_archive(path, columns={"text": "text"}).format == "jsonl"
    assert open_archive(path, platform="x").format == "twarc"
    assert open_archive(path, platform="mastodon").format == "jsonl"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\r\n\t\n", "nothing but blank lines"),
        (b"PK\x03\x04rest", "ZIP archive or an Excel workbook"),
        (b"SQLite format 3\0", "SQLite"),
        ("id,text\n".encode("utf-16"), "UTF-16"),
        (b"BZh91AY", "bunzip2"),
        (bytes(range(256)), "none of the formats"),
        (b"\x89PNG\r\n\x1a\n\0\0", "none of the formats"),
        (b"<!doctype html><title>Log in</title>", "none of the formats"),
        (b"just some prose, with commas, in lines\nand more\n", "none of the formats"),
        (b'[{"id": "1"}]', "one JSON list.*jq"),
        (b'{\n  "id": "1"\n}\n', "one object per line"),
        (b'{"a": 1}\n', "known to hold text"),
        (b"text\nhello\n", "known to hold created_at.*--column created_at=NAME"),
        (b"PAR1 and no more", "no Parquet file"),
        (gzip.compress(b"", mtime=0), "blank lines"),
        (b"\x1f\x8b\x08\x00", "damaged"),
        (b"\x28\xb5\x2f\xfd\x00", "damaged"),
    ],
)
def test_what_is_no_archive_says_what_to_do(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=message):
        open_archive(path)


@pytest.mark.parametrize("form", sorted({"twarc", "reddit", "jsonl"}))
def test_a_named_format_that_cannot_be_is_an_error(tmp_path: Path, form: str) -> None:
    path = tmp_path / "posts"
    path.write_text("id,text,date\n1,invented,2018-10-10\n")
    with pytest.raises(ArchiveError, match=f"it is not {form}"):
        open_archive(path, form)


def test_unknown_options_name_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    path.write_text("id,text,date\n")
    with pytest.raises(ArchiveError, match=", ".join(FORMATS)):
        open_archive(path, "excel")
    with pytest.raises(ArchiveError, match=r"standard column 'body'.*created_at"):
        open_archive(path, columns={"body": "text"})
    with pytest.raises(ArchiveError, match=r"no column 'Body'.*It has id, text, date"):
        open_archive(path, columns={"text": "Body"})
    with pytest.raises(ArchiveError, match="Latin letters"):
        open_archive(path, platform="two words")


def test_the_error_of_a_missing_header_quotes_no_post(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text('105,2018-10-10,"an invented secret, told once"\n')
    with pytest.raises(ArchiveError) as caught:
        open_archive(path, "csv")
    assert "secret" not in str(caught.value)
    assert "first line" in str(caught.value) or "3 others" in str(caught.value)
