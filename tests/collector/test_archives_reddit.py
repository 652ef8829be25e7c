"""Reddit dumps, plain and packed."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from collector.archives import open_archive
from collector.post import Sighting
from collector.sources.protocol import Skip
from tests.collector.test_archives_stream import frame

SUBMISSION = {
    "id": "9aaaaa", "name": "t3_9aaaaa", "title": "an invented title", "selftext": "and its text",
    "created_utc": 1539202764, "subreddit": "pakistan", "author": "invented", "edited": False,
}  # fmt: skip
COMMENT = {
    "id": "e7bbbbb", "body": "an invented comment", "created_utc": "1539202765",
    "subreddit": "india", "author": "invented", "link_id": "t3_9aaaaa",
}  # fmt: skip


def write(path: Path, pack: object, *lines: Any) -> Path:
    assert callable(pack)
    written = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_bytes(pack("\n".join(written).encode()))
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress, frame], ids=["plain", "gz", "zst"])
def test_dumps_give_submissions_and_comments(tmp_path: Path, pack: object) -> None:
    path = write(
        tmp_path / "RS_2018-10", pack, SUBMISSION, COMMENT, {"kind": "t1", "data": COMMENT}
    )
    archive = open_archive(path)
    submission, comment, wrapped = archive.items()
    assert archive.format == "reddit"
    assert isinstance(submission, Sighting)
    assert isinstance(comment, Sighting)
    assert wrapped == comment
    assert (submission.native_id, submission.kind) == ("t3_9aaaaa", "post")
    assert (submission.community, submission.platform) == ("pakistan", "reddit")
    assert (comment.native_id, comment.kind) == ("t1_e7bbbbb", "comment")


@pytest.mark.parametrize(
    ("line", "reason", "deleted"),
    [
        ({**COMMENT, "body": "[deleted]"}, "deleted on Reddit", ("reddit", "t1_e7bbbbb")),
        (
            {**COMMENT, "_meta": {"was_deleted_later": True}},
            "deleted on Reddit",
            ("reddit", "t1_e7bbbbb"),
        ),
        ({**COMMENT, "created_utc": 1_120_000_000}, "implausible date", None),
        ({**COMMENT, "created_utc": 4_000_000_000}, "implausible date", None),
        ({**COMMENT, "body": "x" * 200_000}, "text too long for a post", None),
        ("{", "not JSON", None),
    ],
)
def test_skips_name_the_line(
    tmp_path: Path, line: Any, reason: str, deleted: tuple[str, str] | None
) -> None:
    first, skip, last = open_archive(
        write(tmp_path / "dump", bytes, SUBMISSION, line, COMMENT)
    ).items()
    assert isinstance(first, Sighting)
    assert skip == Skip(reason, "line 2", deleted)
    assert isinstance(last, Sighting)


def test_recorded_things_are_read_as_a_dump_has_them(shared: Path, tmp_path: Path) -> None:
    exchanges = json.loads(
        (shared / "recorded" / "reddit" / "TestSubredditListings.test_comments.json").read_text()
    )
    bodies = [exchange["response"]["body"] for exchange in exchanges]
    listings = [body for body in bodies if isinstance(body, dict) and body.get("kind") == "Listing"]
    things = [child for listing in listings for child in listing["data"]["children"]]
    assert things
    items = list(open_archive(write(tmp_path / "dump", bytes, *things)).items())
    assert len(items) == len(things)
    assert any(isinstance(item, Sighting) for item in items)
