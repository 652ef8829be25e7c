"""Bring Devanagari and Urdu script to the Latin letters that people type.

So that one set of subwords serves all four written forms. Table-driven: a lexicon by hand for
what rules cannot guess (`lexicon/*.txt`), then the rules of `devanagari.py` and `urdu.py`.
"""

import re
from functools import cache, lru_cache
from importlib.resources import files

from classifier.devanagari import romanise_hindi
from classifier.urdu import romanise_urdu

__all__ = ["read_lexicon", "romanise"]

_NATIVE = re.compile(
    "[\u0900-\u0963\u0970-\u097f]+|[\u0620-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u06ff]+"
)
_LETTERS = str.maketrans(
    "يىېئكهۀۂۃةأإٱۋ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९،؛؟۔।॥٪٫٬",
    "یییئکہہہہہاااو012345678901234567890123456789,;?...%..",
)


def romanise(text: str) -> str:
    """Return `text` with every word in Devanagari or Urdu script in Latin letters."""
    return _NATIVE.sub(_replace, text.translate(_LETTERS))


def _replace(match: re.Match[str]) -> str:
    return _romanise_word(match[0])


@lru_cache(maxsize=100_000)
def _romanise_word(word: str) -> str:
    hindi = "\u0900" <= word[0] <= "\u097f"
    known = read_lexicon("hindi" if hindi else "urdu").get(word)
    if known is not None:
        return known
    return romanise_hindi(word) if hindi else romanise_urdu(word)


@cache
def read_lexicon(name: str) -> dict[str, str]:
    """Return a shipped lexicon, `hindi` or `urdu`: word in its script to its roman form."""
    text = files("classifier").joinpath("lexicon", f"{name}.txt").read_text(encoding="utf-8")
    pairs: dict[str, str] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            pairs.update(_pairs(line))
    return pairs


def _pairs(line: str) -> dict[str, str]:
    """Read `word roman [roman ...] word roman ...`: what is not Latin begins a new pair."""
    pairs: dict[str, str] = {}
    word = ""
    for item in line.split():
        if item.isascii():
            pairs[word] = f"{pairs[word]} {item}" if word in pairs else item
        else:
            word = item
            pairs.pop(word, None)
    return pairs
