"""Example posts: the invented ones, and how posts are laid out."""

import polars as pl

from config.codebook import FRAMES
from dashboard.examples import draw_invented, frames_of, load_invented, render_posts
from dashboard.filters import Filters
from dashboard.mask import mask_text


def test_there_is_an_invented_post_for_every_frame() -> None:
    posts = load_invented()
    assert set(posts["frame"]) == set(FRAMES)
    assert set(posts["form"]) >= {"en", "hi", "ur", "roman"}


def test_draws_follow_the_filters() -> None:
    posts = load_invented()
    drawn = draw_invented(posts, Filters(stance="hostile", forms=("ur",)), 5)
    assert 0 < drawn.height <= 5
    assert set(drawn["stance"]) == {"hostile"}
    assert set(drawn["form"]) == {"ur"}
    assert draw_invented(posts, Filters(draw=3), 5).equals(draw_invented(posts, Filters(draw=3), 5))


def test_frames_are_those_of_the_stance() -> None:
    assert "ridicule" in frames_of("hostile")
    assert "ridicule" not in frames_of("supportive")
    assert frames_of("none") == ()
    assert len(frames_of(None)) == len(FRAMES) - 1


def test_hashtags_keep_their_direction_inside_urdu() -> None:
    row = {"text": "سنو #MeToo", "stance": "none", "frame": "none", "form": "ur", "country": "PK"}
    html = render_posts(pl.DataFrame([row]))
    assert '<p dir="rtl" lang="ur">سنو <bdi>#MeToo</bdi></p>' in html
    assert "Pakistan, Urdu, Urdu script" in html


def test_invented_posts_hold_nothing_to_mask() -> None:
    texts = load_invented()["text"].to_list()
    masked = [text for text in texts if mask_text(text) != text]
    assert len(masked) < len(texts) / 20
