"""From sightings to posts; every sample is invented."""

import dataclasses
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.enrich import clean_text, enrich
from collector.post import Post, Sighting

SEEN = datetime(2018, 11, 2, 8, 30, tzinfo=UTC)
NOW = datetime(2019, 1, 1, tzinfo=UTC)


def see(text: str, **changes: object) -> Sighting:
    """Return an invented sighting."""
    sighting = Sighting(platform="x", native_id="1", text=text, created_at=SEEN)
    return dataclasses.replace(sighting, **changes)  # type: ignore[arg-type]


def test_a_sighting_becomes_a_post() -> None:
    sighting = see(
        "yeh sab jhoot bol rahi hai #MeTooIndia",
        kind="reply", language="hi", current_id="2", revision=2, location="Lahore, Pakistan",
    )  # fmt: skip
    assert enrich([sighting], NOW) == [
        Post(
            platform="x", native_id="1", text="yeh sab jhoot bol rahi hai #MeTooIndia",
            created_at=SEEN, collected_at=NOW, kind="reply", form="roman", language="hi",
            country="PK", country_evidence="location", about="IN", about_evidence="hashtag",
            current_id="2", revision=2,
        )
    ]  # fmt: skip


def test_what_an_export_declares_is_kept() -> None:
    (post,) = enrich([see("In Mumbai", country="PK", about="unknown", location="Delhi")], NOW)
    assert (post.country, post.country_evidence) == ("PK", "declared")
    assert (post.about, post.about_evidence) == ("unknown", "declared")


def test_communities_are_known_by_name_whatever_the_case() -> None:
    posts = enrich(
        [see("hello", community="InventedPK"), see("hello", community="elsewhere"), see("hello")],
        NOW,
        {"inventedpk": "PK"},
    )
    assert [(post.country, post.country_evidence) for post in posts] == [
        ("PK", "community"), ("unknown", "none"), ("unknown", "none"),
    ]  # fmt: skip


def test_no_hint_on_the_author_is_left() -> None:
    sighting = see("hello", location="Qila Nowhere, Lahore", place_country="PK", community="sub9")
    assert not any(hint in repr(enrich([sighting], NOW)) for hint in ("Nowhere", "sub9"))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\x00b", "ab"),
        ("\ud83d\ude02", "😂"),
        ("x\ud83d", "x\ufffd"),
        ("e\u0301", "é"),
        ("\u0915\u093c", "\u0915\u093c"),
        ("میں\u200cبھی", "میں\u200cبھی"),
        ("plain", "plain"),
    ],
)
def test_text_is_made_fit_for_the_store(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@given(st.lists(st.text(st.characters(codec=None), max_size=40), max_size=5))
@settings(deadline=None)
def test_every_text_gives_a_post_that_can_be_stored(texts: list[str]) -> None:
    posts = enrich([see(text, location=text) for text in texts], NOW)
    assert len(posts) == len(texts)
    for post in posts:
        assert "\x00" not in post.text
        assert post.text.encode("utf-8").decode("utf-8") == clean_text(post.text) == post.text
