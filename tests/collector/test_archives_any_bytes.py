"""Whatever a file holds, it gives posts, skips or one clear error, and loses no line."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collector.archives import FORMATS, open_archive
from collector.archives.refusal import Item
from collector.errors import ArchiveError
from collector.post import Sighting
from collector.sources.protocol import Skip

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["id", "text", "created_at", "lang", "author", "author_id", "geo", "data", "includes", "errors",
     "referenced_tweets", "edit_history_tweet_ids", "note_tweet", "withheld", "action", "reason",
     "platform", "kind", "body", "title", "selftext", "created_utc", "edited", "subreddit", "name",
     "_meta", "revision", "country", "retweeted_status", "location", "author.location"]
)  # fmt: skip
LIKELY: st.SearchStrategy[object] = st.sampled_from(
    ["105", "x:105", "t3_abc", "abc", "2018-10-10T20:19:24Z", 1539202764, "RT @someone: invented",
     "delete", "PK", True, None, {"id": "1", "text": "invented", "created_at": "2018-10-10"},
     [{"id": "1"}], {"users": [{"id": []}], "places": {}}, [{"type": "retweeted"}], "\ud800",
     10**30]
)  # fmt: skip
OBJECTS = st.dictionaries(KEYS, LIKELY | JSON_VALUES, max_size=8)
LINES = st.lists(
    OBJECTS.map(lambda each: json.dumps(each).encode()) | st.binary(max_size=30), max_size=8
)


def read(content: bytes, folder: Path, form: str | None = None) -> list[Item] | None:
    """The items of a file of these bytes, None where it is refused as a whole."""
    path = folder / "anything"
    path.write_bytes(content)
    try:
        items = list(open_archive(path, form).items())
    except ArchiveError:
        return None
    assert all(isinstance(item, Sighting | Skip) for item in items)
    assert all(item.where and item.reason for item in items if isinstance(item, Skip))
    return items


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("anything")


@given(content=st.binary(max_size=300), form=st.sampled_from([None, *FORMATS]))
@example(content=b"\x1f\x8b", form=None)
@example(content=b"\x28\xb5\x2f\xfd\x04", form="csv")
@example(content=b"text,date\n\x00", form="csv")
def test_any_bytes(folder: Path, content: bytes, form: str | None) -> None:
    read(content, folder, form)
    read(gzip.compress(content), folder, form)


@given(lines=LINES, form=st.sampled_from(["twarc", "reddit", "jsonl"]))
@example(lines=[b"\xef\xbb\xbf", b"{}"], form="twarc")
def test_every_line_is_accounted_for(folder: Path, lines: list[bytes], form: str) -> None:
    whole = b"\n".join(lines)
    items = read(whole, folder, form)
    if items is None:
        return
    plain = whole.removeprefix(b"\xef\xbb\xbf")  # a byte order mark is no line
    kept = [line for line in plain.split(b"\n") if line and not line.isspace()]
    numbers = [item.where for item in items if isinstance(item, Skip)]
    expected = sum(posts_in(line, form) for line in kept)
    assert len(items) == expected
    assert all(
        1 <= int(where.removeprefix("line ")) <= len(whole.split(b"\n")) for where in numbers
    )


def posts_in(line: bytes, form: str) -> int:
    """One for each line, but a page has as many as it has tweets."""
    try:
        page: Any = json.loads(line.decode())
    except (ValueError, RecursionError):
        return 1
    data = page.get("data") if isinstance(page, dict) and form == "twarc" else None
    if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
        return 1
    if {"id", "action", "reason"} <= page.keys() and "text" not in page:
        return 1
    return max(1, len(data))


@given(lines=LINES)
def test_any_lines_without_a_named_format(folder: Path, lines: list[bytes]) -> None:
    read(b"\n".join(lines), folder)


def parquet() -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(
        {"id": ["1", "2"], "text": ["invented", "more"], "date": ["2018-10-10"] * 2}
    ).write_parquet(buffer)
    return buffer.getvalue()


WHOLE = parquet()


@settings(max_examples=100)
@given(
    place=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255), end=st.integers(4, len(WHOLE))
)
def test_damaged_parquet(folder: Path, place: int, byte: int, end: int) -> None:
    damaged = bytearray(WHOLE)
    damaged[place] = byte
    read(bytes(damaged[:end]), folder, "parquet")
