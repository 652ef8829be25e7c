"""Posts named by id or by link: only the id is taken, and nobody's name is repeated."""

import pytest

from collector.errors import StoreError
from collector.forgetting import PostId
from collector.post_links import parse_id, parse_ids

X = PostId("x", "1052000000000000001")
SUBMISSION, COMMENT = PostId("reddit", "t3_9abcde"), PostId("reddit", "t1_f00ba4")


@pytest.mark.parametrize(
    ("link", "post"),
    [
        ("https://x.com/invented_handle/status/1052000000000000001", X),
        ("https://twitter.com/invented_handle/status/1052000000000000001?s=20&t=abc", X),
        ("https://mobile.twitter.com/invented_handle/statuses/1052000000000000001", X),
        ("http://www.x.com/invented_handle/status/1052000000000000001/photo/1", X),
        ("https://x.com/i/status/1052000000000000001", X),
        ("https://x.com/i/web/status/1052000000000000001", X),
        ("x.com/invented_handle/status/1052000000000000001#top", X),
        ("X:1052000000000000001", X),
        ("https://www.reddit.com/r/pakistan/comments/9abcde/a_title_of_it/", SUBMISSION),
        ("https://old.reddit.com/r/pakistan/comments/9abcde", SUBMISSION),
        ("https://reddit.com/comments/9abcde/", SUBMISSION),
        ("https://redd.it/9abcde", SUBMISSION),
        ("https://www.reddit.com/r/pakistan/comments/9abcde/a_title/f00ba4/?context=3", COMMENT),
        ("https://www.reddit.com/r/pakistan/comments/9abcde/comment/f00ba4/", COMMENT),
        ("https://www.reddit.com/user/invented_name/comments/9abcde/a_title/f00ba4", COMMENT),
        (" reddit:t1_f00ba4 ", COMMENT),
    ],
)
def test_a_link_leads_to_its_post(link: str, post: PostId) -> None:
    assert parse_id(link) == post


@pytest.mark.parametrize(
    "text",
    [
        "https://x.com/invented_handle",
        "https://x.com/invented_handle/status/",
        "https://x.com/invented_handle/status/12ab",
        "https://x.com.evil.example/invented_handle/status/1052",
        "https://example.org/invented_handle/status/1052",
        "https://www.reddit.com/r/pakistan/s/Invented_Handle",
        "https://www.reddit.com/user/invented_handle",
        "https://[invented_handle/status/1",
        "x:@invented_handle",
        "reddit:invented_handle",
        "invented_handle",
        "x:0",
        "x:99999999999999999999",
    ],
)
def test_what_leads_to_no_post_is_told_without_repeating_it(text: str) -> None:
    with pytest.raises(StoreError, match="as in x:1052") as told:
        parse_id(text)
    assert "invented_handle" not in str(told.value).casefold()


def test_a_file_names_its_bad_lines_by_number_and_gives_nothing_then() -> None:
    lines = ["# asked on Monday", "x:1052", "", "https://x.com/invented_handle", "x:1052", "what"]
    with pytest.raises(StoreError, match=r"2 lines are no posts \(line 4, 6\)") as told:
        parse_ids(lines)
    assert "invented_handle" not in str(told.value)
    assert parse_ids(lines[:3] + lines[4:5]) == [PostId("x", "1052")]
