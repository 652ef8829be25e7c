"""Names of places and what they tell of a country, found in text in one pass.

Two tables under `data/`: `names.tsv`, kept by hand, and `cities.tsv`, made from GeoNames by
`collector.build.places`. Both hold kind, countries, reach, names.
"""

import re
import unicodedata
from functools import cache
from importlib import resources
from itertools import product
from typing import NamedTuple, cast

from collector.post import Country

__all__ = ["ANYWHERE", "Hit", "Place", "find_between", "find_places", "fold"]

ANYWHERE: frozenset[Country] = frozenset({"PK", "IN", "other"})
TOKEN = re.compile(r"[\U0001f1e6-\U0001f1ff]{2}|(?:[^\W_]+|[\u0900-\u0dff]+)+")
FLAG = re.compile(r"[\U0001f1e6-\U0001f1ff]")
WORD = re.compile(r"[\w\u0900-\u0dff]+")
"""As TOKEN where neither a flag nor an underscore is, at half its time."""
SPACED = bytes(point if chr(point).isalnum() else ord(" ") for point in range(128)) + bytes(128)
"""ASCII with a space for all that is in no word."""
FLAG_LETTERS = [chr(0x1F1E6 + letter) for letter in range(26)]
BREAK = re.compile(r"[^\s\w.'’\-&]")  # between two parts of a location, as in "Pune | India"

ARABIC = str.maketrans({
    "ي": "ی", "ى": "ی", "ئ": "ی", "ك": "ک", "ه": "ہ", "ۃ": "ہ", "ة": "ہ", "ھ": "ہ",
    "أ": "ا", "إ": "ا", "ٱ": "ا", "ؤ": "و",
    "\u0640": None, "\u0901": "\u0902", "\u093c": None, "\u200c": None, "\u200d": None,
    "\u200e": None, "\u200f": None, "\u0670": None,
    **{chr(point): None for point in range(0x64B, 0x656)},
})  # fmt: skip
ACCENTS = re.compile("[\u0300-\u036f]")
TYPED = re.compile(f"[{''.join(map(chr, ARABIC))}]")


class Place(NamedTuple):
    """What one name tells: the country is one of `countries`."""

    kind: str
    countries: frozenset[Country]
    reach: str
    """`text`, `location` (in stated locations only) or `alone` (only as a whole part of one)."""


class Hit(NamedTuple):
    """A place found in a text, and of which words, the last one not counted in."""

    place: Place
    start: int
    stop: int


def fold(text: str) -> str:
    """Return `text` with case, accents and the ways to type one letter made equal."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text.casefold())
    text = unicodedata.normalize("NFC", ACCENTS.sub("", text))
    return text.translate(ARABIC) if TYPED.search(text) else text


def find_places(folded: str, *, stated: bool) -> list[Hit]:
    """Return the places named in a folded text, the longest name winning at each word.

    `stated` says that the text is a stated location, where far more names count than in a post;
    in a post, names of reach `location` only qualify the place before them.
    """
    places, heads, marks = _load(stated=stated)
    words = _split(folded)
    # few posts hold the longest word of any name: only then is it worth knowing where
    if marks.isdisjoint(words):
        return []
    starts = [index for index, word in enumerate(words) if word in heads]
    hits, free = [], 0
    for start in starts:
        for size in range(heads[words[start]] if start >= free else 0, 0, -1):
            place = places.get(" ".join(words[start : start + size]))
            if place is None or start + size > len(words):
                continue
            hit = Hit(place, start, start + size)
            if place.reach != "alone" or _is_whole_part(hit, folded):
                hits.append(hit)
                free = start + size
                break
    return hits


def _split(folded: str) -> list[str]:
    """Return what `TOKEN` finds; in ASCII, which most posts are, at a fraction of its time."""
    if folded.isascii():
        return folded.encode().translate(SPACED).decode().split()
    if FLAG.search(folded):
        return TOKEN.findall(folded)
    return WORD.findall(folded.replace("_", " "))


def _is_whole_part(hit: Hit, folded: str) -> bool:
    """Whether nothing but a break or an end stands on both sides."""
    spans = _find_spans(folded)
    start, stop = spans[hit.start][0], spans[hit.stop - 1][1]
    before, after = folded[:start].rstrip(), folded[stop:].lstrip()
    return (not before or bool(BREAK.match(before[-1]))) and (
        not after or bool(BREAK.match(after[0]))
    )


def find_between(hit: Hit, after: Hit, folded: str) -> str:
    """Return what stands between two places found in a text."""
    spans = _find_spans(folded)
    return folded[spans[hit.stop - 1][1] : spans[after.start][0]]


def _find_spans(folded: str) -> list[tuple[int, int]]:
    """Return where the words of `_split` stand; few places need it, and it costs more than all."""
    return [match.span() for match in TOKEN.finditer(folded)]


@cache
def _load(*, stated: bool) -> tuple[dict[str, Place], dict[str, int], frozenset[str]]:
    """Places by name, by first word the number of words in the longest, the marks of all names.

    A mark is the longest word of a name: "the Gambia" begins with a word that every post holds.
    """
    places: dict[str, Place] = {}
    for table in ("names.tsv", "cities.tsv"):
        for name, place in _read_table(table):
            if stated or place.reach == "text" or _qualifies(place):
                places.setdefault(name, place)
    for pair in product(FLAG_LETTERS, repeat=2):
        places.setdefault("".join(pair), Place("country", frozenset({"other"}), "text"))
    heads: dict[str, int] = {}
    for name in places:
        words = name.split()
        heads[words[0]] = max(len(words), heads.get(words[0], 0))
    return places, heads, frozenset(max(name.split(), key=len) for name in places)


def _qualifies(place: Place) -> bool:
    """Whether a name can say, behind a comma, that a namesake elsewhere is meant."""
    elsewhere = place.countries == frozenset({"other"})
    return elsewhere and place.kind != "city" and place.reach == "location"


def _read_table(table: str) -> list[tuple[str, Place]]:
    text = (resources.files("collector") / "data" / table).read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return [
        (" ".join(TOKEN.findall(fold(name))), Place(kind, _read_countries(countries), reach))
        for kind, countries, reach, names in rows[1:]
        for name in names.split(", ")
    ]


def _read_countries(codes: str) -> frozenset[Country]:
    return ANYWHERE if codes == "none" else frozenset(cast("list[Country]", codes.split()))
