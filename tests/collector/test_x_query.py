"""How groups of terms become queries of X."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import QueryRefused
from collector.sources.x_query import ARCHIVE_LENGTH, RECENT_LENGTH, build_queries, render


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (["#MeToo"], "#MeToo -is:retweet"),
        (["#MeToo", "me too"], '(#MeToo OR "me too") -is:retweet'),
        (["می ٹو", "#मी_टू", "میری‌آواز"], '("می ٹو" OR #मी_टू OR میری‌آواز) -is:retweet'),
        (["OR", "lang:ur", "-word"], '("OR" OR "lang:ur" OR "-word") -is:retweet'),
        (['said "me too" \\ twice'], '"said me too twice" -is:retweet'),
    ],
)
def test_render(terms: list[str], text: str) -> None:
    assert render(terms) == text


def test_groups_keep_their_order_and_names() -> None:
    queries = build_queries({"latin": ["#MeToo ", "me  too", "#MeToo"], "none": []}, RECENT_LENGTH)
    assert [(each.source, each.name, each.terms) for each in queries] == [
        ("x", "latin", ("#MeToo", "me too"))
    ]


words = st.text(alphabet="abcمیٹوमीटू", min_size=1, max_size=40).filter(
    lambda word: word[0] not in "ीू"
)


@given(st.lists(words, min_size=1, max_size=80), st.sampled_from([RECENT_LENGTH, ARCHIVE_LENGTH]))
def test_no_query_is_too_long_and_no_term_is_lost(terms: list[str], limit: int) -> None:
    queries = build_queries({"g": terms}, limit)
    assert all(len(render(each.terms)) <= limit for each in queries)
    assert [term for each in queries for term in each.terms] == list(dict.fromkeys(terms))
    assert len({each.hash for each in queries}) == len(queries)


@given(st.lists(words, min_size=1, max_size=80, unique=True))
def test_a_term_more_leaves_full_queries_as_they_were(terms: list[str]) -> None:
    before = build_queries({"g": terms[:-1]}, RECENT_LENGTH)
    after = build_queries({"g": terms}, RECENT_LENGTH)
    assert after[: len(before) - 1] == before[:-1]


@pytest.mark.parametrize(("letters", "lengths"), [(494, [512]), (495, [259, 260])])
def test_a_query_is_filled_to_the_last_character(letters: int, lengths: list[int]) -> None:
    queries = build_queries({"g": ["a" * 247, "b" * (letters - 247)]}, RECENT_LENGTH)
    assert [len(render(each.terms)) for each in queries] == lengths


def test_splits_are_named_by_number() -> None:
    terms = [f"#tag_{number:03}" for number in range(60)]
    recent = build_queries({"g": terms}, RECENT_LENGTH)
    assert [each.name for each in recent] == ["g", "g/2"]
    assert [each.name for each in build_queries({"g": terms}, ARCHIVE_LENGTH)] == ["g"]


@pytest.mark.parametrize(
    ("term", "reason"),
    [("x" * 600, "600|61[0-9] of 512"), ("  ", "without a letter"), ("#me-too", "would cut")],
)
def test_a_term_that_fits_nowhere_is_named(term: str, reason: str) -> None:
    with pytest.raises(QueryRefused, match=reason) as caught:
        build_queries({"slogans": ["#MeToo", term]}, RECENT_LENGTH)
    assert "slogans" in str(caught.value)


def test_emoji_count_twice() -> None:
    assert len(build_queries({"g": ["a" + "🟣" * 240]}, RECENT_LENGTH)) == 1
    with pytest.raises(QueryRefused, match="of 512"):
        build_queries({"g": ["a" + "🟣" * 250]}, RECENT_LENGTH)
