"""Tweets from twarc2's pages and flattened lines."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collector.archives import open_archive
from collector.archives.refusal import Item
from collector.post import Sighting
from collector.sources.protocol import Skip

AUTHOR = {"id": "7", "username": "invented_handle", "location": "Lahore"}
PLACE = {"id": "p1", "country_code": "PK", "full_name": "Lahore, Pakistan"}


def tweet(tweet_id: str = "105", **others: Any) -> dict[str, Any]:
    plain = {
        "id": tweet_id,
        "text": "an invented post",
        "created_at": "2018-10-10T20:19:24.000Z",
        "lang": "en",
        "author_id": "7",
        "edit_history_tweet_ids": [tweet_id],
    }
    return plain | others


def read(path: Path, *lines: Any) -> list[Item]:
    written = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(written), encoding="utf-8")
    return list(open_archive(path, "twarc").items())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tweets.jsonl"


def test_a_page_gives_its_tweets_and_the_hints_beside_them(path: Path) -> None:
    page = {
        "data": [tweet("105", geo={"place_id": "p1"}), tweet("106", author_id="8")],
        "includes": {"users": [AUTHOR], "places": [PLACE], "tweets": [tweet("99")]},
        "errors": [{"title": "Not Found Error", "resource_id": "98"}],
        "meta": {"result_count": 2},
    }
    first, second = read(path, page)
    assert isinstance(first, Sighting)
    assert isinstance(second, Sighting)
    assert (first.native_id, first.place_country, first.location) == ("105", "PK", "Lahore")
    assert (second.native_id, second.place_country, second.location) == ("106", None, None)


def test_a_flattened_line_holds_its_own_hints(path: Path) -> None:
    full = tweet("105", author=AUTHOR, geo={**PLACE, "place_id": "p1"})
    bare = {key: tweet()[key] for key in ("id", "text", "created_at", "lang")}
    first, second, third = read(path, full, {**bare, "author": {"location": "Delhi"}}, bare)
    assert isinstance(first, Sighting)
    assert isinstance(second, Sighting)
    assert isinstance(third, Sighting)
    assert (first.place_country, first.location) == ("PK", "Lahore")
    assert (second.place_country, second.location) == (None, "Delhi")
    assert (third.place_country, third.location) == (None, None)
    assert third.created_at == datetime(2018, 10, 10, 20, 19, 24, tzinfo=UTC)
    assert "invented_handle" not in repr(first)


def test_a_single_lookup_is_a_page_of_one(path: Path) -> None:
    assert [item.native_id for item in read(path, {"data": tweet()}) if isinstance(item, Sighting)]


@pytest.mark.parametrize(
    ("line", "reason", "deleted"),
    [
        (tweet(referenced_tweets=[{"type": "retweeted", "id": "9"}]), "repost", None),
        (tweet(withheld={"country_codes": ["IN"]}), "withheld by X", ("x", "105")),
        ({"id": "105", "withheld": {}, "lang": "en"}, "the post has no text", None),
        ({"id": "105", "withheld": {"copyright": True}}, "withheld by X", ("x", "105")),
        ({"id": "105", "action": "delete", "reason": "deleted"}, "deleted on X", ("x", "105")),
        (
            {"id": "105", "action": "scrub_geo", "reason": "x"},
            "compliance result without a deletion",
            None,
        ),
        ({"errors": [{"title": "Not Found Error"}]}, "page without posts", None),
        (tweet(text=""), "the post has no text", None),
        (tweet(text="half \ud800 pair"), "text with broken characters", None),
        (tweet(text="a\0b"), "text with broken characters", None),
        (tweet(text="x" * 1_000_000), "text too long for a post", None),
        (tweet(created_at="2099-01-01T00:00:00Z"), "implausible date", None),
        ({"data": [5]}, "the post has no id, or none that X gives", None),
        ("{broken", "not JSON", None),
        ('{"id": "105",}', "not JSON", None),
        ("[1, 2]", "not a JSON object", None),
        ('{"a":' * 200_000, "JSON nested too deeply", None),
        ('{"id": 1' + "0" * 5000 + "}", "not JSON", None),
        ("\0\0", "not JSON", None),
    ],
)
def test_what_is_not_taken_says_why_and_the_rest_goes_on(
    path: Path, line: Any, reason: str, deleted: tuple[str, str] | None
) -> None:
    before, skip, after = read(path, tweet("1"), line, tweet("2"))
    assert isinstance(before, Sighting)
    assert isinstance(after, Sighting)
    assert skip == Skip(reason, "line 2", deleted)


def test_missing_values_and_double_keys_are_read_as_json_readers_do(path: Path) -> None:
    nan, double = read(
        path,
        '{"id":"105","text":"invented","created_at":"2018-10-10T20:19:24Z","lang":NaN}',
        '{"id":"1","id":"105","text":"invented","created_at":"2018-10-10T20:19:24Z"}',
    )
    assert isinstance(nan, Sighting)
    assert isinstance(double, Sighting)
    assert nan.language is None
    assert double.native_id == "105"


def test_every_edit_is_the_same_post_and_the_last_one_is_newest(path: Path) -> None:
    history = ["105", "107"]
    before, after = read(
        path,
        tweet("105", edit_history_tweet_ids=history),
        tweet("107", edit_history_tweet_ids=history, text="an invented post, edited"),
    )
    assert isinstance(before, Sighting)
    assert isinstance(after, Sighting)
    assert before.native_id == after.native_id == "105"
    assert before.revision < after.revision


def test_items_can_be_read_again(path: Path) -> None:
    path.write_text(json.dumps(tweet()))
    archive = open_archive(path)
    assert list(archive.items()) == list(archive.items())


def tally(path: Path) -> Counter[str]:
    items = open_archive(path).items()
    return Counter(item.reason if isinstance(item, Skip) else "taken" for item in items)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("flat.jsonl", {"taken": 53, "repost": 47}),
        ("noflat.jsonl", {"taken": 53, "repost": 47}),
        ("geo_tweets.jsonl", {"taken": 2}),
        ("edited_before.jsonl", {"taken": 1}),
        ("edited_after.jsonl", {"taken": 1}),
        ("withheld.jsonl", {"taken": 129, "repost": 73, "withheld by X": 13}),
        ("tweets_compliance.jsonl", {"deleted on X": 2}),
    ],
)
def test_recorded_files_are_read_whole(shared: Path, name: str, expected: dict[str, int]) -> None:
    assert tally(shared / "recorded" / "twarc" / name) == expected


def test_pages_and_flattened_lines_of_the_same_search_agree(shared: Path) -> None:
    folder = shared / "recorded" / "twarc"
    pages = open_archive(folder / "noflat.jsonl").items()
    lines = open_archive(folder / "flat.jsonl").items()
    assert {p for p in pages if isinstance(p, Sighting)} == {
        p for p in lines if isinstance(p, Sighting)
    }


def test_recorded_edits_are_one_post(shared: Path) -> None:
    folder = shared / "recorded" / "twarc"
    (before,) = open_archive(folder / "edited_before.jsonl").items()
    (after,) = open_archive(folder / "edited_after.jsonl").items()
    assert isinstance(before, Sighting)
    assert isinstance(after, Sighting)
    assert before.native_id == after.native_id
    assert before.revision < after.revision
    assert before.text != after.text


def test_the_real_posts_all_come_out(shared: Path) -> None:
    items = list(open_archive(shared / "data" / "metoo_2018_x.jsonl").items())
    posts = [item for item in items if isinstance(item, Sighting)]
    assert len(items) == len(posts) == len({post.native_id for post in posts}) == 8214
    assert {post.platform for post in posts} == {"x"}
    assert sum(post.location is not None for post in posts) > 1000
