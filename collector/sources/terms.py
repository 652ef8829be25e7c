"""Terms of a query, found in texts as whole words, for platforms that cannot search for them."""

import unicodedata
from collections.abc import Iterable

__all__ = ["TermMatcher", "fold_words"]

BREAK = "|"
"""Stands for punctuation: a phrase does not reach across it."""

DROPPED = "\u0640\u093c\\"
"""Tatweel, which only stretches a word; nukta, which many leave out; Reddit's sign of escape."""

ARABIC_TWINS = {"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ة": "ہ", "ۀ": "ہ", "أ": "ا", "إ": "ا"}
"""Letters that Arabic keyboards put in the place of Urdu's own."""


class TermMatcher:
    """Finds hashtags, words and phrases in any script, whatever their case.

    A term is found where its words stand in this order as whole words with nothing but space or
    hyphens between: `metoo` in "#MeToo!" and not in "sometool", `me too` in "Me-too" and not in
    "MeToo". The sign of a hashtag is not asked for, since Reddit has none. A term without letters
    or digits is never found.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        folded = (fold_words(term).strip(f" {BREAK}") for term in terms)
        self._needles = tuple({f" {needle} " for needle in folded if needle})

    def matches(self, text: str) -> bool:
        """Say whether any of the terms is in `text`."""
        words = fold_words(text)
        return any(needle in words for needle in self._needles)


def fold_words(text: str) -> str:
    """Return the words of `text`, folded, a space on both sides of each; punctuation as `|`."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(LETTERS)
    return f" {' '.join(folded.split())} "


class _Letters(dict[int, str]):
    """What becomes of each character; `\\w` will not do, as it knows no vowel signs of Hindi."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_letter(chr(code))
        return folded


def _fold_letter(letter: str) -> str:
    category = unicodedata.category(letter)
    if letter in DROPPED or category == "Cf" or _is_optional_mark(letter):
        return ""
    if category[0] in "LMN":
        return ARABIC_TWINS.get(letter, letter)
    if category[0] == "Z" or category in ("Cc", "Pd"):
        return " "
    return f" {BREAK} "


def _is_optional_mark(letter: str) -> bool:
    """Arabic vowel signs, which few write, and the marks that choose the look of an emoji."""
    return "\u064b" <= letter <= "\u0652" or letter == "\u0670" or "\ufe00" <= letter <= "\ufe0f"


LETTERS = _Letters()
