"""The demo's posts: complete, varied, within their ranges, and labelled by the codebook."""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from importlib.resources import files
from typing import Final

import pytest

from config.codebook import FRAMES, STANCES, stance_of_frame
from tests.nearness import near_pairs

Row = dict[str, str]

FIELDS: Final = {
    "id", "platform", "text", "created_at", "kind", "lang", "form", "country", "about",
    "stance", "frame",
}  # fmt: skip
KINDS: Final = {"x": {"post", "reply"}, "reddit": {"post", "comment"}}
FORM_COUNTS: Final = {"en": (230, 280), "roman": (140, 175), "hi": (90, 120), "ur": (90, 120)}
STANCE_SHARES: Final = {"supportive": 0.38, "skeptical": 0.20, "hostile": 0.20, "none": 0.22}
HANDLES: Final = {"kaghaz_ki_kashti", "neembu_paani_", "dopahar_ki_dhoop", "chai_aur_charcha"}
MONTHS: Final = [f"{2017 + n // 12}-{n % 12 + 1:02}" for n in range(9, 27)]
DEVANAGARI: Final = re.compile(r"[\u0900-\u097F]")
X_EPOCH_MS: Final = 1_288_834_974_657
"""Where the time in the upper bits of an id of X begins, in Unix milliseconds."""
YEAR_2070_MS: Final = 3_155_760_000_000
URDU: Final = re.compile(r"[\u0600-\u06FF]")
FOREIGN: Final = re.compile(r"[كيىة]")
"""Letters of an Arabic keyboard that Urdu writes with others."""


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    text = files("config").joinpath("sample", "posts.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_every_row_has_valid_fields(rows: list[Row]) -> None:
    for row in rows:
        assert set(row) == FIELDS
        assert row["kind"] in KINDS[row["platform"]], row
        assert row["form"] in FORM_COUNTS, row
        assert row["lang"] in {"en", "hi", "ur", "und"}, row
        assert row["country"] in {"PK", "IN", "other", "unknown"}, row
        assert row["about"] in {"PK", "IN", "unknown"}, row
        assert row["text"] == row["text"].strip() != "", row


def test_ids_and_texts_are_unique_and_in_order_of_time(rows: list[Row]) -> None:
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({row["text"] for row in rows}) == len(rows)
    times = [row["created_at"] for row in rows]
    assert times == sorted(times)


def test_no_id_is_one_of_a_real_post(rows: list[Row]) -> None:
    for row in rows:
        if row["platform"] == "x":
            assert X_EPOCH_MS + (int(row["id"]) >> 22) > YEAR_2070_MS, row
        else:
            prefix = "t3" if row["kind"] == "post" else "t1"
            assert re.fullmatch(rf"{prefix}_sample\d{{4}}", row["id"]), row


def test_times_are_utc_and_within_the_range(rows: list[Row]) -> None:
    first, after = datetime(2017, 10, 15, tzinfo=UTC), datetime(2019, 4, 1, tzinfo=UTC)
    for row in rows:
        assert row["created_at"].endswith("Z")
        assert first <= datetime.fromisoformat(row["created_at"]) < after, row


def test_posts_on_x_keep_its_length(rows: list[Row]) -> None:
    assert max(len(row["text"]) for row in rows if row["platform"] == "x") <= 280


def test_labels_agree_with_the_codebook(rows: list[Row]) -> None:
    for row in rows:
        assert row["stance"] == stance_of_frame(row["frame"]), row


def test_every_form_and_frame_is_there(rows: list[Row]) -> None:
    forms = Counter(row["form"] for row in rows)
    for form, (least, most) in FORM_COUNTS.items():
        assert least <= forms[form] <= most, forms
    frames = Counter(row["frame"] for row in rows)
    assert set(frames) == set(FRAMES)
    assert min(frames.values()) >= 15, frames
    assert {(row["form"], row["stance"]) for row in rows} == {
        (form, stance) for form in FORM_COUNTS for stance in STANCES
    }


def test_stances_have_their_shares(rows: list[Row]) -> None:
    stances = Counter(row["stance"] for row in rows)
    for stance, share in STANCE_SHARES.items():
        assert stances[stance] / len(rows) == pytest.approx(share, abs=0.02), stances


def test_both_countries_have_about_half(rows: list[Row]) -> None:
    countries = Counter(row["country"] for row in rows)
    assert 0.7 < countries["PK"] / countries["IN"] < 1.4
    assert countries["other"] + countries["unknown"] >= 40


def test_months_rise_and_fall_with_the_waves(rows: list[Row]) -> None:
    months = Counter(row["created_at"][:7] for row in rows)
    assert sorted(months) == MONTHS
    assert min(months.values()) >= 10
    assert months.most_common(1)[0][0] == "2018-10"
    for wave, before in (("2018-04", "2018-02"), ("2018-10", "2018-08"), ("2019-03", "2019-01")):
        assert months[wave] > 2 * months[before], months


def test_backlash_follows_support(rows: list[Row]) -> None:
    def share(stance: str, first: str, last: str) -> float:
        taken = [
            row["stance"]
            for row in rows
            if first <= row["created_at"][:7] <= last and row["stance"] != "none"
        ]
        return taken.count(stance) / len(taken)

    assert share("supportive", "2017-10", "2018-03") > share("supportive", "2018-11", "2019-03")
    assert share("hostile", "2017-10", "2018-03") < share("hostile", "2018-11", "2019-03")


def test_scripts_match_the_form(rows: list[Row]) -> None:
    for row in rows:
        words = re.sub(r"[#@]\S+", "", row["text"])
        assert bool(DEVANAGARI.search(words)) == (row["form"] == "hi"), row
        assert bool(URDU.search(words)) == (row["form"] == "ur"), row
        assert not FOREIGN.search(words), row


def test_nothing_leads_to_a_person(rows: list[Row]) -> None:
    for row in rows:
        assert set(re.findall(r"@(\w+)", row["text"])) <= HANDLES, row
        assert not re.search(r"https?://|www\.|\w@\w|\d{7,}", row["text"]), row


def test_no_two_posts_are_near_duplicates(rows: list[Row]) -> None:
    untagged = [re.sub(r"[#@]\S+", "", row["text"]) for row in rows]  # tags are shared by nature
    assert near_pairs(untagged) == []
