"""Where posts are from and what they speak of; every sample text is invented."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.country import about_of, country_of
from collector.gazetteer import find_places, fold
from collector.post import COUNTRIES

LOCATIONS = {
    "PK": [
        "Pakistan", "پاکستان", "पाकिस्तान", "🇵🇰", "Lahore", "lahore, pakistan",
        "Karachi | Pakistan",
        "کراچی", "Hyderabad, Sindh", "Hyderabad Sindh", "Lahore, Punjab",
        "Punjab, Pakistan",
        "Gujrat, Pakistan", "Quetta, Balochistan", "Muzaffarabad, Azad Kashmir",
        "Isb", "Pindi",
        "Living in Karachi", "KPK", "Peshawar 🇵🇰", "Lahore, PK",
    ],
    "IN": [
        "India", "भारत", "بھارت", "Bharat", "Hindustan", "🇮🇳", "New Delhi",
        "Bombay", "दिल्ली",
        "Hyderabad, Telangana", "Hyderabad, India", "Ludhiana, Punjab",
        "Srinagar, Kashmir",
        "Delhi/Mumbai", "Jammu & Kashmir", "Salem, Tamil Nadu", "Anand, Gujarat",
        "Mumbai, IN",
        "Kochi", "Chennai, TN", "Republic of India", "somewhere in Kerala",
    ],
    "other": [
        "London", "East London, South Africa", "Harare, Zimbabwe",
        "Lahore, Virginia", "Delhi, NY",
        "Delhi, California", "Patna, Scotland", "Indiana", "Indianapolis, IN",
        "Salem, OR", "NYC",
        "Bali, Indonesia", "Kochi, Japan", "Århus, Denmark", "Dhaka", "🇦🇺",
        "Bombay Beach, CA",
        "India Street, Boston", "België", "Kabul, Afghanistan", "Toronto, ON",
        "United Kingdom",
    ],
    "unknown": [
        "", "here", "Earth", "Hyderabad", "Punjab", "Kashmir", "Hyderabad, Punjab",
        "Delhi / Lahore",
        "Mumbai | London", "India/Canada", "🇮🇳🇵🇰", "Indian Ocean",
        "American Indian", "West Indies",
        "Salem", "Hub", "Mora", "Anand", "Gujrat", "your heart", "میرا دل",
        "मेरा दिल",
    ],
}  # fmt: skip

TEXTS = {
    ("PK", "text"): [
        "Women in Lahore marched today", "پاکستان میں عورتیں بول رہی ہیں",
        "कराची की एक औरत ने बताया",
        "mera jism meri marzi was the slogan", "Pakistani men, listen",
        "عورت مارچ میں سب آئیں",
        "Hyderabad and Karachi, both in Sindh",
        "Punjab and Sindh, one Pakistan #MeToo",
    ],
    ("IN", "text"): [
        "Women in Mumbai are speaking up", "भारत में सब बदल रहा है",
        "بھارت میں تحریک", "Indian men, listen",
        "Bollywood is next", "The 🇮🇳 movement", "Ludhiana is in Punjab",
        "दिल्ली में मार्च",
        "Hollywood first, Bollywood now",
    ],
    ("PK", "hashtag"): [
        "Enough #MeTooPakistan", "see you there #AuratMarch2019", "#metoopk now",
    ],
    ("IN", "hashtag"): [
        "Enough #MeTooIndia", "#metooindia", "Punjab too #MeTooIndia", "#मी_टू_इंडिया",
    ],
    ("other", "text"): [
        "Swedish women lead", "In the U.S. they march", "अमेरिका में", "Hollywood again",
    ],
    ("other", "hashtag"): ["look #Zimbabwe"],
    ("unknown", "none"): [
        "", "I believe her", "India and Pakistan alike",
        "#MeTooIndia #MeTooPakistan", "In Punjab",
        "Hyderabad again", "Indian Ocean", "Indiana Jones", "#Indianapolis",
        "American Indian women",
        "in Lahore, Virginia", "in Delhi, California", "@india_fan said so",
        "https://india.example/x",
        "Anand met Mora at the hub in Salem",
        "wo gaya, surat dekho, patna mushkil hai", "aaj tak",
        "यह सब झूठ है", "یہ سب جھوٹ ہے", "India learns from Sweden",
    ],
}  # fmt: skip

anything = st.text(st.characters(codec=None), max_size=80)


@pytest.mark.parametrize(
    ("location", "country"), [(text, c) for c, texts in LOCATIONS.items() for text in texts]
)
def test_stated_locations(location: str, country: str) -> None:
    found, evidence = country_of(None, location, None)
    assert (found, evidence) == (country, "none" if country == "unknown" else "location")


@pytest.mark.parametrize(
    ("text", "finding"), [(text, f) for f, texts in TEXTS.items() for text in texts]
)
def test_what_posts_speak_of(text: str, finding: tuple[str, str]) -> None:
    assert about_of(text) == finding


def test_place_before_location_before_community() -> None:
    assert country_of("PK", "Mumbai, India", "IN") == ("PK", "place")
    assert country_of("gb", "Lahore", "PK") == ("other", "place")
    assert country_of(None, "Lahore", "IN") == ("PK", "location")
    assert country_of("", "somewhere", "IN") == ("IN", "community")
    assert country_of(None, None, "PK") == ("PK", "community")
    assert country_of("??", None, None) == ("unknown", "none")
    assert country_of(None, None, "unknown") == ("unknown", "none")


def test_an_ambiguous_location_leaves_it_to_the_community_a_contradiction_does_not() -> None:
    assert country_of(None, "Hyderabad", "PK") == ("PK", "community")
    assert country_of(None, "Lahore / Delhi", "PK") == ("unknown", "none")


@pytest.mark.parametrize(
    "text", ["میں بھی خاموش نہیں", "मैं भी चुप नहीं", "நானும் தான்", "আমিও", "main bhi chup nahi"]
)
def test_script_and_language_are_no_evidence(text: str) -> None:
    assert about_of(text) == country_of(None, text, None) == ("unknown", "none")


def test_one_letter_typed_two_ways_is_one_name() -> None:
    assert fold("پاكستان") == fold("پاکستان")
    assert fold("ﻻﮨﻮﺭ") == fold("لاہور") == fold("لاہور\u200c")
    assert fold("Québec") == fold("Que\u0301bec") == "quebec"
    assert [hit.place.countries for hit in find_places("new delhi", stated=False)] == [{"IN"}]


@given(anything)
@settings(deadline=None)
def test_every_text_speaks_of_one_country_or_none_known(text: str) -> None:
    country, evidence = about_of(text)
    assert country in COUNTRIES
    assert (evidence == "none") == (country == "unknown")
    assert evidence in ("text", "hashtag", "none")


@given(st.none() | anything, st.none() | anything, st.sampled_from([None, *COUNTRIES]))
@settings(deadline=None)
def test_every_hint_gives_one_country_or_none_known(
    place: str | None, location: str | None, community: str | None
) -> None:
    country, evidence = country_of(place, location, community)  # type: ignore[arg-type]
    assert country in COUNTRIES
    assert (evidence == "none") == (country == "unknown")


@given(st.lists(st.sampled_from([t for ts in LOCATIONS.values() for t in ts]), max_size=4))
def test_naming_both_countries_is_never_decided(parts: list[str]) -> None:
    for pair in ("India, Pakistan", "Pakistan / India"):
        country, _ = country_of(None, "; ".join([pair, *parts]), None)
        assert country in ("unknown", "other")


def test_real_locations_are_mostly_told(shared: Path) -> None:
    lines = (shared / "data" / "metoo_2018_x.jsonl").read_text("utf-8").splitlines()
    locations = [json.loads(line).get("author", {}).get("location") for line in lines]
    found = [country_of(None, location, None)[0] for location in locations if location]
    assert found.count("unknown") / len(found) < 0.1
    assert found.count("IN") > found.count("PK") > 0
