"""Devanagari and Urdu script in the Latin letters that people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.devanagari import romanise_hindi
from classifier.romanise import read_lexicon, romanise
from classifier.urdu import romanise_urdu


@pytest.mark.parametrize(
    ("word", "roman"),
    [
        ("बात", "baat"),  # long vowels are doubled in closed words of one syllable
        ("दूध", "doodh"),
        ("पाकिस्तान", "pakistan"),  # and nowhere else
        ("समझ", "samajh"),
        ("करना", "karna"),  # the inherent vowel falls in the middle
        ("लड़कियों", "ladkiyon"),
        ("पहले", "pehle"),
        ("शहर", "shehar"),
        ("मित्र", "mitra"),  # but stays where it could not be spoken without
        ("स्वागत", "swagat"),
        ("ज्ञान", "gyaan"),
        ("अच्छा", "acha"),
        ("संबंध", "sambandh"),
        ("फ़र्ज़ी", "farzi"),
    ],
)
def test_hindi_reads_as_it_is_typed(word: str, roman: str) -> None:
    assert romanise_hindi(word) == roman


@pytest.mark.parametrize(
    ("word", "roman"),
    [
        ("مرد", "mard"),
        ("لڑکی", "larki"),
        ("مرکز", "markaz"),
        ("جواب", "jawab"),
        ("واپس", "wapas"),
        ("بچہ", "bacha"),
        ("بھیڑیا", "bhiriya"),
    ],
)
def test_urdu_reads_as_it_is_typed(word: str, roman: str) -> None:
    assert romanise_urdu(word) == roman


@pytest.mark.parametrize(
    ("text", "roman"),
    [
        ("यह सच है।", "ye sach hai."),
        ("عورتیں سچ کہتی ہیں۔", "auratein sach kehti hain."),
        ("می ٹو", "me too"),
        ("मी टू", "me too"),
        ("plain English, 2018", "plain English, 2018"),
    ],
)
def test_a_text_keeps_what_is_not_native(text: str, roman: str) -> None:
    assert romanise(text) == roman


def test_both_scripts_meet_in_one_form() -> None:
    assert romanise("औरत मर्द झूठ इंसाफ") == romanise("عورت مرد جھوٹ انصاف")


@pytest.mark.parametrize("name", ["hindi", "urdu"])
def test_a_lexicon_maps_native_words_to_latin_ones(name: str) -> None:
    lexicon = read_lexicon(name)
    assert len(lexicon) > 150
    for word, roman in lexicon.items():
        assert not word.isascii()
        assert roman.replace(" ", "").isalpha()
        assert roman.isascii()


@given(st.text(alphabet=st.characters(min_codepoint=0x900, max_codepoint=0x97F)))
def test_any_devanagari_gives_latin_letters(word: str) -> None:
    assert romanise_hindi(word).isascii()


@given(st.text(alphabet=st.characters(min_codepoint=0x600, max_codepoint=0x6FF)))
def test_any_urdu_gives_latin_letters(word: str) -> None:
    assert romanise_urdu(word).isascii()
