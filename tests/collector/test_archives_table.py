"""Tables under any names, and our own exports read back."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from collector.archives import open_archive
from collector.archives.refusal import Item
from collector.post import Sighting
from collector.sources.protocol import Skip

MOMENT = datetime(2018, 10, 10, 20, 19, 24, tzinfo=UTC)
POST = {"id": "105", "text": "an invented post", "created_at": "2018-10-10T20:19:24Z"}

EXPORT: list[dict[str, Any]] = [
    {
        "id": "x:1052148345698271234", "platform": "x", "created_at": "2018-10-10T20:19:24Z",
        "kind": "reply", "lang": "en", "form": "en", "country": "PK", "about": "IN",
        "stance": "supportive", "frame": "solidarity", "p_supportive": 0.9, "p_skeptical": 0.05,
        "p_hostile": 0.03, "p_none": 0.02, "text": 'RT @invented: quoted by hand, "thus"\nand on',
    },
    {
        "id": "reddit:t1_abc", "platform": "reddit", "created_at": "2018-10-10T20:19:24Z",
        "kind": "comment", "lang": None, "form": "roman", "country": "unknown", "about": "other",
        "stance": None, "frame": None, "p_supportive": None, "p_skeptical": None,
        "p_hostile": None, "p_none": None, "text": "yeh kahani invented hai",
    },
]  # fmt: skip


def read(path: Path, *rows: Any, **options: Any) -> list[Item]:
    path.write_text("\n".join(json.dumps(each) for each in rows))
    return list(open_archive(path, "jsonl", **options).items())


def one(path: Path, row: Any, **options: Any) -> Sighting:
    (item,) = read(path, row, **options)
    assert isinstance(item, Sighting), item
    return item


def reason(path: Path, row: Any, **options: Any) -> str:
    (item,) = read(path, row, **options)
    assert isinstance(item, Skip)
    return item.reason


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "posts.jsonl"


def write(frame: pl.DataFrame, path: Path, form: str) -> None:
    match form:
        case "csv":
            frame.write_csv(path)
        case "tsv":
            frame.write_csv(path, separator="\t")
        case "jsonl":
            frame.write_ndjson(path)
        case _:
            frame.write_parquet(path)


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "parquet"])
@pytest.mark.parametrize("times", ["text", "times"])
@pytest.mark.parametrize("with_platform", [True, False])
def test_our_export_comes_back_as_it_went(
    tmp_path: Path, form: str, times: str, *, with_platform: bool
) -> None:
    frame = pl.DataFrame(EXPORT)
    if times == "times":
        frame = frame.with_columns(pl.col("created_at").str.to_datetime(time_zone="UTC"))
    if form != "parquet" and times == "times":
        frame = frame.with_columns(pl.col("created_at").dt.to_string("iso"))
    path = tmp_path / "export"
    write(frame if with_platform else frame.drop("platform"), path, form)
    archive = open_archive(path)
    x, reddit = archive.items()
    assert archive.format == form
    assert archive.notes == ()
    assert x == Sighting(
        platform="x", native_id="1052148345698271234", text=EXPORT[0]["text"], created_at=MOMENT,
        kind="reply", language="en", country="PK", about="IN",
    )  # fmt: skip
    assert reddit == Sighting(
        platform="reddit", native_id="t1_abc", text="yeh kahani invented hai", created_at=MOMENT,
        kind="comment", country="unknown", about="other",
    )  # fmt: skip


def test_hints_come_through_under_any_known_name(path: Path) -> None:
    post = one(
        path,
        {
            "Tweet ID": "105", "Body": "invented", "Date": 1539202764, "Lang": "ur",
            "author": {"location": "Lahore", "username": "hidden"}, "geo": {"country_code": "pk"},
            "subreddit": "r/pakistan",
        },
    )  # fmt: skip
    assert post == Sighting(
        platform="x", native_id="105", text="invented", created_at=MOMENT, language="ur",
        place_country="PK", location="Lahore", community="pakistan",
    )  # fmt: skip


def test_a_mapping_goes_before_known_names(path: Path) -> None:
    row = {
        **POST,
        "title": "the title",
        "when": "2019-01-01T00:00:00Z",
        "lang": "en",
        "tongue": "hi",
    }
    columns = {"text": "title", "created_at": "when", "lang": "tongue"}
    post = one(path, row, columns=columns)
    assert (post.text, post.created_at.year, post.language) == ("the title", 2019, "hi")


def test_posts_without_id_get_one_that_lasts(path: Path) -> None:
    row = {key: POST[key] for key in ("text", "created_at")}
    first, again, other = read(path, row, row, {**row, "text": "another"})
    assert isinstance(first, Sighting)
    assert isinstance(other, Sighting)
    assert first == again
    assert first.platform == "table"
    assert first.native_id != other.native_id
    later = one(path, {**row, "created_at": "2018-10-11T01:19:24+05:00"})
    assert later.native_id == first.native_id, "the same moment, written otherwise"


def test_the_platform_is_the_rows_then_the_options_then_what_the_columns_tell(path: Path) -> None:
    assert one(path, POST).platform == "table"
    assert one(path, POST, platform="mastodon").platform == "mastodon"
    assert one(path, {**POST, "platform": "Twitter"}, platform="mastodon").platform == "x"
    assert one(path, {**POST, "conversation_id": "105"}).platform == "x"
    assert one(path, {**POST, "id": "x:105"}).platform == "x"
    assert reason(path, {**POST, "platform": "no such name"}) == "no platform has such a name"


@pytest.mark.parametrize(
    "extra",
    [
        {"kind": "retweet"},
        {"tweet_type": "retweeted"},
        {"is_retweet": True},
        {"is_retweet": "True"},
        {"retweeted_status": {"id": 5}},
        {"referenced_tweets.retweeted.id": "99"},
        {"text": "RT @someone: an invented post"},
    ],
)
def test_reposts_are_left_out(path: Path, extra: dict[str, Any]) -> None:
    assert reason(path, {**POST, "platform": "x", **extra}) == "repost"


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        ({}, "post"),
        ({"is_retweet": False}, "post"),
        ({"is_retweet": "False", "in_reply_to_status_id": ""}, "post"),
        ({"in_reply_to_status_id": 99}, "reply"),
        ({"is_quote_status": True}, "quote"),
        ({"type": "comment"}, "comment"),
        ({"type": "photo"}, "post"),
    ],
)
def test_kinds(path: Path, extra: dict[str, Any], kind: str) -> None:
    assert one(path, {**POST, **extra}).kind == kind


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("PK", "PK"), ("India", "IN"), ("other", "other"), ("unknown", "unknown"), ("US", "other"),
     ("somewhere", None), ("", None), (None, None), (5, None)],
)  # fmt: skip
def test_stated_countries(path: Path, cell: object, expected: str | None) -> None:
    post = one(path, {**POST, "country": cell, "about": cell})
    assert (post.country, post.about) == (expected, expected)


def test_revisions(path: Path) -> None:
    assert one(path, POST).revision == 0
    assert one(path, {**POST, "revision": 7}).revision == 7
    assert one(path, {**POST, "revision": "7"}).revision == 7
    edited = one(path, {**POST, "current_id": "107"})
    assert (edited.revision, edited.current_id) == (107, "107")
    assert one(path, {**POST, "edited_at": "2018-10-10T20:19:24Z"}).revision == 1539202764
    assert one(path, {**POST, "edited": False}).revision == 0
    assert reason(path, {**POST, "revision": 2**63}) == "implausible revision"


def test_times_without_zone_are_noted(path: Path) -> None:
    path.write_text(
        "id,text,date\n1,a,2018-10-10 20:19:24\n2,b,2018-10-10T20:19:24Z\n3,c,2018-10-10\n"
    )
    archive = open_archive(path)
    first, *_ = archive.items()
    assert isinstance(first, Sighting)
    assert first.created_at == MOMENT
    assert archive.notes == ("2 posts state a time without its zone; it was taken as UTC.",)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({**POST, "text": None}, "no text"),
        ({**POST, "text": 5}, "no text"),
        ({**POST, "text": " \n"}, "no text"),
        ({**POST, "created_at": None}, "no date"),
        ({**POST, "created_at": {"$date": 5}}, "date in no known format"),
        ({**POST, "id": None}, "no id"),
        ({**POST, "text": "half \ud800 pair"}, "text with broken characters"),
        ({**POST, "id": "a\0b"}, "not an id"),
        ({**POST, "id": "x" * 500}, "broken id, platform or language"),
    ],
)
def test_rows_that_say_too_little(path: Path, row: Any, expected: str) -> None:
    assert reason(path, row) == expected


def test_deleted_reddit_posts_are_told_as_such(path: Path) -> None:
    row = {**POST, "id": "t1_abc", "platform": "reddit", "text": "[deleted]"}
    assert read(path, row) == [Skip("deleted on Reddit", "line 1", ("reddit", "t1_abc"))]


def test_ids_that_a_spreadsheet_rounded_are_refused_in_all_rows(path: Path) -> None:
    rows = [{**POST, "platform": "x", "id": f"10521483{n:07d}0000"} for n in range(11, 90)]
    items = read(path, *rows)
    assert len(items) == len(rows)
    assert {item.reason[:26] for item in items if isinstance(item, Skip)} == {
        "id rounded by a spreadshee"
    }
    assert not any(isinstance(item, Sighting) for item in items)


def test_authors_own_pages_are_no_communities(path: Path) -> None:
    assert one(path, {**POST, "subreddit": "u_someone"}).community is None
