"""Masking: no handle, link, mail address or phone number of any usual form survives."""

from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.mask import LINK, MAIL, PHONE, USER, mask_text

DIGITS = [
    "0123456789",
    "٠١٢٣٤٥٦٧٨٩",
    "۰۱۲۳۴۵۶۷۸۹",
    "०१२३४५६७८९",
    "০১২৩৪৫৬৭৮৯",
    "０１２３４５６７８９",
]
HANDLE = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{3,14}", fullmatch=True)
# What may stand around a secret, other scripts glued to it among them.
SPACES = [" ", "\n", ", ", ". ", "! ", "(", ") ", "\u200f", "“", "😡"]
AROUND = st.sampled_from([*SPACES, "سنو ", " देखो ", " lekin ", "سنو", "देखो"])
WORDS = st.lists(st.sampled_from(["me too", "سنو", "यह", "kya", "2018", "…", "—"]), max_size=3)
LINKS = """
https://{}.example/p?q=1#f http://{}.com HTTPS://WWW.{}.pk/ www.{}.org/x {}.com {}.co.in
{}.xyz/path t.co/{} bit.ly/{} {}.museum/about wa.me/{} ftp://{}.example tg://resolve?domain={}
mailto:{}
""".split()
PHONES = (
    """
+92 300 #######|0092-3##-#######|03##-#######|03## ### ## ##|(042) 3#######|+91 9#### #####
+91-9#########|09#########|9#########|011-2### ####|92.3##.#######|#\u200b#########
+92–3##–#######|0 3 # # # # # # # # #
""".strip()
    .replace("\n", "|")
    .split("|")
)


def put_together(words: list[str], before: str, secret: str, after: str) -> str:
    """Return a text with a secret in its middle."""
    return f"{' '.join(words)}{before}{secret}{after}{' '.join(words)}"


@settings(max_examples=300)
@given(HANDLE, st.sampled_from(["@", "＠", "@\u200b", "@ "]), AROUND, AROUND, WORDS)
@example("abcd", "@", " ", "'s", [])
def test_no_handle_survives(
    handle: str, sign: str, before: str, after: str, words: list[str]
) -> None:
    masked = mask_text(put_together(words, before, sign + handle, after))
    assert handle not in masked
    assert USER in masked or MAIL in masked


@settings(max_examples=500)
@given(
    st.from_regex(r"[a-z][a-z0-9]{3,12}", fullmatch=True).filter(lambda name: name != "lekin"),
    st.sampled_from(LINKS),
    AROUND,
    AROUND,
    WORDS,
)
def test_no_link_survives(name: str, form: str, before: str, after: str, words: list[str]) -> None:
    masked = mask_text(put_together(words, before, form.format(name), after))
    assert name not in masked
    assert LINK in masked


@settings(max_examples=300)
@given(
    st.from_regex(r"[a-z][a-z0-9._+-]{2,12}[a-z]", fullmatch=True),
    st.sampled_from(["{}@mail.example", "{}@uni.edu.pk", "{}＠mail.in", "{} @ mail.example"]),
    AROUND,
    AROUND,
    WORDS,
)
def test_no_mail_address_survives(
    name: str, form: str, before: str, after: str, words: list[str]
) -> None:
    masked = mask_text(put_together(words, before, form.format(name), after))
    assert name not in masked
    assert MAIL in masked


@settings(max_examples=300)
@given(
    st.sampled_from(PHONES),
    st.sampled_from(DIGITS),
    st.integers(0, 2**32),
    AROUND,
    AROUND,
    WORDS.map(lambda words: [word for word in words if word != "2018"]),
)
def test_no_phone_number_survives(
    form: str, digits: str, seed: int, before: str, after: str, words: list[str]
) -> None:
    random = Random(seed)  # noqa: S311  # not for secrets
    plain = "".join(str(random.randrange(10)) if sign == "#" else sign for sign in form)
    number = plain.translate({ord(str(value)): sign for value, sign in enumerate(digits)})
    masked = mask_text(put_together(words, before, number, after))
    assert not any(sign.isdigit() for sign in masked)
    assert PHONE in masked


@given(st.text(max_size=300))
@example("@a.b@c.de 0300 1234567 x.com/@y u/z")
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask_text(text)
    assert mask_text(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "#MeToo is from 2017, and again 2018-2019.",
        "Call 1091 or 181 if you need help.",
        "On 24-10-2018 there were 10,00,000 posts, 61 % of them new.",
        "The end.Then another one… e.g. nothing.",
        "میں اس کے ساتھ ہوں۔ ۲۰۱۸ میں",
        "वह सच बोल रही है। १० लोग",
        "either/or, and/or, he/she",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert mask_text(text) == text


def test_reddit_names_are_masked() -> None:
    assert mask_text("ask u/some_name or /u/Other-Name") == f"ask {USER} or {USER}"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["a", "a.", "1 ", "@", "a-", "a@", "1" + " " * 6, "www.", "x" * 9]
)
def test_long_texts_take_no_longer_than_they_are_long(piece: str) -> None:
    assert mask_text(piece * 20_000) is not None
