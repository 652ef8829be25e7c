"""A post as the model sees it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.text import URL, USER, normalise, split_hashtag

SCRIPTS = st.text(
    alphabet=st.one_of(
        st.characters(min_codepoint=32, max_codepoint=126),
        st.characters(min_codepoint=0x900, max_codepoint=0x97F),
        st.characters(min_codepoint=0x600, max_codepoint=0x6FF),
        st.sampled_from("😂🙏❤\u200d\ufe0f\u200c#@&;‘”…é"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("I stand with them #MeTooIndia", "i stand with them me too india"),
        ("#metooindia #METOO MeToo", "me too india me too me too"),
        ("#BelieveSurvivors #believesurvivors", "believe survivors believe survivors"),
        ("#AuratMarch2019 #mera_jism_meri_marzi", "aurat march 2019 mera jism meri marzi"),
        ("@someone look https://example.org/a?b=c", f"{USER} look {URL}"),
        ("write to some.one@example.org now", f"write to {USER} now"),
        ("already masked [url] @user", f"already masked {URL} {USER}"),
        ("sooooo sad!!!!!!", "soo sad!!"),
        ("Tom &amp;amp; Jerry", "tom & jerry"),
        ("“quoted” and ‘so’", "\"quoted\" and 'so'"),
        ("ha😂😂😂😂ha", "ha 😂 😂 ha"),
        ("👍🏽👩‍⚖️", "👍 👩 ⚖"),
        ("Ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("café", "cafe"),
        ("", ""),
        (" \n\t ", ""),
    ],
)
def test_a_post_is_brought_to_plain_words(text: str, seen: str) -> None:
    assert normalise(text) == seen


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("كيا", "کیا"),  # Arabic letters against Urdu ones
        ("نہيں", "نہیں"),
        ("ज़रूरत", "ज़रूरत"),  # a nukta letter composed and decomposed
        ("लड़की", "लड़की"),
        ("मी\u200cटू", "मीटू"),
        ("ﻣﯿﮟ", "میں"),  # presentation forms
        ("۲۰۱۸ २०१८", "2018 2018"),
    ],
)
def test_spellings_of_one_letter_are_read_alike(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


def test_an_unknown_hashtag_stays_whole() -> None:
    assert split_hashtag("zzqxv") == "zzqxv"


def test_mentions_do_not_tell_who_is_meant() -> None:
    assert normalise("@one_person lies") == normalise("@another99 lies")


@given(st.text(max_size=200))
def test_any_text_gives_one_line(text: str) -> None:
    seen = normalise(text)
    assert seen == " ".join(seen.split())
    seen.encode("utf-8")  # no half surrogate is left for the tokenizer to choke on


@given(st.text(alphabet=st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF)))
def test_half_surrogates_are_dropped(text: str) -> None:
    assert normalise(text) == ""


@given(SCRIPTS)
def test_native_script_never_stays(text: str) -> None:
    letters = [c for c in normalise(text) if "\u0900" <= c <= "\u0963" or "\u0620" <= c <= "\u064a"]
    assert not letters
