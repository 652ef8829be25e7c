"""The shipped corpus of invented posts: valid, unique, and no post near another."""

import json
from collections import Counter
from pathlib import Path

import pytest

from config.codebook import FRAMES, STANCES, stance_of_frame
from tests.nearness import near_pairs

CORPUS = Path(__file__).resolve().parents[2] / "classifier" / "corpus"
FORMS = {"en", "hi", "ur", "roman"}
COUNTRIES = {"PK", "IN", "other"}
FIELDS = {
    "id",
    "text",
    "stance",
    "frame",
    "form",
    "country",
    "codebook",
    "annotator_2_stance",
    "annotator_2_frame",
}
Post = dict[str, str]


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    """Every invented post, in the order of the files."""
    lines: list[str] = []
    for file in sorted(CORPUS.glob("invented-*.jsonl")):
        lines += file.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_every_post_has_the_fields_and_known_values(posts: list[Post]) -> None:
    for post in posts:
        assert set(post) == FIELDS, post["id"]
        assert post["text"].strip() == post["text"] != ""
        assert post["form"] in FORMS, post["id"]
        assert post["country"] in COUNTRIES, post["id"]
        assert post["codebook"] == "1.3", post["id"]


@pytest.mark.parametrize("reader", ["", "annotator_2_"])
def test_every_frame_belongs_to_its_stance(posts: list[Post], reader: str) -> None:
    for post in posts if reader == "" else read_twice(posts):
        frame = post[f"{reader}frame"]
        assert frame in FRAMES, post["id"]
        assert stance_of_frame(frame) == post[f"{reader}stance"], post["id"]


def test_no_post_is_kept_on_whose_stance_the_readings_differ(posts: list[Post]) -> None:
    twice = read_twice(posts)
    assert [p["id"] for p in twice if p["stance"] != p["annotator_2_stance"]] == []


def test_ids_are_unique_and_rise(posts: list[Post]) -> None:
    ids = [post["id"] for post in posts]
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids)


def test_the_script_is_that_of_the_form(posts: list[Post]) -> None:
    for post in posts:
        devanagari = sum("\u0900" <= letter <= "\u097f" for letter in post["text"])
        urdu = sum("\u0600" <= letter <= "\u06ff" for letter in post["text"])
        scripts = {"hi": devanagari > urdu, "ur": urdu > devanagari}
        assert scripts.get(post["form"], devanagari == urdu == 0), post["id"]


def test_every_stance_and_frame_has_enough_posts(posts: list[Post]) -> None:
    frames = Counter(post["frame"] for post in posts)
    assert set(frames) == set(FRAMES)
    assert min(frames.values()) >= 60
    per_form = Counter((post["stance"], post["form"]) for post in posts)
    assert all(per_form[stance, form] >= 30 for stance in STANCES for form in FORMS)


def test_no_post_is_near_another(posts: list[Post]) -> None:
    assert near_pairs([post["text"] for post in posts]) == []


def test_the_near_check_finds_a_near_post() -> None:
    first = "an invented post about nothing at all"
    assert near_pairs([first, "quite another one, unlike it", f"{first}!"]) == [(0, 2)]


def read_twice(posts: list[Post]) -> list[Post]:
    """The posts with a second reading: a file still being written has null in both its fields."""
    return [p for p in posts if p["annotator_2_stance"] or p["annotator_2_frame"]]
