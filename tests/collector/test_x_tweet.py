"""Tweets as X writes them, read as sightings; all invented but those recorded elsewhere."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.x_tweet import (
    SightingError,
    read_native_id,
    sighting_from_tweet,
    snowflake_time,
)

TWEET: dict[str, Any] = {
    "id": "1576994789110992896",
    "text": "An invented post on #MeToo",
    "created_at": "2022-10-03T17:57:11.000Z",
    "edit_history_tweet_ids": ["1576994789110992896"],
    "lang": "en",
}
POSTED = datetime(2022, 10, 3, 17, 57, 11, tzinfo=UTC)


def test_reads_every_part() -> None:
    tweet = TWEET | {"author_id": "7", "geo": {"place_id": "p"}}
    users = {"7": {"id": "7", "username": "invented_handle", "location": "Lahore"}}
    sighting = sighting_from_tweet(tweet, users, {"p": {"id": "p", "country_code": "pk"}})

    assert (sighting.platform, sighting.native_id) == ("x", TWEET["id"])
    assert (sighting.current_id, sighting.revision) == (TWEET["id"], int(TWEET["id"]))
    assert (sighting.text, sighting.kind, sighting.language) == (TWEET["text"], "post", "en")
    assert (sighting.created_at, sighting.created_at.tzinfo) == (POSTED, UTC)
    assert (sighting.place_country, sighting.location) == ("PK", "Lahore")
    assert "Lahore" not in repr(sighting)
    kept = [getattr(sighting, name) for name in sighting.__slots__ if name != "authors"]
    assert "invented_handle" not in str(kept) + repr(sighting)
    assert sighting.authors == ("invented_handle", "id:7")


def test_versions_of_a_post_share_its_first_id_and_time() -> None:
    history = ["1576994746135764992", "1576994789110992896"]
    versions = [
        sighting_from_tweet(
            TWEET | {"id": each, "edit_history_tweet_ids": history, "created_at": stated}, {}, {}
        )
        for each, stated in zip(
            history, ["2022-10-03T17:57:01.000Z", "2022-10-03T17:57:11.000Z"], strict=True
        )
    ]

    assert {each.native_id for each in versions} == {history[0]}
    assert {each.created_at for each in versions} == {POSTED - timedelta(seconds=10)}
    assert [each.revision for each in versions] == [int(each) for each in history]
    assert [each.current_id for each in versions] == history


@pytest.mark.parametrize("history", [None, [], ["4", None], [["5"]], "1576994789110992896"])
def test_a_history_that_is_none_counts_for_nothing(history: object) -> None:
    assert read_native_id(TWEET | {"edit_history_tweet_ids": history}) == TWEET["id"]


def test_a_long_post_is_read_whole() -> None:
    tweet = TWEET | {"text": "The beginning ...", "note_tweet": {"text": "The beginning and end"}}
    assert sighting_from_tweet(tweet, {}, {}).text == "The beginning and end"


def test_only_what_x_escapes_is_unescaped() -> None:
    tweet = TWEET | {"text": "&lt;b&gt; Q&amp;A &amp;lt; &quot;x&quot; &copy"}
    assert sighting_from_tweet(tweet, {}, {}).text == "<b> Q&A &lt; &quot;x&quot; &copy"


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        ([], "post"),
        (["replied_to"], "reply"),
        (["quoted"], "quote"),
        (["retweeted"], "repost"),
        (["quoted", "replied_to"], "reply"),
        (["replied_to", "retweeted"], "repost"),
        (["unheard_of"], "post"),
    ],
)
def test_kind(types: list[str], kind: str) -> None:
    tweet = TWEET | {"referenced_tweets": [{"type": each, "id": "1"} for each in types]}
    assert sighting_from_tweet(tweet, {}, {}).kind == kind


@pytest.mark.parametrize(("lang", "language"), [("ur", "ur"), ("und", None), ("qht", None)])
def test_language_is_what_x_declares(lang: str, language: str | None) -> None:
    assert sighting_from_tweet(TWEET | {"lang": lang}, {}, {}).language == language


def test_time_left_out_comes_from_the_id() -> None:
    bare = {"id": TWEET["id"], "text": "x"}
    assert sighting_from_tweet(bare, {}, {}).created_at == POSTED
    assert snowflake_time("20") is None
    # The example in X's own description of its ids.
    assert snowflake_time("1212092628029698048") == datetime(2019, 12, 31, 19, 26, 16, tzinfo=UTC)


def test_time_with_another_offset_becomes_utc() -> None:
    tweet = TWEET | {"created_at": "2022-10-03T22:57:11+05:00"}
    sighting = sighting_from_tweet(tweet, {}, {})
    assert (sighting.created_at, sighting.created_at.tzinfo) == (POSTED, UTC)
    assert POSTED.astimezone(timezone(timedelta(hours=5))) == sighting.created_at


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "no id"),
        ({"id": 1576994789110992896}, "no id"),
        ({"id": "12x"}, "no id"),
        ({"id": "١٢٣"}, "no id"),
        ({"id": "9" * 19}, "no id"),
        ({"text": None}, "no text"),
        ({"text": ""}, "no text"),
        ({"text": ["a"]}, "no text"),
        ({"created_at": "Mon Oct 03 17:57:11 +0000 2022"}, "ISO 8601"),
        ({"created_at": "2022-10-03T17:57:11"}, "no time zone"),
        ({"created_at": "0001-01-01T00:00:00Z"}, "years 2006"),
        ({"created_at": "9999-12-31T23:59:59Z"}, "years 2006"),
        ({"created_at": 1664819831}, "no time"),
        ({"id": "20", "created_at": None}, "no time"),
    ],
)
def test_what_is_no_post_says_why(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(SightingError, match=reason):
        sighting_from_tweet(TWEET | change, {}, {})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: json_values | st.just({"place_id": "p", "text": "t", "type": "quoted"})
            for name in (*TWEET, "note_tweet", "referenced_tweets", "geo", "author_id")
        },
    ),
    json_values,
)
def test_anything_is_a_sighting_or_a_reason(change: dict[str, Any], other: Any) -> None:
    holder = {"p": other}
    try:
        sighting = sighting_from_tweet(TWEET | change, holder, holder)
    except SightingError:
        return
    assert sighting.created_at.tzinfo is UTC
    assert int(sighting.native_id) <= sighting.revision


def test_ids_of_real_posts_hold_their_time(shared: Path) -> None:
    with (shared / "data" / "metoo_2018_x.jsonl").open(encoding="utf-8") as lines:
        tweets = [json.loads(line) for line in lines]
    stated = [sighting_from_tweet(each, {}, {}).created_at for each in tweets]
    derived = [snowflake_time(each["id"]) for each in tweets]
    assert stated == derived
