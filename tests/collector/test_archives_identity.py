"""Ids and platforms as tables write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.archives.identity import (
    Identity,
    find_rounding,
    read_identity,
    read_platform,
)
from collector.archives.refusal import RefusalError

LONG = "1052148345698271234"


@pytest.mark.parametrize(
    ("value", "stated", "assumed", "expected"),
    [
        ("105", None, None, ("table", "105")),
        ("105", "x", None, ("x", "105")),
        ("105", None, "x", ("x", "105")),
        ("105", "mastodon", "x", ("mastodon", "105")),
        ("x:105", None, None, ("x", "105")),
        ("x:105", "x", None, ("x", "105")),
        ("x:105", None, "reddit", ("x", "105")),
        ("twitter:105", None, None, ("x", "105")),
        ("reddit:t3_abc", None, None, ("reddit", "t3_abc")),
        ("mastodon:77", None, None, ("mastodon", "77")),
        ("mastodon:77", "mastodon", None, ("mastodon", "77")),
        ("a:7", "forum", None, ("forum", "a:7")),
        ("table:0a1b", None, "x", ("table", "0a1b")),
        (f" {LONG} ", "x", None, ("x", LONG)),
        (f"'{LONG}", "x", None, ("x", LONG)),
        (int(LONG), "x", None, ("x", LONG)),
        (105.0, "x", None, ("x", "105")),
        ("105.0", "x", None, ("x", "105")),
        (f"https://example.org/someone/status/{LONG}?s=20", None, None, ("x", LONG)),
    ],
)
def test_ids_are_read(
    value: object, stated: str | None, assumed: str | None, expected: tuple[str, str]
) -> None:
    assert read_identity(value, stated, assumed, None) == Identity(*expected)


def test_a_bare_reddit_id_takes_its_prefix_from_the_kind() -> None:
    assert read_identity("abc", "reddit", None, "comment").native_id == "t1_abc"
    assert read_identity("abc", "reddit", None, "post").native_id == "t3_abc"
    with pytest.raises(RefusalError, match="t1_ or t3_"):
        read_identity("abc", "reddit", None, None)


@pytest.mark.parametrize(
    "value", ["1.05E+18", "1,05E+18", "1.052148345698271e+18", 1.05e18, float(LONG), f"{LONG}.0"]
)
def test_an_id_that_a_spreadsheet_destroyed_says_so(value: object) -> None:
    with pytest.raises(RefusalError, match="rounded by a spreadsheet"):
        read_identity(value, "x", None, None)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "no id"),
        ("", "no id"),
        ("nan", "no id"),
        (float("nan"), "no id"),
        (True, "no id"),
        (10**400, "no id"),
        (["105"], "no id"),
        ("abc", "not an id that X gives"),
        ("-5", "not an id that X gives"),
        ("0105", "not an id that X gives"),
        ("१०५", "not an id that X gives"),
        ("9" * 19, "not an id that X gives"),
        ("reddit:t3_abc", "disagree"),
        ("https://example.org/@someone/1", "link"),
    ],
)
def test_what_is_no_id_of_a_tweet_is_refused(value: object, reason: str) -> None:
    with pytest.raises(RefusalError, match=reason):
        read_identity(value, "x", None, None)


@given(st.text() | st.integers() | st.floats(), st.sampled_from([None, "x", "reddit", "forum"]))
def test_anything_gives_an_identity_or_a_reason(value: object, stated: str | None) -> None:
    try:
        identity = read_identity(value, stated, None, None)
    except RefusalError:
        return
    assert identity.native_id
    assert identity.platform == stated or stated is None


def test_ids_that_all_end_in_zeros_are_rounded() -> None:
    kept_15 = [f"1052148345{n:05d}0000" for n in range(11, 40)]
    kept_17 = [f"105214834569{n:05d}00" for n in range(11, 40)]
    assert find_rounding(kept_15)
    assert find_rounding(kept_17)
    assert find_rounding(map(int, kept_15))
    assert not find_rounding([*kept_15, LONG])
    assert not find_rounding(kept_15[:3])
    assert not find_rounding(["100", "200", None, 1.5])


def test_platforms_go_by_one_name() -> None:
    assert [read_platform(name) for name in (None, "", " Twitter", "X", "Reddit", "mastodon")] == [
        None, None, "x", "x", "reddit", "mastodon",
    ]  # fmt: skip
    for bad in ("two words", "../x", "ایکس", 5):
        with pytest.raises(RefusalError):
            read_platform(bad)
