"""Reddit's JSON read as sightings: what is kept, what goes, what is skipped."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.post import Sighting, local_day
from collector.sources.protocol import Skip
from collector.sources.reddit_thing import posted_at, sighting_from_thing

OCTOBER = 1_539_000_000
SUBMISSION: dict[str, Any] = {
    "name": "t3_abc",
    "id": "abc",
    "title": "On #MeToo &amp; newsrooms",
    "selftext": "a &lt; b\n\n&amp;#x200B;\n\nend",
    "subreddit": "pakistan",
    "author": "invented",
    "created_utc": float(OCTOBER),
    "edited": False,
}
COMMENT: dict[str, Any] = {
    "id": "xyz",
    "body": "I believe her",
    "subreddit": "india",
    "author": "invented",
    "created_utc": str(OCTOBER),
    "edited": OCTOBER + 60.0,
    "link_id": "t3_abc",
}


def read(thing: dict[str, Any], **changes: Any) -> Sighting:
    found = sighting_from_thing(thing | changes)
    assert isinstance(found, Sighting), found
    return found


def skip(thing: dict[str, Any], **changes: Any) -> Skip:
    found = sighting_from_thing(thing | changes)
    assert isinstance(found, Skip), found
    return found


def test_submission() -> None:
    assert read(SUBMISSION) == Sighting(
        platform="reddit",
        native_id="t3_abc",
        text="On #MeToo & newsrooms\n\na < b\n\n\n\nend",
        created_at=datetime.fromtimestamp(OCTOBER, UTC),
        kind="post",
        community="pakistan",
    )


def test_comment_of_a_dump_without_name() -> None:
    assert read(COMMENT) == Sighting(
        platform="reddit",
        native_id="t1_xyz",
        text="I believe her",
        created_at=datetime.fromtimestamp(OCTOBER, UTC),
        kind="comment",
        revision=OCTOBER + 60,
        community="india",
    )


def test_nothing_of_the_author_is_kept() -> None:
    own_page = read(SUBMISSION, subreddit="u_invented")
    assert "invented" not in repr(own_page)
    assert own_page.community is None


@pytest.mark.parametrize("selftext", ["", None])
def test_link_post_is_kept_by_its_title(selftext: str | None) -> None:
    assert read(SUBMISSION, selftext=selftext).text == "On #MeToo & newsrooms"


@pytest.mark.parametrize(
    ("edited", "revision"), [(False, 0), (True, 1), (None, 0), (OCTOBER, OCTOBER), ("x", 0)]
)
def test_edit_makes_a_greater_revision(edited: object, revision: int) -> None:
    assert read(COMMENT, edited=edited).revision == revision


def test_text_is_one_that_databases_take() -> None:
    assert read(COMMENT, body="a\x00b \ud83d c \ud83d\ude00").text == "ab \ufffd c \U0001f600"


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "[deleted]"},
        {"body": " [removed] "},
        {"body": "[ Removed by Reddit ]"},
        {"body": None},
        {"author": "[deleted]"},
        {"author": None},
        {"_meta": {"was_deleted_later": True}},
    ],
)
def test_deleted_comment_goes(changes: dict[str, Any]) -> None:
    assert skip(COMMENT, **changes).deleted_id == ("reddit", "t1_xyz")


@pytest.mark.parametrize(
    "changes",
    [
        {"selftext": "[removed]"},
        {"selftext": "[deleted]"},
        {"selftext": "", "author": "[deleted]"},
        {"selftext": "", "removed_by_category": "moderator"},
        {"title": "[deleted by user]"},
        {"_meta": {"was_deleted_later": True}},
    ],
)
def test_deleted_submission_goes_with_its_title(changes: dict[str, Any]) -> None:
    assert skip(SUBMISSION, **changes).deleted_id == ("reddit", "t3_abc")


def test_deletion_counts_even_where_the_rest_is_broken() -> None:
    assert skip({"name": "t1_xyz", "body": "[deleted]"}).deleted_id == ("reddit", "t1_xyz")


def test_what_only_speaks_of_deletion_stays() -> None:
    assert read(COMMENT, body="they [deleted] her post").text == "they [deleted] her post"
    assert read(COMMENT, _meta={"was_deleted_later": False}, removed_by_category=None)
    assert read(COMMENT, _meta={"was_initially_deleted": True})
    assert read(COMMENT, _meta=None)


@pytest.mark.parametrize("key", ["id", "created_utc", "body"])
def test_missing_field_is_a_skip_with_a_reason(key: str) -> None:
    found = sighting_from_thing({k: v for k, v in COMMENT.items() if k != key})
    assert isinstance(found, Skip)
    assert found.reason
    assert found.deleted_id is None


@pytest.mark.parametrize("author", ["invented", None])
def test_author_need_not_be_told(author: str | None) -> None:
    bare = {k: v for k, v in COMMENT.items() if k not in {"author", "edited", "subreddit"}}
    assert read(bare).text == "I believe her"
    assert isinstance(sighting_from_thing(bare | {"author": author}), Sighting) is bool(author)


@pytest.mark.parametrize(
    "stamp",
    [None, True, "", "soon", "nan", float("inf"), -62_135_596_800, 253_402_300_799, 10**400, []],
)
def test_impossible_time_is_a_skip(stamp: object) -> None:
    assert "time" in skip(COMMENT, created_utc=stamp).reason


@pytest.mark.parametrize("fullname", ["t5_2qh1i", "t2_abc", 7, None, "T1_XYZ", "t1_", "../etc"])
def test_other_things_are_skips(fullname: object) -> None:
    assert skip({"name": fullname, "id": fullname, "body": "x"}).deleted_id is None


def test_subreddit_is_no_submission_though_it_has_a_title() -> None:
    assert "neither" in skip(SUBMISSION, name="t5_2qh1i", id="2qh1i").reason


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("[deleted]")
nested = values | st.dictionaries(st.text(max_size=5), values, max_size=3) | st.lists(values)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*SUBMISSION, "body", "_meta"]), nested))
def test_any_object_is_read_or_skipped(changes: dict[str, Any]) -> None:
    for thing in (SUBMISSION | changes, COMMENT | changes, changes):
        found = sighting_from_thing(thing)
        if isinstance(found, Sighting):
            assert found.text.strip()
            assert found.created_at == posted_at(thing)
            assert local_day(found.created_at, "PK")
            found.text.encode()
