"""Letters of a post: what is left of a text without links and names, counted and hashed.

Everything here works on many texts at once: one array of code points, one table look-up.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BUCKETS",
    "SCRIPTS",
    "Letters",
    "Parts",
    "compose",
    "count_scripts",
    "drop_noise",
    "hash_ngrams",
    "read_letters",
    "split_humps",
    "spread",
    "strip",
    "take_apart",
]

SCRIPTS = ("none", "latin", "devanagari", "arabic", "other")
"""Columns of `count_scripts`; `none` is all that is no letter."""

BUCKETS = 1 << 16
"""Number of buckets that character n-grams are hashed into."""

LONGEST = 4_000
"""Characters of a post that are read; its form shows long before."""

PLANES = 0x20000  # code points above are rare ideographs, tags and private use: no letters here
ACCENTS = range(0x300, 0x370)  # combining; NFC leaves only strays
BASE = np.uint32(0x9E3779B1)
RANGES = {
    "latin": ((0x41, 0x24F), (0x1E00, 0x1EFF)),
    "devanagari": ((0x900, 0x97F), (0x1CD0, 0x1CFF), (0xA8E0, 0xA8FF)),
    "arabic": ((0x600, 0x6FF), (0x750, 0x77F), (0x870, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)),
}
# what a post holds beside words, each with a sign that must be there: a look costs less. Patterns
# that begin with a letter of their own are found many times sooner, hence two each for links, names
NOISE = (
    ("://", re.compile(r"https?://\S*")),
    ("/", re.compile(r"(?<!\w)(?:www\.|t\.co/|pic\.twitter\.com/)\S*")),
    ("/", re.compile(r"(?<![\w/])/?[ur]/[\w-]+")),  # Reddit's names
    ("www.", re.compile(r"(?<!\w)www\.\S*")),
    ("[", re.compile(r"\[(?:url|URL|link)\]")),  # links that a data set masked
    ("@", re.compile(r"@(?<![\w.+-]@)[\w.-]++(?![@+])")),  # handles
    ("@", re.compile(r"(?<![\w.+-])[\w.+-]*@[\w.-]+")),  # e-mail addresses, odder handles
    ("＠", re.compile(r"＠\w+")),
    ("&", re.compile(r"&#?\w{2,8};")),  # HTML entities
    ("RT", re.compile(r"(?<!\w)RT(?=\s|:)")),
)
HASHTAG = re.compile(r"[#＃]([^\s#＃@.,!?:;\"'()\[\]/…]+)")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Letters(NamedTuple):
    """Code points of many texts in one array, and which text each belongs to."""

    codes: NDArray[np.uint32]
    owners: NDArray[np.int64]
    size: int
    """Number of texts."""


class Parts(NamedTuple):
    """A text without noise: what runs, with a break where something was, and its hashtags."""

    running: str
    hashtags: list[str]


def drop_noise(text: str, instead: str = " ; ") -> str:
    """Return `text` without links, handles, addresses and entities; a break tells where."""
    for sign, pattern in NOISE:
        if sign in text:
            text = pattern.sub(instead, text)
    return text


def take_apart(text: str, instead: str = " ; ") -> Parts:
    """Return the running text and the hashtags of a text in NFC, without noise."""
    text = drop_noise(text[:LONGEST], instead)
    if "#" not in text and "＃" not in text:
        return Parts(text, [])
    pieces = HASHTAG.split(text)  # a tag between any two
    return Parts(instead.join(pieces[::2]), pieces[1::2])


def compose(text: str) -> str:
    """Return what is read of a text in NFC; a combining accent would break its word."""
    text = text[:LONGEST]
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def strip(text: str) -> str:
    """Return the running text with a space for all that is left out."""
    return take_apart(compose(text), " ").running


def spread(parts: Parts) -> str:
    """Return the running text and the words of the hashtags after it."""
    return " ".join([parts.running, *map(split_humps, parts.hashtags)])


def split_humps(tag: str) -> str:
    """Return the words of a hashtag, as in `Me Too India`."""
    return HUMP.sub(" ", tag)


def read_letters(texts: Sequence[str]) -> Letters:
    """Lay `texts` out as one array; a space stands after each so that no n-gram spans two."""
    lengths = np.fromiter((len(text) + 1 for text in texts), np.int64, len(texts))
    encoded = "".join(f"{text} " for text in texts).encode("utf-32-le", "surrogatepass")
    codes = np.minimum(np.frombuffer(encoded, np.uint32), PLANES - 1)
    _ALPHABET.learn(codes)
    return Letters(codes, np.repeat(np.arange(len(texts)), lengths), len(texts))


def count_scripts(letters: Letters) -> NDArray[np.int64]:
    """Return how many letters of each of `SCRIPTS` every text holds, shape (n, 5)."""
    width = len(SCRIPTS)
    cells = letters.owners * width + _ALPHABET.scripts[letters.codes]
    return np.bincount(cells, minlength=letters.size * width).reshape(-1, width)


def hash_ngrams(letters: Letters) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Return owner and bucket of every Latin 2- to 4-gram inside words, borders included.

    Case is folded, accents are kept, runs of three or more of one letter count as two.
    """
    codes, owners = _fold(letters)
    word = codes > 0
    two = codes[:-1] * BASE + codes[1:]
    three = two[:-1] * BASE + codes[2:]
    four = three[:-1] * BASE + codes[3:]
    # only the first and the last place of an n-gram may be the border of a word; the second
    # place is always of the text that the n-gram belongs to
    in_two, in_three, in_four = word[1:] | word[:-1], word[1:-1], word[1:-2] & word[2:-1]
    grams = np.concatenate([two[in_two], three[in_three], four[in_four]])
    of_two, of_three, of_four = owners[1:], owners[1:-1], owners[1:-2]
    return np.concatenate([of_two[in_two], of_three[in_three], of_four[in_four]]), _mix(grams)


def _fold(letters: Letters) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    latin = _ALPHABET.latin[letters.codes]
    codes = np.concatenate([np.zeros(1, np.uint32), latin, np.zeros(2, np.uint32)])
    owners = np.concatenate([np.zeros(1, np.int64), letters.owners, np.zeros(2, np.int64)])
    kept = np.ones(len(codes), np.bool_)
    kept[1:] = (codes[1:] > 0) | (codes[:-1] > 0)
    kept[-2:] = True  # padding: the shortest input still holds one 4-gram's places
    kept[2:] &= (codes[2:] != codes[1:-1]) | (codes[2:] != codes[:-2]) | (codes[2:] == 0)
    return codes[kept], owners[kept]


def _mix(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    hashes = (hashes ^ (hashes >> np.uint32(15))) * np.uint32(0x85EBCA6B)
    return (hashes ^ (hashes >> np.uint32(13))) & np.uint32(BUCKETS - 1)


class _Alphabet:
    """Script and folded Latin letter (0 for none) of the code points met so far.

    To look all of them up takes a third of a second, which every short command would pay.
    """

    def __init__(self) -> None:
        self.scripts = np.zeros(PLANES, np.int64)
        self.latin = np.zeros(PLANES, np.uint32)
        self._known = np.zeros(PLANES, np.bool_)

    def learn(self, codes: NDArray[np.uint32]) -> None:
        """Look up those of `codes` that are new."""
        known = self._known[codes]
        if known.all():
            return
        new = np.unique(codes[~known])
        for point in new.tolist():
            self._look_up(point)
        self._known[new] = True  # last: another thread must not rely on what is not there yet

    def _look_up(self, point: int) -> None:
        char = chr(point)
        last = point == PLANES - 1  # stands for everything above
        if last or unicodedata.category(char)[0] not in "LM" or point in ACCENTS:
            return
        plain = unicodedata.normalize("NFKC", char).lower()[:1]
        self.scripts[point] = SCRIPTS.index(_name_script(plain))
        if self.scripts[point] == 1:
            self.latin[point] = ord(plain)


def _name_script(char: str) -> str:
    point = ord(char)
    for name, ranges in RANGES.items():
        if any(low <= point <= high for low, high in ranges):
            return name
    return "other"


_ALPHABET = _Alphabet()
