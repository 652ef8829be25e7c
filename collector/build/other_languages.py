"""Invented texts in Latin-written languages that are neither English nor romanised Hindi or Urdu.

Words are drawn by their frequency (wordfreq) or, where it has no list, grown letter by letter
from trigram counts (langdetect). Sense does not matter: the model reads n-grams inside words.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import langdetect  # type: ignore[import-not-found, import-untyped, unused-ignore]
from wordfreq import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    get_frequency_dict,
)

__all__ = ["write_texts"]

COMMON = ("de", "es", "fr", "id", "it", "nl", "pt", "tr")
LESS_COMMON = (
    "ca", "cs", "da", "fi", "fil", "hu", "lt", "lv", "ms", "nb", "pl", "ro", "sh", "sk", "sl",
    "sv", "vi",
)  # fmt: skip
WITHOUT_LIST = ("af", "cy", "et", "so", "sq", "sw")
SIZES = {"en": 6_000, **dict.fromkeys(COMMON, 1_500), **dict.fromkeys(LESS_COMMON, 900)}
"""Texts per language; English among them keeps the model from leaning on Indian English alone."""

LENGTHS = (3, 4, 5, 6, 8, 10, 14, 20, 25)  # words
ORDER = 2  # letters that the next one of a grown word depends on
LONGEST = 14  # letters of a grown word
VOCABULARY = 30_000  # words per language; rarer ones are names and foreign words


def write_texts(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Yield language and text; needs wordfreq and langdetect."""
    for language, size in SIZES.items():
        words, weights = _read_words(language)
        for _ in range(size):
            yield language, " ".join(rng.choices(words, weights, k=rng.choice(LENGTHS)))
    for language in WITHOUT_LIST:
        chain = _read_trigrams(language)
        for _ in range(900):
            yield language, " ".join(_grow(chain, rng) for _ in range(rng.choice(LENGTHS)))


def _read_words(language: str) -> tuple[list[str], list[float]]:
    frequencies = get_frequency_dict(language, wordlist="best")
    common = sorted(frequencies.items(), key=lambda item: (-item[1], item[0]))[:VOCABULARY]
    return [word for word, _ in common], [weight for _, weight in common]


Chain = dict[str, tuple[list[str], list[int]]]


def _read_trigrams(language: str) -> Chain:
    path = Path(langdetect.__file__).parent / "profiles" / language
    counts: dict[str, int] = json.loads(path.read_text("utf-8"))["freq"]
    chain: Chain = {"": ([], [])}
    for gram, count in sorted(counts.items()):
        state, following = gram[:-1].lower(), gram[-1].lower()
        if state == " ":
            _append(chain, "", " " + following, count)
        elif len(state) == ORDER:
            _append(chain, state, following, count)
    return chain


def _append(chain: Chain, state: str, following: str, count: int) -> None:
    nexts, weights = chain.setdefault(state, ([], []))
    nexts.append(following)
    weights.append(count)


def _grow(chain: Chain, rng: random.Random) -> str:
    word = rng.choices(*chain[""])[0]
    while len(word) < LONGEST and not word.endswith(" ") and word[-ORDER:] in chain:
        word += rng.choices(*chain[word[-ORDER:]])[0]
    return word.strip()
